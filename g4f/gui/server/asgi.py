"""The bridge: a Flask app under an ASGI server, where a stream holds no thread.

Each request is run by Flask in a small pool of threads. What comes back is sent at once, or awaited, or iterated on
the event loop; the client leaving cancels that at once, and ``await send`` holds a stream back to its reader's pace.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from io import BytesIO
from typing import Any

from flask import Flask, Response
from werkzeug.exceptions import RequestEntityTooLarge

from g4f.config import Settings
from g4f.db.session import refusal_of
from g4f.errors import G4FError, SlowRequestError
from g4f.gui.server.environ import environ_of
from g4f.gui.server.incoming import ClientLeft, Incoming, Message, Receive, Scope
from g4f.gui.server.routing import Route
from g4f.gui.server.streams import LINE, Line, Pending, StreamBody
from g4f.providers.tap import Tap
from g4f.providers.wire import Ending

Send = Callable[[Message], Awaitable[None]]
Lookup = Callable[[str, str], Route | None]
Lifespan = Callable[[], Awaitable[None]]

QUICK_BYTES = 64 * 1024
"""The longest body a quick handler reads on the loop; decoding a longer one would hold others up."""


class Answer:
    """Be what Flask gave back for a request."""

    __slots__ = ("body", "headers", "status")

    def __init__(self) -> None:
        self.status = 500
        self.headers: list[tuple[str, str]] = []
        self.body: Any = ()

    def start(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
        """Be WSGI's ``start_response``."""
        self.status, self.headers = int(status.split(" ", 1)[0]), headers
        return lambda data: None


