"""SIGTERM: nothing new is begun, what runs has its time, and what is left then is interrupted."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.faults.checker import check
from tests.faults.reading import ask, events, new_chat, question, reason
from tests.server.test_hosting import wait_until
from tests.servers.openai import OpenaiServer
from tests.servers.process import Process


@pytest.fixture
def upstream() -> Iterator[OpenaiServer]:
    """A provider whose answers take a second or two."""
    with OpenaiServer(pace=0.05) as server:
        yield server


def process(data: Path, upstream: OpenaiServer, stop_timeout: int) -> Process:
    servers = {"servers__s__base_url": upstream.base_url, "servers__s__models": "paced-30,stall"}
    return Process(data, stop_timeout=str(stop_timeout), **servers)


def begun(server: Process, model: str) -> Iterator[tuple[int, str]]:
    """Ask, and return the events that follow the first."""
    lines = events(ask(server.base_url, question(new_chat(server.base_url), model)))
    next(lines)
    return lines


def test_a_server_told_to_stop_begins_nothing_and_lets_answers_end(tmp_path: Path, upstream: OpenaiServer) -> None:
    with process(tmp_path, upstream, 3) as server:
        chat_id, ending, endless = new_chat(server.base_url), begun(server, "paced-30"), begun(server, "stall")
        server.send(signal.SIGTERM)
        wait_until(lambda: not server.ready())
        assert requests.get(f"{server.base_url}/readyz", timeout=5).status_code == 503
        refused = ask(server.base_url, question(chat_id, "paced-30"))
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
        assert reason(list(ending)) == "stop"
        assert reason(list(endless)) == "interrupted"
        server.wait(10)
        assert check(server.address, {}) == {"done": 1, "interrupted": 1}


def test_a_second_signal_ends_a_server_now(tmp_path: Path, upstream: OpenaiServer) -> None:
    with process(tmp_path, upstream, 60) as server:
        endless = begun(server, "stall")
        server.send(signal.SIGTERM)
        wait_until(lambda: not server.ready())
        server.send(signal.SIGTERM)
        assert reason(list(endless)) == "interrupted"
        server.wait(10)
        assert check(server.address, {}) == {"interrupted": 1}
