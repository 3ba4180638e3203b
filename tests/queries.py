"""Counting what is read of a database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import get_ident
from typing import Any

from sqlalchemy import Engine, event


@contextmanager
def counted_queries() -> Iterator[list[str]]:
    """Give a list to which every SELECT of this thread is added; the servers of other tests look at their databases, too."""
    queries, thread = list[str](), get_ident()

    def note(_connection: object, _cursor: object, statement: str, *_: Any) -> None:
        if get_ident() == thread and statement.startswith("SELECT"):
            queries.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield queries
    finally:
        event.remove(Engine, "before_cursor_execute", note)
