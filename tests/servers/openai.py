"""An OpenAI-compatible server; the model's name chooses what it does.

Content: ``plain`` ``reasoning`` ``think`` ``tools`` ``image`` ``escape`` ``many-<count>`` ``length`` ``filter`` ``usage-less`` and
``empty`` (an answer without a word). ``echo`` repeats the last message. ``slow`` and ``paced-<count>`` wait ``pace`` seconds
before each chunk.
Silence: ``hang`` (not even headers), ``silent`` (headers, then nothing), ``stall`` (two chunks, then nothing).
Refusals: ``fail-<status>``; ``fail-<count>-times`` answers 500 so many times, then plain.
Trouble: ``cut`` (reset after two chunks), ``short`` (closed after two chunks), ``error-midway``, ``garbage`` (events that are not
JSON), ``noise`` (not HTTP), ``html``, ``bodyless``.
Any other name is answered 404, as OpenAI does.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from tests.servers import transcripts
from tests.servers.http import Answer, Call, HttpServer
from tests.servers.transcripts import Delta

TRANSCRIPTS: dict[str, Callable[[], list[Delta]]] = {
    "plain": lambda: transcripts.text(*transcripts.PLAIN),
    "reasoning": transcripts.reasoning,
    "think": transcripts.think,
    "tools": transcripts.tools,
    "image": transcripts.image,
    "escape": lambda: transcripts.text(*transcripts.ESCAPES),
    "length": lambda: transcripts.text(*transcripts.PLAIN),
    "filter": lambda: transcripts.text("I "),
    "usage-less": lambda: transcripts.text(*transcripts.PLAIN),
    "empty": list,
    "slow": lambda: transcripts.many(20),
    "error-midway": lambda: transcripts.text("Hel"),
}
FINISH = {"tools": "tool_calls", "length": "length", "filter": "content_filter"}
REFUSALS: dict[int, tuple[str, str | None]] = {
    400: ("Invalid value for 'messages'.", None),
    401: ("Incorrect API key provided.", "invalid_api_key"),
    402: ("Insufficient credits.", "insufficient_credits"),
    403: ("Your account may not use this.", None),
    404: ("The model `{model}` does not exist or you do not have access to it.", "model_not_found"),
    429: ("Rate limit reached for {model}.", "rate_limit_exceeded"),
}
RETRY_AFTER = 7
"""Seconds that the 429 of ``fail-429`` asks for."""


class OpenaiServer(HttpServer):
    """Serve ``/v1/models``, ``/v1/chat/completions``, ``/v1/images/generations`` and ``/pixel.png``.

    ``api_key``: answer 401 without it. ``pace``: seconds before each chunk of ``slow``. ``models``: the names that are listed.
    ``context``: the window of each.
    """

    def __init__(
        self,
        *,
        api_key: str | None = None,
        pace: float = 0.02,
        models: tuple[str, ...] = ("plain", "reasoning", "tools"),
        context: int | None = None,
    ) -> None:
        super().__init__(self._route)
        self.pace = pace
        self._api_key = api_key
        self._models = [{"id": model, "object": "model", "owned_by": "tests", "context_length": context} for model in models]
        self._names: dict[str, str] = {}
        self._failures: Counter[str] = Counter()
        self._troubles: dict[str, Callable[[Call, Answer], Awaitable[None]]] = {
            "hang": _hang,
            "silent": _silent,
            "stall": _stall,
            "cut": _cut,
            "short": _short,
            "garbage": _garbage,
            "noise": _noise,
            "html": _html,
            "bodyless": _bodyless,
        }

    @property
    def base_url(self) -> str:
        """The address to configure in a client, with ``/v1``."""
        return f"{self.origin}/v1"

    def answer_as(self, name: str, model: str) -> None:
        """Answer a model of this name as if it were another."""
        self._names[name] = model

    async def _route(self, call: Call, answer: Answer) -> None:
        match call.method, call.path:
            case "GET", "/pixel.png":
                await answer.reply(200, base64.b64decode(transcripts.PIXEL), "image/png")
            case _ if self._api_key and call.headers.get("authorization") != f"Bearer {self._api_key}":
                await _refuse(answer, 401, "")
            case "GET", "/v1/models":
                await answer.reply_json({"object": "list", "data": self._models})
            case "POST", "/v1/chat/completions":
                await self._chat(call, answer)
            case "POST", "/v1/images/generations":
                await self._image(call, answer)
            case _:
                await answer.reply_json({"error": {"message": f"Unknown request URL: {call.method} {call.path}."}}, 404)

    async def _chat(self, call: Call, answer: Answer) -> None:
        asked: str = call.json.get("model", "")
        model = self._names.get(asked, asked)
        if trouble := self._troubles.get(model):
            await trouble(call, answer)
        elif status := self._failure(model):
            await _refuse(answer, status, model)
        elif (deltas := self._deltas(model, call)) is None:
            await _refuse(answer, 404, model)
        elif call.json.get("stream"):
            await self._stream(call, answer, model, deltas)
        else:
            await answer.reply_json(_completion(model, deltas, call))

    def _failure(self, model: str) -> int | None:
        """Return the status to fail with, or None when this time it goes well."""
        if not (found := re.fullmatch(r"fail-(\d+)(-times)?", model)):
            return None
        if not found[2]:
            return int(found[1])
        self._failures[model] += 1
        return 500 if self._failures[model] <= int(found[1]) else None

    def _deltas(self, model: str, call: Call) -> list[Delta] | None:
        if model.endswith("-times"):
            model = "plain"
        if found := re.fullmatch(r"(?:many|paced)-(\d+)", model):
            return transcripts.many(int(found[1]))
        if model == "tools" and call.json["messages"][-1]["role"] == "tool":
            return transcripts.text("The tool said: ", str(call.json["messages"][-1]["content"]))
        if model == "echo":
            return transcripts.text(_text(call.json["messages"][-1]["content"]))
        make = TRANSCRIPTS.get(model)
        return None if make is None else make()

    async def _stream(self, call: Call, answer: Answer, model: str, deltas: list[Delta]) -> None:
        await answer.start(headers={"content-type": "text/event-stream; charset=utf-8"})
        for event in _events(model, deltas, call):
            if model.startswith(("slow", "paced")):
                await asyncio.sleep(self.pace)
            await answer.send(event)
        await answer.finish()

    async def _image(self, call: Call, answer: Answer) -> None:
        if status := self._failure(call.json.get("model", "")):
            await _refuse(answer, status, call.json["model"])
            return
        as_base64 = call.json.get("response_format") != "url"
        picture = {"b64_json": transcripts.PIXEL} if as_base64 else {"url": f"{self.origin}/pixel.png"}
        await answer.reply_json({"created": 1, "data": [picture] * call.json.get("n", 1)})


def event(value: object) -> bytes:
    """Encode one event as OpenAI does."""
    return b"data: " + json.dumps(value, ensure_ascii=False).encode() + b"\n\n"


def _chunk(model: str, delta: Delta, reason: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": model, "choices": [choice]}


def _events(model: str, deltas: list[Delta], call: Call) -> Iterator[bytes]:
    yield event(_chunk(model, {"role": "assistant", "content": ""}))
    for delta in deltas:
        yield event(_chunk(model, delta))
    if model == "error-midway":
        yield event({"error": {"message": "The engine overheated.", "type": "server_error", "code": 502}})
        return
    yield event(_chunk(model, {}, _reason(model, deltas)))
    if model != "usage-less" and call.json.get("stream_options", {}).get("include_usage"):
        yield event({**_chunk(model, {}), "choices": [], "usage": _usage(deltas, call)})
    yield b"data: [DONE]\n\n"


def _completion(model: str, deltas: list[Delta], call: Call) -> dict[str, Any]:
    choice = {"index": 0, "message": transcripts.whole(deltas), "finish_reason": _reason(model, deltas)}
    usage = {} if model == "usage-less" else {"usage": _usage(deltas, call)}
    return {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": model, "choices": [choice], **usage}


def _reason(model: str, deltas: list[Delta]) -> str:
    called = any("tool_calls" in delta for delta in deltas)
    return "stop" if model == "tools" and not called else FINISH.get(model, "stop")


def _usage(deltas: list[Delta], call: Call) -> dict[str, Any]:
    """Count a token a delta and one a word of the messages."""
    prompt = sum(len(_text(message.get("content")).split()) for message in call.json["messages"])
    thoughts = sum("reasoning_content" in delta for delta in deltas)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": len(deltas),
        "total_tokens": prompt + len(deltas),
        "prompt_tokens_details": {"cached_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": thoughts},
    }


def _text(content: Any) -> str:
    """Return the text of a message's content, be it a string or a list of parts."""
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content or [])


