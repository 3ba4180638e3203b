"""Fixtures: one storage for all tests of services, and an owner of its own for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from g4f.db.migration import upgrade
from g4f.db.session import Database
from g4f.db.storage import Storage
from g4f.db.writer import Writer
from tests.databases import database_url
from tests.db import factories
from tests.uploading import Keeping, keeping


@pytest.fixture(scope="session")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    """An empty database and its writer."""
    with closing(Database(database_url(tmp_path_factory.mktemp("storage")))) as database:
        upgrade(database)
        with closing(Writer(database)) as writer:
            yield Storage(database, writer)


@pytest.fixture
def owner_id(storage: Storage) -> UUID:
    """Somebody who owns nothing yet."""
    row = factories.owner(str(uuid7()))
    storage.writer.submit([row]).result(10)
    return factories.id_of(row)


@pytest.fixture
def other_id(storage: Storage) -> UUID:
    """Somebody else."""
    row = factories.owner(str(uuid7()))
    storage.writer.submit([row]).result(10)
    return factories.id_of(row)


@pytest.fixture
def keep(storage: Storage, tmp_path: Path) -> Callable[..., Keeping]:
    """Make the services that keep files."""
    return lambda **settings: keeping(storage, tmp_path, **settings)


@pytest.fixture
def kept(keep: Callable[..., Keeping]) -> Keeping:
    """The services with their usual limits."""
    return keep()
