"""A database for each data folder, copied from one that is up to date: a file in it, or a database of the session's PostgreSQL."""

from __future__ import annotations

import hashlib
import os
import shutil
from contextlib import closing
from pathlib import Path

import psycopg

from g4f.db.migration import upgrade
from g4f.db.session import Database

VARIABLE = "TEST_DATABASE"
"""The variable that holds the address of the session's PostgreSQL server, or of the file that others are copied from."""
EMPTY, UP_TO_DATE = "template1", "up_to_date"
_FILE = "sqlite:///"


def prepare(address: str) -> None:
    """Make the database that others are copied from: on a PostgreSQL server or in a file."""
    os.environ[VARIABLE] = address
    with closing(Database(address if address.startswith(_FILE) else _make(UP_TO_DATE, EMPTY))) as template:
        upgrade(template)


def database_url(data: Path, template: str = UP_TO_DATE) -> str:
    """Return the address of a data folder's database, which exists and is up to date, unless it is to be ``EMPTY``."""
    session = os.environ.get(VARIABLE, _FILE)
    if not session.startswith(_FILE):
        return _make(hashlib.sha256(bytes(data)).hexdigest()[:32], template)
    file, source = data / "g4f.sqlite", session.removeprefix(_FILE)
    if source and template == UP_TO_DATE and not file.exists():
        data.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, file)
    return f"{_FILE}{file}"


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
