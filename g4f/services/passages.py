"""Passages: the text of files as it is searched, and as it is opened where an answer cites it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Row, Select, cast, column, func, select, table
from sqlalchemy.dialects.postgresql import REGCONFIG

from g4f.db.models import File, Passage
from g4f.db.storage import Storage, storable
from g4f.errors import NotFoundError
from g4f.retrieval.passages import Section, split
from g4f.retrieval.ranking import Ranker, Statistics, distinct, fuse, runs
from g4f.retrieval.words import Stems, terms
from g4f.services.vectors import Vectors

CANDIDATES = 300
"""Passages that are ranked at most: those with most of the question's rare terms."""
MOST_TERMS = 256
"""Terms of a question that are searched for; nobody asks a longer one, but somebody may paste one."""
LAST_NUMBER = 2**31
"""A number that no passage has, and that every database can look for."""
READ_TOGETHER = 100
"""Passages that one look at the database brings while a whole text is read."""


class Found(NamedTuple):
    """Be a passage that fits a question; ``number`` is its place in the file, ``start`` that of its first character in the text."""

    file_id: UUID
    name: str
    number: int
    page: int | None
    heading: str
    start: int
    text: str
    score: float


class Surroundings(Struct, frozen=True):
    """Be a passage between its neighbours, which are empty at the ends of a file."""

    name: str
    page: int | None
    heading: str
    before: str
    passage: str
    after: str


class _Scope(NamedTuple):
    """Be the passages that are searched, and numbers that bound their ids."""

    within: ColumnElement[bool]
    passages: int
    first_id: int
    last_id: int


_THEIR_FILE = (File.owner_id == Passage.owner_id) & (File.id == Passage.file_id)
_FULL_TEXT = table("full_text", column("rowid"), column("id"), column("terms"))  # rowid on SQLite, id on PostgreSQL


class Passages:
    """Find passages in files, each its owner's alone; a file in the trash is not searched and cannot be opened.

    With ``vectors`` they are found by their meaning, too. Every method raises UnavailableError when the storage is in trouble.
    """

    def __init__(self, storage: Callable[[], Storage], vectors: Vectors | None = None) -> None:
        self._storage, self.vectors = storage, vectors
        self._stems = Stems()

    def rows(self, owner_id: UUID, file_id: UUID, sections: Iterable[Section]) -> Iterator[dict[str, Any]]:
        """Yield the rows of the table ``passages`` for the text of a file, to be inserted by whoever has read it."""
        for number, passage in enumerate(split(sections, self._stems), 1):
            row = {"owner_id": owner_id, "file_id": file_id, "number": number, "page": passage.page, "start": passage.start}
            yield row | {"heading": storable(passage.heading), "text": storable(passage.text), "terms": passage.terms}

    def search(
        self, owner_id: UUID, file_ids: Sequence[UUID], query: str, limit: int = 5, vector: Sequence[float] | None = None
    ) -> list[Found]:
        """Return the passages of these files that fit a question best, best first; none when they share no word with it.

        With ``vector``, that of the question, the order by words and the one by meaning become one; a score may be 0 then.
        """
        wanted = terms(query, self._stems)[:MOST_TERMS]
        with self._storage().read() as connection:
            scope = _scope(connection, owner_id, file_ids)
            holders = {term: _holders(connection, scope, term) for term in dict.fromkeys(wanted)}
            ranker = Ranker(wanted, Statistics(scope.passages, {term: len(ids) for term, ids in holders.items()}))
            candidates = ranker.rarest(holders, CANDIDATES)
            near = self.vectors.near(connection, scope.within, vector, CANDIDATES) if self.vectors and vector else []
            held = _terms(connection, {*candidates, *near})
            there = [each for each in candidates if each in held]  # a file may be deleted while it is searched
            scores = {there[place]: score for place, score in ranker.rank([held[each] for each in there])}
            ranked = fuse([list(scores), [each for each in near if each in held]]) if near else scores
            best = distinct(ranked, held.__getitem__, limit)
            rows = _rows(connection, best)
        return [_found(rows[each], scores.get(each, 0.0)) for each in best if each in rows]

    async def find(self, owner_id: UUID, file_ids: Sequence[UUID], query: str, limit: int = 5) -> list[Found]:
        """Search off the loop, by meaning too when there is a model of embeddings; raises ResponseError when that fails."""
        vector = await self.vectors.of(query) if self.vectors and query.strip() else None
        return await asyncio.to_thread(self.search, owner_id, file_ids, query, limit, vector)

    def with_neighbours(self, owner_id: UUID, found: Sequence[Found], reach: int = 1) -> list[Found]:
        """Return what was found with the text before and after it; passages that meet become one, which stands for their best."""
        with self._storage().read() as connection:
            return [_widened(connection, owner_id, best, run) for best, run in _met(found, reach).items()]

    def around(self, owner_id: UUID, file_id: UUID, number: int) -> Surroundings:
        """Return a passage with the text before and after it; raises NotFoundError."""
        number = max(0, min(number, LAST_NUMBER))
        near = select(Passage.number, Passage.page, Passage.heading, Passage.text, File.name).join(File, _THEIR_FILE)
        near = near.where(_readable(owner_id, [file_id]), Passage.number.between(number - 1, number + 1))
        with self._storage().read() as connection:
            rows = {row.number: row for row in connection.execute(near)}
        if (there := rows.get(number)) is None:
            message = "This passage is not there any more; its file was deleted or read anew."
            raise NotFoundError(message, values={"reason": "no_passage"})
        before, after = (rows[each].text if each in rows else "" for each in (number - 1, number + 1))
        return Surroundings(there.name, there.page, there.heading, before, there.text, after)

    def with_text(self, owner_id: UUID, file_ids: Sequence[UUID]) -> set[UUID]:
        """Return those of these files that have text."""
        those = select(Passage.file_id).join(File, _THEIR_FILE).where(_readable(owner_id, file_ids)).distinct()
        with self._storage().read() as connection:
            return set(connection.scalars(those))

    def size(self, owner_id: UUID, file_ids: Sequence[UUID]) -> int:
        """Return how many characters the text of these files has."""
        lengths = select(func.coalesce(func.sum(func.length(Passage.text)), 0)).join(File, _THEIR_FILE)
        with self._storage().read() as connection:
            return int(connection.scalar(lengths.where(_readable(owner_id, file_ids))) or 0)

    def whole(self, owner_id: UUID, file_ids: Sequence[UUID]) -> list[Found]:
        """Return every passage of these files, in the order of the files and of their text."""
        columns = (Passage.file_id, File.name, Passage.number, Passage.page, Passage.heading, Passage.start, Passage.text)
        every = select(*columns).join(File, _THEIR_FILE).where(_readable(owner_id, file_ids)).order_by(Passage.file_id, Passage.number)
        with self._storage().read() as connection:
            return [Found(*row, score=0.0) for row in connection.execute(every)]

    def whole_text(self, owner_id: UUID, file_id: UUID) -> Iterator[str]:
        """Yield the text of a file passage by passage; nothing for a file that is not there or has none."""
        last = 0
        while rows := self._after(owner_id, file_id, last):
            yield from (text for _, text in rows)
            last = rows[-1][0]

    def _after(self, owner_id: UUID, file_id: UUID, number: int) -> Sequence[tuple[int, str]]:
        page = select(Passage.number, Passage.text).join(File, _THEIR_FILE).where(_readable(owner_id, [file_id]), Passage.number > number)
        with self._storage().read() as connection:
            return [(row.number, row.text) for row in connection.execute(page.order_by(Passage.number).limit(READ_TOGETHER))]


