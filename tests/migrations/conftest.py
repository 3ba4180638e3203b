"""Fixtures: databases without tables, and some that have only had the first migration."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from g4f.db import steps
from g4f.db.migration import FOLDER
from tests.databases import EMPTY, Passing, database_url


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Passing]:
    """Give a database without tables."""
    database = Passing(database_url(tmp_path / "data", EMPTY))
    yield database
    database.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a copy of the migrations up to 0001."""
    copied = tmp_path / "migrations"
    shutil.copytree(FOLDER, copied, ignore=shutil.ignore_patterns("__pycache__", "000[2-9]*", "00[1-9]*"))
    return copied


@pytest.fixture
def old_database(tmp_path: Path, folder: Path) -> Iterator[Passing]:
    """Give a database at migration 0001 that holds one chat."""
    database = Passing(database_url(tmp_path, EMPTY))
    steps.upgrade(database, folder, "0001")
    with database.begin() as connection:
        connection.exec_driver_sql("INSERT INTO chats SELECT id, id, 'A chat', 0, 0 FROM owners")
    yield database
    database.close()
