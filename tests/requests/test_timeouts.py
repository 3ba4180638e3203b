"""Every limit ends its own kind of waiting, and says so."""

from __future__ import annotations

import asyncio
import socket

import pytest

from g4f import errors
from g4f.requests import StreamSession, Timeouts
from tests.servers.openai import OpenaiServer


async def ask(base_url: str, model: str, timeouts: Timeouts, pause: float = 0) -> int:
    """Stream one chat with a pause after the first block; return how many bytes came."""
    body = {"model": model, "messages": [], "stream": True}
    async with StreamSession(timeouts=timeouts) as session, session.post(f"{base_url}/chat/completions", json=body) as response:
        size = 0
        async for block in response.iter_content():
            size += len(block)
            await asyncio.sleep(pause)
            pause = 0
        return size


@pytest.mark.parametrize(
    ("model", "timeouts", "limit"),
    [
        ("hang", Timeouts(first_byte=0.1), r"0\.1 seconds \(limit: first_byte\)"),
        ("silent", Timeouts(idle=0.1), r"0\.1 seconds \(limit: idle\)"),
        ("stall", Timeouts(idle=0.1), r"0\.1 seconds \(limit: idle\)"),
        ("slow", Timeouts(total=0.2), r"0\.2 seconds \(limit: total\)"),
        ("hang", Timeouts(total=0.1), r"0\.1 seconds \(limit: total\)"),
    ],
)
def test_a_limit_that_runs_out_is_named_with_its_seconds(model: str, timeouts: Timeouts, limit: str) -> None:
    with OpenaiServer() as server:
        with pytest.raises(errors.TimeoutError, match=limit):
            asyncio.run(ask(server.base_url, model, timeouts))
        assert server.call().wait().aborted_at is not None


def test_a_limit_that_runs_out_on_a_kept_connection_is_not_tried_again() -> None:
    async def scenario() -> None:
        await ask(server.base_url, "plain", Timeouts())
        await ask(server.base_url, "hang", Timeouts(first_byte=0.1))

    with OpenaiServer() as server, pytest.raises(errors.TimeoutError):
        asyncio.run(scenario())
    assert [call.json["model"] for call in server.calls] == ["plain", "hang"]


def test_a_limit_ends_the_upstream_call_also_while_nobody_reads() -> None:
    async def scenario() -> None:
        body = {"model": "stall", "messages": [], "stream": True}
        async with StreamSession(timeouts=Timeouts(idle=0.1)) as session, session.post(f"{server.base_url}/chat/completions", json=body):
            assert (await asyncio.to_thread(server.call().wait)).aborted_at is not None

    with OpenaiServer() as server:
        asyncio.run(scenario())


def test_a_stream_that_goes_on_is_not_idle() -> None:
    with OpenaiServer(pace=0.05) as server:
        assert asyncio.run(ask(server.base_url, "slow", Timeouts(idle=0.5))) > 1000


def test_a_slow_reader_is_not_a_silent_provider() -> None:
    with OpenaiServer() as server:
        assert asyncio.run(ask(server.base_url, "many-20000", Timeouts(idle=0.3), pause=1)) > 1_000_000


def test_a_connection_that_is_never_accepted_runs_into_the_connect_limit() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        port = listener.getsockname()[1]
        fillers = [_try_to_connect(port) for _ in range(3)]  # the queue of the listener is full now
        with pytest.raises(errors.TimeoutError, match=r"limit: connect"):
            asyncio.run(ask(f"http://127.0.0.1:{port}", "plain", Timeouts(connect=0.2)))
        for filler in fillers:
            filler.close()


def _try_to_connect(port: int) -> socket.socket:
    filler = socket.socket()
    filler.setblocking(False)
    filler.connect_ex(("127.0.0.1", port))
    return filler