def _readable(owner_id: UUID, file_ids: Sequence[UUID]) -> ColumnElement[bool]:
    mine = (Passage.owner_id == owner_id) & Passage.file_id.in_(file_ids)
    return mine & File.deleted_at.is_(None)


def _scope(connection: Connection, owner_id: UUID, file_ids: Sequence[UUID]) -> _Scope:
    live = select(File.id).where(File.owner_id == owner_id, File.id.in_(file_ids), File.deleted_at.is_(None))
    within = (Passage.owner_id == owner_id) & Passage.file_id.in_(connection.scalars(live).all())
    counts = select(func.count(), func.coalesce(func.min(Passage.id), 0), func.coalesce(func.max(Passage.id), 0)).where(within)
    return _Scope(within, *connection.execute(counts).one())


def _holders(connection: Connection, scope: _Scope, term: str) -> Sequence[int]:
    """Return the ids of the passages that hold a term."""
    return connection.scalars(select(Passage.id).where(scope.within, Passage.id.in_(_indexed(connection, scope, term)))).all()


def _indexed(connection: Connection, scope: _Scope, term: str) -> Select[tuple[int]]:
    """Select what the index has under a term, which is letters and digits only; in a range, for it knows nothing of owners and files."""
    if connection.dialect.name == "postgresql":
        key, holds = _FULL_TEXT.c.id, _FULL_TEXT.c.terms.op("@@")(func.plainto_tsquery(cast("simple", REGCONFIG), term))
    else:
        key, holds = _FULL_TEXT.c.rowid, _FULL_TEXT.c.terms.op("MATCH")(f'"{term}"')
    return select(key).where(holds, key.between(scope.first_id, scope.last_id))


def _terms(connection: Connection, ids: Collection[int]) -> dict[int, list[str]]:
    rows = connection.execute(select(Passage.id, Passage.terms).where(Passage.id.in_(ids)))
    return {row.id: row.terms.split(" ") for row in rows}


def _rows(connection: Connection, ids: Sequence[int]) -> dict[int, Row[*tuple[Any, ...]]]:
    rows = connection.execute(select(*Passage.__table__.c, File.name).join(File, _THEIR_FILE).where(Passage.id.in_(ids)))
    return {row.id: row for row in rows}


def _found(row: Row[*tuple[Any, ...]], score: float) -> Found:
    return Found(row.file_id, row.name, row.number, row.page, row.heading, row.start, row.text, score)


def _met(found: Sequence[Found], reach: int) -> dict[Found, range]:
    """Return the best passage of each run of neighbours, in the order of what was found."""
    best: dict[tuple[UUID, range], Found] = {}
    for one in found:
        lying = runs((each.number for each in found if each.file_id == one.file_id), reach)
        best.setdefault((one.file_id, next(run for run in lying if one.number in run)), one)
    return {one: run for (_, run), one in best.items()}


def _widened(connection: Connection, owner_id: UUID, one: Found, run: range) -> Found:
    near = select(Passage.start, Passage.text).join(File, _THEIR_FILE).where(_readable(owner_id, [one.file_id]))
    near = near.where(Passage.number.between(run.start, run.stop - 1)).order_by(Passage.number)
    rows = connection.execute(near).all()
    return one._replace(start=rows[0].start, text="".join(row.text for row in rows)) if rows else one
