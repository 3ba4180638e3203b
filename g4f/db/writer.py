"""The one writer: rows and acts from everywhere, committed together by one thread."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, wait
from functools import cache
from itertools import groupby
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Insert, Table, insert
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from g4f import debug
from g4f.db.awaited import Awaited
from g4f.db.commits import Commits
from g4f.db.models import Base
from g4f.db.session import SECONDS, TROUBLE, Database, in_one_line, lost_a_race, refusal_of
from g4f.db.statements import run
from g4f.db.unavailable import crowded, stopping
from g4f.errors import G4FError, UnavailableError

Row = tuple[Table, Mapping[str, Any]]
Act = Callable[[Connection], Any]
T = TypeVar("T")

REFUSED = (G4FError, IntegrityError)
"""What an act raises to be undone; anything else is a fault."""

_ORDER = {table: number for number, table in enumerate(Base.metadata.sorted_tables)}


class _Group(NamedTuple):
    rows: tuple[Row, ...]
    stored: Future[Any] | Awaited
    act: Act | None = None
    patient: bool = True


class _Doubt(NamedTuple):
    """A transaction whose commit did not answer: its number, its groups and what came of them if it was committed."""

    number: int
    groups: list[_Group]
    outcomes: list[Any]


class Writer:
    """Insert groups of rows and do acts, each whole or not at all, many to a commit.

    A commit starts as soon as the writer is free, but not within ``interval`` seconds of the last one unless an act waits.
    While the storage refuses (locked, full, server gone) groups wait in their order and are tried again every ``patience``
    seconds. A group that is refused for what it holds is lost, which the log says; ``written`` and ``lost`` count groups of rows.
    When a commit does not answer, the database is asked later what became of it, and nothing is written twice.
    """

    def __init__(self, database: Database, *, interval: float = 0.1, patience: float = 0.25, limit: int = 10_000) -> None:
        self.written = self.lost = 0
        self.troubled = False
        self._database, self._commits = database, Commits(database)
        self._interval, self._patience, self._limit = interval, patience, limit
        self._waiting: list[_Group] = []
        self._closing = self._urgent = False
        self._deadline = math.inf
        self._doubt: _Doubt | None = None
        # Two conditions: with one, each group that comes while others gather would wake the writer for nothing.
        self._lock = threading.RLock()
        self._came, self._hurried = threading.Condition(self._lock), threading.Condition(self._lock)
        self._thread = threading.Thread(target=self._run, name="g4f-writer", daemon=True)
        self._thread.start()

    @property
    def crowded(self) -> bool:
        """Say whether so much is in line that nothing should be begun which will add to it."""
        return len(self._waiting) > self._limit // 2

    def submit(self, rows: Sequence[Row]) -> Future[None]:
        """Put a group in line and return at once; the future ends when the group is on disk, or with why it never will be.

        The future cannot be cancelled; a coroutine asks for an act by ``acting``. Values must not change afterwards.
        Raises UnavailableError when the line is full or the writer is closed.
        """
        stored = _future()
        with self._lock:
            self._admit()
            self._put(_Group(tuple(rows), stored))
        return stored

    def act(self, do: Callable[[Connection], T], *, patient: bool = False) -> Future[T]:
        """Put a function in line that reads and writes, and commit what it did; the future ends with what it returned or raised.

        It runs in a transaction with others and may run again, from the start, in another one. What it raises undoes it alone.
        Trouble of the storage is raised at once as UnavailableError or StorageFullError, for somebody waits; a ``patient`` act
        is tried again like rows are.
        """
        stored = _future()
        self._hurry(_Group((), stored, do, patient))
        return stored

    def acting(self, do: Callable[[Connection], T], *, patient: bool = False) -> asyncio.Future[T]:
        """Do what ``act`` does, with a future of the running loop; when that is cancelled, nothing is undone."""
        stored = Awaited()
        self._hurry(_Group((), stored, do, patient))
        return stored.future

    def flush(self, timeout: float | None = None) -> bool:
        """Wait until every group submitted before is on disk or lost; return False when ``timeout`` seconds were too few."""
        last = _future()
        with self._lock:
            closing = self._closing
            if not closing:
                self._put(_Group((), last))
        if not closing:
            return bool(wait([last], timeout).done)
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def close(self, timeout: float = 5.0) -> None:
        """Write what is left and end; what the storage still refuses after ``timeout`` seconds is lost."""
        with self._lock:
            self._closing, self._deadline = True, min(self._deadline, time.monotonic() + timeout)
            self._came.notify()
            self._hurried.notify()
        self._thread.join(timeout + 3 * SECONDS)  # waits for a lock or a connection: two to ask for a commit, one for the rest
        if self._thread.is_alive():
            debug.error("The storage does not answer any more, and what waits for it is lost.")

    def _admit(self) -> None:
        if self._closing:
            raise stopping()
        if len(self._waiting) >= self._limit:
            raise crowded()

    def _hurry(self, group: _Group) -> None:
        with self._lock:
            self._admit()
            self._urgent = True
            self._hurried.notify()
            self._put(group)

    def _put(self, group: _Group) -> None:
        self._waiting.append(group)
        self._came.notify()

    def _run(self) -> None:
        while groups := self._take():
            started = time.monotonic()
            refused = self._write(groups)
            self._put_back(refused)
            self._rest(self._patience if refused else started + self._interval - time.monotonic(), refused=bool(refused))

    def _rest(self, seconds: float, *, refused: bool) -> None:
        """Let groups gather, but let no act wait for that."""
        with self._lock:
            self._hurried.wait_for(lambda: self._urgent or (self._closing and not refused), max(0.0, seconds))

    def _take(self) -> list[_Group]:
        """Wait for groups and take all of them; none means that the writer was closed."""
        with self._lock:
            self._came.wait_for(lambda: self._waiting or self._closing)
            groups, self._waiting, self._urgent = self._waiting, [], False
        return groups

    def _put_back(self, groups: list[_Group]) -> None:
        """Put groups at the head of the line, unless there is no time left to try again."""
        if time.monotonic() >= self._deadline:
            for group in groups:
                self._lose(group, UnavailableError("The server stopped while its storage was out of order."))
            self._doubt = None  # its groups were among them
            return
        with self._lock:
            self._waiting[:0] = groups

    def _write(self, groups: list[_Group], *, guarded: bool = False) -> list[_Group]:
        """Write groups in one transaction and return those that must wait for the storage.

        An act that refuses is rare, and a savepoint doubles the cost of most: so only when one refused are all done again,
        each ``guarded`` by one. When a group is at fault otherwise, halves are tried until it stands alone.
        """
        try:
            groups = self._clear_up(groups)
        except (SQLAlchemyError, OSError) as error:  # whatever it is, no group is at fault
            return self._let_go(groups, error)
        if not groups:
            return []
        number: int | None = None
        outcomes: list[Any] = []
        try:
            with self._database.begin() as connection:
                insert_rows(connection, [row for group in groups for row in group.rows])
                outcomes = [_outcome(connection, group, guarded=guarded) for group in groups]
                number = self._commits.note(connection)
        except Exception as error:  # noqa: BLE001 - whatever one group holds, the others must be written
            if isinstance(error, TROUBLE) or len(outcomes) == len(groups):  # the storage, or what follows when all groups are done
                if number is not None:
                    self._doubt = _Doubt(number, groups, outcomes)
                return groups if lost_a_race(error) else self._let_go(groups, error)
            if len(groups) == 1:
                self._refuse(groups[0], error)
                return []
            if isinstance(error, REFUSED) and not guarded:
                return self._write(groups, guarded=True)
            middle = len(groups) // 2
            refused = self._write(groups[:middle])
            return refused + groups[middle:] if refused else self._write(groups[middle:])
        self._note_success(groups, outcomes)
        return []

    def _clear_up(self, groups: list[_Group]) -> list[_Group]:
        """Ask what became of a commit that did not answer, and return the groups that are still to be written."""
        if self._doubt is None:
            return groups
        number, written, outcomes = self._doubt
        if self._commits.made(number):
            self._note_success(written, outcomes)
            groups = [group for group in groups if not group.stored.done()]
        self._doubt = None
        return groups

    def _let_go(self, groups: list[_Group], error: Exception) -> list[_Group]:
        """Tell everybody who waits for an act, but for one that may be done, that the storage is in trouble; return who is left."""
        self._note_trouble(error)
        in_doubt = {group.stored for group in self._doubt.groups} if self._doubt else set()
        with self._lock:
            for group in (*groups, *self._waiting):
                if not group.patient and group.stored not in in_doubt:
                    group.stored.set_exception(refusal_of(error))
            self._waiting = [group for group in self._waiting if not group.stored.done()]
        return [group for group in groups if not group.stored.done()]

    def _note_success(self, groups: list[_Group], outcomes: list[Any]) -> None:
        if self.troubled:
            self.troubled = False
            debug.error("The storage takes rows again.")
        self.written += sum(1 for group in groups if group.rows)
        for group, outcome in zip(groups, outcomes, strict=True):
            if isinstance(outcome, Exception):
                group.stored.set_exception(outcome)
            else:
                group.stored.set_result(outcome)

    def _note_trouble(self, error: Exception) -> None:
        if not self.troubled:
            self.troubled = True
            debug.error(f"The storage refuses rows, which wait: {in_one_line(error)}")

    def _refuse(self, group: _Group, error: Exception) -> None:
        """Tell what a group is refused for: an act's own words, or a fault of its rows."""
        if group.act is not None and isinstance(error, REFUSED):
            group.stored.set_exception(error)
        else:
            self._lose(group, error)

    def _lose(self, group: _Group, error: Exception) -> None:
        if group.rows:
            self.lost += 1
            tables = ", ".join(sorted({str(table) for table, _ in group.rows}))
            debug.error(f"{len(group.rows)} rows of {tables} are lost: {in_one_line(error)}")
        group.stored.set_exception(error)


