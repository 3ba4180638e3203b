"""A gpt4free server in either framing; the model's name chooses what it does.

``plain`` answers, ``fail`` breaks off with an error chunk, ``silent`` sends one chunk and then nothing, ``refuse`` is answered
404 in JSON, ``oops`` with a JSON error under status 200, ``garbage`` with a line that is not JSON.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from tests.servers.http import Answer, Call, HttpServer

MODELS = {"OpenaiChat": ["plain", "fail"], "Ollama": ["plain", "llama3.2"]}
CHUNKS: list[dict[str, Any]] = [
    {"type": "provider", "provider": {"name": "Far", "url": None, "label": "Far away", "model": "plain"}},
    {"type": "reasoning", "token": "Hm."},
    {"type": "content", "content": "Hello, "},
    {"type": "content", "content": "мир 🧠\n"},
    {"type": "finish", "finish": {"reason": "stop"}},
    {"type": "usage", "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}, "model": "plain", "provider": "Far"},
]
FAILURE = {
    "type": "error",
    "error": "RateLimitError",
    "message": "RateLimitError: slow down",
    "code": "provider_rate_limit",
    "request_id": "1",
}


class BackendApiServer(HttpServer):
    """Serve ``/backend-api/v2/conversation`` and ``models``; ``framing`` is ``ndjson`` or ``sse``, as older and newer servers have it."""

    def __init__(self, framing: str = "ndjson") -> None:
        super().__init__(self._route)
        self._framing = framing

    async def _route(self, call: Call, answer: Answer) -> None:
        match call.method, call.path:
            case "GET", "/backend-api/v2/models":
                await answer.reply_json(MODELS)
            case "POST", "/backend-api/v2/conversation":
                await self._converse(call, answer)
            case _:
                await answer.reply_json({"error": {"message": "There is no such route."}}, 404)

    async def _converse(self, call: Call, answer: Answer) -> None:
        match call.json["model"]:
            case "refuse":
                await answer.reply_json({"error": {"message": "Provider not found"}}, 404)
            case "oops":
                await answer.reply_json({"error": {"message": "It broke."}})
            case "garbage":
                await answer.reply(200, b"<html>\n", "text/event-stream")
            case model:
                await answer.start(headers={"content-type": "text/event-stream"})
                for chunk in [*CHUNKS[:3], FAILURE] if model == "fail" else CHUNKS:
                    await answer.send(self._framed(chunk))
                    if model == "silent":
                        await asyncio.Event().wait()
                await answer.finish()

    def _framed(self, chunk: dict[str, Any]) -> bytes:
        line = json.dumps(chunk)
        return f"{line}\n".encode() if self._framing == "ndjson" else f"event: {chunk['type']}\ndata: {line}\n\n".encode()
