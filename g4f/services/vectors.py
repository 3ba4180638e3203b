"""Vectors of passages: made by a model of embeddings, kept beside the text, and the nearest to a question found among them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from importlib.util import find_spec
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Float, Row, Select, cast, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import UserDefinedType

from g4f import debug
from g4f.db.models import Embedding, File, Passage
from g4f.db.session import Database, in_one_line
from g4f.db.storage import Storage, insert_unless
from g4f.errors import BadRequestError, ConfigError, G4FError, ResponseError
from g4f.retrieval.vectors import nearest, pack, unit

QUESTION_SECONDS = 10.0
"""How long a question waits for its vector."""
LONGEST_QUESTION = 8_000
"""Characters of a question that its vector is made of; models take no more, or leave out the rest."""
TOGETHER = 32
"""Texts in one request: as many as every server takes."""
BLOCK = 2_048
"""Vectors that numpy compares at once."""

Embed = Callable[[list[str]], Awaitable[list[list[float]]]]
"""Ask a model of embeddings for the vectors of some texts, in their order."""

_EXTENSION = text("CREATE EXTENSION IF NOT EXISTS vector")
_PROBE = text("SELECT ARRAY[1]::real[]::vector <#> '[1]'::vector")
_THEIR_VECTOR = (
    (Embedding.owner_id == Passage.owner_id) & (Embedding.file_id == Passage.file_id) & (Embedding.number == Passage.number)
)  # fmt: skip


class _Pgvector(UserDefinedType[str]):
    """The type of PostgreSQL's extension, https://github.com/pgvector/pgvector."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "vector"