def insert_rows(connection: Connection, rows: Iterable[Row]) -> None:
    """Insert parents before children; rows of a table stay in order, and neighbours with the same columns go together."""
    ordered = sorted(rows, key=lambda row: _ORDER[row[0]])
    for (table, columns), neighbours in groupby(ordered, key=lambda row: (row[0], row[1].keys())):
        run(connection, _insert_into(table, tuple(columns)), [values for _, values in neighbours])


@cache
def _insert_into(table: Table, columns: tuple[str, ...]) -> Insert:
    """Return the statement, made once: making it costs more than inserting a row."""
    if unknown := set(columns) - set(table.columns.keys()):
        raise LookupError(f"{table} has no column {', '.join(unknown)}")  # SQLAlchemy would leave it out without a word
    return insert(table)


def _outcome(connection: Connection, group: _Group, *, guarded: bool) -> Any:
    """Do a group's act and return what it returned, or, when it is guarded, what it raised and alone was undone for."""
    if group.act is None:
        return None
    if not guarded:
        return group.act(connection)
    try:
        with connection.begin_nested():
            return group.act(connection)
    except REFUSED as error:
        return error


def _future() -> Future[Any]:
    future: Future[Any] = Future()
    future.set_running_or_notify_cancel()  # from here on it cannot be cancelled: who stops waiting must not undo the write
    return future
