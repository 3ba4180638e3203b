"""A database for each data folder: a file in it, or a database of the PostgreSQL that the session runs on."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import psycopg

from g4f.db.migration import upgrade
from g4f.db.session import Database

VARIABLE = "TEST_POSTGRESQL"
"""The variable that holds the address of the session's server, if there is one."""
EMPTY, UP_TO_DATE = "template1", "up_to_date"


def prepare() -> None:
    """Make the database that others are copied from."""
    template = Database(_make(UP_TO_DATE, EMPTY))
    upgrade(template)
    template.close()


def database_url(data: Path, template: str = UP_TO_DATE) -> str:
    """Return the address of a data folder's database; on PostgreSQL it exists and is up to date, unless it is to be ``EMPTY``."""
    if VARIABLE not in os.environ:
        return f"sqlite:///{data / 'g4f.sqlite'}"
    return _make(hashlib.sha256(bytes(data)).hexdigest()[:32], template)


class Passing(Database):
    """A database that knows its address, and is gone from the session's server once it is closed."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address

    def close(self) -> None:
        super().close()
        if self.path is None:
            name = self.address.partition("?")[0].rpartition("/")[2]
            _execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _make(name: str, template: str) -> str:
    """Make a database unless it is there; its files are copied, which is faster here than writing them to the log."""
    if not _execute(f"SELECT FROM pg_database WHERE datname = '{name}'"):
        _execute(f'CREATE DATABASE "{name}" TEMPLATE {template} STRATEGY file_copy')
    return f"{os.environ[VARIABLE].rpartition('/')[0]}/{name}"


def _execute(statement: str) -> int:
    """Execute a statement on the session's server and return the number of its rows."""
    with psycopg.connect(os.environ[VARIABLE], autocommit=True) as connection:
        return connection.execute(statement.encode()).rowcount
