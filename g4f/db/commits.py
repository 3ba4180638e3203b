"""What became of commits that did not answer."""

from __future__ import annotations

from sqlalchemy import BigInteger, Connection, bindparam, cast, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from g4f.db.models import Commit
from g4f.db.session import Database

KEPT = 7 * 24 * 3_600_000
"""How long the row of a writer that commits no more stays, in milliseconds."""

_NOW = cast(func.extract("epoch", func.clock_timestamp()) * 1000, BigInteger)  # by the database's clock, which all writers share
_ROW = insert(Commit).values(writer_id=bindparam("writer"), number=bindparam("last"), made_at=_NOW)
_NOTE = _ROW.on_conflict_do_update(index_elements=[Commit.writer_id], set_={"number": _ROW.excluded.number, "made_at": _NOW})
_LAST = _ROW.on_conflict_do_update(index_elements=[Commit.writer_id], set_={"number": Commit.number}).returning(Commit.number)
_SEEN = select(Commit.number).where(Commit.writer_id == bindparam("writer"))
_OLD = delete(Commit).where(Commit.made_at < _NOW - KEPT)


class Commits:
    """Number the commits of one writer on PostgreSQL, in a row of ``commits`` that is part of each; SQLite's always answer.

    The ID that PostgreSQL gives a transaction would do until the server crashes: then the IDs that were not on its disk yet are given
    again, and somebody else's commit is taken for one's own.
    """

    def __init__(self, database: Database) -> None:
        self._database, self._writer_id, self._number = database, uuid7(), 0
        self._answered = database.path is not None

    def note(self, connection: Connection) -> int | None:
        """Give a transaction a number that stays if its commit does; return None where every commit answers."""
        if self._answered:
            return None
        self._number += 1
        if self._number == 1:
            connection.execute(_OLD)
        connection.execute(_NOTE, {"writer": self._writer_id, "last": self._number})
        return self._number

    def made(self, number: int) -> bool:
        """Return whether the last numbered transaction was committed; waits until it is over, and raises one of TROUBLE while it is not.

        A number that is seen says so, also where nothing can be written any more. One that is not may be about to come: writing waits
        on a key that another transaction holds, though nobody sees its row yet.
        """
        with self._database.read() as connection:
            if connection.scalar(_SEEN, {"writer": self._writer_id}) == number:
                return True
        with self._database.begin() as connection:
            return bool(connection.scalar(_LAST, {"writer": self._writer_id, "last": 0}) == number)
