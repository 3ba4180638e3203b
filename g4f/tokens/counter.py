"""The parent's side: a program that counts, which lives while it is needed."""

from __future__ import annotations

import sys
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from queue import Empty, Queue
from subprocess import DEVNULL, PIPE, Popen
from threading import Lock, Thread

import msgspec

from g4f import debug
from g4f.tokens import TABLES, Counts, Order

IDLE_SECONDS = 60.0
"""How long the program waits for the next order; its memory is given back then."""
PROGRAM = (sys.executable, "-I", "-m", "g4f.tokens")


class Counter:
    """Have texts counted by a program that is started for the first order and ended when none came for a while.

    A thread speaks with it, so orders may come from any event loop and are answered in their turn. One that is cancelled
    while it waits is passed over. Where there are no tables, once the program broke and once this is closed, ``usable`` is
    false and nothing is counted any more.
    """

    def __init__(self, program: tuple[str, ...] = PROGRAM, idle_seconds: float = IDLE_SECONDS, tables: Path = TABLES) -> None:
        self.usable = tables.is_dir()
        self._program, self._idle_seconds = program, idle_seconds
        self._orders: Queue[tuple[Order, Future[Counts | None]] | None] = Queue()
        self._starting = Lock()
        self._thread: Thread | None = None

    @property
    def waiting(self) -> int:
        """Say about how many orders are in line."""
        return self._orders.qsize()

    @property
    def running(self) -> bool:
        """Say whether the program lives."""
        return self._thread is not None

    def ask(self, order: Order) -> Future[Counts | None]:
        """Return the counts once they are there, or None when nothing can be counted."""
        future: Future[Counts | None] = Future()
        if not self.usable:
            future.set_result(None)
            return future
        with self._starting:
            self._orders.put((order, future))
            if self._thread is None:
                self._thread = Thread(target=self._run, name="tokens", daemon=True)
                self._thread.start()
        return future

    def close(self) -> None:
        """End the program; what is in line is not counted."""
        self.usable = False
        if thread := self._thread:
            self._orders.put(None)
            thread.join()

    def _run(self) -> None:
        """Answer orders until none comes."""
        try:
            # Our own program; a session of its own, for the terminal's Ctrl-C is meant for the server.
            with Popen(self._program, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, start_new_session=True) as process:  # noqa: S603
                while next_one := self._next():
                    self._answer(process, *next_one)
        except OSError as error:  # it could not be started, or closing its input says that it is gone
            self._break(str(error))
            while next_one := self._next(wait=False):
                next_one[1].set_result(None)

    def _next(self, *, wait: bool = True) -> tuple[Order, Future[Counts | None]] | None:
        """Return the next order that is still wanted, or None when this thread shall end."""
        while True:
            try:
                next_one = self._orders.get(timeout=self._idle_seconds if wait else 0)
            except Empty:
                next_one = None
            with self._starting:
                if next_one is None and self._orders.empty():
                    self._thread = None
                    return None
            if next_one and next_one[1].set_running_or_notify_cancel():
                return next_one

    def _answer(self, process: Popen[bytes], order: Order, future: Future[Counts | None]) -> None:
        counts = None
        if self.usable:
            try:
                counts = _exchange(process, order)
            except (OSError, msgspec.DecodeError):
                with suppress(OSError):
                    process.kill()
                self._break(f"it ended with code {process.wait()}")
        future.set_result(counts)

    def _break(self, reason: str) -> None:
        if self.usable:
            debug.error(f"The program that counts tokens cannot be used, so they are estimated by characters: {reason}.")
        self.usable = False


def _exchange(process: Popen[bytes], order: Order) -> Counts:
    """Write an order and read its counts; raises OSError or DecodeError when the program is gone."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(msgspec.json.encode(order) + b"\n")
    process.stdin.flush()
    return msgspec.json.decode(process.stdout.readline(), type=Counts)
