"""Answers that come word by word."""

from __future__ import annotations

import asyncio

from g4f.Provider.template import create_custom_provider
from g4f.Provider.template.OpenaiTemplate import SLOW
from g4f.providers.base_provider import Batch
from g4f.providers.tap import Tap
from g4f.sse import encode_event
from g4f.typing import Messages
from tests.servers.http import Answer, Call, HttpServer

HI: Messages = [{"role": "user", "content": "Hi"}]
SILENT = [b'{"choices":[{"delta":{"role":"assistant"}}]}', b'{"choices":[{"delta":{"reasoning":"hm"}}]}'] * SLOW
WORDS = [b'{"choices":[{"delta":{"content":"word "}}]}'] * (2 * SLOW)


async def play(call: Call, answer: Answer) -> None:
    """Say nothing, then words, each in a packet of its own."""
    await answer.start(headers={"content-type": "text/event-stream"})
    for event in [*SILENT, *WORDS, b"[DONE]"]:
        await answer.send(encode_event(event))
        await asyncio.sleep(0.01)
    await answer.finish()


def test_one_tap_is_offered_and_only_when_words_were_shown() -> None:
    async def main(address: str) -> list[Batch]:
        return [batch async for batch in create_custom_provider(f"{address}/v1").create_batches("m", HI)]

    with HttpServer(play) as server:
        batches = asyncio.run(main(server.origin))
    [place] = [index for index, batch in enumerate(batches) if isinstance(batch, Tap)]
    assert ["word "] in batches[:place]
    assert [item for batch in batches for item in batch if isinstance(item, str)] == ["word "] * len(WORDS)
