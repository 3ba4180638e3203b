"""Passages in the database: found by their words, in the files that are asked for, by their owner alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import pytest
from hypothesis import given, strategies as st
from sqlalchemy import Connection, insert, update
from uuid_utils.compat import uuid7

from g4f.db.models import Blob, File, Passage, now
from g4f.db.storage import Storage
from g4f.errors import NotFoundError
from g4f.services.passages import Passages, Surroundings
from tests.proofs import proof


class Part(NamedTuple):
    """Some text of a document."""

    text: str
    page: int | None = None
    heading: str = ""


PUMPS = (
    Part("The drainage pump withstands 40 bar. ", 1, "Pumps"),
    Part("The reserve pump withstands 60 bar. ", 2, "Pumps > Reserve"),
    Part("The reserve pump does not withstand frost.", 3, "Pumps > Reserve"),
)

COUNT = ("zero", "one", "two", "three", "four", "five", "six")
SYNTAX = st.sampled_from(
    ['"', "a AND", "OR NOT", "NEAR(a b)", "red*", "-red", "терм:", "' OR 1=1 --", "!&|()", "x:*", "{a b}", "^a", "a <-> b"]
)


def add(storage: Storage, owner_id: UUID, *parts: Part, name: str = "notes.txt") -> UUID:
    """Keep a file that was read."""
    file_id, blob_id, size = uuid7(), uuid7(), sum(len(part.text) for part in parts)
    blob = {"owner_id": owner_id, "id": blob_id, "state": "ready", "size": size, "digest": str(blob_id)}
    file = {"owner_id": owner_id, "id": file_id, "blob_id": blob_id, "name": name, "media_type": "text/plain", "size": size}
    rows = list(Passages(lambda: storage).rows(owner_id, file_id, parts))

    def do(connection: Connection) -> None:
        connection.execute(insert(Blob), blob)
        connection.execute(insert(File), file | {"state": "ready"})
        if rows:
            connection.execute(insert(Passage), rows)

    storage.write(do)
    return file_id


def throw_away(storage: Storage, file_id: UUID) -> None:
    """Put a file into the trash."""
    storage.write(lambda connection: connection.execute(update(File).where(File.id == file_id).values(deleted_at=now())))


@pytest.fixture
def passages(storage: Storage) -> Passages:
    return Passages(lambda: storage)


def texts(passages: Passages, owner_id: UUID, files: Sequence[UUID], query: str) -> list[str]:
    return [found.text.strip() for found in passages.search(owner_id, files, query)]


def test_a_passage_is_found_by_other_forms_of_its_words(storage: Storage, passages: Passages, owner_id: UUID) -> None:
    file_id = add(storage, owner_id, *PUMPS, name="pumps.pdf")
    found = passages.search(owner_id, [file_id], "Which draining pumps withstood 40 bar?")[0]
    assert (found.file_id, found.name, found.number, found.page, found.heading, found.start) == (file_id, "pumps.pdf", 1, 1, "Pumps", 0)
    assert found.text == PUMPS[0].text


def test_a_negation_is_a_word_like_others(storage: Storage, passages: Passages, owner_id: UUID) -> None:
    file_id = add(storage, owner_id, *PUMPS)
    assert texts(passages, owner_id, [file_id], "What does the reserve pump not withstand?")[0] == PUMPS[2].text


def test_a_passage_is_found_by_its_heading(storage: Storage, passages: Passages, owner_id: UUID) -> None:
    file_id = add(storage, owner_id, Part("Call the office.", None, "Holidays > Pay"), Part("Ask the guard.", None, "Keys"))
    assert texts(passages, owner_id, [file_id], "holiday pay") == ["Call the office."]


def test_only_the_files_that_are_asked_for_are_searched(storage: Storage, passages: Passages, owner_id: UUID) -> None:
    one, other = add(storage, owner_id, Part("A red kite.")), add(storage, owner_id, Part("A red car."))
    assert texts(passages, owner_id, [other], "red") == ["A red car."]
    assert sorted(texts(passages, owner_id, [one, other], "red")) == ["A red car.", "A red kite."]
    assert texts(passages, owner_id, [], "red") == []


def test_what_is_another_owners_does_not_exist(storage: Storage, passages: Passages, owner_id: UUID, other_id: UUID) -> None:
    file_id = add(storage, owner_id, Part("A red kite."))
    assert passages.search(other_id, [file_id], "kite") == []
    assert list(passages.whole_text(other_id, file_id)) == []
    with pytest.raises(NotFoundError):
        passages.around(other_id, file_id, 1)


def test_another_owners_words_change_no_score(storage: Storage, passages: Passages, owner_id: UUID, other_id: UUID) -> None:
    file_id = add(storage, owner_id, *PUMPS)
    before = passages.search(owner_id, [file_id], "reserve pump")
    add(storage, other_id, *(Part("The reserve pump.", page) for page in range(5)))
    assert passages.search(owner_id, [file_id], "reserve pump") == before


def test_a_file_in_the_trash_is_neither_found_nor_opened(storage: Storage, passages: Passages, owner_id: UUID) -> None:
    file_id = add(storage, owner_id, Part("A red kite."))
    throw_away(storage, file_id)
    assert passages.search(owner_id, [file_id], "kite") == []
    assert list(passages.whole_text(owner_id, file_id)) == []
    with pytest.raises(NotFoundError):
        passages.around(owner_id, file_id, 1)


def test_neighbours_come_with_what_was_found_and_meet(storage: Storage, passages: Passages, owner_id: UUID) -> None:
    file_id = add(storage, owner_id, *(Part(f"Part {word}. ", page) for page, word in enumerate(COUNT[:6])))
    found = passages.search(owner_id, [file_id], "three five")
    first, *others = passages.with_neighbours(owner_id, found)
    assert others == []
    assert (first.number, first.start) == (found[0].number, len("Part zero. Part one. "))
    assert first.text == "Part two. Part three. Part four. Part five. "


def test_neighbours_apart_stay_apart_in_the_order_found(storage: Storage, passages: Passages, owner_id: UUID) -> None:
    file_id = add(storage, owner_id, *(Part(f"Part {word}. ", page) for page, word in enumerate(COUNT)))
    found = passages.search(owner_id, [file_id], "zero six")
    around = {1: "Part zero. Part one. ", 7: "Part five. Part six. "}
    assert [one.text for one in passages.with_neighbours(owner_id, found)] == [around[one.number] for one in found]
    assert len(found) == 2


def test_the_same_passage_is_found_once(storage: Storage, passages: Passages, owner_id: UUID) -> None:
    files = [add(storage, owner_id, Part(text)) for text in ("A red kite, 5 m.", "a RED kite – 5 m", "A red kite, 6 m.")]
    assert texts(passages, owner_id, files, "red kite") == ["A red kite, 5 m.", "A red kite, 6 m."]


def test_a_passage_opens_between_its_neighbours(storage: Storage, passages: Passages, owner_id: UUID) -> None:
    file_id = add(storage, owner_id, *PUMPS, name="pumps.pdf")
    there = passages.around(owner_id, file_id, 2)
    assert there == Surroundings("pumps.pdf", 2, "Pumps > Reserve", PUMPS[0].text, PUMPS[1].text, PUMPS[2].text)
    assert (passages.around(owner_id, file_id, 1).before, passages.around(owner_id, file_id, 3).after) == ("", "")


@pytest.mark.parametrize("number", [0, -1, 4, 2**70, -(2**70)])
def test_a_passage_that_is_not_there_is_missing(storage: Storage, passages: Passages, owner_id: UUID, number: int) -> None:
    file_id = add(storage, owner_id, *PUMPS)
    with pytest.raises(NotFoundError):
        passages.around(owner_id, file_id, number)


def test_a_whole_text_is_read_to_its_end(storage: Storage, passages: Passages, owner_id: UUID) -> None:
    text = "".join(f"Sentence number {number} of a long text without end. " for number in range(4000))
    file_id = add(storage, owner_id, Part(text))
    pieces = list(passages.whole_text(owner_id, file_id))
    assert "".join(pieces) == text
    assert len(pieces) > 200


def test_text_that_no_database_keeps_is_kept_without_its_odd_characters(storage: Storage, passages: Passages, owner_id: UUID) -> None:
    file_id = add(storage, owner_id, Part("A red\0kite \ud800 flies.", None, "Kites\0"))
    assert texts(passages, owner_id, [file_id], "kite") == ["A red\ufffdkite ? flies."]


def test_a_question_as_long_as_a_book_is_answered(storage: Storage, passages: Passages, owner_id: UUID) -> None:
    file_id = add(storage, owner_id, *PUMPS)
    assert texts(passages, owner_id, [file_id], "reserve frost " + " ".join("z" * number for number in range(3, 2000)))[0] == PUMPS[2].text


@proof("questions of any text", 60, 1_000)
@given(query=st.text(max_size=40) | SYNTAX)
def test_no_question_breaks_the_search(storage: Storage, owner_id: UUID, query: str) -> None:
    passages = Passages(lambda: storage)
    assert len(passages.search(owner_id, [uuid7()], query)) == 0


@proof("texts found by their own words", 60, 1_000)
@given(text=st.text(max_size=40), query=st.text(max_size=20) | SYNTAX)
def test_any_text_can_be_kept_and_any_text_asked(storage: Storage, owner_id: UUID, text: str, query: str) -> None:
    passages = Passages(lambda: storage)
    file_id = add(storage, owner_id, Part(f"{text} kite"))
    assert len(passages.search(owner_id, [file_id], f"{query} kite")) == 1
