"""The mock upstream: an OpenAI-compatible server on a bare asyncio protocol, cheap enough never to be the bottleneck.

The model's name decides how it answers (the models of `Mock.answer`); each event is an HTTP chunk of its own, as real upstreams frame them.
`GET /bench/state` says how many streams are open and when a client left. Source of the shape:
https://platform.openai.com/docs/api-reference/chat-streaming
"""

from __future__ import annotations

import asyncio
import gc
import json
import re
import resource
import time
from typing import cast

import httptools
import msgspec
import uvloop
from typing_extensions import override

from benchmarks.transcript import LONG, SHORT, pieces, token

MODELS = ("short", "long", "flood", "silent", "mute")
THINKING = 0.001
"""Seconds before the first token of a paced answer, so that the ratio of first tokens is one of answers and not of bare sockets."""
FLOOD_BYTES = 128 * 2**20

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n"
_TAG = re.compile(rb"tag:([\w-]+)")


class State(msgspec.Struct):
    """What the upstream has seen since it started."""

    open: int = 0  # answers begun and neither finished nor left by their client
    tags: set[str] = msgspec.field(default_factory=set)  # the tagged ones among them
    left: dict[str, int] = msgspec.field(default_factory=dict)  # tag -> monotonic ns when its client left
    flooded: int = 0  # bytes handed to the sockets of all floods


class Question(msgspec.Struct):
    """The part of a chat completion request that decides the answer."""

    model: str


def _frame(data: bytes) -> bytes:
    event = b"data: " + data + b"\n\n"
    return b"%x\r\n%s\r\n" % (len(event), event)


def _chunk(choices: list[dict[str, object]], *, ascii_only: bool = False, **more: object) -> bytes:
    shared = {"id": "chatcmpl-bench", "object": "chat.completion.chunk", "created": 1_700_000_000, "model": "bench"}
    return json.dumps({**shared, "choices": choices, **more}, ensure_ascii=ascii_only, separators=(",", ":")).encode()


def _delta(*, finish: str | None = None, ascii_only: bool = False, **delta: str) -> bytes:
    return _chunk([{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}], ascii_only=ascii_only)


def _ending(tokens: int) -> bytes:
    usage = {"prompt_tokens": 8, "completion_tokens": tokens, "total_tokens": tokens + 8}
    return _frame(_delta(finish="stop")) + _frame(_chunk([], usage=usage)) + _frame(b"[DONE]") + b"0\r\n\r\n"


def _whole(count: int) -> bytes:
    # Servers differ in whether they escape what is not ASCII; every second chunk does.
    contents = (_frame(_delta(content=text, ascii_only=bool(index % 2))) for index, text in enumerate(pieces(count)))
    return _BEGINNING + b"".join(contents) + _ending(count)


def _token(index: int) -> bytes:
    return _frame(_TOKEN % token(index, time.monotonic_ns()).encode())


_BEGINNING = _HEAD + _frame(_delta(role="assistant", content=""))
_TOKEN = _delta(content="%s")
_FLOOD = b"".join(_frame(_delta(content=text)) for text in pieces(256))
_WHOLE = {"short": _whole(SHORT), "long": _whole(LONG)}


class Mock(asyncio.Protocol):
    """One connection of a client; its requests are answered one after another."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.parser = httptools.HttpRequestParser(self)
        self.body = b""
        self.url = b""
        self.tag = ""
        self.answering = False
        self.writable = asyncio.Event()
        self.background: asyncio.Task[None] | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.writable.set()

    @override
    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    @override
    def pause_writing(self) -> None:
        self.writable.clear()

    @override
    def resume_writing(self) -> None:
        self.writable.set()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if self.answering and self.tag:
            self.state.left[self.tag] = time.monotonic_ns()
        self.end()
        if self.background:
            self.background.cancel()

    def on_message_begin(self) -> None:
        """Forget the request before."""
        self.url = self.body = b""

    def on_url(self, url: bytes) -> None:
        """Take a part of the request's target."""
        self.url += url

    def on_body(self, body: bytes) -> None:
        """Take a part of the request's body."""
        self.body += body

    def on_message_complete(self) -> None:
        """Answer the request."""
        if self.url == b"/v1/chat/completions":
            self.begin()
            self.answer(msgspec.json.decode(self.body, type=Question).model)
        elif self.url == b"/v1/models":
            self.reply({"object": "list", "data": [{"id": model, "object": "model"} for model in MODELS]})
        elif self.url == b"/bench/state":
            self.reply(self.state)
        else:
            self.reply({"error": {"message": f"Nothing is served at {self.url.decode()}."}}, b"404 Not Found")

    def reply(self, value: object, status: bytes = b"200 OK") -> None:
        """Send `value` as JSON."""
        body = msgspec.json.encode(value)
        self.transport.write(b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body))

    def begin(self) -> None:
        """Count this conversation as open."""
        found = _TAG.search(self.body)
        self.tag = found[1].decode() if found else ""
        self.answering = True
        self.state.open += 1
        if self.tag:
            self.state.tags.add(self.tag)

    def end(self) -> None:
        """Count this conversation as over, once."""
        if self.answering:
            self.answering = False
            self.state.open -= 1
            self.state.tags.discard(self.tag)

    def answer(self, model: str) -> None:
        """Answer as `model` does: at once, paced, without end, falling silent after one token, or not at all."""
        match model.split("-"):
            case ["short" | "long"]:
                self.transport.write(_WHOLE[model])
                self.end()
            case ["paced", tokens, pace_ms]:
                self.background = asyncio.create_task(self.pace(int(tokens), int(pace_ms) / 1000))
            case ["flood"]:
                self.background = asyncio.create_task(self.flood())
            case ["silent"]:
                self.transport.write(_BEGINNING + _token(0))
            case ["mute"]:
                pass
            case _:
                self.end()
                self.reply({"error": {"message": f"There is no model {model}."}}, b"404 Not Found")

    async def pace(self, tokens: int, pace: float) -> None:
        """Send `tokens` tokens, one each `pace` seconds, the first after `THINKING` seconds."""
        loop = asyncio.get_running_loop()
        await asyncio.sleep(THINKING)
        start = loop.time()
        self.transport.write(_BEGINNING + _token(0))
        for index in range(1, tokens):
            await asyncio.sleep(start + index * pace - loop.time())
            self.transport.write(_token(index))
        self.transport.write(_ending(tokens))
        self.end()

    async def flood(self) -> None:
        """Send `FLOOD_BYTES` as fast as the client takes them."""
        self.transport.write(_BEGINNING)
        for _ in range(FLOOD_BYTES // len(_FLOOD)):
            await self.writable.wait()
            self.transport.write(_FLOOD)
            self.state.flooded += len(_FLOOD)
        self.transport.write(_ending(0))
        self.end()


async def serve() -> None:
    """Serve on a free port of the loopback interface, which is printed on a line of its own."""
    gc.disable()  # a collection among thousands of streams would show as a late token of whoever is measured
    state = State()
    server = await asyncio.get_running_loop().create_server(lambda: Mock(state), "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    uvloop.run(serve())
