"""Starting: what is printed, and what stops it in one clear line with nothing written."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO

import pytest
import requests

from tests.servers.platform import CONVERSATION, question

CONFIG, PORT = 78, 1


class Started:
    """A server in a process of its own; ``base_url`` is where it says that it is."""

    def __init__(self, process: subprocess.Popen[str], out: IO[str], err: IO[str]) -> None:
        self.process, self.out, self.err = process, out, err
        self.line = out.readline()

    @property
    def base_url(self) -> str:
        found = re.search(r"http://\S*\d", self.line)
        assert found, self.line + self.err.read()
        return found[0]

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)


def environment(data: Path, settings: dict[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("G4F_")}
    return {**kept, "G4F_DATA_DIR": str(data), "G4F_OLLAMA": "false", "G4F_PORT": "0", **settings}


def started(data: Path, **settings: str) -> AbstractContextManager[Started]:
    return running([sys.executable, "-m", "g4f", "gui"], environment(data, settings))


@contextmanager
def running(command: list[str], environ: dict[str, str]) -> Iterator[Started]:
    with subprocess.Popen(command, env=environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            yield Started(process, process.stdout, process.stderr)
        finally:
            process.terminate()


def refusal(data: Path, **settings: str) -> tuple[int, str]:
    """Return the exit code and what was said; a start that is refused says one line and nothing else."""
    command = [sys.executable, "-m", "g4f", "gui"]
    ended = subprocess.run(command, env=environment(data, settings), text=True, capture_output=True, timeout=30, check=False)
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == 1, ended.stderr
    assert "Traceback" not in ended.stderr
    return ended.returncode, ended.stderr


def test_a_start_prints_the_address_and_five_lines_then_answers(tmp_path: Path) -> None:
    with started(tmp_path / "data") as server:
        assert requests.get(f"{server.base_url}/readyz", timeout=10).json() == {"status": "ok"}
        names = [server.out.readline().split()[0] for _ in range(5)]
        assert names == ["bind", "auth", "storage", "keys", "providers"]
        assert server.stop() == 0


def test_a_key_is_never_printed(tmp_path: Path) -> None:
    one = {"G4F_SERVERS__ONE__BASE_URL": "http://127.0.0.1:9/v1", "G4F_SERVERS__ONE__API_KEY": "sk-never-shown"}
    with started(tmp_path / "data", **one, G4F_DEBUG="1") as server:
        requests.post(server.base_url + CONVERSATION, json=question(provider="one"), timeout=20)
        server.stop()
        said = server.out.read() + server.err.read()
    assert "one" in said
    assert "never-shown" not in said


def test_a_taken_port_is_one_line_and_exit_code_1(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, said = refusal(tmp_path / "data", G4F_PORT=str(taken.getsockname()[1]))
    assert (code, "taken" in said) == (PORT, True)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "203.0.113.9", "example.org"])
def test_an_address_others_can_reach_is_refused_until_there_are_accounts(tmp_path: Path, host: str) -> None:
    code, said = refusal(tmp_path / "data", G4F_HOST=host)
    assert (code, "accounts are not set up" in said) == (CONFIG, True)
    assert not (tmp_path / "data").exists()


def test_a_second_server_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    with started(tmp_path / "data") as server:
        assert server.base_url
        before = sorted(path.name for path in (tmp_path / "data").iterdir())
        code, said = refusal(tmp_path / "data")
        assert (code, str(server.process.pid) in said) == (CONFIG, True)
        assert sorted(path.name for path in (tmp_path / "data").iterdir()) == before


def test_a_folder_is_free_again_after_kill_9(tmp_path: Path) -> None:
    with started(tmp_path / "data") as first:
        assert first.base_url
        first.stop(signal.SIGKILL)
    with started(tmp_path / "data") as second:
        assert requests.get(f"{second.base_url}/readyz", timeout=10).status_code == 200


def test_a_data_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    code, said = refusal(tmp_path / "file" / "data")
    assert code == CONFIG
    assert "G4F_DATA_DIR" in said


@pytest.mark.parametrize(("name", "value", "words"), [("G4F_PROT", "1", "Did you mean 'port'?"), ("G4F_PORT", "x", "port")])
def test_bad_configuration_is_one_line(tmp_path: Path, name: str, value: str, words: str) -> None:
    code, said = refusal(tmp_path / "data", **{name: value})
    assert (code, words in said) == (CONFIG, True)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("call", ["run_gui('127.0.0.1', 0, debug=True)", "serve(app, app.extensions['g4f'])"])
def test_debug_switches_the_log_on_however_the_server_is_started(tmp_path: Path, call: str) -> None:
    program = f"""if True:
        import logging
        from g4f.gui import create_app, run_gui, serve
        app = create_app({{"port": 0, "site_config": {{"debug": True}}}})
        {call}
        print("log", logging.getLogger("g4f").isEnabledFor(logging.DEBUG))"""
    with running([sys.executable, "-u", "-c", program], environment(tmp_path / "data", {})) as server:
        assert server.stop() == 0
        assert server.out.read().splitlines()[-1] == "log True"


def test_a_server_collects_garbage_and_has_loaded_only_what_everybody_needs(tmp_path: Path) -> None:
    rarely = ["aiohttp", "edge_tts", "genai_prices", "gtts", "lxml", "numpy", "PIL", "pydantic", "snowballstemmer", "tiktoken"]
    program = f"""if True:
        import gc, sys
        from g4f.cli import cli
        cli.main(["gui"], standalone_mode=False)
        print(gc.isenabled(), [name for name in {rarely} if name in sys.modules])"""
    with running([sys.executable, "-u", "-c", program], environment(tmp_path / "data", {})) as server:
        assert requests.get(f"{server.base_url}/backend-api/v2/models", timeout=10).status_code == 200
        assert server.stop() == 0
        assert server.out.read().splitlines()[-1] == "True []"


def test_a_host_that_is_empty_is_one_line(tmp_path: Path) -> None:
    code, said = refusal(tmp_path / "data", G4F_HOST="")
    assert (code, "host is empty" in said) == (CONFIG, True)


def test_a_broken_file_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "g4f.toml"
    file.write_text("port = = 1")
    code, _ = refusal(tmp_path / "data", G4F_CONFIG=str(file))
    assert code == CONFIG


def test_a_server_that_is_told_to_stop_finishes_what_it_began(tmp_path: Path) -> None:
    with started(tmp_path / "data") as server:
        with requests.post(server.base_url + CONVERSATION, json=question(), stream=True, timeout=10) as answer:
            server.process.terminate()
            assert b'"finish"' in answer.content
        assert server.process.wait(20) == 0
