"""Which connections are kept, which are ended, and that no answer reaches another request."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, strategies as st

from g4f.errors import ConnectionFailedError, G4FError
from g4f.requests import StreamSession
from tests.proofs import proof
from tests.requests.asking import ask, chat, fetch
from tests.servers.http import Answer, Call, HttpServer
from tests.servers.openai import OpenaiServer
from tests.servers.serving import Reader, ThreadedServer


def test_one_connection_serves_one_request_after_the_other() -> None:
    async def scenario() -> None:
        for _ in range(5):
            await ask(server, "plain")

    with OpenaiServer() as server:
        asyncio.run(scenario())
    assert (server.connections, len(server.calls)) == (1, 5)


@pytest.mark.parametrize("model", ["cut", "short", "noise", "stall"])
def test_a_connection_of_a_broken_or_left_answer_is_not_used_again(model: str) -> None:
    async def scenario() -> None:
        try:
            async with asyncio.timeout(0.2):
                await ask(server, model)
        except (G4FError, TimeoutError):
            pass
        await ask(server, "plain")

    with OpenaiServer() as server:
        asyncio.run(scenario())
    assert server.connections == 2


STEPS = st.lists(
    st.sampled_from(["whole", "stream", "first block", "head", "cut", "stall", "fail-500", "many-300"]), min_size=2, max_size=10
)


@proof("orders of requests on kept connections", 25, 300)
@given(steps=STEPS)
def test_no_answer_ever_reaches_another_request(steps: list[str]) -> None:
    async def step(kind: str, text: str) -> None:
        model = kind if kind in ("cut", "stall", "fail-500", "many-300") else "echo"
        body = chat(model, text, stream=kind not in ("whole", "fail-500"))
        async with StreamSession() as session, session.post(f"{server.base_url}/chat/completions", json=body) as response:
            if kind in ("head", "fail-500"):
                assert response.status == (500 if kind == "fail-500" else 200)
            elif kind in ("first block", "cut", "stall", "many-300"):
                await anext(response.iter_content())
            else:
                assert text.encode() in await response.read()

    async def scenario() -> None:
        for number, kind in enumerate(steps):
            await step(kind, f"answer-{number}")
        await step("whole", "the last")

    with OpenaiServer() as server:
        asyncio.run(scenario())


def test_a_kept_connection_that_died_is_replaced_once() -> None:
    async def close_after(call: Call, answer: Answer) -> None:
        if call.target == "/dies" and call.connection == 1:
            answer.cut()
        else:
            await answer.reply(200, b"ok")

    async def scenario() -> bytes:
        await fetch(f"{server.origin}/lives")
        return await fetch(f"{server.origin}/dies")

    with HttpServer(close_after) as server:
        assert asyncio.run(scenario()) == b"ok"
    assert [(call.target, call.connection) for call in server.calls] == [("/lives", 1), ("/dies", 1), ("/dies", 2)]


def test_a_new_connection_that_dies_is_not_replaced() -> None:
    async def die(call: Call, answer: Answer) -> None:
        answer.cut()

    with HttpServer(die) as server, pytest.raises(ConnectionFailedError, match="without an answer"):
        asyncio.run(fetch(server.origin))
    assert len(server.calls) == 1


def test_a_kept_connection_that_the_server_closed_is_forgotten() -> None:
    async def close(call: Call, answer: Answer) -> None:
        await answer.reply(200, b"ok")
        answer.close()

    async def scenario() -> None:
        for _ in range(2):
            await fetch(server.origin)
            await asyncio.sleep(0.05)

    with HttpServer(close) as server:
        asyncio.run(scenario())
    assert [call.connection for call in server.calls] == [1, 2]


@pytest.mark.parametrize("model", ["hang", "silent", "stall", "slow"])
def test_a_cancelled_reader_ends_the_upstream_connection(model: str) -> None:
    async def scenario() -> None:
        task = asyncio.create_task(ask(server, model))
        await asyncio.to_thread(server.call)
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        call = await asyncio.to_thread(server.call().wait)
        assert call.aborted_at is not None

    with OpenaiServer() as server:
        asyncio.run(scenario())


def test_leaving_the_block_ends_the_upstream_connection() -> None:
    async def scenario() -> None:
        async with StreamSession() as session:
            async with session.post(f"{server.base_url}/chat/completions", json=chat("stall", stream=True)) as response:
                await anext(response.iter_content())
            assert (await asyncio.to_thread(server.call().wait)).aborted_at is not None

    with OpenaiServer() as server:
        asyncio.run(scenario())


class Impatient(ThreadedServer):
    """Refuses uploads without reading them, and would keep the connection."""

    async def converse(self, reader: Reader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n")
        await reader.left.wait()


def test_a_connection_with_half_a_request_in_it_is_not_used_again() -> None:
    async def scenario() -> list[int]:
        statuses = []
        for _ in range(2):
            url = f"http://127.0.0.1:{server.port}/"
            async with StreamSession() as session, session.post(url, data=bytes(32 * 1024 * 1024)) as response:
                await response.read()
                statuses.append(response.status)
        return statuses

    with Impatient() as server:
        assert asyncio.run(scenario()) == [413, 413]
        assert server.connections == 2
