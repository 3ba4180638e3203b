"""Chats: the conversations an owner keeps on the server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, delete, func, select, tuple_, update
from sqlalchemy.orm import aliased
from uuid_utils.compat import uuid7

from g4f.db import models
from g4f.db.models import Event, Message, Moment, Role, Run, now
from g4f.db.storage import Storage, insert_unless
from g4f.errors import NotFoundError
from g4f.providers.wire import Source
from g4f.services.citations import citations_of
from g4f.services.files import FileInfo, files_of
from g4f.services.follow import RunInfo

KEPT = 30 * 24 * 60 * 60 * 1000
"""Milliseconds for which a deleted chat can be restored."""
PURGED_TOGETHER = 100
"""How many chats one transaction deletes for good: it must end soon, for everybody's writes wait for it."""


class Chat(Struct, frozen=True):
    """Be one conversation; ``run_id`` is the run that is writing an answer in it now."""

    id: UUID
    title: str
    created_at: Moment
    updated_at: Moment
    run_id: UUID | None


class ChatMessage(Struct, frozen=True):
    """Be one turn of a chat; ``run`` is the newest run whose answer it is, ``citations`` are what that may cite."""

    id: UUID
    parent_id: UUID | None
    role: Role
    content: str
    created_at: Moment
    run: RunInfo | None
    files: list[FileInfo]
    citations: list[Source]


class OpenChat(Chat, frozen=True):
    """Be a conversation with its messages, of all branches, oldest first."""

    messages: list[ChatMessage]


_NEWEST_RUNNING = (
    select(Run.id)
    .where(Run.owner_id == models.Chat.owner_id, Run.chat_id == models.Chat.id, Run.state == "running")
    .order_by(Run.id.desc())
    .limit(1)
    .correlate(models.Chat)
    .scalar_subquery()
)
_CHATS = select(models.Chat.id, models.Chat.title, models.Chat.created_at, models.Chat.updated_at, _NEWEST_RUNNING.label("run_id"))


class Chats:
    """Keep chats, each its owner's alone: to anybody else it does not exist, and neither does one that was deleted.

    Every method raises UnavailableError when the storage is in trouble, and those that write StorageFullError.
    """

    def __init__(self, storage: Callable[[], Storage]) -> None:
        self._storage = storage

    def create(self, owner_id: UUID, title: str = "", chat_id: UUID | None = None) -> Chat:
        """Make a chat; one that is there under this id already is returned as it is."""
        moment, chosen = now(), chat_id or uuid7()

        def do(connection: Connection) -> Chat:
            row = {"owner_id": owner_id, "id": chosen, "title": title, "created_at": moment, "updated_at": moment}
            connection.execute(insert_unless(connection, models.Chat).values(row).on_conflict_do_nothing())
            return _chat(connection, owner_id, chosen)

        return self._storage().write(do)

    def list(self, owner_id: UUID, limit: int = 50, before: Moment | None = None) -> Sequence[Chat]:
        """Return chats last changed before a moment, newest first.

        There are more than ``limit`` when the last ones changed in the same millisecond: the next page begins before it.
        """
        other = aliased(models.Chat)
        last = (
            select(other.updated_at).where(*_listed(other, owner_id, before)).order_by(other.updated_at.desc()).limit(1).offset(limit - 1)
        )
        whole = models.Chat.updated_at >= func.coalesce(last.scalar_subquery(), 0)
        page = _CHATS.where(*_listed(models.Chat, owner_id, before), whole).order_by(models.Chat.updated_at.desc(), models.Chat.id.desc())
        with self._storage().read() as connection:
            return [Chat(**row) for row in connection.execute(page).mappings()]

    def open(self, owner_id: UUID, chat_id: UUID) -> OpenChat:
        """Return a chat with its messages; raises NotFoundError."""
        messages = select(Message.id, Message.parent_id, Message.role, Message.content, Message.created_at)
        messages = messages.where(Message.owner_id == owner_id, Message.chat_id == chat_id).order_by(Message.created_at, Message.id)
        with self._storage().read() as connection:
            chat = _chat(connection, owner_id, chat_id)
            runs = _newest_runs(connection, owner_id, chat_id)
            files, citations = files_of(connection, owner_id, chat_id), citations_of(connection, owner_id, chat_id)
            turns = [
                ChatMessage(**row, run=runs.get(row["id"]), files=files[row["id"]], citations=citations[row["id"]])
                for row in connection.execute(messages).mappings()
            ]
        return OpenChat(chat.id, chat.title, chat.created_at, chat.updated_at, chat.run_id, turns)

    def rename(self, owner_id: UUID, chat_id: UUID, title: str) -> Chat:
        """Give a chat another title, which does not move it in the list; raises NotFoundError."""

        def do(connection: Connection) -> Chat:
            _change(connection, owner_id, chat_id, title=title)
            return _chat(connection, owner_id, chat_id)

        return self._storage().write(do)

    def delete(self, owner_id: UUID, chat_id: UUID) -> None:
        """Make a chat vanish until it is restored; deleting it again changes nothing. Raises NotFoundError."""
        moment = func.coalesce(models.Chat.deleted_at, now())
        self._storage().write(lambda connection: _change(connection, owner_id, chat_id, deleted_at=moment))

    def restore(self, owner_id: UUID, chat_id: UUID) -> Chat:
        """Bring a deleted chat back; raises NotFoundError."""

        def do(connection: Connection) -> Chat:
            _change(connection, owner_id, chat_id, deleted_at=None)
            return _chat(connection, owner_id, chat_id)

        return self._storage().write(do)

    def purge(self) -> int:
        """Delete for good, of all owners, what was deleted too long ago to be restored; return how many chats that were."""
        purged, before = 0, now() - KEPT
        while count := self._storage().write(partial(_purge, before=before)):
            purged += count
        return purged


