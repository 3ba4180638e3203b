"""A migration 0002 of a test's own, and what it did."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import inspect

from g4f.db.session import Database

REBUILD = """
with op.batch_alter_table("owners") as owners:
    owners.add_column(sa.Column("colour", sa.Text()))
    owners.alter_column("name", server_default="nobody")
"""
"""A change for which SQLite needs a new table."""


def add_migration(folder: Path, body: str) -> None:
    """Add migration 0002, which does this."""
    lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
    head = 'import sqlalchemy as sa\nfrom alembic import op\nrevision, down_revision = "0002", "0001"\n'
    (folder / "versions" / "0002_next.py").write_text(
        f"{head}def upgrade():\n{lines}def downgrade():\n    op.drop_column('owners', 'colour')\n"
    )


def columns(database: Database) -> list[str]:
    """Return the columns of the table of owners."""
    with database.read() as connection:
        return [column["name"] for column in inspect(connection).get_columns("owners")]
