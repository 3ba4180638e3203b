"""The steps of a migration, run by Alembic."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import cast

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from g4f.db.session import Database
from g4f.errors import ConfigError


def upgrade(database: Database, folder: Path, first: str) -> None:
    """Run every migration from ``first`` on, each in a transaction of its own."""
    with _connection(database) as connection:
        _copy_aside(database, connection, first)
        command.upgrade(_config(connection, folder), "head")


def downgrade(database: Database, folder: Path, number: str) -> None:
    """Undo every migration after ``number``, each in a transaction of its own."""
    with _connection(database) as connection:
        _copy_aside(database, connection, number)
        command.downgrade(_config(connection, folder), number)


def write(database: Database, folder: Path, number: str, message: str) -> None:
    """Write the file of migration ``number``."""
    with _connection(database) as connection:
        command.revision(_config(connection, folder), message, autogenerate=True, rev_id=number)


def _config(connection: Connection, folder: Path) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


@contextmanager
def _connection(database: Database) -> Iterator[Connection]:
    """Open a connection on which SQLite does not check references.

    Alembic changes a SQLite table by making a new one and dropping the old, which would delete the rows that refer to it;
    ``migrations/env.py`` checks all references at the end of each migration instead. The switch works outside of a transaction only.
    https://www.sqlite.org/lang_altertable.html#otheralter
    """
    with database.connect() as connection:
        if database.path:
            _driver(connection).execute("PRAGMA foreign_keys=OFF")
        yield connection


def _driver(connection: Connection) -> sqlite3.Connection:
    return cast("sqlite3.Connection", connection.connection.dbapi_connection)


def _copy_aside(database: Database, connection: Connection, name: str) -> None:
    """Copy a SQLite database that holds something to ``<file>.before-<name>``, whole or not at all."""
    if database.path is None or _driver(connection).execute("SELECT 1 FROM sqlite_master").fetchone() is None:
        return
    target = database.path.with_name(f"{database.path.name}.before-{name}")
    unfinished = target.with_name(f"{target.name}.unfinished")
    try:
        with closing(sqlite3.connect(unfinished)) as copy:
            _driver(connection).backup(copy)
        unfinished.replace(target)
    except (sqlite3.Error, OSError) as error:
        unfinished.unlink(missing_ok=True)
        raise ConfigError(
            f"The database was not migrated, for it could not be copied to {target} ({error}). Make room for the copy and start again."
        ) from None
