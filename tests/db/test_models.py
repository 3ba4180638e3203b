"""What the tables refuse, whoever asks."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from g4f.db.models import LOCAL_OWNER, Base, Chat, Message, Owner, Run
from g4f.db.session import Database
from g4f.db.writer import Row
from tests.db.factories import attempt, chat, id_of, message, owner, run, usage_entry

FOREIGN_KEY = r"(?i)foreign key constraint"


def store(database: Database, *rows: Row) -> None:
    with database.begin() as connection:
        for table, values in rows:
            connection.execute(insert(table), values)


def test_the_person_at_the_machine_owns_rows_from_the_start(database: Database) -> None:
    with database.read() as connection:
        assert [tuple(row) for row in connection.execute(select(Owner.id, Owner.name))] == [(LOCAL_OWNER, "local")]


def test_every_table_names_an_owner_first_in_its_key() -> None:
    keys = {name: next(iter(table.primary_key)).name for name, table in Base.metadata.tables.items()}
    assert keys.pop("commits") == "writer_id"  # what became of everybody's rows, which went together
    assert keys.pop("journal") == "number"  # what all of one process's runs said between two commits
    assert {keys.pop(name) for name in ("owners", "workers", "shares", "passages")} == {
        "id"
    }  # what clients name, and what is indexed by number
    assert set(keys.values()) == {"owner_id"}


def test_every_reference_within_an_owners_rows_carries_the_owner() -> None:
    references = [constraint for table in Base.metadata.tables.values() for constraint in table.foreign_key_constraints]
    assert len(references) == 29
    assert all(constraint.column_keys[0] == "owner_id" for constraint in references)


def children_of(mine: Row, theirs: Row, me: Row) -> dict[str, Row]:
    """Return rows of mine that point at a row of theirs, by what they are."""
    my_id = id_of(me)
    return {
        "message in a chat": message(id_of(theirs), my_id),
        "answer to a message": message(id_of(mine), my_id, parent_id=id_of(theirs)),
        "run in a chat": run(my_id, chat_id=id_of(theirs)),
        "run that writes a message": run(my_id, chat_id=id_of(mine), message_id=id_of(theirs)),
        "attempt of a run": attempt(id_of(theirs), my_id),
        "entry of an attempt": usage_entry(id_of(theirs), my_id),
    }


@pytest.mark.parametrize("kind", ["message in a chat", "answer to a message", "run in a chat", "run that writes a message"])
def test_a_row_cannot_point_into_another_owners_chat(database: Database, kind: str) -> None:
    me, you = owner("me"), owner("you")
    mine, theirs = chat(id_of(me)), chat(id_of(you))
    their_message = message(id_of(theirs), id_of(you))
    store(database, me, you, mine, theirs, their_message)
    target = theirs if kind.endswith("chat") else their_message
    with pytest.raises(IntegrityError, match=FOREIGN_KEY):
        store(database, children_of(mine, target, me)[kind])


@pytest.mark.parametrize("kind", ["attempt of a run", "entry of an attempt"])
def test_a_row_cannot_point_into_another_owners_run(database: Database, kind: str) -> None:
    me, you = owner("me"), owner("you")
    their_run = run(id_of(you))
    their_attempt = attempt(id_of(their_run), id_of(you))
    store(database, me, you, their_run, their_attempt)
    target = their_run if kind.endswith("run") else their_attempt
    with pytest.raises(IntegrityError, match=FOREIGN_KEY):
        store(database, children_of(target, target, me)[kind])


def test_an_answer_cannot_hang_on_a_message_of_another_chat(database: Database) -> None:
    one, other = chat(), chat()
    question = message(id_of(one))
    store(database, one, other, question)
    with pytest.raises(IntegrityError, match=FOREIGN_KEY):
        store(database, message(id_of(other), parent_id=id_of(question)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "finished"},
        {"kind": "other"},
        {"state": "running"},
        {"finished_at": None},
        {"message_id": LOCAL_OWNER},
        {"idempotency_key": "k" * 256},
    ],
)
def test_a_run_that_contradicts_itself_is_refused(database: Database, wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match=r'(?i)check constraint.* "?ck_runs_'):
        store(database, run(**wrong))


@pytest.mark.parametrize("wrong", [{"number": 0}, {"outcome": "lost"}, {"outcome": "running"}, {"finished_at": None}])
def test_an_attempt_that_contradicts_itself_is_refused(database: Database, wrong: dict[str, Any]) -> None:
    parent = run()
    store(database, parent)
    with pytest.raises(IntegrityError, match=r'(?i)check constraint.* "?ck_attempts_'):
        store(database, attempt(id_of(parent), **wrong))


@pytest.mark.parametrize("wrong", [{"prompt_tokens": -1}, {"cost_micros": 5}, {"currency": "EUR"}, {"cost_micros": -5, "currency": "EUR"}])
def test_an_impossible_usage_entry_is_refused(database: Database, wrong: dict[str, Any]) -> None:
    parent = run()
    child = attempt(id_of(parent))
    store(database, parent, child)
    with pytest.raises(IntegrityError, match=r'(?i)check constraint.* "?ck_usage_entries_'):
        store(database, usage_entry(id_of(child), **wrong))


def test_an_attempt_is_entered_once(database: Database) -> None:
    parent = run()
    child = attempt(id_of(parent))
    store(database, parent, child, usage_entry(id_of(child)))
    with pytest.raises(IntegrityError, match=r"(?i)unique constraint"):
        store(database, usage_entry(id_of(child)))


def test_an_idempotency_key_names_one_run_of_an_owner_and_no_key_names_none(database: Database) -> None:
    me = owner("me")
    store(database, me, run(), run(), run(idempotency_key="once"), run(id_of(me), idempotency_key="once"))
    with pytest.raises(IntegrityError, match=r"(?i)unique constraint"):
        store(database, run(idempotency_key="once"))


def test_a_deleted_chat_takes_its_messages_along_once_its_runs_let_go_of_it(database: Database) -> None:
    kept = chat()
    question = message(id_of(kept))
    answer = message(id_of(kept), parent_id=id_of(question), role="assistant")
    store(database, kept, question, answer, run(chat_id=id_of(kept), message_id=id_of(answer)))
    with pytest.raises(IntegrityError, match=FOREIGN_KEY), database.begin() as connection:
        connection.execute(delete(Chat))
    with database.begin() as connection:
        connection.execute(update(Run).values(chat_id=None, message_id=None))
        connection.execute(delete(Chat))
        assert connection.scalar(select(func.count()).select_from(Message)) == 0
        assert connection.scalar(select(func.count()).select_from(Run)) == 1
