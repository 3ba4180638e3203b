"""Serving: an address is taken, uvicorn runs the bridge, and people are told where and how."""

from __future__ import annotations

import asyncio
import errno
import gc
import logging
import resource
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from functools import lru_cache
from types import FrameType

import uvicorn
from flask import Flask
from sqlalchemy.engine import make_url
from werkzeug.exceptions import HTTPException

from g4f import debug
from g4f.config import Settings
from g4f.errors import ConfigError, G4FError, PortTakenError
from g4f.gui.server.asgi import Bridge
from g4f.gui.server.backend_api import Backend_Api
from g4f.gui.server.hosts import is_loopback_name, split_host
from g4f.gui.server.protocol import Protocol
from g4f.gui.server.routing import Route

BACKLOG = 2048
DAY_SECONDS, HOUR_SECONDS = 24 * 3600, 3600
SWITCH_SECONDS = 0.0005
"""How long a thread that computes lets another one wait."""
CLOSING_SECONDS = 3
"""How long connections may take to close once every answer has ended."""
REMEMBERED_LENGTH = 255
"""The longest method and path whose row is remembered: what strangers send must not fill the memory."""


class Server(uvicorn.Server):
    """Serve; once told to stop, let running answers end within the time of grace, then end them. A second signal does it now."""

    def __init__(self, config: uvicorn.Config, api: Backend_Api) -> None:
        super().__init__(config)
        self._api = api

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Note a signal."""
        self.force_exit = self.should_exit
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin nothing new, wait, end what still runs, and close."""
        self._api.stop()
        logging.getLogger("uvicorn.error").addFilter(_is_no_cancellation)
        await self._wait(self._api.settings.stop_timeout)
        self._api.interrupt()
        self.force_exit = False  # what is left takes a moment only, and is worth it: every answer gets its end
        await self._wait(CLOSING_SECONDS)
        await super().shutdown(sockets)

    async def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while self._api.running and not self.force_exit and time.monotonic() < end:  # noqa: ASYNC110  a signal sets force_exit
            await asyncio.sleep(0.05)


def serve(app: Flask, api: Backend_Api, say: Callable[[str], None] = print) -> None:
    """Serve the app until the process is told to stop.

    Raises ConfigError, before anything is written, for an address that is not loopback or is taken, or a data folder
    that cannot be used.
    """
    settings = api.settings
    debug.enable_logging(debug.DEBUG if settings.debug else debug.WARNING)
    _require_loopback(settings)
    listener = _listen(settings.host, settings.port)
    with listener:
        api.open()
        _raise_file_limit()
        server = Server(configuration(bridge(app, api)), api)
        _stop_at_signals(server)
        say(report(api, listener))
        try:
            server.run(sockets=[listener])
        finally:
            api.close()


def bridge(app: Flask, api: Backend_Api) -> Bridge:
    """Return the app as an ASGI app whose life opens and closes the platform."""
    tasks: set[asyncio.Task[None]] = set()

    async def started() -> None:
        api.open()
        # Everything made so far lives as long as the server: the collector need not look at it again and again.
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)
        gc.enable()
        # A thread that writes rows gives way at each of them; it must not wait for its next turn as long as is usual.
        sys.setswitchinterval(SWITCH_SECONDS)
        tasks.add(asyncio.create_task(api.catalog.refresh()))
        tasks.add(asyncio.create_task(_purge_daily(api)))
        tasks.add(asyncio.create_task(_clean_hourly(api)))
        tasks.add(asyncio.create_task(api.usage.tend_nightly()))
        api.runs.tend()
        api.readings.wake()

    async def stopped() -> None:
        api.stop()
        await api.readings.stop()
        for task in tasks:
            task.cancel()

    return Bridge(app, api.settings, _lookup(app, api), started, stopped)


async def _purge_daily(api: Backend_Api) -> None:
    while True:
        try:
            await asyncio.to_thread(api.chats.purge)
        except G4FError as error:
            debug.error(f"Deleted chats are kept for another day: {error}")
        await asyncio.sleep(DAY_SECONDS)


async def _clean_hourly(api: Backend_Api) -> None:
    while True:
        try:
            await api.uploads.complete_all()
            await api.cleaning.clean()
        except G4FError as error:
            debug.error(f"Files that nobody needs are kept for another hour: {error}")
        await asyncio.sleep(HOUR_SECONDS)


def report(api: Backend_Api, listener: socket.socket) -> str:
    """Return the address in a line, and five lines about how the server stands."""
    settings = api.settings
    host, port = listener.getsockname()[:2]
    address = f"[{host}]" if ":" in host else host
    providers = [entry.name for entry in api.catalog.entries()]
    keys = [name for name in providers if _has_key(api, name)]
    asked = [name for name in providers if name in settings.servers or name in api.catalog.connected]
    lines = {
        "bind": f"{host}, this machine only",
        "auth": "none needed: you are the owner; requests from elsewhere are refused",
        "storage": _storage(settings),
        "keys": ", ".join(keys) or "none on the server; a key of your own can be given on the page",
        "providers": ", ".join(asked) or "Offline only; see README for connecting a model in a line",
    }
    return "\n".join([f"g4f is at http://{address}:{port}{settings.url_prefix}/", *(f"  {name:<10}{text}" for name, text in lines.items())])


def _storage(settings: Settings) -> str:
    address = make_url(settings.database_address)
    return f"SQLite, {address.database}" if address.get_backend_name() == "sqlite" else "PostgreSQL"


def _has_key(api: Backend_Api, name: str) -> bool:
    key = getattr(api.catalog.provider(name), "get_api_key", None)
    return key is not None and bool(key())


def configuration(application: Bridge) -> uvicorn.Config:
    """Return how uvicorn serves the bridge."""
    return uvicorn.Config(
        application, loop="auto", http=Protocol, ws="none", lifespan="on", interface="asgi3", log_config=None, access_log=False,
        server_header=False, proxy_headers=False, backlog=BACKLOG, timeout_graceful_shutdown=CLOSING_SECONDS,
    )  # fmt: skip


def _require_loopback(settings: Settings) -> None:
    if not is_loopback_name(split_host(settings.host)):
        raise ConfigError(f"{settings.host} is reachable from other machines, and accounts are not set up. Set G4F_HOST to 127.0.0.1.")


def _is_no_cancellation(record: logging.LogRecord) -> bool:
    """Return whether a line is about anything but a request that was ended with the time of grace: that is no fault."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host.strip("[]"), port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTakenError(f"Port {port} is taken by another program. Stop it or set G4F_PORT.") from None
        raise ConfigError(f"The address {host}:{port} cannot be used: {error.strerror}.") from None
    return listener


def _lookup(app: Flask, api: Backend_Api) -> Callable[[str, str], Route | None]:
    """Return how the bridge finds the row of a method and path, before Flask sees the request."""
    adapter = app.url_map.bind("localhost")
    rows = {route.endpoint: route for route in api.table}

    def find(method: str, path: str) -> Route | None:
        try:
            return rows.get(adapter.match(path, method)[0])
        except HTTPException:
            return None

    find_again = lru_cache(1024)(find)

    def lookup(method: str, path: str) -> Route | None:
        return (find_again if len(method) + len(path) <= REMEMBERED_LENGTH else find)(method, path)

    return lookup


def _stop_at_signals(server: Server) -> None:
    """Let signals end the server as they should, before uvicorn listens for them and after: it raises them once more."""

    def stop(*_: object) -> None:
        server.should_exit = True

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)


def _raise_file_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
