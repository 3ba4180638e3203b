"""Fixtures: databases that are up to date, each of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.databases import Passing, database_url

HURRY = {"sqlite": "?timeout=0.1", "postgresql": "?options=-c lock_timeout=100ms"}


@pytest.fixture
def make_database(tmp_path: Path) -> Iterator[Callable[[], Passing]]:
    """Give a function that makes another empty database, which waits a tenth of a second for locks."""
    made: list[Passing] = []
    numbers = count()

    def make() -> Passing:
        address = database_url(tmp_path / str(next(numbers)))
        made.append(Passing(address + HURRY[address.partition(":")[0]]))
        return made[-1]

    yield make
    for database in made:
        database.close()


@pytest.fixture
def database(make_database: Callable[[], Passing]) -> Passing:
    """Give an empty database."""
    return make_database()
