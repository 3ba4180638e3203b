"""Chats: whose they are, in which order they stand, and what is left of deleted ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, strategies as st
from sqlalchemy import func, select
from uuid_utils.compat import uuid7

from g4f.db.models import Attempt, Base, Chat, Event, Message, Run, now
from g4f.db.storage import Storage
from g4f.errors import NotFoundError
from g4f.services.chats import KEPT, PURGED_TOGETHER, Chat as KeptChat, Chats
from tests.db.factories import attempt, chat, id_of, message, owner, run, table
from tests.proofs import proof
from tests.queries import counted_queries

ACTIONS: dict[str, Callable[[Chats, UUID, UUID], object]] = {
    "open": Chats.open,
    "rename": lambda chats, owner_id, chat_id: chats.rename(owner_id, chat_id, "Mine"),
    "delete": Chats.delete,
    "restore": Chats.restore,
}


@pytest.fixture
def chats(storage: Storage) -> Chats:
    return Chats(lambda: storage)


def store(storage: Storage, *rows: Any) -> None:
    storage.writer.submit(rows).result(10)


def count(storage: Storage, model: type[Base], *conditions: Any) -> int:
    with storage.read() as connection:
        return connection.scalar(select(func.count()).select_from(model).where(*conditions)) or 0


def test_creating_a_chat_again_gives_the_chat_as_it_is(chats: Chats, owner_id: UUID) -> None:
    chat_id = uuid7()
    first = chats.create(owner_id, "Rivers", chat_id)
    assert chats.create(owner_id, "Lakes", chat_id) == first
    assert (first.id, first.title, first.run_id) == (chat_id, "Rivers", None)
    assert chats.list(owner_id) == [first]


def test_two_owners_may_choose_the_same_id(chats: Chats, owner_id: UUID, other_id: UUID) -> None:
    chat_id = uuid7()
    chats.create(owner_id, "Mine", chat_id)
    chats.create(other_id, "Yours", chat_id)
    chats.rename(other_id, chat_id, "Still yours")
    assert (chats.open(owner_id, chat_id).title, chats.open(other_id, chat_id).title) == ("Mine", "Still yours")


@pytest.mark.parametrize("action", ACTIONS)
def test_to_anybody_else_a_chat_does_not_exist(chats: Chats, owner_id: UUID, other_id: UUID, action: str) -> None:
    made = chats.create(owner_id, "Mine")
    with pytest.raises(NotFoundError):
        ACTIONS[action](chats, other_id, made.id)
    assert chats.list(other_id) == []
    assert chats.list(owner_id) == [made]


def test_renaming_does_not_move_a_chat(chats: Chats, storage: Storage, owner_id: UUID) -> None:
    older, newer = chat(owner_id, updated_at=1), chat(owner_id, updated_at=2)
    store(storage, older, newer)
    assert chats.rename(owner_id, id_of(older), "Another").updated_at == 1
    assert [each.id for each in chats.list(owner_id)] == [id_of(newer), id_of(older)]
    assert [each.title for each in chats.list(owner_id)] == ["A chat", "Another"]


@proof("lists of chats turned page by page", 30, 1_000)
@given(moments=st.lists(st.integers(1, 9), max_size=12), limit=st.integers(1, 5))
def test_pages_hold_every_chat_once_and_newest_first(storage: Storage, moments: list[int], limit: int) -> None:
    chats, somebody = Chats(lambda: storage), owner(str(uuid7()))
    store(storage, somebody, *(chat(id_of(somebody), updated_at=moment) for moment in moments))
    found: list[KeptChat] = []
    before = None
    while page := chats.list(id_of(somebody), limit, before):
        found += page
        before = page[-1].updated_at
        assert sum(each.updated_at > before for each in page) < limit
    assert [each.updated_at for each in found] == sorted(moments, reverse=True)
    assert len({each.id for each in found}) == len(moments)


def test_an_open_chat_shows_all_branches_and_the_newest_run_of_each_answer(chats: Chats, storage: Storage, owner_id: UUID) -> None:
    made = chats.create(owner_id)
    question = message(made.id, owner_id)
    answers = [message(made.id, owner_id, parent_id=id_of(question), role="assistant", content=text) for text in ("One", "Two")]
    runs = [run(owner_id, chat_id=made.id, message_id=id_of(answers[0]), kind="durable", state=state) for state in ("failed", "done")]
    store(storage, question, *answers, *runs)
    shown = chats.open(owner_id, made.id).messages
    assert [(each.content, each.parent_id) for each in shown] == [("Hello", None), ("One", id_of(question)), ("Two", id_of(question))]
    assert [each.run and (each.run.id, each.run.state) for each in shown] == [None, (id_of(runs[1]), "done"), None]


def test_opening_a_chat_takes_five_queries_however_long_it_is(chats: Chats, storage: Storage, owner_id: UUID) -> None:
    made = chats.create(owner_id)
    messages = [message(made.id, owner_id) for _ in range(50)]
    store(storage, *messages, *(run(owner_id, chat_id=made.id, message_id=id_of(each)) for each in messages))
    with counted_queries() as queries:
        chats.open(owner_id, made.id)
    assert len(queries) == 5


def test_a_chat_names_the_run_that_is_running(chats: Chats, storage: Storage, owner_id: UUID) -> None:
    made = chats.create(owner_id)
    running, done = run(owner_id, chat_id=made.id, state="running", finished_at=None), run(owner_id, chat_id=made.id)
    store(storage, running, done)
    assert chats.open(owner_id, made.id).run_id == id_of(running)
    assert [each.run_id for each in chats.list(owner_id)] == [id_of(running)]


def test_a_deleted_chat_vanishes_until_it_is_restored(chats: Chats, owner_id: UUID) -> None:
    made = chats.create(owner_id, "Rivers")
    chats.delete(owner_id, made.id)
    assert chats.list(owner_id) == []
    with pytest.raises(NotFoundError):
        chats.open(owner_id, made.id)
    with pytest.raises(NotFoundError):
        chats.rename(owner_id, made.id, "Lakes")
    assert chats.restore(owner_id, made.id) == made
    assert chats.list(owner_id) == [made]


def test_a_deleted_chat_is_not_made_again(chats: Chats, owner_id: UUID) -> None:
    made = chats.create(owner_id)
    chats.delete(owner_id, made.id)
    with pytest.raises(NotFoundError):
        chats.create(owner_id, "Again", made.id)


def test_deleting_twice_counts_from_the_first_time(chats: Chats, storage: Storage, owner_id: UUID) -> None:
    row = chat(owner_id, deleted_at=5)
    store(storage, row)
    chats.delete(owner_id, id_of(row))
    assert count(storage, Chat, Chat.id == id_of(row), Chat.deleted_at == 5) == 1


def test_what_was_deleted_long_ago_is_gone_and_its_runs_stay(chats: Chats, storage: Storage, owner_id: UUID) -> None:
    gone, kept = (chat(owner_id, deleted_at=now() - KEPT + seconds * 1000) for seconds in (-60, 60))
    for row in (gone, kept):
        asked = message(id_of(row), owner_id)
        answer = message(id_of(row), owner_id, parent_id=id_of(asked))
        carried = run(owner_id, chat_id=id_of(row), message_id=id_of(answer), kind="durable")
        said = table(Event), {"owner_id": owner_id, "run_id": id_of(carried), "number": 1, "data": "{}"}
        store(storage, row, asked, answer, carried, attempt(id_of(carried), owner_id), said)
    assert chats.purge() >= 1
    counts = {model: count(storage, model, model.owner_id == owner_id) for model in (Chat, Message, Event, Run, Attempt)}
    assert counts == {Chat: 1, Message: 2, Event: 1, Run: 2, Attempt: 2}
    assert count(storage, Run, Run.owner_id == owner_id, Run.chat_id.is_(None), Run.message_id.is_(None)) == 1
    assert chats.restore(owner_id, id_of(kept)).id == id_of(kept)


def test_any_number_of_chats_is_purged(chats: Chats, storage: Storage, owner_id: UUID) -> None:
    store(storage, *(chat(owner_id, deleted_at=1) for _ in range(PURGED_TOGETHER + 1)))
    assert chats.purge() > PURGED_TOGETHER
    assert count(storage, Chat, Chat.owner_id == owner_id) == 0
    assert chats.purge() == 0
