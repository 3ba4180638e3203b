"""The server-side programs of 2023 and 2025, run as they were written but for import names and addresses."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from flask import Flask

from g4f.gui.server.backend_api import Backend_Api
from tests.servers import transcripts
from tests.servers.openai import OpenaiServer

SERVER_2023 = """
    from flask import Flask
    from g4f.gui.server.backend_api import Backend_Api

    app = Flask(__name__)
    config = {"site_config": {"host": "127.0.0.1", "port": PORT, "debug": False}, "use_auto_proxy": False}
    backend_api = Backend_Api(app, config)
    app.run(**config["site_config"])
"""
SERVER_2025 = """
    from flask import Flask
    from g4f.gui.server.backend_api import Backend_Api

    if __name__ == "__main__":
        app = Flask(__name__)
        backend_api = Backend_Api(app)
        print(sorted(backend_api.routes["/backend-api/v2/version"]))
        app.run(debug=True, port=PORT)
"""


@contextmanager
def running(folder: Path, program: str, upstream: OpenaiServer) -> Iterator[str]:
    """Run a program that serves on a free port; yield its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    file = folder / "server.py"
    file.write_text(textwrap.dedent(program).replace("PORT", str(port)))
    scenario = {"G4F_SERVERS__SCENARIO__BASE_URL": upstream.base_url, "G4F_SERVERS__SCENARIO__MODELS": "gpt-3.5-turbo"}
    environ = {**os.environ, "G4F_DATA_DIR": str(folder / "data"), "G4F_OLLAMA": "false", "PYTHONPATH": str(Path.cwd()), **scenario}
    with subprocess.Popen(
        [sys.executable, str(file)], env=environ, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(process.pid, 15)


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < deadline, f"nothing listens on port {port}"
            time.sleep(0.05)


@pytest.fixture
def chatgpt(upstream: OpenaiServer) -> OpenaiServer:
    """A server that answers whatever model it is asked for, as the programs name one that is gone."""
    upstream.answer_as("gpt-3.5-turbo", "plain")
    return upstream


@pytest.mark.parametrize("key", ["stream", "streaming"])
def test_the_program_of_2023_prints_the_answer_line_by_line(tmp_path: Path, chatgpt: OpenaiServer, key: str) -> None:
    with running(tmp_path, SERVER_2023, chatgpt) as base_url:
        response = requests.post(
            f"{base_url}/backend-api/v2/conversation",
            json={
                key: True,
                "jailbreak": "Default",
                "model": "gpt-3.5-turbo",
                "messages": [{"role": "user", "content": "Привет! Как дела?"}],
            },
            timeout=20,
        )
        assert response.status_code == 200
        assert "\n".join(message.decode("utf-8") for message in response.iter_lines()) == "".join(transcripts.PLAIN)


def test_the_program_of_2023_is_answered_by_offline_without_a_model(tmp_path: Path, upstream: OpenaiServer) -> None:
    with running(tmp_path, SERVER_2023, upstream) as base_url:
        body = {"stream": True, "jailbreak": "Default", "model": "gpt-4", "messages": [{"role": "user", "content": "Привет! Как дела?"}]}
        response = requests.post(f"{base_url}/backend-api/v2/conversation", json=body, timeout=20)
    assert "gpt-4" in response.text
    assert re.search("[а-я]", response.text), "a Russian question is answered in Russian"


def test_the_program_of_2025_runs_in_debug_mode_with_its_reloader(tmp_path: Path, chatgpt: OpenaiServer) -> None:
    with running(tmp_path, SERVER_2025, chatgpt) as base_url:
        assert requests.get(f"{base_url}/backend-api/v2/version", timeout=20).json()["version"]
        body = {"model": "gpt-3.5-turbo", "messages": [{"role": "user", "content": "Hello"}]}
        lines = list(requests.post(f"{base_url}/backend-api/v2/conversation", json=body, timeout=20).iter_lines())
    assert b'"usage"' in lines[-1]


def test_backend_api_takes_an_app_alone_or_with_a_dict() -> None:
    first, second = Backend_Api(Flask("first")), Backend_Api(Flask("second"), {"site_config": {"port": 1338}})
    assert first.routes.keys() == second.routes.keys()
    assert second.settings.port == 1338
    assert first.app.name == "first"
