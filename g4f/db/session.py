"""The database: where it is, how its transactions begin, and what is said when it cannot be used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from g4f.db.models import Owner
from g4f.errors import ConfigError

PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")
POSTGRESQL_CONNECT_SECONDS = 5


class Database:
    """Hand out connections to the SQLite file or PostgreSQL server at a SQLAlchemy address; nothing is opened before the first.

    A SQLite connection waits five seconds for a lock unless the address says otherwise (``?timeout=2``).
    """

    def __init__(self, address: str) -> None:
        self._engine = _engine(address)
        self._writing = self._engine.execution_options(g4f_writes=True)

    @property
    def path(self) -> Path | None:
        """Return the SQLite file, or None for a server."""
        return Path(self._engine.url.database or "").absolute() if self._engine.dialect.name == "sqlite" else None

    def begin(self) -> AbstractContextManager[Connection]:
        """Open a transaction that may write: it ends with a commit, or with a rollback when an error leaves it."""
        return self._writing.begin()

    def read(self) -> AbstractContextManager[Connection]:
        """Open a transaction that only reads; on SQLite it neither waits for a writer nor makes one wait."""
        return self._engine.connect()

    def connect(self) -> Connection:
        """Return a connection whose transactions the caller begins and ends."""
        return self._writing.connect()

    def check(self) -> bool:
        """Return whether a row can be read now."""
        try:
            with self.read() as connection:
                connection.execute(select(Owner.id).limit(1))
        except SQLAlchemyError:
            return False
        return True

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turn what the database refuses into a ConfigError of one line; for start-up, where nobody can wait."""
        try:
            yield
        except DBAPIError as error:
            raise ConfigError(f"The database {self} cannot be used ({in_one_line(error)}). {self._advice()}") from error

    def close(self) -> None:
        """Close every connection that is not in use."""
        self._engine.dispose()

    def _advice(self) -> str:
        if self.path:
            return "Make its folder writable and its disk not full, or set G4F_DATA_DIR to another folder."
        return "Start the server it names, or correct G4F_DATABASE_URL."

    def __str__(self) -> str:
        return str(self.path or self._engine.url.render_as_string(hide_password=True))


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
            return _sqlite(create_engine(url, hide_parameters=True))
        case "postgresql" | "postgres":
            return _postgresql(url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False))
        case "sqlite":
            raise ConfigError("G4F_DATABASE_URL names no file, and a database in memory would be lost; write sqlite:////folder/g4f.sqlite.")
        case other:
            raise ConfigError(f"G4F_DATABASE_URL names {other!r}; the databases known here are sqlite and postgresql.")


def _postgresql(address: str) -> Engine:
    try:
        return create_engine(
            address, hide_parameters=True, pool_pre_ping=True, connect_args={"connect_timeout": POSTGRESQL_CONNECT_SECONDS}
        )
    except ModuleNotFoundError:
        raise ConfigError("PostgreSQL needs its driver; run: pip install 'g4f-platform[postgres]'.") from None


def _sqlite(engine: Engine) -> Engine:
    """Set up each connection, and begin transactions ourselves: sqlite3 begins them at the first row that changes, and not for DDL.

    A transaction that reads first and writes later fails at once when another wrote meanwhile, so writers take the lock first.
    https://www.sqlite.org/isolation.html
    """

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: object) -> None:
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("g4f_writes") else "BEGIN")

    return engine