class Bridge:
    """Serve a Flask app over ASGI.

    ``lookup`` finds the row of a method and path; ``started`` and ``stopped`` run on the loop with the server's life.
    """

    def __init__(self, app: Flask, settings: Settings, lookup: Lookup, started: Lifespan, stopped: Lifespan) -> None:
        self._app = app
        self._settings = settings
        self._lookup = lookup
        self._started, self._stopped = started, stopped
        self._pool = ThreadPoolExecutor(settings.threads, "g4f-view")

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Coroutine[Any, Any, None]:
        """Return what serves one connection event of the ASGI server."""
        match scope["type"]:
            case "lifespan":
                return self._live(receive, send)
            case "websocket":
                return _close(receive, send)
            case _:
                return self._serve(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self._started()
        except G4FError as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._stopped()
        self._pool.shutdown(wait=False)
        await send({"type": "lifespan.shutdown.complete"})

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = self._lookup(scope["method"], scope["path"])
        line: Line | None = scope.pop(LINE, None)  # it knows the request, which would otherwise keep itself alive
        environ, incoming = environ_of(scope), Incoming(scope, receive)
        limit: int = getattr(self._settings, route.limit if route else "json_limit")
        streamed = route is not None and route.streamed
        try:
            if streamed:
                incoming.require_fit(limit)
                environ["g4f.incoming"] = incoming.chunks(limit, self._settings)
            environ["wsgi.input"] = BytesIO() if streamed else await incoming.body(limit, self._settings)
        except ClientLeft:
            return
        except (RequestEntityTooLarge, SlowRequestError, OSError) as refusal:  # a large body waits in a file
            # Flask refuses it in its turn: whoever may not ask at all is told that first, and in the same words as elsewhere.
            environ["wsgi.input"] = BytesIO()
            environ["g4f.refusal"] = refusal_of(refusal) if isinstance(refusal, OSError) else refusal
        with environ["wsgi.input"]:
            if route is not None and route.quick and incoming.length is not None and incoming.length <= QUICK_BYTES:
                answer = self._call(environ)
            else:
                answer = await asyncio.get_running_loop().run_in_executor(self._pool, self._call, environ)
        try:
            if streamed and isinstance(answer.body, Pending):
                await _resolve(answer)
            passed = not streamed or ("HTTP_EXPECT" not in environ and incoming.pass_over()) or incoming.complete
        except ClientLeft:
            return
        refused = "g4f.refusal" in environ or not passed
        del environ  # an answer may take long, and needs none of it
        if refused:
            await _refuse(answer, incoming, send)
        else:
            await _send(answer, receive, send, line, head=scope["method"] == "HEAD")

    def _call(self, environ: dict[str, Any]) -> Answer:
        answer = Answer()
        answer.body = self._app.wsgi_app(environ, answer.start)
        return answer


async def _close(receive: Receive, send: Send) -> None:
    """Speak no WebSocket."""
    await receive()
    await send({"type": "websocket.close", "code": 1000})


async def _refuse(answer: Answer, incoming: Incoming, send: Send) -> None:
    """Send a refusal, take what else comes of the body, and close."""
    await _send_whole(send, answer.status, [*answer.headers, ("Connection", "close")], answer.body, more=True)
    await incoming.discard()
    await send({"type": "http.response.body", "body": b""})


async def _send(answer: Answer, receive: Receive, send: Send, line: Line | None, *, head: bool) -> None:
    """Send an answer; the client leaving cancels what is still to come of it."""
    if not isinstance(answer.body, (StreamBody, Pending)):
        await _send_whole(send, answer.status, answer.headers, answer.body)
        return
    reader = _Reader(receive, line)
    try:
        await _send_later(answer, send, line, head=head)
    except asyncio.CancelledError:
        if not reader.left:
            raise
        reader.task.uncancel()
    finally:
        reader.forget()


class _Reader:
    """Be whoever reads an answer: leaving cancels the task that sends it."""

    __slots__ = ("_line", "_watching", "left", "task")

    def __init__(self, receive: Receive, line: Line | None) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.task, self.left, self._line = task, False, line
        self._watching = asyncio.create_task(self._watch(receive)) if line is None else None
        if line is not None:
            line.watch(self._leave)

    def forget(self) -> None:
        """Cancel nothing any more."""
        if self._line is not None:
            self._line.watch(None)
        if self._watching is not None:
            self._watching.cancel()

    def _leave(self) -> None:
        self.left = True
        self.task.cancel()

    async def _watch(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._leave()


async def _resolve(answer: Answer) -> None:
    """Await an answer that was not finished when its view returned."""
    response: Response = await answer.body.response()
    answer.status = response.status_code
    own = {name.lower() for name, _ in response.headers}
    answer.headers = [*response.headers, *[header for header in answer.headers if header[0].lower() not in own]]
    answer.body = getattr(response, "body", None) or response.response


async def _send_later(answer: Answer, send: Send, line: Line | None, *, head: bool) -> None:
    if isinstance(answer.body, Pending):
        await _resolve(answer)
    body = answer.body
    if not isinstance(body, StreamBody):
        await _send_whole(send, answer.status, answer.headers, () if head else body)
        return
    try:
        await send(_start(answer.status, answer.headers))
        more = True
        if not head:
            async for batch in body.chunks:
                if batch.__class__ is Tap:
                    if line is not None:
                        batch.open(partial(_push, line.push, body.encode))
                    continue
                more = batch.__class__ is not Ending
                await send({"type": "http.response.body", "body": body.encode(batch), "more_body": more})
        if more:
            await send({"type": "http.response.body", "body": b""})
    finally:
        await body.aclose()


def _push(push: Callable[[bytes], bool], encode: Callable[[Any], bytes], batch: Any) -> bool:
    """Send a batch as it comes; one that cannot be written fails where its reader waits, and not here, where others are served as well."""
    try:
        piece = encode(batch)
    except Exception:  # noqa: BLE001  whatever another server sent
        return False
    return push(piece)


async def _send_whole(send: Send, status: int, headers: Iterable[tuple[str, str]], body: Any, *, more: bool = False) -> None:
    try:
        data = b"".join(part.encode() if isinstance(part, str) else part for part in body)
    finally:
        if hasattr(body, "close"):
            body.close()
    await send(_start(status, headers))
    await send({"type": "http.response.body", "body": data, "more_body": more})


def _start(status: int, headers: Iterable[tuple[str, str]]) -> Message:
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return {"type": "http.response.start", "status": status, "headers": raw}
