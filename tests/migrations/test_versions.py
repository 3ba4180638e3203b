"""The migrations themselves: numbered, one head, and the same tables as the models."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData

from g4f.db.migration import FOLDER, head, numbers, upgrade
from g4f.db.models import Base
from g4f.db.session import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Give a database made by the migrations."""
    database = Database(f"sqlite:///{tmp_path / 'g4f.sqlite'}")
    upgrade(database)
    yield database
    database.close()


def definitions(path: Path | None) -> dict[str, list[str]]:
    """Return the lines of every definition in a SQLite file, sorted, for their order says nothing."""
    assert path
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name != 'alembic_version'").fetchall()
    connection.close()
    return {name: sorted(re.split(r",? *\n\t?", sql)) for name, sql in rows}


def test_there_is_one_head_and_its_number_is_the_highest() -> None:
    assert ScriptDirectory(str(FOLDER)).get_heads() == [head()]


def test_numbers_have_no_gaps_and_each_migration_follows_the_one_before() -> None:
    steps = [(step.revision, step.down_revision) for step in ScriptDirectory(str(FOLDER)).walk_revisions()][::-1]
    assert numbers() == [f"{number:04}" for number in range(1, len(steps) + 1)]
    assert steps == list(zip(numbers(), [None, *numbers()], strict=False))


def test_the_migrations_make_the_tables_of_the_models(database: Database) -> None:
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []
        assert compare_metadata(context, MetaData()) != []


def test_the_migrations_make_every_constraint_of_the_models(database: Database, tmp_path: Path) -> None:
    from_models = Database(f"sqlite:///{tmp_path / 'models.sqlite'}")
    with from_models.begin() as connection:
        Base.metadata.create_all(connection)
    assert definitions(database.path) == definitions(from_models.path)
    from_models.close()
