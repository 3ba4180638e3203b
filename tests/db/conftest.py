"""Fixtures: databases that are up to date, each in a file of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from g4f.db.migration import upgrade
from g4f.db.session import Database


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the file of an empty database, to be copied."""
    path = tmp_path_factory.mktemp("template") / "g4f.sqlite"
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    database.close()
    return path


@pytest.fixture
def make_database(template: Path, tmp_path: Path) -> Iterator[Callable[[], Database]]:
    """Give a function that makes another empty database, which waits a tenth of a second for locks."""
    made: list[Database] = []
    numbers = count()

    def make() -> Database:
        path = shutil.copy(template, tmp_path / f"{next(numbers)}.sqlite")
        made.append(Database(f"sqlite:///{path}?timeout=0.1"))
        return made[-1]

    yield make
    for database in made:
        database.close()


@pytest.fixture
def database(make_database: Callable[[], Database]) -> Database:
    """Give an empty database."""
    return make_database()
