"""The migrations themselves: numbered, one head, and the same tables as the models."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData

from g4f.db.migration import FOLDER, head, numbers, upgrade
from g4f.db.models import FULL_TEXT, Base
from g4f.db.session import Database
from tests.databases import EMPTY, Passing, database_url


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Give a database made by the migrations."""
    database = Passing(database_url(tmp_path, EMPTY))
    upgrade(database)
    yield database
    database.close()


def test_there_is_one_head_and_its_number_is_the_highest() -> None:
    assert ScriptDirectory(str(FOLDER)).get_heads() == [head()]


def test_numbers_have_no_gaps_and_each_migration_follows_the_one_before() -> None:
    steps = [(step.revision, step.down_revision) for step in ScriptDirectory(str(FOLDER)).walk_revisions()][::-1]
    assert numbers() == [f"{number:04}" for number in range(1, len(steps) + 1)]
    assert steps == list(zip(numbers(), [None, *numbers()], strict=False))


def test_the_migrations_make_the_tables_of_the_models(database: Database) -> None:
    with database.read() as connection:
        opts = {"compare_type": True, "compare_server_default": True, "include_name": lambda name, *_: not str(name).startswith(FULL_TEXT)}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, Base.metadata) == []
        assert compare_metadata(context, MetaData()) != []
