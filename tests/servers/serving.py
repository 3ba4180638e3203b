"""A server on a free port of 127.0.0.1, in a thread and an event loop of its own."""

from __future__ import annotations

import asyncio
import ssl
import threading
from types import TracebackType
from typing import Self


class Reader(asyncio.StreamReader):
    """A reader that tells when its client leaves, also while nobody reads."""

    def __init__(self) -> None:
        super().__init__()
        self.left = asyncio.Event()

    def feed_eof(self) -> None:
        super().feed_eof()
        self.left.set()

    def set_exception(self, exc: Exception) -> None:
        super().set_exception(exc)
        self.left.set()


class ThreadedServer:
    """Serve as long as the ``with`` block lasts; subclasses say how one connection is served.

    ``connections`` counts those that were accepted. What ``converse`` raises, a lost connection apart, is raised again at the
    end of the block.
    """

    def __init__(self, ssl_context: ssl.SSLContext | None = None) -> None:
        self.connections = 0
        self.port = 0
        self.faults: list[BaseException] = []
        self._ssl = ssl_context
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name=type(self).__name__, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10), "the server did not start"
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        if self.faults and value is None:
            raise self.faults[0]

    async def converse(self, reader: Reader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection; it is closed afterwards."""
        raise TypeError(f"{type(self).__name__} must say how it serves a connection.")

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        tasks: set[asyncio.Task[None]] = set()

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            assert isinstance(reader, Reader)
            self.connections += 1
            task = asyncio.create_task(self._guard(reader, writer))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            task.add_done_callback(self._note_fault)

        server = await self._loop.create_server(
            lambda: asyncio.StreamReaderProtocol(Reader(), accept), "127.0.0.1", 0, ssl=self._ssl, backlog=4096
        )
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _note_fault(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (fault := task.exception()):
            self.faults.append(fault)

    async def _guard(self, reader: Reader, writer: asyncio.StreamWriter) -> None:
        try:
            await self.converse(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client left
        finally:
            writer.close()
