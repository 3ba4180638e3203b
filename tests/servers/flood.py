"""An OpenAI-compatible server that says far more than anybody's buffers hold."""

from __future__ import annotations

import json

from tests.servers.http import Answer, Call, HttpServer

CHARACTERS = 400_000_000


class FloodServer(HttpServer):
    """Answer every request with 400,000,000 characters, ``length`` an event; ``calls[n].sent`` is how many of ``events`` went out."""

    def __init__(self, length: int = 20_000) -> None:
        super().__init__(self.flood)
        self.events = CHARACTERS // length
        delta = {"choices": [{"index": 0, "delta": {"content": "x" * length}, "finish_reason": None}]}
        self._event = b"data: " + json.dumps(delta).encode() + b"\n\n"

    @property
    def base_url(self) -> str:
        """The address to configure in a client, with ``/v1``."""
        return f"{self.origin}/v1"

    async def flood(self, call: Call, answer: Answer) -> None:
        """Stream as fast as the reader reads."""
        await answer.start(headers={"content-type": "text/event-stream"})
        for _ in range(self.events):
            await answer.send(self._event)
        await answer.finish()
