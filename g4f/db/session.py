"""The database: where it is, how its transactions begin, and what is said when it cannot be used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, select, text
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    InterfaceError,
    InternalError,
    OperationalError,
    SQLAlchemyError,
    TimeoutError as PoolTimeoutError,
)

from g4f import debug
from g4f.db.models import Owner
from g4f.db.postgresql import connection_class
from g4f.db.statements import execute
from g4f.errors import ConfigError, RefusalError, StorageFullError, UnavailableError

PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")
SECONDS = 5
"""How long to wait for PostgreSQL: for a connection, a free one of the pool, a lock, the end of a statement."""
CONNECTIONS = 10
"""How many connections to PostgreSQL one process opens at most, one for each thread of a server and a few more; half are kept open."""

TROUBLE = (OperationalError, InterfaceError, InternalError, PoolTimeoutError, OSError)
"""What is raised when the storage is at fault and not what it was given: gone, full, locked, slow, read-only, every
connection in use, or no file or socket to be had any more."""

_WRITING = "BEGIN IMMEDIATE"
"""A transaction that reads first and writes later fails at once when another wrote meanwhile, so writers take the lock first.

https://www.sqlite.org/isolation.html
"""

_FULL = ("disk is full", "no space left", "disk full", "could not extend file")
"""How SQLite and PostgreSQL say that there is no room."""

_UNLIMITED = text("SELECT set_config(name, '0', false) FROM pg_settings WHERE name LIKE '%\\_timeout' AND category LIKE 'Client%'")
"""Lift every time limit of a session, of statements, locks, transactions and idleness; which there are depends on the version."""


class Database:
    """Hand out connections to the SQLite file or PostgreSQL server at a SQLAlchemy address; nothing is opened before the first.

    A connection waits five seconds for a lock unless the address says otherwise (SQLite: ``?timeout=2``, PostgreSQL:
    ``?options=-c lock_timeout=2s``).
    """

    def __init__(self, address: str) -> None:
        self._engine = _engine(address)
        self._is_sqlite = self._engine.dialect.name == "sqlite"

    @property
    def path(self) -> Path | None:
        """Return the SQLite file, or None for a server."""
        return Path(self._engine.url.database or "").absolute() if self._is_sqlite else None

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Open a transaction that may write: it ends with a commit, or with a rollback when an error leaves it."""
        with self._engine.begin() as connection:
            self._start(connection, _WRITING)
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that only reads; on SQLite it neither waits for a writer nor makes one wait."""
        with self._engine.connect() as connection:
            self._start(connection, "BEGIN")
            yield connection

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """Open a connection apart from the pool, whose transactions the caller begins and ends; no time limit cuts them."""
        with self._engine.connect() as connection:
            connection.detach()
            event.listen(connection, "begin", partial(self._start, start=_WRITING))
            if self.path is None:
                connection.execute(_UNLIMITED)
                driver: Any = connection.connection.dbapi_connection
                driver.limited = False
                connection.commit()
            yield connection

    def _start(self, connection: Connection, start: str) -> None:
        """Begin a transaction of SQLite ourselves: sqlite3 begins one at the first row that changes, and not for DDL.

        A listener of the engine would do it as well, but then every statement looks for listeners and costs a quarter more.
        """
        if self._is_sqlite:
            execute(connection, start)

    def check(self) -> bool:
        """Return whether a row can be read now."""
        try:
            with self.read() as connection:
                connection.execute(select(Owner.id).limit(1))
        except (SQLAlchemyError, OSError):
            return False
        return True

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turn what the database refuses into a ConfigError of one line; for start-up, where nobody can wait."""
        try:
            yield
        except DBAPIError as error:
            raise ConfigError(f"The database {self} cannot be used ({in_one_line(error)}). {self._advice()}") from error

    @contextmanager
    def available(self) -> Iterator[None]:
        """Turn trouble of the storage into an UnavailableError; for requests, which may come again."""
        try:
            yield
        except TROUBLE as error:
            debug.error(f"The database {self} is in trouble: {in_one_line(error)}")
            raise refusal_of(error) from error

    def close(self) -> None:
        """Close every connection that is not in use."""
        self._engine.dispose()

    def _advice(self) -> str:
        if self.path:
            return "Make its folder writable and its disk not full, or set G4F_DATA_DIR to another folder."
        return "Start the server it names, or correct G4F_DATABASE_URL."

    def __str__(self) -> str:
        return str(self.path or self._engine.url.set(query={}).render_as_string(hide_password=True))


