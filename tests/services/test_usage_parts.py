"""Months that are closed for good: summed once in a process, whatever span of days is asked for."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from uuid_utils.compat import uuid7

from g4f.db.migration import upgrade
from g4f.db.models import LOCAL_OWNER, UsageDay
from g4f.db.storage import Storage
from g4f.db.writer import Writer
from g4f.services.ledger_days import close_days
from g4f.services.ledger_parts import KEPT, Parts
from g4f.services.ledger_summary import number_of, today
from g4f.services.usage import Usage
from tests.databases import Passing, database_url
from tests.queries import counted_queries
from tests.services.test_usage_summary import BYS, answer, change, store


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Storage]:
    """A database of its own, for what is counted is everything in it."""
    with closing(Passing(database_url(tmp_path))) as database:
        upgrade(database)
        with closing(Writer(database, interval=0)) as writer:
            yield Storage(database, writer)


def test_a_summary_reads_every_span_of_days_right_whatever_was_read_before(books: Storage) -> None:
    store(books, *(row for days in range(120) for row in answer(days)))
    close_days(books)
    usage, luck = Usage(lambda: books), random.Random(0)
    for _ in range(60):
        first, last = sorted((luck.randrange(120), luck.randrange(120)), reverse=True)
        who, by = luck.choice([None, LOCAL_OWNER]), luck.choice(BYS)
        totals = usage.summary(who, today() - timedelta(days=first), today() - timedelta(days=last), by).totals
        assert (totals.attempts, totals.prompt_tokens) == (first - last + 1, 7 * (first - last + 1))


def test_a_month_that_is_closed_for_good_is_summed_once_and_a_young_one_anew(books: Storage) -> None:
    store(books, *answer(100), *answer(3))
    close_days(books)
    usage = Usage(lambda: books)
    read = [usage.summary(None, today() - timedelta(days=150), today(), "day").totals.attempts]
    change(books, update(UsageDay).values(attempts=5))
    read.append(usage.summary(None, today() - timedelta(days=150), today(), "day").totals.attempts)
    assert read == [2, 1 + 5]


def test_of_the_months_that_are_kept_the_oldest_go(books: Storage) -> None:
    store(books, *answer(100))
    close_days(books)
    parts, people = Parts(), [uuid7() for _ in range(KEPT + 1)]
    counts = []
    with books.read() as connection:
        for owner_id in (*people, people[-1], people[0]):
            with counted_queries() as queries:
                list(parts.read(connection, "day", owner_id, number_of(today()) - 150, number_of(today()) - 60))
            counts.append(len(queries))
    assert counts[-2] < counts[-1] == counts[0]
