"""One function per table: a row with what a test does not care about filled in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Table
from uuid_utils.compat import uuid7

from g4f.db.models import LOCAL_OWNER, Attempt, Base, Chat, Message, Owner, Run, UsageEntry, now
from g4f.db.writer import Row


def table(model: type[Base]) -> Table:
    """Return the table of a model."""
    assert isinstance(model.__table__, Table)
    return model.__table__


def owner(name: str) -> Row:
    """Return a row of owners."""
    return table(Owner), {"id": uuid7(), "name": name}


def chat(owner_id: UUID = LOCAL_OWNER, **values: Any) -> Row:
    """Return a row of chats."""
    return table(Chat), {"owner_id": owner_id, "id": uuid7(), "title": "A chat", **values}


def message(chat_id: UUID, owner_id: UUID = LOCAL_OWNER, **values: Any) -> Row:
    """Return a row of messages."""
    return table(Message), {"owner_id": owner_id, "id": uuid7(), "chat_id": chat_id, "role": "user", "content": "Hello", **values}


def run(owner_id: UUID = LOCAL_OWNER, **values: Any) -> Row:
    """Return a row of runs."""
    row = {"owner_id": owner_id, "id": uuid7(), "kind": "relayed", "state": "done", "request_id": "r", "finished_at": now()}
    return table(Run), row | values


def attempt(run_id: UUID, owner_id: UUID = LOCAL_OWNER, **values: Any) -> Row:
    """Return a row of attempts."""
    row = {
        "owner_id": owner_id,
        "id": uuid7(),
        "run_id": run_id,
        "number": 1,
        "provider": "Offline",
        "outcome": "done",
        "finished_at": now(),
    }
    return table(Attempt), row | values


def usage_entry(attempt_id: UUID, owner_id: UUID = LOCAL_OWNER, **values: Any) -> Row:
    """Return a row of usage_entries."""
    return table(UsageEntry), {"owner_id": owner_id, "id": uuid7(), "attempt_id": attempt_id, "estimated": False, **values}


def id_of(row: Row) -> UUID:
    """Return a row's id."""
    found: UUID = row[1]["id"]
    return found
