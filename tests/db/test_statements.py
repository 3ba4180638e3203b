"""Statements that are made once do what SQLAlchemy would do, on both databases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Insert, Update, bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from uuid_utils.compat import uuid7

from g4f.db.migration import upgrade
from g4f.db.models import Chat
from g4f.db.statements import TOGETHER, run
from tests.databases import Passing
from tests.db.factories import id_of, owner

NEW = insert(Chat)
RENAME = (
    update(Chat)
    .where(Chat.owner_id == bindparam("owner"), Chat.title == bindparam("old"))
    .values(title=bindparam("owner_name") + ": " + bindparam("old"), updated_at=1)
)


def row(owner_id: UUID, title: str = "", **more: Any) -> dict[str, Any]:
    return {"owner_id": owner_id, "id": uuid7(), "title": title, "created_at": 1, "updated_at": 2, "deleted_at": None, **more}


@pytest.fixture
def owner_id(database: Passing) -> UUID:
    """Somebody who owns nothing yet."""
    upgrade(database)
    person = owner("somebody")
    write(database, insert(person[0]), [person[1]])
    return id_of(person)


def write(database: Passing, statement: Insert | Update, rows: Sequence[Mapping[str, Any]]) -> int:
    with database.begin() as connection:
        return run(connection, statement, rows)


@pytest.mark.parametrize("count", [1, TOGETHER, 2 * TOGETHER + 1])
def test_rows_are_inserted_as_they_are_given(database: Passing, owner_id: UUID, count: int) -> None:
    rows = [row(owner_id, f"chat {number}", deleted_at=number or None) for number in range(count)]
    write(database, NEW, rows)
    with database.read() as connection:
        columns = [Chat.__table__.c[name] for name in rows[0]]
        found = connection.execute(select(*columns).where(Chat.owner_id == owner_id).order_by(Chat.id)).mappings()
        assert [dict(each) for each in found] == sorted(rows, key=lambda each: str(each["id"]))


def test_what_rows_lack_is_filled_in(database: Passing, owner_id: UUID) -> None:
    write(database, NEW, [{"owner_id": owner_id, "id": uuid7()}])
    with database.read() as connection:
        chat = connection.execute(select(Chat.title, Chat.created_at).where(Chat.owner_id == owner_id)).one()
    assert chat.title == ""
    assert chat.created_at > 1


def test_an_update_tells_how_many_rows_it_touched(database: Passing, owner_id: UUID) -> None:
    write(database, NEW, [row(owner_id, "a"), row(owner_id, "a"), row(owner_id, "b")])
    values = {"owner": owner_id, "old": "a", "owner_name": "Ann"}
    assert write(database, RENAME, [values]) == 2
    assert write(database, RENAME, [values]) == 0
    with database.read() as connection:
        counted = select(func.count()).where(Chat.owner_id == owner_id, Chat.title == "Ann: a", Chat.updated_at == 1)
        assert connection.scalar(counted) == 2


def test_what_a_database_refuses_is_said_as_usual_and_without_the_row(database: Passing, owner_id: UUID) -> None:
    twice = row(owner_id, "a secret")
    with pytest.raises(IntegrityError) as refused:
        write(database, NEW, [twice, twice])
    assert "secret" not in str(refused.value)
    with database.read() as connection:
        assert connection.scalar(select(func.count()).where(Chat.owner_id == owner_id)) == 0