async def _refuse(answer: Answer, status: int, model: str) -> None:
    message, code = REFUSALS.get(status, ("The server had an error while processing your request.", None))
    headers = {"retry-after": str(RETRY_AFTER)} if status == 429 else {}
    error = {
        "message": message.format(model=model),
        "type": "invalid_request_error" if status < 500 else "server_error",
        "param": None,
        "code": code,
    }
    await answer.reply_json({"error": error}, status, headers)


async def _hang(call: Call, answer: Answer) -> None:
    await asyncio.Event().wait()


async def _silent(call: Call, answer: Answer) -> None:
    await answer.start(headers={"content-type": "text/event-stream"})
    await asyncio.Event().wait()


async def _begin(call: Call, answer: Answer) -> None:
    """Send the headers and two chunks of text."""
    await answer.start(headers={"content-type": "text/event-stream"})
    for delta in transcripts.text(*transcripts.PLAIN[:2]):
        await answer.send(event(_chunk(call.json["model"], delta)))


async def _stall(call: Call, answer: Answer) -> None:
    await _begin(call, answer)
    await asyncio.Event().wait()


async def _cut(call: Call, answer: Answer) -> None:
    await _begin(call, answer)
    await asyncio.sleep(0.02)  # lets the client read what was sent before the reset throws it away
    answer.cut()


async def _short(call: Call, answer: Answer) -> None:
    await _begin(call, answer)
    answer.close()


async def _garbage(call: Call, answer: Answer) -> None:
    await answer.start(headers={"content-type": "text/event-stream"})
    for line in (b'data: {"choices": [{"delta"\n\n', b"data: \xff\xfe\n\n", b"data: null\n\n", b"data: []\n\n"):
        await answer.send(line)
    await answer.finish()


async def _noise(call: Call, answer: Answer) -> None:
    await answer.raw(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
    answer.close()


async def _html(call: Call, answer: Answer) -> None:
    await answer.reply(200, b"<!doctype html><html><head><title>Sign in to continue</title></head><body>...</body></html>", "text/html")


async def _bodyless(call: Call, answer: Answer) -> None:
    await answer.reply(200, b"", "text/event-stream")
