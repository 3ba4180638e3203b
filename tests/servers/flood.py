"""An OpenAI-compatible server that says far more than anybody's buffers hold."""

from __future__ import annotations

import asyncio
import json

from tests.servers.http import Answer, Call, HttpServer

CHARACTERS = 400_000_000
SHORT_ONES = 10


class FloodServer(HttpServer):
    """Answer every request with 400,000,000 characters, ``length`` an event; ``calls[n].sent`` is how many of ``events`` went out.

    With a ``pause`` they come one by one, in seconds, the first ``SHORT_ONES`` of them of one word.
    """

    def __init__(self, length: int = 20_000, pause: float = 0) -> None:
        super().__init__(self.flood)
        self.events = CHARACTERS // length
        self._word, self._event = _event("x "), _event("x" * length)
        self._pause = pause

    @property
    def base_url(self) -> str:
        """The address to configure in a client, with ``/v1``."""
        return f"{self.origin}/v1"

    async def flood(self, call: Call, answer: Answer) -> None:
        """Stream as fast as the reader reads."""
        await answer.start(headers={"content-type": "text/event-stream"})
        for number in range(self.events):
            await answer.send(self._word if self._pause and number < SHORT_ONES else self._event)
            if self._pause:
                await asyncio.sleep(self._pause)
        await answer.finish()


def _event(text: str) -> bytes:
    return b"data: " + json.dumps({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]}).encode() + b"\n\n"
