"""Reading and writing for whoever waits: a request that asks the storage and wants its answer now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, TypeVar

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from g4f.db.models import Base
from g4f.db.session import Database
from g4f.db.writer import Writer
from g4f.errors import UnavailableError

SECONDS = 10
"""How long a request waits for its write."""

T = TypeVar("T")


class Storage(NamedTuple):
    """Be the open database and its one writer."""

    database: Database
    writer: Writer

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that only reads; raises UnavailableError when the storage is in trouble."""
        with self.database.available(), self.database.read() as connection:
            yield connection

    def write(self, do: Callable[[Connection], T]) -> T:
        """Let the writer do something in one transaction and return what it returned.

        Raises what it raised, UnavailableError or StorageFullError when the storage is in trouble.
        """
        try:
            return self.writer.act(do).result(SECONDS)
        except TimeoutError:
            message = "The storage is slow; look whether the change was kept, and try again if it was not."
            raise UnavailableError(message, values={"reason": "change_slow"}) from None


def storable(text: str) -> str:
    """Return a text as every database keeps it: half characters and NUL, which PostgreSQL refuses, become the replacement character."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def insert_unless(connection: Connection, model: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT that can say what happens when the row is there already: ``on_conflict_do_nothing`` or ``..._do_update``."""
    return postgresql.insert(model) if connection.dialect.name == "postgresql" else sqlite.insert(model)
