"""The one writer: rows from everywhere, committed together by one thread."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, wait
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Table, insert
from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError as PoolTimeoutError

from g4f import debug
from g4f.db.models import Base
from g4f.db.session import Database, in_one_line
from g4f.errors import UnavailableError

Row = tuple[Table, Mapping[str, Any]]

_ORDER = {table: number for number, table in enumerate(Base.metadata.sorted_tables)}
_TROUBLE = (OperationalError, InterfaceError, PoolTimeoutError)  # the storage's fault, not the rows': locked, full, gone


class _Group(NamedTuple):
    rows: tuple[Row, ...]
    stored: Future[None]


class Writer:
    """Insert groups of rows, each group whole or not at all, many groups to a commit.

    A commit starts as soon as the writer is free, but not within ``interval`` seconds of the last one. While the storage
    refuses (locked, full, server gone) groups wait in their order and are tried again every ``patience`` seconds. A group
    that is refused for what it holds is lost, which the log says; ``written`` and ``lost`` count groups.
    """

    def __init__(self, database: Database, *, interval: float = 0.02, patience: float = 0.25, limit: int = 10_000) -> None:
        self.written = self.lost = 0
        self.troubled = False
        self._database, self._interval, self._patience, self._limit = database, interval, patience, limit
        self._waiting: list[_Group] = []
        self._closing = False
        self._deadline = math.inf
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="g4f-writer", daemon=True)
        self._thread.start()

    def submit(self, rows: Sequence[Row]) -> Future[None]:
        """Put a group in line and return at once; the future ends when the group is on disk, or with why it never will be.

        The future cannot be cancelled; in a coroutine wait with ``asyncio.wrap_future``. Values must not change afterwards.
        Raises UnavailableError when the line is full or the writer is closed.
        """
        with self._changed:
            if self._closing:
                raise UnavailableError("The server is stopping; try again in a moment.")
            if len(self._waiting) >= self._limit:
                raise UnavailableError("The server cannot keep up with storing answers; try again in a moment.")
            return self._put(rows)

    def flush(self, timeout: float | None = None) -> bool:
        """Wait until every group submitted before is on disk or lost; return False when ``timeout`` seconds were too few."""
        with self._changed:
            last = None if self._closing else self._put(())
        if last:
            return bool(wait([last], timeout).done)
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def close(self, timeout: float = 5.0) -> None:
        """Write what is left and end; what the storage still refuses after ``timeout`` seconds is lost."""
        with self._changed:
            self._closing, self._deadline = True, min(self._deadline, time.monotonic() + timeout)
            self._changed.notify()
        self._thread.join()

    def _put(self, rows: Sequence[Row]) -> Future[None]:
        stored: Future[None] = Future()
        stored.set_running_or_notify_cancel()  # from here on it cannot be cancelled: who stops waiting must not undo the write
        self._waiting.append(_Group(tuple(rows), stored))
        self._changed.notify()
        return stored

    def _run(self) -> None:
        while groups := self._take():
            started = time.monotonic()
            refused = self._write(groups)
            self._put_back(refused)
            if refused:
                time.sleep(self._patience)
            elif not self._closing:
                time.sleep(max(0.0, started + self._interval - time.monotonic()))

    def _take(self) -> list[_Group]:
        """Wait for groups and take all of them; none means that the writer was closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            groups, self._waiting = self._waiting, []
        return groups

    def _put_back(self, groups: list[_Group]) -> None:
        """Put groups at the head of the line, unless there is no time left to try again."""
        if time.monotonic() >= self._deadline:
            for group in groups:
                self._lose(group, UnavailableError("The server stopped while its storage was out of order."))
            return
        with self._changed:
            self._waiting[:0] = groups

    def _write(self, groups: list[_Group]) -> list[_Group]:
        """Write groups in one transaction and return those that must wait for the storage.

        When one of them is at fault, halves are tried until it stands alone.
        """
        try:
            self._insert([row for group in groups for row in group.rows])
        except _TROUBLE as error:
            self._note_trouble(error)
            return groups
        except Exception as error:  # noqa: BLE001 - whatever one group holds, the others must be written
            if len(groups) == 1:
                self._lose(groups[0], error)
                return []
            middle = len(groups) // 2
            refused = self._write(groups[:middle])
            return refused + groups[middle:] if refused else self._write(groups[middle:])
        self._note_success(groups)
        return []

    def _insert(self, rows: list[Row]) -> None:
        """Insert parents before children; rows of a table stay in order, and neighbours with the same columns go together."""
        rows.sort(key=lambda row: _ORDER[row[0]])
        with self._database.begin() as connection:
            for (table, columns), neighbours in groupby(rows, key=lambda row: (row[0], row[1].keys())):
                if unknown := columns - set(table.columns.keys()):
                    raise LookupError(f"{table} has no column {', '.join(unknown)}")  # SQLAlchemy would leave it out without a word
                connection.execute(insert(table), [values for _, values in neighbours])

    def _note_success(self, groups: list[_Group]) -> None:
        if self.troubled:
            self.troubled = False
            debug.error("The storage takes rows again.")
        self.written += sum(1 for group in groups if group.rows)
        for group in groups:
            group.stored.set_result(None)

    def _note_trouble(self, error: Exception) -> None:
        if not self.troubled:
            self.troubled = True
            debug.error(f"The storage refuses rows, which wait: {in_one_line(error)}")

    def _lose(self, group: _Group, error: Exception) -> None:
        if group.rows:
            self.lost += 1
            tables = ", ".join(sorted({str(table) for table, _ in group.rows}))
            debug.error(f"{len(group.rows)} rows of {tables} are lost: {in_one_line(error)}")
        group.stored.set_exception(error)
