"""How the tests of sessions ask."""

from __future__ import annotations

from typing import Any

from g4f.requests import StreamSession, raise_for_status
from tests.servers.http import Answer, Call
from tests.servers.openai import OpenaiServer


def chat(model: str, text: str = "hi", **options: Any) -> dict[str, Any]:
    """Make the body of a chat request."""
    return {"model": model, "messages": [{"role": "user", "content": text}], **options}


async def say_ok(call: Call, answer: Answer) -> None:
    """Answer with the path that was asked for."""
    await answer.reply(200, call.target.encode())


async def fetch(url: str, **options: Any) -> bytes:
    """Fetch one address by a session of its own."""
    async with StreamSession(**options) as session, session.get(url) as response:
        await raise_for_status(response)
        return await response.read()


async def ask(server: OpenaiServer, model: str, **options: Any) -> list[bytes]:
    """Stream one chat and return its lines."""
    url = f"{server.base_url}/chat/completions"
    async with StreamSession(**options) as session, session.post(url, json=chat(model, stream=True)) as response:
        await raise_for_status(response)
        return [line async for line in response.iter_lines()]
