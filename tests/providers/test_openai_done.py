"""The end of an answer that its server announces by ``[DONE]``."""

from __future__ import annotations

import asyncio
import time
from typing import Literal

import pytest

from g4f.Provider.template import create_custom_provider
from g4f.providers.response import FinishReason, Response
from g4f.requests.pool import LINGER_SECONDS
from g4f.sse import encode_event
from g4f.typing import Messages
from tests.servers.http import Answer, Call, HttpServer

HI: Messages = [{"role": "user", "content": "Hi"}]
WHOLE = encode_event(b'{"choices":[{"delta":{"content":"All of it"},"finish_reason":"stop"}]}') + encode_event(b"[DONE]")
OPEN_SECONDS = 5
PAUSE_SECONDS = 2 * LINGER_SECONDS
Ending = Literal["same packet", "next packet", "stays open", "reset"]


async def play(call: Call, answer: Answer) -> None:
    """Send a whole answer in one write, and end its body in the way that the model names."""
    if call.json["model"] == "same packet":
        head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
        await answer.raw(head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(WHOLE), WHOLE))
        return
    await answer.start(headers={"content-type": "text/event-stream"})
    await answer.send(WHOLE)
    match call.json["model"]:
        case "next packet":
            await asyncio.sleep(0.005)
            await answer.finish()
        case "stays open":
            await asyncio.sleep(OPEN_SECONDS)
        case _:
            answer.cut()


def ask(server: HttpServer, ending: Ending, times: int = 1) -> list[str | Response]:
    provider = create_custom_provider(f"{server.origin}/v1")

    async def main() -> list[str | Response]:
        items: list[str | Response] = []
        for _ in range(times):
            items += [item async for batch in provider.create_batches(ending, HI) for item in batch]
            await asyncio.sleep(PAUSE_SECONDS)
        return items

    return asyncio.run(main())


@pytest.mark.parametrize("ending", ["same packet", "next packet", "stays open", "reset"])
def test_an_answer_is_over_when_its_server_says_so(ending: Ending) -> None:
    with HttpServer(play) as server:
        begun = time.monotonic()
        assert ask(server, ending) == ["All of it", FinishReason("stop")]
        assert time.monotonic() - begun < OPEN_SECONDS / 2


@pytest.mark.parametrize(("ending", "connections"), [("same packet", 1), ("next packet", 1), ("stays open", 3)])
def test_a_connection_is_used_again_when_its_body_has_ended(ending: Ending, connections: int) -> None:
    with HttpServer(play) as server:
        ask(server, ending, times=3)
        assert server.connections == connections
