"""A server whose handlers do what handlers should not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine, Sequence
from pathlib import Path
from typing import Any

from flask import Flask

from g4f.errors import ForbiddenError
from g4f.gui.server.backend_api import Backend_Api
from g4f.gui.server.routing import Policy, Route
from g4f.gui.server.streams import Stream
from g4f.providers.tap import Take, Tap
from g4f.providers.wire import ContentChunk, Wire
from g4f.services.live import Event
from tests.servers.platform import Platform

Chunks = AsyncIterator[Sequence[Wire]]


class Log:
    """Remember how many streams were asked for, began and ended, and what was taken of what was pushed."""

    def __init__(self) -> None:
        self.asked = self.begun = self.ended = 0
        self.pushed: list[bool] = []


def stream_endlessly(api: Odd) -> Stream:
    """Say a word, then wait for ever."""

    async def chunks(log: Log) -> Chunks:
        log.begun += 1
        try:
            yield [ContentChunk("word")]
            await asyncio.Event().wait()
        finally:
            log.ended += 1

    return Stream(chunks(api.log), "ndjson")


def stream_later(api: Odd) -> Coroutine[Any, Any, Stream]:
    """Do so, but not yet."""

    async def later() -> Stream:
        await asyncio.sleep(0)
        return stream_endlessly(api)

    return later()


def stream_slowly(api: Odd) -> Stream:
    """Do so after a while in which nothing is waited for."""
    api.log.asked += 1
    time.sleep(0.3)
    return stream_endlessly(api)


def push_oddly(api: Odd) -> Stream:
    """Push nothing, then a word, then what cannot be written."""

    async def events() -> AsyncIterator[Sequence[Event]]:
        taken: list[Take[Sequence[Event]]] = []
        yield Tap(taken.append)
        for data in (b'{"type":"reasoning"}', b'{"type":"content","content":"word"}', b'{"type":"content","content":1}'):
            api.log.pushed.append(taken[0]([Event(1, "", data)]))
        yield [Event(2, "", b'{"type":"content","content":" and the end"}')]

    return Stream(events(), "text", logged=True)


def stream_and_break(api: Odd) -> Stream:
    """Fail when the head and a word are out."""

    async def chunks() -> Chunks:
        yield [ContentChunk("word")]
        raise ZeroDivisionError

    return Stream(chunks(), "ndjson")


def fail_now(api: Odd) -> None:
    """Fail in a way nobody thought of."""
    raise ZeroDivisionError


async def fail_later(api: Odd) -> None:
    """Do so on the loop."""
    await asyncio.sleep(0)
    raise ZeroDivisionError


async def refuse_later(api: Odd) -> None:
    """Refuse after a while."""
    await asyncio.sleep(0)
    raise ForbiddenError("Not you.", headers=[("X-Why", "because")])


HANDLERS = (push_oddly, stream_endlessly, stream_later, stream_slowly, stream_and_break, fail_now, fail_later, refuse_later)


class Odd(Backend_Api):
    """Answer at ``/<name of the handler>``, and ``/healthz`` as usual."""

    table = (
        *(Route("GET", f"/{handler.__name__}", handler, Policy.PUBLIC) for handler in HANDLERS),
        *(row for row in Backend_Api.table if row.path == "/healthz"),
    )

    def __init__(self, app: Flask, config: dict[str, Any]) -> None:
        super().__init__(app, config)
        self.log = Log()


def odd_app(config: dict[str, Any]) -> Flask:
    """Make the app of the odd server."""
    app = Flask("odd")
    app.extensions["g4f"] = Odd(app, config)
    return app


class OddPlatform(Platform):
    """Serve it, and wait for no stream when stopping."""

    factory = staticmethod(odd_app)

    def __init__(self, data_dir: Path, **settings: Any) -> None:
        super().__init__(data_dir, **settings)
        assert isinstance(self.api, Odd)
        self.log = self.api.log
