"""Databases to measure on."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from g4f.db.migration import upgrade
from g4f.db.session import Database


@contextmanager
def empty() -> Iterator[Database]:
    """Give an empty SQLite file in a folder of its own, for as long as it is used."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, closing(Database(f"sqlite:///{Path(folder, 'g4f.sqlite')}")) as database:
        upgrade(database)
        yield database
