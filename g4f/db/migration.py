"""Bringing a database to the tables of this program, and back.

Migrations are the numbered files of ``migrations/versions``. Alembic, which runs them, takes longer to load than all the
rest of a start, so ``steps`` is imported only when there is one to take.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from sqlalchemy import func, inspect, select, text

from g4f.db.lock import lock_file, make_folder, open_lock
from g4f.db.session import Database
from g4f.errors import ConfigError

_PACKED, _SOURCE = (Path(__file__).resolve().parents[level] / "migrations" for level in (1, 2))
FOLDER = _PACKED if _PACKED.is_dir() else _SOURCE
"""Where the migrations are: inside g4f when it was installed, beside g4f in the source tree."""

_LOCK_NUMBER = 0x673466  # any number, as long as every release takes the same


def numbers() -> list[str]:
    """Return the numbers of the migrations this program knows, oldest first."""
    return sorted(path.name[:4] for path in FOLDER.glob("versions/[0-9][0-9][0-9][0-9]_*.py"))


def head() -> str:
    """Return the number of the newest migration this program knows."""
    return numbers()[-1]


def current(database: Database) -> str | None:
    """Return the number of the last migration a database has had, or None; raises ConfigError when it cannot be read."""
    with database.explained(), database.read() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        number: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return number


def pending(database: Database) -> list[str]:
    """Return the numbers of the migrations a database has yet to have; raises ConfigError as ``upgrade`` does."""
    before = current(database)
    if before and before not in numbers():
        raise ConfigError(
            f"The database {database} is at migration {before} and this program knows none after {head()}; "
            "start the newer program, or go back to a copy of the database."
        )
    return [number for number in numbers() if number > (before or "")]


def upgrade(database: Database, guard: AbstractContextManager[object] | None = None) -> bool:
    """Bring a database up to date and return whether there was something to do; of several processes one does it.

    A SQLite file that holds something is first copied to ``<name>.before-<number>``. ``guard`` is entered if there is something
    to do; what it raises is raised before anything was done.
    Raises ConfigError when the database cannot be used or has had migrations that this program does not know.
    """
    with database.explained(), _alone(database):
        waiting = pending(database)
        if waiting:
            from g4f.db import steps  # noqa: PLC0415 - loads Alembic

            with guard or nullcontext():
                steps.upgrade(database, FOLDER, waiting[0])
    return bool(waiting)


def downgrade(database: Database, number: str) -> None:
    """Take a database back to a migration, or with ``base`` to no tables; a SQLite file is copied as for an upgrade."""
    from g4f.db import steps  # noqa: PLC0415 - loads Alembic

    with database.explained(), _alone(database):
        steps.downgrade(database, FOLDER, number)


def write(database: Database, message: str) -> None:
    """Write the next migration from what an up-to-date database lacks of the tables; read it before you keep it."""
    from g4f.db import steps  # noqa: PLC0415 - loads Alembic

    with database.explained():
        steps.write(database, FOLDER, f"{int(head()) + 1:04}", message)


@contextmanager
def _alone(database: Database) -> Iterator[None]:
    """Wait until no other process migrates this database, then keep the others waiting."""
    if database.path is None:
        with database.connect() as connection:
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK_NUMBER)))
            yield
    else:
        make_folder(database.path.parent)
        with open_lock(database.path.with_name(f"{database.path.name}.lock")) as file:
            lock_file(file, wait=True)
            yield
