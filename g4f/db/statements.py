"""Statements that run often: on SQLite what SQLAlchemy does for each of them costs more than the statement, so it is done once."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect, Insert, Select, Update
from sqlalchemy.exc import DBAPIError

Values = Mapping[str, Any]

TOGETHER = 8
"""How many rows SQLite inserts by one statement at most: one by one, a thread gives way to the others at each of them.

sqlite3 keeps a statement for each number of rows, with those it was last given.
"""


class _Prepared(NamedTuple):
    """A statement as SQLite takes it: its text, what is repeated for one row more, and where its values come from."""

    sql: str
    row: str
    binds: tuple[tuple[str, Callable[[Any], Any] | None], ...]
    fixed: Values

    def values(self, given: Values) -> list[Any]:
        """Return the values of a row in their places."""
        values = {**self.fixed, **given} if self.fixed else given
        return [convert(values[name]) if convert else values[name] for name, convert in self.binds]


def run(connection: Connection, statement: Insert | Update, rows: Sequence[Values]) -> int:
    """Execute a statement for each row of values, all of the same names, and return how many rows of the table the last one touched.

    The statement is one that is made once: what it becomes is remembered for it. Raises SQLAlchemyError.
    """
    prepared = _prepare(statement, tuple(rows[0]), connection.dialect) if connection.dialect.name == "sqlite" else None
    if prepared is None:
        return connection.execute(statement, rows if len(rows) > 1 else rows[0]).rowcount
    step, touched = TOGETHER if prepared.row else 1, 0
    for some in (rows[start : start + step] for start in range(0, len(rows), step)):
        values = chain.from_iterable(map(prepared.values, some))
        touched = execute(connection, prepared.sql + prepared.row * (len(some) - 1), tuple(values)).rowcount
    return touched


def finds(connection: Connection, query: Select[Any], values: Values) -> bool:
    """Return whether a query finds a row; it is one that is made once. Raises SQLAlchemyError."""
    prepared = _prepare(query, tuple(values), connection.dialect) if connection.dialect.name == "sqlite" else None
    if prepared is None:
        return connection.execute(query, values).first() is not None
    return execute(connection, prepared.sql, prepared.values(values)).fetchone() is not None


def execute(connection: Connection, sql: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
    """Execute a statement in SQLite's own words; raises what SQLAlchemy would raise."""
    driver: Any = connection.connection.dbapi_connection
    try:
        cursor: sqlite3.Cursor = driver.execute(sql, values)
    except sqlite3.Error as error:
        raise DBAPIError.instance(sql, None, error, sqlite3.Error, hide_parameters=True, dialect=connection.dialect) from error
    return cursor


@lru_cache(256)
def _prepare(statement: Insert | Update | Select[Any], names: tuple[str, ...], dialect: Dialect) -> _Prepared | None:
    """Compile a statement for rows with these names; None where SQLAlchemy would fill in what they lack."""
    compiled = statement.compile(dialect=dialect, column_keys=names if isinstance(statement, Insert) else None)
    if compiled.insert_prefetch or compiled.update_prefetch:
        return None
    types = [(name, compiled.binds[name].type.dialect_impl(dialect)) for name in compiled.positiontup or ()]
    binds = tuple((name, kind.bind_processor(dialect)) for name, kind in types)
    fixed = {name: value for name, value in compiled.params.items() if name not in names}
    _, inserts, row = compiled.string.partition(" VALUES ")
    return _Prepared(compiled.string, f", {row}" if inserts else "", binds, fixed)
