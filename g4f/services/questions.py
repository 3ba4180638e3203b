"""A question to a chat of the server becomes rows: the message, its answer to be, and the run that writes it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Connection, RowMapping, bindparam, case, exists, insert, literal, select, update
from uuid_utils.compat import uuid7

from g4f.db.models import Chat, File, Message as MessageRow, MessageFile, Run, now
from g4f.db.statements import run
from g4f.errors import NotFoundError, ValidationError
from g4f.providers.wire import RunCard, RunChunk
from g4f.services.history import Fitted, fit
from g4f.services.journal import insert_events
from g4f.services.live import Event
from g4f.typing import ContentPart, Message, Messages

REMEMBERED_MS = 24 * 3600 * 1000
"""How long an idempotency key is kept."""
TITLE_LENGTH = 60
GO_ON = "Your answer was cut off there. Continue it from exactly where it ends, and repeat nothing of it."
"""What a model is told that has to continue an answer."""

CONTINUED = 3
"""What a model has to see of a chat to go on with an answer: the question, the answer, and that it shall go on."""

Action = Literal["next", "continue", "variant"]


class Question(Struct, frozen=True):
    """Ask in a chat: a new message below ``parent_id``, or with an action to go on with, or answer anew, what stands there.

    ``before`` comes before the chat's own messages. ``key`` and ``digest`` make the same question asked twice one run.
    ``window`` is the model's, in tokens. ``files`` are those attached to the new message.
    """

    owner_id: UUID
    chat_id: UUID
    parent_id: UUID | None
    message_id: UUID
    action: Action
    text: str
    before: Messages
    request_id: str
    model: str
    provider: str
    window: int = 0
    key: str | None = None
    digest: str | None = None
    files: tuple[UUID, ...] = ()


class Begun(Struct, frozen=True):
    """Be a run that has its rows: the answer's message, what is asked, its first event.

    ``known`` says that the question was asked before, and that the run is the one begun then.
    """

    run_id: UUID
    message_id: UUID
    fitted: Fitted
    opening: Event
    known: bool = False


def begin(connection: Connection, question: Question, worker_id: UUID) -> Begun:
    """Make the rows of a run; raises NotFoundError and ValidationError and has then changed nothing."""
    if known := find(connection, question):
        return known
    moment = now()
    title = " ".join(question.text.split())[:TITLE_LENGTH]
    asked_in = {"owner": question.owner_id, "chat": question.chat_id, "moment": moment, "new_title": title}
    if not run(connection, _ASK_IN_CHAT, [asked_in]):
        raise NotFoundError("There is no such chat.", "chat_id", values={"reason": "no_chat"})
    path = _path(connection, question)
    attached = _attached(connection, question, [row["id"] for row in path if row["attached"]])
    turns = [_turn(row["role"], row["content"], attached[row["id"]]) for row in path if row["content"] or row["role"] == "user"]
    cut = question.action == "continue" and bool(path[-1]["content"])
    asked = [*question.before, *turns, *_said(question, cut=cut)]
    fitted = fit(asked, question.window, CONTINUED if cut else 1)
    return _store(connection, question, worker_id, path, fitted)


def find(connection: Connection, question: Question) -> Begun | None:
    """Return the run that the same question began, if it did within a day; raises ValidationError for another question."""
    if question.key is None:
        return None
    mine = (Run.owner_id == question.owner_id, Run.idempotency_key == question.key)
    run = connection.execute(select(Run.id, Run.message_id, Run.question, Run.started_at).where(*mine)).first()
    if run is None:
        return None
    if run.started_at < now() - REMEMBERED_MS:
        connection.execute(update(Run).where(*mine).values(idempotency_key=None))
        return None
    if run.question != question.digest:
        raise ValidationError("Another question was asked with this Idempotency-Key; every question needs a new one.", "Idempotency-Key")
    return Begun(run.id, run.message_id or question.message_id, Fitted([]), Event(0, "", b""), known=True)


def _path(connection: Connection, question: Question) -> list[RowMapping]:
    """Return the messages from the root to the parent; raises when the action cannot be done there."""
    if question.parent_id is None:
        if question.action != "next":
            raise ValidationError("Name the message to continue or to answer anew.", "parent_id")
        return []
    mine = (MessageRow.owner_id == question.owner_id, MessageRow.chat_id == question.chat_id)
    attached = exists().where(MessageFile.owner_id == MessageRow.owner_id, MessageFile.message_id == MessageRow.id).label("attached")
    columns = (MessageRow.id, MessageRow.parent_id, MessageRow.role, MessageRow.content, attached)
    below = select(*columns, literal(0).label("depth")).where(*mine, MessageRow.id == question.parent_id).cte("path", recursive=True)
    path = below.union_all(select(*columns, below.c.depth + 1).where(*mine, MessageRow.id == below.c.parent_id))
    rows = list(connection.execute(select(path).order_by(path.c.depth.desc())).mappings())
    wanted = {"continue": "assistant", "variant": "user"}.get(question.action)
    if not rows:
        raise NotFoundError("The chat has no such message.", "parent_id", values={"reason": "no_message"})
    if wanted and rows[-1]["role"] != wanted:
        raise ValidationError(f"Only a message of the {wanted} can be meant here.", "parent_id")
    return rows


def _attached(connection: Connection, question: Question, message_ids: list[UUID]) -> defaultdict[UUID, list[UUID]]:
    """Return the files of messages, those that are not deleted."""
    files: defaultdict[UUID, list[UUID]] = defaultdict(list)
    if message_ids:
        theirs = (MessageFile.owner_id == question.owner_id, MessageFile.message_id.in_(message_ids), File.deleted_at.is_(None))
        file = (File.owner_id == MessageFile.owner_id) & (File.id == MessageFile.file_id)
        of_each = select(MessageFile.message_id, MessageFile.file_id).join(File, file).where(*theirs).order_by(File.id)
        for row in connection.execute(of_each):
            files[row.message_id].append(row.file_id)
    return files


def _turn(role: str, text: str, files: Sequence[UUID]) -> Message:
    """Return a message as it was said: its references are files already, and what its text quotes is none."""
    parts: list[ContentPart] = [{"type": "text", "text": text}, *({"file_id": file_id} for file_id in files)]
    return Message(role=role, content=parts if files or '"bucket_id"' in text else text)


def _said(question: Question, *, cut: bool) -> Messages:
    """Return what is said after the path; an answer that was cut before its first word is simply asked for again."""
    match question.action:
        case "next":
            return [_turn("user", question.text, question.files)]
        case "continue" if cut:
            return [Message(role="user", content=GO_ON)]
        case _:
            return []


def _store(connection: Connection, question: Question, worker_id: UUID, path: list[RowMapping], fitted: Fitted) -> Begun:
    moment, run_id = now(), uuid7()
    parent_id, answer_id = _messages(connection, question, path)
    row = {
        "owner_id": question.owner_id, "id": run_id, "kind": "durable", "state": "running", "chat_id": question.chat_id,
        "message_id": answer_id, "request_id": question.request_id, "idempotency_key": question.key, "question": question.digest,
        "worker_id": worker_id, "provider": question.provider, "model": question.model, "started_at": moment,
    }  # fmt: skip
    run(connection, _NEW_RUN, [row])
    opening = Event.of(1, RunChunk(RunCard(str(run_id), str(question.chat_id), str(answer_id), str(parent_id))))
    insert_events(connection, [(question.owner_id, run_id, opening)])
    return Begun(run_id, answer_id, fitted, opening)


def _messages(connection: Connection, question: Question, path: list[RowMapping]) -> tuple[UUID, UUID]:
    """Make the messages that are new; return the question's id and the answer's."""
    if question.action == "continue":
        answer = path[-1]
        _require_ended(connection, question, answer["id"])
        return answer["parent_id"] or answer["id"], answer["id"]
    asked_id = question.parent_id if question.action == "variant" else question.message_id
    assert asked_id is not None
    answer_id = uuid7()
    place: dict[str, Any] = {"owner_id": question.owner_id, "chat_id": question.chat_id}
    moment = now()
    reply = {"id": answer_id, "parent_id": asked_id, "role": "assistant", "content": "", "created_at": moment + 1}
    rows = [place | reply]
    if question.action == "next":  # earlier by its time, for the id is the client's and says nothing of it
        asked = {"id": asked_id, "parent_id": question.parent_id, "role": "user", "content": question.text, "created_at": moment}
        rows.insert(0, place | asked)
    run(connection, _NEW_MESSAGES, rows)
    if question.files:
        attached = [{"owner_id": question.owner_id, "message_id": asked_id, "file_id": file_id} for file_id in question.files]
        connection.execute(insert(MessageFile), attached)
    return asked_id, answer_id


def _require_ended(connection: Connection, question: Question, message_id: UUID) -> None:
    running = select(Run.id).where(Run.owner_id == question.owner_id, Run.message_id == message_id, Run.state == "running")
    if connection.execute(running).first():
        message = "This answer is still being written; follow its run instead."
        raise ValidationError(message, "parent_id", values={"reason": "being_written"})


# A statement that is made once costs half of one that is made for each question.
_NEW_MESSAGES, _NEW_RUN = insert(MessageRow), insert(Run)
_ASK_IN_CHAT = (
    update(Chat)
    .where(Chat.owner_id == bindparam("owner"), Chat.id == bindparam("chat"), Chat.deleted_at.is_(None))
    .values(updated_at=bindparam("moment"), title=case((Chat.title == "", bindparam("new_title")), else_=Chat.title))
)