class Vectors:
    """Find passages by their meaning, for one model: what was made by another one is never compared with its own.

    Every vector of the files in question is looked at, so what is found is exact and needs no index: by pgvector on a PostgreSQL
    that has it, else by numpy.
    """

    def __init__(self, storage: Callable[[], Storage], embed: Embed, model: str) -> None:
        self._storage, self._embed, self._model = storage, embed, model
        self._by_pgvector = False

    def open(self, database: Database) -> None:
        """Choose who compares, and say so in the log where it is not the faster one; raises ConfigError when nobody can."""
        trouble = None if database.path else _without_pgvector(database)
        self._by_pgvector = not database.path and trouble is None
        if not self._by_pgvector and find_spec("numpy") is None:
            raise ConfigError("The setting embeddings needs numpy; run: pip install 'g4f-platform[embeddings]', or take the setting out.")
        if trouble is not None:
            debug.error(
                f"PostgreSQL has no pgvector ({trouble}), so numpy compares the vectors of passages, which takes longer. "
                "Install the extension, see that this role may use it, and start again."
            )

    async def of(self, question: str) -> list[float]:
        """Return the vector of a question; raises ResponseError, which says what is done without it."""
        try:
            async with asyncio.timeout(QUESTION_SECONDS):
                return unit((await self._embed([question[:LONGEST_QUESTION]]))[0])
        except TimeoutError:
            raise _by_words(f"the server of embeddings took more than {QUESTION_SECONDS:g} seconds.") from None
        except G4FError as error:
            raise _by_words(str(error)) from error

    def near(self, connection: Connection, within: ColumnElement[bool], vector: Sequence[float], limit: int) -> list[int]:
        """Return the ids of the passages whose vectors are nearest to one, best first, of those that ``within`` selects."""
        alike = (Embedding.model == self._model, Embedding.dimensions == len(vector))
        among = select(Passage.id).join(Embedding, _THEIR_VECTOR).where(within, *alike)
        if not self._by_pgvector:
            return nearest(vector, _blocks(connection, among), limit)
        wanted = cast(f"[{','.join(map(str, vector))}]", _Pgvector())
        distance = cast(Embedding.vector, _Pgvector()).op("<#>", return_type=Float())(wanted)
        return list(connection.scalars(among.order_by(distance, Passage.id).limit(limit)))

    async def complete(self) -> None:
        """Give each passage its vector that has none of this model; raises what asking the model raises.

        What was made is kept at once: whoever is cut off, or comes again after an error, goes on where it was.
        """
        last = 0
        while rows := await asyncio.to_thread(self._bare, last):
            last = rows[-1].id
            try:
                vectors = await self._embed([row.text for row in rows])
            except BadRequestError as error:  # it would be refused again, and what comes after it must not wait for ever
                debug.error(f"Passages up to {last} get no vectors: {error}")
                continue
            made = {row.id: unit(vector) for row, vector in zip(rows, vectors, strict=True)}
            await self._storage().writer.acting(partial(self._keep, made=made))

    def _bare(self, last: int) -> Sequence[Row[int, str]]:
        """Return the first passages after ``last`` that have no vector of this model."""
        its_file = (File.owner_id == Passage.owner_id) & (File.id == Passage.file_id)
        texts = select(Passage.id, Passage.text).join(File, its_file).outerjoin(Embedding, _THEIR_VECTOR & (Embedding.model == self._model))
        bare = texts.where(Passage.id > last, File.deleted_at.is_(None), Embedding.number.is_(None))
        with self._storage().read() as connection:
            return connection.execute(bare.order_by(Passage.id).limit(TOGETHER)).all()

    def _keep(self, connection: Connection, made: dict[int, list[float]]) -> None:
        """Keep vectors, in place of those of another model; a passage that is gone meanwhile gets none."""
        key = (Passage.owner_id, Passage.file_id, Passage.number)
        there = select(Passage.id, *key).where(Passage.id.in_(made)).with_for_update(read=True, key_share=True)
        rows = [self._row(connection, row.owner_id, row.file_id, row.number, made[row.id]) for row in connection.execute(there)]
        if rows:
            keep = insert_unless(connection, Embedding)
            anew = {name: keep.excluded[name] for name in ("model", "dimensions", "vector")}
            connection.execute(keep.on_conflict_do_update(index_elements=["owner_id", "file_id", "number"], set_=anew), rows)

    def _row(self, connection: Connection, owner_id: UUID, file_id: UUID, number: int, vector: list[float]) -> dict[str, Any]:
        kept = vector if connection.dialect.name == "postgresql" else pack(vector)
        place = {"owner_id": owner_id, "file_id": file_id, "number": number}
        return {**place, "model": self._model, "dimensions": len(vector), "vector": kept}


def _by_words(why: str) -> ResponseError:
    return ResponseError(f"Files were searched by words alone: {why}")


def _without_pgvector(database: Database) -> str | None:
    """Return why pgvector cannot be used, or None; it is taken into the database where that is allowed."""
    trouble = "its extension does not work"
    try:
        with database.begin() as connection:
            connection.execute(_EXTENSION)
    except DBAPIError as error:  # another server may just have done it
        trouble = in_one_line(error)
    try:
        with database.read() as connection:
            connection.execute(_PROBE)
    except DBAPIError:
        return trouble
    return None


def _blocks(connection: Connection, among: Select[int]) -> Iterator[Sequence[tuple[int, bytes]]]:
    """Yield ids and packed vectors in blocks."""
    on_server = connection.dialect.name == "postgresql"
    vectors = among.add_columns(func.array_send(Embedding.vector) if on_server else Embedding.vector)
    for rows in connection.execute(vectors.execution_options(yield_per=BLOCK)).partitions():
        yield [(row[0], _packed(row[1]) if on_server else row[1]) for row in rows]


def _packed(sent: bytes) -> bytes:
    """Return a vector as it is packed, given what ``array_send`` writes of it: a head of five words, then for each number its size."""
    import numpy as np  # noqa: PLC0415 - an extra

    packed: bytes = np.frombuffer(sent, ">f4")[6::2].astype("<f4").tobytes()
    return packed
