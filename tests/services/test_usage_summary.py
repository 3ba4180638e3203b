"""Sums of the ledger: the same from entries and from closed days, in JSON and in CSV; and the audit that counts again."""

from __future__ import annotations

import asyncio
import csv
import io
import random
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import ProgrammingError
from uuid_utils.compat import uuid7

from g4f.cli import cli
from g4f.db.migration import upgrade
from g4f.db.models import LOCAL_OWNER, Attempt, Base, Run, UsageClaim, UsageDay, UsageEntry, now
from g4f.db.storage import Storage
from g4f.db.writer import Row, Writer
from g4f.errors import ConfigError, NotFoundError, PayloadTooLargeError
from g4f.services.ledger_days import CLOSED_AGAIN, DAY_MS, close_days, last_closed_day, prune
from g4f.services.ledger_summary import By, SummaryRow, Summed, number_of, to_csv, today
from g4f.services.usage import CLAIM_BYTES, Usage
from tests.databases import Passing, database_url
from tests.db.factories import attempt, chat, id_of, message, owner, run, usage_entry

BYS: tuple[By, ...] = ("day", "model", "provider", "user")


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Storage]:
    """A database of its own, for what is counted is everything in it."""
    with closing(Passing(database_url(tmp_path))) as database:
        upgrade(database)
        with closing(Writer(database, interval=0)) as writer:
            yield Storage(database, writer)


def answer(days_ago: int, owner_id: UUID = LOCAL_OWNER, **values: Any) -> list[Row]:
    """Return the rows of a relayed answer that took 7 tokens of prompt and 3 of text."""
    at = now() - days_ago * DAY_MS
    called = {name: values.pop(name) for name in ("provider", "model", "error_name", "outcome") if name in values}
    parent = run(owner_id, started_at=at - 900, finished_at=at)
    child = attempt(id_of(parent), owner_id, started_at=at - 900, first_token_at=at - 600, finished_at=at, **{"model": "m", **called})
    used = {"prompt_tokens": 7, "completion_tokens": 3, "cached_tokens": 2, "created_at": at}
    return [parent, child, usage_entry(id_of(child), owner_id, **(used | values))]


def store(books: Storage, *rows: Row) -> None:
    books.writer.submit(rows).result(10)


def various(books: Storage) -> None:
    """Store answers of a hundred days, of two people."""
    luck, other = random.Random(0), owner("other")
    rows = [other]
    for _ in range(300):
        price = luck.choice([{}, {"cost_micros": luck.randrange(99), "currency": luck.choice(["USD", "EUR"])}])
        error = luck.choice([{}, {}, {"error_name": luck.choice(["RateLimitError", "TimeoutError"]), "outcome": "failed"}])
        who = luck.choice([LOCAL_OWNER, id_of(other)])
        called = {"provider": luck.choice("AB"), "model": luck.choice(["x", "y", "z", None])}
        rows += answer(luck.randrange(100), who, estimated=luck.random() < 0.3, images=luck.randrange(2), **price, **error, **called)
    store(books, *rows)


def summed(books: Storage, by: By, owner_id: UUID | None = None, days: int = 90) -> Summed:
    return Usage(lambda: books).summary(owner_id, today() - timedelta(days=days - 1), today(), by)


def count(books: Storage, model: type[Base]) -> int:
    with books.read() as connection:
        return connection.scalar(select(func.count()).select_from(model)) or 0


def change(books: Storage, *statements: Any) -> None:
    books.write(lambda connection: [connection.execute(statement) for statement in statements])


@pytest.mark.parametrize("by", BYS)
def test_closed_days_have_the_sums_of_their_entries(books: Storage, by: By) -> None:
    various(books)
    before = [summed(books, by, who, days) for who in (None, LOCAL_OWNER) for days in (1, 30, 90)]
    close_days(books)
    assert count(books, UsageDay) > 50
    assert [summed(books, by, who, days) for who in (None, LOCAL_OWNER) for days in (1, 30, 90)] == before
    assert before[-1].totals.attempts > 50


def test_days_are_closed_once_and_again_for_a_week(books: Storage) -> None:
    store(books, *answer(20), *answer(3))
    close_days(books)
    store(books, *answer(20), *answer(3))  # late: the first by more than a week
    close_days(books)
    by_day = {row.key: row.attempts for row in summed(books, "day").rows}
    assert list(by_day.values()) == [1, 2]
    assert Usage(lambda: books).verify() == [f"The sums of {today() - timedelta(days=20)} are not those of its entries."]


def test_todays_answers_are_seen_at_once(books: Storage) -> None:
    store(books, *answer(2))
    close_days(books)
    store(books, *answer(0))
    assert summed(books, "day").totals.attempts == 2