def refusal_of(error: Exception) -> RefusalError:
    """Return what a request is answered with when the storage is in trouble."""
    words = in_one_line(error).lower()
    if any(sign in words for sign in _FULL):
        return StorageFullError("The disk of the storage is full, so nothing new can be kept. Make room; reading still works.")
    message = "The storage is out of reach or busy; try again in a moment."
    return UnavailableError(message, headers=[("Retry-After", "1")], values={"reason": "storage_busy"})


def lost_a_race(error: Exception) -> bool:
    """Return whether a transaction was undone for the sake of another one, a deadlock for instance: once more, and it succeeds."""
    return isinstance(error, DBAPIError) and str(getattr(error.orig, "sqlstate", "")).startswith("40")


def in_one_line(error: Exception) -> str:
    """Return the first line of what a driver says; the others may quote rows, which are nobody else's business."""
    words = str(error.orig if isinstance(error, DBAPIError) else error)
    return words.strip().partition("\n")[0]


def _engine(address: str) -> Engine:
    try:
        url = make_url(address)
    except ArgumentError:
        raise ConfigError(
            "G4F_DATABASE_URL is not an address; write sqlite:////folder/g4f.sqlite or postgresql://user:password@host/name."
        ) from None
    match url.get_backend_name():
        case "sqlite" if url.database and url.database != ":memory:":
            return _sqlite(create_engine(url, hide_parameters=True, pool_use_lifo=True))
        case "postgresql" | "postgres":
            return _postgresql(url)
        case "sqlite":
            raise ConfigError("G4F_DATABASE_URL names no file, and a database in memory would be lost; write sqlite:////folder/g4f.sqlite.")
        case other:
            raise ConfigError(f"G4F_DATABASE_URL names {other!r}; the databases known here are sqlite and postgresql.")


def _postgresql(url: URL) -> Engine:
    """Give each connection its limits, which the address may change, and see that it still lives before it is used again.

    The first line of an error says what is wrong; the others quote the row, which is nobody else's business.
    """
    limits = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")  # the last for the locks of a frozen process
    own = " ".join(f"-c {limit}={SECONDS}s" for limit in limits)
    query = {"application_name": "g4f", "connect_timeout": str(SECONDS), **url.query, "options": f"{own} {url.query.get('options', '')}"}
    try:
        engine = create_engine(
            url.set(drivername="postgresql+psycopg", query=query), hide_parameters=True, pool_pre_ping=True,
            pool_size=CONNECTIONS // 2, max_overflow=CONNECTIONS - CONNECTIONS // 2, pool_timeout=SECONDS,
        )  # fmt: skip
    except ModuleNotFoundError:
        raise ConfigError("PostgreSQL needs its driver; run: pip install 'g4f-platform[postgres]'.") from None

    connections = connection_class(engine.dialect.loaded_dbapi)

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: object, _record: object, words: Sequence[Any], named: dict[str, Any]) -> Any:
        return connections.connect(*words, **named)

    @event.listens_for(engine, "handle_error")
    def forget_the_row(context: ExceptionContext) -> None:
        if isinstance(error := context.sqlalchemy_exception, DBAPIError):
            for each in (context.original_exception, error):
                each.args = tuple(str(words).partition("\n")[0] for words in each.args)

    return engine


def _sqlite(engine: Engine) -> Engine:
    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: object) -> None:
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    return engine
