"""Measuring a corpus: put into a database as files are, and asked as people ask."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, insert
from uuid_utils.compat import uuid7

from benchmarks.retrieval.corpus import Asked, Corpus, Document
from g4f.db.models import LOCAL_OWNER, Blob, File, Passage
from g4f.db.storage import Storage
from g4f.services.passages import Passages

RECALL_AT_LEAST, AND_AT_MOST, DISTANT_AT_LEAST = 0.9, 0.6, 1 / 3
FIRST = 5

Key = tuple[UUID, int]


class Result(NamedTuple):
    """Parts of the questions: found among five, found first, found by plain AND, and those that share one word form at most."""

    recall: float
    first: float
    plain_and: float
    distant: float
    passages: int
    index_seconds: float
    search_seconds: float
    missed: Sequence[tuple[str, str]]


class _Index(NamedTuple):
    """The stored passages of each file."""

    rows: dict[UUID, list[dict[str, Any]]]
    documents: dict[UUID, Document]

    def expected(self, question: Asked) -> list[Key]:
        """Return the passages with a fact that answers."""
        return [
            (file_id, bisect_right(self.rows[file_id], place, key=lambda row: row["start"]))
            for file_id, document in self.documents.items()
            for place, fact in document.facts
            if question.answered_by(fact)
        ]

    def text(self, key: Key) -> str:
        """Return a passage with its heading."""
        row = self.rows[key[0]][key[1] - 1]
        return f"{row['heading']}\n{row['text']}"


def measure(storage: Storage, corpus: Corpus) -> Result:
    """Store the documents, ask every question, and compare with what a search for all word forms finds."""
    service, began = Passages(lambda: storage), time.perf_counter()
    documents = {uuid7(): document for document in corpus.documents}
    index = _Index({file_id: list(service.rows(LOCAL_OWNER, file_id, each.sections)) for file_id, each in documents.items()}, documents)
    storage.write(lambda connection: _store(connection, index))
    stored = time.perf_counter()
    answers = [service.search(LOCAL_OWNER, list(documents), question.text, FIRST) for question in corpus.questions]
    found = [[(passage.file_id, passage.number) for passage in answer] for answer in answers]
    asked = time.perf_counter()
    expected = [index.expected(question) for question in corpus.questions]
    hits = [bool(set(there) & set(wanted)) for there, wanted in zip(found, expected, strict=True)]
    missed = [(each.text, index.text(wanted[0])) for each, wanted, hit in zip(corpus.questions, expected, hits, strict=True) if not hit]
    return Result(
        _part(hits),
        _part([bool(set(there[:1]) & set(wanted)) for there, wanted in zip(found, expected, strict=True)]),
        _plain_and(index, corpus.questions, expected),
        _part([
            max(len(each.forms(each.text) & each.forms(index.text(key))) for key in wanted) <= 1
            for each, wanted in zip(corpus.questions, expected, strict=True)
        ]),
        sum(map(len, index.rows.values())),
        stored - began,
        asked - stored,
        missed,
    )  # fmt: skip


def _store(connection: Connection, index: _Index) -> None:
    for file_id, rows in index.rows.items():
        blob_id, size = uuid7(), sum(len(row["text"]) for row in rows)
        blob = {"owner_id": LOCAL_OWNER, "id": blob_id, "state": "ready", "size": size, "digest": str(blob_id)}
        connection.execute(insert(Blob), blob)
        file = {"owner_id": LOCAL_OWNER, "id": file_id, "blob_id": blob_id, "name": f"{file_id}.pdf", "media_type": "application/pdf"}
        connection.execute(insert(File), file | {"size": size, "state": "ready"})
        connection.execute(insert(Passage), rows)


def _plain_and(index: _Index, questions: Sequence[Asked], expected: Sequence[Sequence[Key]]) -> float:
    """Return the part found by asking for passages with all content word forms, those that repeat them most first."""
    keys = [(file_id, row["number"]) for file_id, rows in index.rows.items() for row in rows]
    texts = [index.text(key).casefold() for key in keys]
    one_of_each = {question.language: question for question in questions}
    forms = {language: [question.forms(text) for text in texts] for language, question in one_of_each.items()}
    hits = []
    for question, wanted in zip(questions, expected, strict=True):
        asked = question.forms(question.text)
        having = [place for place, there in enumerate(forms[question.language]) if asked <= there]
        having.sort(key=lambda place: -sum(map(texts[place].count, asked)))
        hits.append(any(keys[place] in wanted for place in having[:FIRST]))
    return _part(hits)


def _part(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits)
