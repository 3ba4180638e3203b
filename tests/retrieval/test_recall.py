"""Recall: a small set of generated documents, in which nearly every question finds its passage."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.retrieval.corpus import corpus
from benchmarks.retrieval.measure import AND_AT_MOST, DISTANT_AT_LEAST, RECALL_AT_LEAST, measure
from g4f.db.migration import upgrade
from g4f.db.session import Database
from g4f.db.storage import Storage
from g4f.db.writer import Writer
from tests.databases import database_url
from tests.proofs import counted, proof

QUESTIONS = 60


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    """A database with nothing but the documents."""
    with closing(Database(database_url(tmp_path))) as database:
        upgrade(database)
        with closing(Writer(database)) as writer:
            yield Storage(database, writer)


@proof("questions asked of generated documents", QUESTIONS)
def test_nearly_every_question_finds_its_passage_among_five(storage: Storage) -> None:
    questions = corpus(7, documents=12, questions=QUESTIONS)
    result = measure(storage, questions)
    assert all(counted(questions.questions))
    print(f"recall@5 {result.recall:.3f}, plain AND {result.plain_and:.3f}, one form at most {result.distant:.3f}")  # noqa: T201 - on failure, or with -s
    assert result.recall > RECALL_AT_LEAST, result.missed
    assert result.plain_and < AND_AT_MOST
    assert result.distant >= DISTANT_AT_LEAST
