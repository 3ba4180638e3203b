"""The command ``g4f doctor``: a line for each check, and an exit code."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from g4f.db.migration import head, upgrade
from g4f.db.session import Database
from g4f.version import __version__
from tests.servers.openai import OpenaiServer

BOUND = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
"""Permissions do not bind root, unless it gives that power up."""
ALL_IS_WELL = ["ok"] * 7


def run(data: Path, *command: str, **settings: str) -> tuple[int, list[str], str]:
    """Run ``g4f`` in a folder without settings; return the exit code, the lines it printed and what it said on standard error."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("G4F_", "OPENAI_"))}
    environ = {**kept, "G4F_DATA_DIR": str(data), "PYTHONPATH": str(Path.cwd()), **settings}
    words = [*BOUND, sys.executable, "-m", "g4f", *(command or ["doctor"])]
    ended = subprocess.run(words, env=environ, cwd=data.parent, capture_output=True, text=True, timeout=30, check=False)
    return ended.returncode, ended.stdout.splitlines(), ended.stderr


def marks(lines: list[str]) -> list[str]:
    return [line.split()[0] for line in lines]


def test_a_fresh_machine_is_well_and_stays_as_it_was(tmp_path: Path) -> None:
    code, lines, said = run(tmp_path / "data")
    assert (code, marks(lines), said) == (0, ALL_IS_WELL, "")
    assert f"g4f-platform {__version__}" in lines[1]
    assert list(tmp_path.iterdir()) == []


def test_the_database_is_named_with_its_migration(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'data' / 'g4f.sqlite'}")
    upgrade(database)
    database.close()
    code, lines, _ = run(tmp_path / "data")
    assert code == 0
    assert lines[-1].endswith(f"is at migration {head()}: up to date")


def test_a_newer_database_is_a_failure(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "g4f.sqlite", isolation_level=None)
    connection.execute("CREATE TABLE alembic_version AS SELECT '9999' AS version_num")
    connection.close()
    code, lines, _ = run(tmp_path)
    assert (code, marks(lines)[-1]) == (78, "failure")
    assert "at migration 9999" in lines[-1]


def test_a_database_out_of_reach_is_a_failure_without_its_password(tmp_path: Path) -> None:
    code, lines, _ = run(tmp_path / "data", G4F_DATABASE_URL="postgresql://me:hunter2@127.0.0.1:9/g4f")
    assert (code, marks(lines)[-1]) == (78, "failure")
    assert "refused" in lines[-1]
    assert "hunter2" not in lines[-1]


def test_wrong_settings_are_a_failure_and_end_the_checks(tmp_path: Path) -> None:
    code, lines, _ = run(tmp_path / "data", G4F_PROT="1")
    assert (code, marks(lines)) == (78, ["ok", "ok", "ok", "failure"])
    assert "Did you mean 'port'?" in lines[-1]


def test_a_folder_that_cannot_be_written_to_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o555)
    code, lines, _ = run(tmp_path / "data")
    assert code == 78
    assert next(line for line in lines if line.startswith("failure")).endswith("correct its permissions or set G4F_DATA_DIR")


def test_a_page_that_is_not_built_is_a_warning(tmp_path: Path) -> None:
    installed = Path(__file__).parents[1] / "g4f"
    (tmp_path / "g4f" / "gui").mkdir(parents=True)
    for path in installed.iterdir():
        if path.name not in ("gui", "__pycache__"):
            (tmp_path / "g4f" / path.name).symlink_to(path)
    (tmp_path / "migrations").symlink_to(installed.parent / "migrations")
    code, lines, _ = run(tmp_path / "data", PYTHONPATH=str(tmp_path))
    assert (code, marks(lines)) == (0, ["ok", "ok", "warning", *ALL_IS_WELL[3:]])


def test_connected_servers_are_asked_and_one_that_is_down_is_a_warning(tmp_path: Path, upstream: OpenaiServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        code, lines, _ = run(
            tmp_path / "data",
            G4F_SERVERS__UP__BASE_URL=upstream.base_url,
            G4F_SERVERS__UP__API_KEY="sk-never-sent",
            G4F_SERVERS__DOWN__BASE_URL="http://127.0.0.1:9/v1",
            G4F_SERVERS__SILENT__BASE_URL=f"http://127.0.0.1:{silent.getsockname()[1]}/v1",
        )
    assert (code, marks(lines)[7:]) == (0, ["ok", "warning", "warning"])
    assert [line.split()[1] for line in lines[7:]] == ["up", "down", "silent"]
    assert [call.headers.get("authorization") for call in upstream.calls] == [None]


def test_a_provider_there_is_a_key_for_is_asked(tmp_path: Path, upstream: OpenaiServer) -> None:
    code, lines, _ = run(tmp_path / "data", OPENAI_API_KEY="sk-x", OPENAI_BASE_URL=upstream.base_url)
    assert (code, lines[-1]) == (0, "ok       OpenaiChat answers")


@pytest.fixture
def rival(tmp_path: Path) -> str:
    """Give a search path on which PyPI's g4f is installed, too."""
    installed = tmp_path / "site" / "g4f-7.0.0.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: g4f\nVersion: 7.0.0\n")
    return os.pathsep.join([str(Path.cwd()), str(installed.parent)])


def test_a_rival_of_the_same_import_name_is_a_failure(tmp_path: Path, rival: str) -> None:
    code, lines, _ = run(tmp_path / "data", PYTHONPATH=rival)
    assert (code, marks(lines)) == (78, ["ok", "failure", *ALL_IS_WELL[2:]])


@pytest.mark.parametrize("command", [["gui"], ["db", "upgrade"]])
def test_nothing_else_runs_beside_a_rival(tmp_path: Path, rival: str, command: list[str]) -> None:
    code, lines, said = run(tmp_path / "data", *command, PYTHONPATH=rival)
    assert (code, lines, said.count("\n")) == (78, [], 1)
    assert "The package g4f from PyPI is installed here too" in said
    assert not (tmp_path / "data").exists()
