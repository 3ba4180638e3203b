"""Citations: what the numbers in an answer mean, kept with the answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection, select

from g4f.db.models import Citation, Message
from g4f.db.storage import insert_unless, storable
from g4f.providers.wire import Source

EXCERPT = 300
"""Characters of a source that are kept and listed; the rest of it is read where it comes from."""


def excerpts(sources: Sequence[Source]) -> list[Source]:
    """Return the sources as people are shown them."""
    return [Source(each.number, each.title, each.text[:EXCERPT], each.page, each.url, each.file_id, each.passage) for each in sources]


def keep(connection: Connection, owner_id: UUID, message_id: UUID, sources: Sequence[Source]) -> None:
    """Keep what an answer may cite; one that is continued keeps what its numbers meant first."""
    rows = [
        {
            "owner_id": owner_id, "message_id": message_id, "number": source.number, "title": storable(source.title),
            "text": storable(source.text), "page": source.page, "url": source.url, "passage": source.passage,
            "file_id": None if source.file_id is None else UUID(source.file_id),
        }
        for source in sources
    ]  # fmt: skip
    connection.execute(insert_unless(connection, Citation).on_conflict_do_nothing(), rows)


def citations_of(connection: Connection, owner_id: UUID, chat_id: UUID) -> defaultdict[UUID, list[Source]]:
    """Return what each answer of a chat may cite, by the answer's message."""
    found: defaultdict[UUID, list[Source]] = defaultdict(list)
    message = (Message.owner_id == Citation.owner_id) & (Message.id == Citation.message_id)
    theirs = select(*Citation.__table__.columns).join(Message, message).where(Message.owner_id == owner_id, Message.chat_id == chat_id)
    for row in connection.execute(theirs.order_by(Citation.number)):
        file_id = None if row.file_id is None else str(row.file_id)
        found[row.message_id].append(Source(row.number, row.title, row.text, row.page, row.url, file_id, row.passage))
    return found