def test_old_entries_go_and_their_sums_stay(books: Storage) -> None:
    various(books)
    close_days(books)
    before = [summed(books, by) for by in BYS]
    prune(books, 30)
    with books.read() as connection:
        oldest = connection.scalar(select(func.min(UsageEntry.created_at))) or 0
    assert number_of(today()) - 30 <= oldest // DAY_MS
    assert count(books, Attempt) == count(books, Run) == count(books, UsageEntry) < 300
    assert [summed(books, by) for by in BYS] == before
    assert Usage(lambda: books, 30).verify() == []


def test_what_is_not_closed_for_good_is_kept_whatever_is_set(books: Storage) -> None:
    store(books, *(row for days in range(20) for row in answer(days)))
    close_days(books)
    prune(books, 1)
    with books.read() as connection:
        open_days = number_of(today()) - last_closed_day(connection)  # yesterday is one of them for an hour
    assert count(books, UsageEntry) == CLOSED_AGAIN + open_days


def test_waits_errors_and_costs_are_told_apart(books: Storage) -> None:
    store(
        books,
        *answer(0),
        *answer(0, cost_micros=5, currency="USD"),
        *answer(0, error_name="TimeoutError", outcome="failed", estimated=True),
    )
    [row] = summed(books, "model").rows
    assert (row.key, row.attempts, row.prompt_tokens, row.completion_tokens, row.total_tokens, row.cached_tokens) == ("m", 3, 21, 9, 30, 6)
    assert (row.estimated_tokens, row.unpriced, row.costs, row.errors) == (10, 2, {"USD": 5}, {"TimeoutError": 1})
    assert (row.first_token_ms, row.longest_first_token_ms) == (300, 300)


@pytest.mark.parametrize("by", BYS)
def test_csv_says_what_json_says(books: Storage, by: By) -> None:
    various(books)
    rows = summed(books, by).rows
    read = [from_csv(cells, by) for cells in csv.DictReader(io.StringIO(to_csv(rows, by)))]
    assert read == rows


def from_csv(cells: dict[str, str], by: By) -> SummaryRow:
    """Return the row that a line of CSV stands for."""
    costs, errors = (
        {name.removeprefix(prefix): int(cell) for name, cell in cells.items() if name.startswith(prefix) and cell}
        for prefix in ("cost_micros ", "error ")
    )
    plain = {name: int(cells[name]) if cells[name] else None for name in SummaryRow.__struct_fields__ if name in cells}
    return SummaryRow(key=cells[by], costs=costs, errors=errors, **plain)  # type: ignore[arg-type]  # ints but for unknown waits


def test_no_cell_is_a_formula(books: Storage) -> None:
    store(books, *answer(0, model="=cmd|'/c calc'!A1"))
    [_, line] = to_csv(summed(books, "model").rows, "model").splitlines()
    assert line.startswith("'=cmd")


def test_the_ledger_of_a_day_has_the_owners_entries_alone(books: Storage) -> None:
    other = owner("other")
    store(books, other, *answer(0, message_id="m1"), *answer(1), *answer(0, id_of(other)))
    [line] = Usage(lambda: books).day(LOCAL_OWNER, today())
    assert [line[name] for name in ("user", "source", "id", "model", "provider")] == ["local", "server", "m1", "m", "Offline"]
    assert [line[name] for name in ("prompt_tokens", "completion_tokens", "total_tokens")] == [7, 3, 10]
    with pytest.raises(NotFoundError):
        Usage(lambda: books).day(LOCAL_OWNER, today() - timedelta(days=9))


def test_a_claim_is_shown_where_the_ledger_has_no_entry_and_counts_nowhere(books: Storage) -> None:
    usage = Usage(lambda: books)
    store(books, *answer(0, message_id="m1"))
    for claim in (
        {"id": "m1", "prompt_tokens": 10**9},
        {"id": "m2", "model": "x"},
        {"id": "m2", "model": "y"},
        {"user": "root", "id": True},
    ):
        usage.claim(LOCAL_OWNER, claim)
    entry, *claims = usage.day(LOCAL_OWNER, today())
    assert entry["source"] == "server"
    assert claims == [
        {"id": "m2", "model": "x", "user": "local", "source": "client"},
        {"user": "local", "id": True, "source": "client"},
    ]
    assert summed(books, "model").totals.prompt_tokens == 7


def test_an_empty_name_of_a_claim_names_nothing(books: Storage) -> None:
    usage = Usage(lambda: books)
    for claim in ({"message_id": "", "id": "a"}, {"message_id": "", "id": "b"}, {"id": ""}, {"id": ""}):
        usage.claim(LOCAL_OWNER, claim)
    assert [claim["id"] for claim in usage.day(LOCAL_OWNER, today())] == ["a", "b", "", ""]


def test_a_claim_has_a_length(books: Storage) -> None:
    with pytest.raises(PayloadTooLargeError):
        Usage(lambda: books).claim(LOCAL_OWNER, {"x": "x" * CLAIM_BYTES})
    assert count(books, UsageClaim) == 0