def _listed(chat: type[models.Chat], owner_id: UUID, before: Moment | None) -> list[ColumnElement[bool]]:
    shown = [chat.owner_id == owner_id, chat.deleted_at.is_(None)]
    return shown if before is None else [*shown, chat.updated_at < before]


def _chat(connection: Connection, owner_id: UUID, chat_id: UUID) -> Chat:
    mine = (models.Chat.owner_id == owner_id, models.Chat.id == chat_id, models.Chat.deleted_at.is_(None))
    row = connection.execute(_CHATS.where(*mine)).mappings().first()
    if row is None:
        raise _missing()
    return Chat(**row)


def _newest_runs(connection: Connection, owner_id: UUID, chat_id: UUID) -> dict[UUID, RunInfo]:
    """Return the newest run of each message that has one."""
    runs = select(Run.message_id, Run.id, Run.state, Run.provider, Run.model, Run.started_at, Run.finished_at)
    runs = runs.where(Run.owner_id == owner_id, Run.chat_id == chat_id, Run.message_id.is_not(None)).order_by(Run.id)
    return {row.message_id: RunInfo(*row[1:]) for row in connection.execute(runs)}


def _change(connection: Connection, owner_id: UUID, chat_id: UUID, **values: Any) -> None:
    """Set columns of a chat; ``updated_at`` stays, for it tells when something was said."""
    mine = (models.Chat.owner_id == owner_id, models.Chat.id == chat_id)
    if not connection.execute(update(models.Chat).where(*mine).values(updated_at=models.Chat.updated_at, **values)).rowcount:
        raise _missing()


def _missing() -> NotFoundError:
    return NotFoundError("There is no such chat, or it was deleted.", values={"reason": "no_chat"})


def _purge(connection: Connection, before: Moment) -> int:
    """Delete some chats, their messages, and the events, which repeat what was said; runs stay, for the ledger rests on them."""
    expired = select(models.Chat.owner_id, models.Chat.id).where(models.Chat.deleted_at < before).limit(PURGED_TOGETHER).with_for_update()
    gone = [tuple(row) for row in connection.execute(expired)]
    if not gone:
        return 0
    of_gone = tuple_(Run.owner_id, Run.chat_id).in_(gone)
    connection.execute(delete(Event).where(tuple_(Event.owner_id, Event.run_id).in_(select(Run.owner_id, Run.id).where(of_gone))))
    connection.execute(update(Run).where(of_gone).values(chat_id=None, message_id=None))
    connection.execute(delete(models.Chat).where(tuple_(models.Chat.owner_id, models.Chat.id).in_(gone)))
    return len(gone)
