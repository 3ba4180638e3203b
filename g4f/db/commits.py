"""What became of commits that did not answer."""

from __future__ import annotations

from sqlalchemy import Connection, delete
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from g4f.db.models import Commit, now
from g4f.db.session import Database

KEPT = 7 * 24 * 3_600_000
"""How long the row of a writer that is gone stays, in milliseconds."""

_NOTE = insert(Commit)
_NOTE = _NOTE.on_conflict_do_update(
    index_elements=[Commit.writer_id], set_={"number": _NOTE.excluded.number, "made_at": _NOTE.excluded.made_at}
)
_LAST = insert(Commit).on_conflict_do_update(index_elements=[Commit.writer_id], set_={"number": Commit.number}).returning(Commit.number)


class Commits:
    """Number the commits of one writer on PostgreSQL, in a row of ``commits`` that is part of each; SQLite's always answer.

    The ID that PostgreSQL gives a transaction says less: the IDs that had not reached its disk when it crashed are given again, and
    somebody else's commit would then be taken for one's own. https://www.postgresql.org/docs/current/functions-info.html
    """

    def __init__(self, database: Database) -> None:
        self._database, self._writer_id, self._number = database, uuid7(), 0

    def note(self, connection: Connection) -> int | None:
        """Give a transaction a number that stays if its commit does; return None where every commit answers."""
        if self._database.path is not None:
            return None
        self._number += 1
        if self._number == 1:
            connection.execute(delete(Commit).where(Commit.made_at < now() - KEPT))
        connection.execute(_NOTE, {"writer_id": self._writer_id, "number": self._number, "made_at": now()})
        return self._number

    def made(self, number: int) -> bool:
        """Return whether the last numbered transaction was committed; waits until it is over, and raises one of TROUBLE while it is not.

        Writing waits where reading would not: on a key that another transaction holds, though nobody sees its row yet.
        """
        with self._database.begin() as connection:
            last = connection.scalar(_LAST, {"writer_id": self._writer_id, "number": 0, "made_at": now()})
        return bool(last == number)