def unlock(books: Storage) -> None:
    """Make the table of entries one that takes anything, as a damaged database might."""
    renamed = ("ALTER TABLE usage_entries RENAME TO before", "CREATE TABLE usage_entries AS SELECT * FROM before")
    change(books, *map(text, renamed))


def test_a_missing_entry_and_a_doubled_one_are_both_named(books: Storage) -> None:
    whole, missing, doubled = answer(3), answer(3), answer(2)
    store(books, *whole, *missing, *doubled)
    assert Usage(lambda: books).verify() == []
    unlock(books)
    copy = doubled[2][0], {**doubled[2][1], "id": uuid7(), "prompt_audio_tokens": 0, "completion_audio_tokens": 0, "images": 0}
    store(books, copy)
    change(books, delete(UsageEntry).where(UsageEntry.attempt_id == id_of(missing[1])))
    assert Usage(lambda: books).verify() == [
        f"Attempt {id_of(missing[1])} of run {id_of(missing[0])} (Offline) has no entry.",
        f"Attempt {id_of(doubled[1])} has 2 entries.",
    ]


def test_a_call_entered_twice_as_two_attempts_is_named(books: Storage) -> None:
    parent, first, entry = answer(0)
    second = first[0], {**first[1], "id": uuid7(), "number": 2}
    again = entry[0], {**entry[1], "id": uuid7(), "attempt_id": id_of(second)}
    store(books, parent, first, entry, second, again)
    assert Usage(lambda: books).verify() == [f"Attempt {id_of(second)} of run {id_of(parent)} repeats attempt {id_of(first)}."]


@pytest.mark.parametrize(
    ("tokens", "kind", "estimated"), [(0, "durable", True), (1, "durable", True), (0, "relayed", True), (0, "durable", False)]
)
def test_an_answer_whose_text_was_not_counted_is_named(books: Storage, tokens: int, kind: str, estimated: bool) -> None:
    kept = chat()
    asked = message(id_of(kept))
    said = message(id_of(kept), parent_id=id_of(asked), role="assistant", content="Hello")
    parent, child, entry = answer(0)
    parent[1].update(kind=kind, chat_id=id_of(kept), message_id=id_of(said))  # type: ignore[attr-defined]  # it is a dict
    entry[1].update(completion_tokens=tokens, estimated=estimated)  # type: ignore[attr-defined]  # it is a dict
    store(books, kept, asked, said, parent, child, entry)
    named = [f"Message {id_of(said)} has text, and the ledger counts no token of it."]
    assert Usage(lambda: books).verify() == (named if (tokens, kind, estimated) == (0, "durable", True) else [])


def test_a_closed_day_that_differs_from_its_entries_is_named(books: Storage) -> None:
    store(books, *answer(5), *answer(0))
    close_days(books)
    change(books, update(UsageDay).values(cost_micros=9))
    assert Usage(lambda: books).verify() == [f"The sums of {today() - timedelta(days=5)} are not those of its entries."]


def test_tending_finds_what_is_wrong_before_it_closes_days(books: Storage) -> None:
    parent, child, _ = answer(0)
    store(books, parent, child, *answer(5))
    assert Usage(lambda: books).tend() == [f"Attempt {id_of(child)} of run {id_of(parent)} (Offline) has no entry."]
    assert count(books, UsageDay) == 1


def test_a_night_on_which_tending_fails_is_not_the_last(caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> Storage:
        raise ProgrammingError("SELECT", {}, Exception("no such table"))

    with pytest.raises(TimeoutError):
        asyncio.run(asyncio.wait_for(Usage(broken).tend_nightly(), 0.2))
    assert "not tended today: no such table" in caplog.text


@pytest.mark.parametrize(("wrong", "code"), [(False, 0), (True, 1)])
def test_the_command_names_what_is_wrong_and_fails(tmp_path: Path, wrong: bool, code: int) -> None:
    with closing(Passing(database_url(tmp_path))) as database:
        upgrade(database)
        with closing(Writer(database, interval=0)) as writer:
            writer.submit(answer(0)[: 2 if wrong else 3]).result(10)
        ran = CliRunner().invoke(cli, ["usage", "verify"], env={"G4F_DATABASE_URL": database.address, "G4F_DATA_DIR": str(tmp_path)})
    assert ran.exit_code == code
    assert ("has no entry." in ran.output, "The ledger is right." in ran.output) == (wrong, not wrong)


def test_a_database_that_is_behind_is_not_verified(tmp_path: Path) -> None:
    ran = CliRunner().invoke(cli, ["usage", "verify"], env={"G4F_DATABASE_URL": f"sqlite:///{tmp_path / 'empty.sqlite'}"})
    assert isinstance(ran.exception, ConfigError)
