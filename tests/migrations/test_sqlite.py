"""What only migrations of SQLite are about: a copy beside the file, a folder that another process holds, files that are no database."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from g4f.db import steps
from g4f.db.lock import FolderLock
from g4f.db.migration import current, head, upgrade
from g4f.db.models import Base
from g4f.db.session import Database
from g4f.errors import ConfigError
from tests.migrations.adding import REBUILD, add_migration, columns

# Permissions do not bind root, unless it gives that power up.
BOUND = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
UPGRADE = """
import sys
from g4f.db.migration import upgrade
from g4f.db.session import Database
upgrade(Database("sqlite:///" + sys.argv[1]))
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give the place of a database that does not exist yet."""
    return tmp_path / "data" / "g4f.sqlite"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    """Give a database that does not exist yet."""
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()


def start(data: Path) -> subprocess.Popen[str]:
    """Begin ``g4f db upgrade`` on a data folder."""
    environ = {**os.environ, "G4F_DATA_DIR": str(data)}
    command = [sys.executable, "-m", "g4f", "db", "upgrade"]
    return subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_new_database_is_not_copied(database: Database, path: Path) -> None:
    upgrade(database)
    assert sorted(file.name for file in path.parent.glob("*before*")) == []


def test_eight_commands_migrate_once_and_all_succeed(path: Path) -> None:
    children = [start(path.parent) for _ in range(8)]
    said = sorted(child.communicate(timeout=60)[0] for child in children)
    assert said == ["The database is up to date.\n"] * 7 + [f"The database was brought to migration {head()}.\n"]
    assert {child.returncode for child in children} == {0}


def test_the_command_leaves_a_file_alone_that_a_server_uses(database: Database, path: Path) -> None:
    with FolderLock(path.parent):
        child = start(path.parent)
        _, said = child.communicate(timeout=30)
        assert (child.returncode, said.count("\n")) == (78, 1)
        assert f"Another g4f process ({os.getpid()}) uses the data folder" in said
    assert current(database) is None


def test_the_command_finds_nothing_to_do_while_a_server_runs_on_an_up_to_date_file(database: Database, path: Path) -> None:
    upgrade(database)
    with FolderLock(path.parent):
        child = start(path.parent)
        assert child.communicate(timeout=30) == ("The database is up to date.\n", "")
        assert child.returncode == 0


def test_a_newer_file_stays_byte_for_byte_as_it_was(database: Database, path: Path) -> None:
    upgrade(database)
    database.close()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(ConfigError, match="knows none after"):
        upgrade(database)
    database.close()
    assert path.read_bytes() == before
    assert sorted(file.name for file in path.parent.iterdir()) == ["g4f.sqlite", "g4f.sqlite.lock"]


def definitions(path: Path | None) -> dict[str, list[str]]:
    """Return the parts of every definition in a SQLite file, sorted; a comma outside of brackets parts them."""
    assert path
    connection = sqlite3.connect(path)
    named = "sql IS NOT NULL AND name != 'alembic_version' AND name NOT LIKE 'full_text%'"
    rows = connection.execute(f"SELECT name, sql FROM sqlite_master WHERE {named}").fetchall()
    connection.close()
    return {
        name: sorted(part.strip() for part in re.split(r",(?![^()]*\))|\n", sql.removesuffix(")")) if part.strip()) for name, sql in rows
    }


def test_the_migrations_make_every_constraint_of_the_models(database: Database, tmp_path: Path) -> None:
    upgrade(database)
    from_models = Database(f"sqlite:///{tmp_path / 'models.sqlite'}")
    with from_models.begin() as connection:
        Base.metadata.create_all(connection)
    assert definitions(database.path) == definitions(from_models.path)
    from_models.close()


@pytest.mark.parametrize("content", [b"my diary " * 200, b"SQLite format 3\0" + b"\xff" * 2000])
def test_a_file_that_is_no_database_is_refused_and_left_as_it_was(database: Database, path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"cannot be used \(.+\)\. .* G4F_DATA_DIR") as refusal:
        upgrade(database)
    assert "\n" not in str(refusal.value)
    assert path.read_bytes() == content


def test_a_database_through_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ConfigError, match="not a folder"):
        upgrade(Database(f"sqlite:///{tmp_path}/file/g4f.sqlite"))


def test_a_read_only_folder_is_refused_with_nothing_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    command = [*BOUND, sys.executable, "-c", UPGRADE, str(tmp_path / "g4f.sqlite")]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert re.search(r"ConfigError: .* cannot be written to\. .* G4F_DATA_DIR", result.stderr.splitlines()[-1])
    assert list(tmp_path.iterdir()) == []


def titles(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    found = [title for (title,) in connection.execute("SELECT title FROM chats")]
    connection.close()
    return found


def test_the_database_is_copied_before_it_is_migrated(old_database: Database, folder: Path, tmp_path: Path) -> None:
    add_migration(folder, "op.execute('DELETE FROM chats')")
    steps.upgrade(old_database, folder, "0002")
    assert titles(tmp_path / "g4f.sqlite") == []
    assert titles(tmp_path / "g4f.sqlite.before-0002") == ["A chat"]
    assert list(tmp_path.glob("*unfinished*")) == []


def test_a_database_that_cannot_be_copied_is_not_migrated(old_database: Database, folder: Path, tmp_path: Path) -> None:
    add_migration(folder, REBUILD)
    (tmp_path / "g4f.sqlite.before-0002").mkdir()
    with pytest.raises(ConfigError, match=r"was not migrated, for it could not be copied"):
        steps.upgrade(old_database, folder, "0002")
    assert current(old_database) == "0001"
    assert list(tmp_path.glob("*unfinished*")) == []


def test_references_are_checked_again_after_a_migration(old_database: Database, folder: Path) -> None:
    add_migration(folder, REBUILD)
    steps.upgrade(old_database, folder, "0002")
    with old_database.begin() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_a_downgrade_is_copied_too_and_keeps_rows(old_database: Database, folder: Path, tmp_path: Path) -> None:
    add_migration(folder, REBUILD)
    steps.upgrade(old_database, folder, "0002")
    steps.downgrade(old_database, folder, "0001")
    assert "colour" not in columns(old_database)
    assert titles(tmp_path / "g4f.sqlite") == titles(tmp_path / "g4f.sqlite.before-0001") == ["A chat"]
