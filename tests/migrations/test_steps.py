"""What a later migration may rely on: one transaction, references kept. Each test adds a migration 0002 of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from g4f.db import steps
from g4f.db.migration import current
from g4f.db.session import Database
from tests.migrations.adding import REBUILD, add_migration, columns

BREAK_HALFWAY = """
op.add_column("owners", sa.Column("colour", sa.Text()))
op.execute("DELETE FROM chats")
op.execute("this is not SQL")
"""
ORPHAN = 'op.execute("DELETE FROM owners")'
ORPHANED = "1 rows would refer to rows that do not exist|violates foreign key"


def titles(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.scalars(text("SELECT title FROM chats")))


def test_rows_survive_the_rebuilding_of_the_table_they_refer_to(old_database: Database, folder: Path) -> None:
    add_migration(folder, REBUILD)
    steps.upgrade(old_database, folder, "0002")
    assert "colour" in columns(old_database)
    assert titles(old_database) == ["A chat"]


@pytest.mark.parametrize(("body", "said"), [(BREAK_HALFWAY, "syntax error"), (ORPHAN, ORPHANED)])
def test_a_migration_that_fails_changes_nothing(old_database: Database, folder: Path, body: str, said: str) -> None:
    add_migration(folder, body)
    with pytest.raises(Exception, match=said):
        steps.upgrade(old_database, folder, "0002")
    assert current(old_database) == "0001"
    assert "colour" not in columns(old_database)
    assert titles(old_database) == ["A chat"]


def test_a_written_migration_is_numbered_and_repeats_the_rules(old_database: Database, folder: Path) -> None:
    steps.write(old_database, folder, "0002", "Add shares")
    written = (folder / "versions" / "0002_add_shares.py").read_text()
    assert 'down_revision = "0001"' in written
    assert "Works with the previous release" in written
    compile(written, "0002_add_shares.py", "exec")


def test_a_downgrade_keeps_rows(old_database: Database, folder: Path) -> None:
    add_migration(folder, REBUILD)
    steps.upgrade(old_database, folder, "0002")
    steps.downgrade(old_database, folder, "0001")
    assert "colour" not in columns(old_database)
    assert titles(old_database) == ["A chat"]
