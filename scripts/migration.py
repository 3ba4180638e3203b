"""Write the next migration: what the tables have and a database of the newest migration lacks."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from g4f.db.migration import upgrade, write
from g4f.db.session import Database


def main(message: str) -> None:
    """Migrate an empty database and compare it with the tables; what is written is to be read before it is kept."""
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder, 'empty.sqlite').as_posix()}")
        upgrade(database)
        write(database, message)
        database.close()


if __name__ == "__main__":
    if not (said := " ".join(sys.argv[1:]).strip()):
        sys.exit('Say what changes: make migration m="add shares"')
    main(said)
