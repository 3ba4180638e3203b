"""Alembic's environment: on the connection that g4f.db.steps hands over, each migration is one transaction."""

from __future__ import annotations

from alembic import context
from alembic.runtime.migration import MigrationContext

from g4f.db.models import FULL_TEXT, Base


def check_references(ctx: MigrationContext, *_: object, **_named: object) -> None:
    """Undo a migration on SQLite that leaves a row whose parent is gone; PostgreSQL checks by itself."""
    assert ctx.connection
    if ctx.dialect.name == "sqlite" and (orphans := ctx.connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()):
        raise RuntimeError(f"{len(orphans)} rows would refer to rows that do not exist, the first in {orphans[0][0]}; nothing was changed.")


def is_compared(name: str | None, *_: object) -> bool:
    """Return whether the models say what a table is like."""
    return not (name or "").startswith(FULL_TEXT)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    include_name=is_compared,
    compare_type=True,
    compare_server_default=True,
    transaction_per_migration=True,
    on_version_apply=check_references,
)
with context.begin_transaction():
    context.run_migrations()
