"""The bridge: a Flask app under an ASGI server, where a stream holds no thread.

Each request is run by Flask in a small pool of threads. What comes back is sent at once, or awaited, or iterated on
the event loop; the client leaving cancels that at once, and ``await send`` holds a stream back to its reader's pace.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from flask import Flask, Response

from g4f.config import Settings
from g4f.errors import G4FError, PayloadTooLargeError, SlowRequestError
from g4f.gui.server.refusals import error_response, new_request_id
from g4f.gui.server.routing import Route
from g4f.gui.server.streams import Pending, StreamBody
from g4f.providers.wire import Ending

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Lookup = Callable[[str, str], Route | None]
Lifespan = Callable[[], Awaitable[None]]

QUICK_BYTES = 64 * 1024
"""The longest body a quick handler reads on the loop; decoding a longer one would hold others up."""
_BYTES_A_SECOND = 256 * 1024
DISCARDED_BYTES = 64 * 1024 * 1024
DISCARDING_SECONDS = 5


class ClientLeft(Exception):
    """Say that the client closed the connection before its request was complete."""


class Incoming:
    """Receive the body of a request; ``more`` tells whether any of it is still to come."""

    __slots__ = ("_receive", "more")

    def __init__(self, receive: Receive) -> None:
        self._receive, self.more = receive, True

    async def __call__(self) -> Message:
        """Wait for the next message."""
        message = await self._receive()
        self.more = message.get("more_body", False)
        return message


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

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection event of the ASGI server."""
        match scope["type"]:
            case "http":
                await self._serve(scope, receive, send)
            case "lifespan":
                await self._live(receive, send)
            case "websocket":
                await receive()
                await send({"type": "websocket.close", "code": 1000})

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
        length = _content_length(scope)
        environ, incoming = _environ(scope), Incoming(receive)
        try:
            environ["wsgi.input"] = BytesIO() if length == 0 else await self._body(route, length, incoming)
        except ClientLeft:
            return
        except G4FError as error:
            await _refuse(error_response(error, new_request_id()), incoming, send)
            return
        with environ["wsgi.input"]:
            if route is not None and route.quick and length is not None and length <= QUICK_BYTES:
                answer = self._call(environ)
            else:
                answer = await asyncio.get_running_loop().run_in_executor(self._pool, self._call, environ)
        await _send(answer, receive, send, scope["method"] == "HEAD")

    def _call(self, environ: dict[str, Any]) -> Answer:
        answer = Answer()
        answer.body = self._app.wsgi_app(environ, answer.start)
        return answer

    async def _body(self, route: Route | None, length: int | None, incoming: Incoming) -> IO[bytes]:
        """Receive the body on the loop, with its limits of size and time; larger bodies wait in a temporary file."""
        limit: int = getattr(self._settings, route.limit if route else "json_limit")
        if length is not None and length > limit:
            raise _too_large(limit)
        with ExitStack() as stack:
            body = stack.enter_context(SpooledTemporaryFile(self._settings.memory_limit))
            await self._receive(body, limit, length or 0, incoming)
            body.seek(0)
            stack.pop_all()
            return body

    async def _receive(self, body: IO[bytes], limit: int, length: int, incoming: Incoming) -> None:
        time = asyncio.get_running_loop().time
        end, idle = time() + self._settings.body_timeout + length / _BYTES_A_SECOND, self._settings.body_idle_timeout
        try:
            async with asyncio.timeout(idle) as patience:
                while incoming.more:
                    patience.reschedule(min(end, time() + idle))
                    message = await incoming()
                    if message["type"] == "http.disconnect":
                        raise ClientLeft
                    body.write(message.get("body", b""))
                    if body.tell() > limit:
                        raise _too_large(limit)
        except TimeoutError:
            raise SlowRequestError("The body did not arrive in time; send it again.") from None


def _too_large(limit: int) -> PayloadTooLargeError:
    return PayloadTooLargeError(f"This address takes at most {limit} bytes.")


async def _refuse(refusal: Response, incoming: Incoming, send: Send) -> None:
    """Send a refusal, then read on for a while: a connection closed on unread bytes is reset before the answer is read."""
    await send(_start(refusal.status_code, [*refusal.headers.items(), ("Connection", "close")]))
    await send({"type": "http.response.body", "body": refusal.get_data(), "more_body": True})
    left = DISCARDED_BYTES
    with suppress(TimeoutError):
        async with asyncio.timeout(DISCARDING_SECONDS):
            while left > 0 and incoming.more:
                left -= len((await incoming()).get("body", b""))
    await send({"type": "http.response.body", "body": b""})


async def _send(answer: Answer, receive: Receive, send: Send, head: bool) -> None:
    """Send an answer; the client leaving cancels what is still to come of it."""
    if not isinstance(answer.body, (StreamBody, Pending)):
        await _send_whole(send, answer.status, answer.headers, answer.body)
        return
    task = asyncio.current_task()
    assert task is not None
    watcher = asyncio.ensure_future(_cancel_when_left(receive, task))
    try:
        await _send_later(answer, send, head)
    except asyncio.CancelledError:
        if not watcher.done():
            raise
        task.uncancel()
    finally:
        watcher.cancel()


async def _cancel_when_left(receive: Receive, task: asyncio.Task[None]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    task.cancel()


async def _send_later(answer: Answer, send: Send, head: bool) -> None:
    body = answer.body
    if isinstance(body, Pending):
        response: Response = await body.response()
        body = getattr(response, "body", None)
        headers = [*response.headers.items(), *((name, value) for name, value in answer.headers if name not in response.headers)]
        if body is None:
            await _send_whole(send, response.status_code, headers, () if head else response.response)
            return
        answer.status, answer.headers = response.status_code, headers
    try:
        await send(_start(answer.status, answer.headers))
        more = True
        if not head:
            async for batch in body.chunks:
                more = batch.__class__ is not Ending
                await send({"type": "http.response.body", "body": body.encode(batch), "more_body": more})
        if more:
            await send({"type": "http.response.body", "body": b""})
    finally:
        await body.aclose()


async def _send_whole(send: Send, status: int, headers: Iterable[tuple[str, str]], body: Any) -> None:
    try:
        data = b"".join(part.encode() if isinstance(part, str) else part for part in body)
    finally:
        if hasattr(body, "close"):
            body.close()
    await send(_start(status, headers))
    await send({"type": "http.response.body", "body": data})


def _start(status: int, headers: Iterable[tuple[str, str]]) -> Message:
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return {"type": "http.response.start", "status": status, "headers": raw}


def _content_length(scope: Scope) -> int | None:
    """Return the announced length of the body, 0 for none, None for one that does not say."""
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value)
        if name == b"transfer-encoding":
            return None
    return 0


def _environ(scope: Scope) -> dict[str, Any]:
    """Return the WSGI environment of a request."""
    server, client = scope.get("server") or ("127.0.0.1", 0), scope.get("client") or ("", 0)
    root = scope.get("root_path", "")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": root.encode().decode("latin-1"),
        "PATH_INFO": scope["path"].removeprefix(root).encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
        "g4f.bridge": True,
    }
    underscored: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").upper().replace("-", "_"), raw_value.decode("latin-1")
        key = name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"
        headers = underscored if b"_" in raw_name else environ
        headers[key] = f"{headers[key]},{value}" if key in headers else value
    # Old clients spell their headers with underscores; such a name never adds to or replaces the real one.
    return underscored | environ
