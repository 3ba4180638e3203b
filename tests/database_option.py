"""The choice of a database on the command line: ``--database sqlite`` or ``--database postgresql``.

Files named ``test_sqlite*`` and ``test_postgresql*`` are about one of the two and left out with the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import prepare
from tests.servers.postgresql import Postgresql

KINDS = ("sqlite", "postgresql")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the command line choose."""
    parser.addoption("--database", choices=KINDS, default="sqlite", help="database that the platform and the tests of tables use")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out what is about the other database."""
    others = tuple(f"test_{kind}" for kind in KINDS if kind != config.getoption("--database"))
    return True if collection_path.name.startswith(others) else None


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Postgresql]:
    """The PostgreSQL of the session."""
    with Postgresql() as server:
        prepare(server.address())
        yield server


@pytest.fixture(scope="session", autouse=True)
def _database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> None:
    if request.config.getoption("--database") == "postgresql":
        request.getfixturevalue("postgresql")
    else:
        prepare(f"sqlite:///{tmp_path_factory.mktemp('template') / 'g4f.sqlite'}")
