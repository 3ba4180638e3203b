"""Passages found by their meaning: by a server of embeddings on a socket, on either database, with and without pgvector."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from typing import NamedTuple
from uuid import UUID

import pytest
from sqlalchemy import select

from g4f.config import EmbeddingServer
from g4f.db.models import Embedding
from g4f.db.storage import Storage
from g4f.errors import ConfigError, G4FError, ResponseError
from g4f.services.embeddings import Embeddings
from g4f.services.passages import Passages
from g4f.services.vectors import Vectors
from tests.servers.embeddings import EmbeddingsServer
from tests.services.test_passages import Part, add, throw_away

KITE, CAR = Part("A red kite. ", 1), Part("A blue car.", 2)


class Meaning(NamedTuple):
    """Passages that are found by a server's model."""

    server: EmbeddingsServer
    passages: Passages
    vectors: Vectors

    def complete(self) -> None:
        asyncio.run(self.vectors.complete())

    def texts(self, owner_id: UUID, files: list[UUID], query: str, limit: int = 5) -> list[str]:
        found = asyncio.run(self.passages.find(owner_id, files, query, limit))
        return [each.text.strip() for each in found]


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddingsServer]:
    with EmbeddingsServer() as embeddings:
        yield embeddings


@pytest.fixture(params=["opened", "numpy"])
def model(request: pytest.FixtureRequest, storage: Storage, server: EmbeddingsServer) -> Callable[..., Meaning]:
    """Name a model; one that was not opened compares with numpy, whatever the database can."""

    server.trouble, server.dimensions = 0, 5

    def make(name: str = "plain") -> Meaning:
        vectors = Vectors(lambda: storage, Embeddings(EmbeddingServer(base_url=server.base_url, model=name)), name)
        if request.param == "opened":
            vectors.open(storage.database)
        return Meaning(server, Passages(lambda: storage, vectors), vectors)

    return make


@pytest.fixture
def plain(model: Callable[..., Meaning]) -> Meaning:
    return model()


def kept(storage: Storage, file_id: UUID) -> list[tuple[int, str, int]]:
    """Return number, model and dimensions of the vectors of a file."""
    theirs = select(Embedding.number, Embedding.model, Embedding.dimensions).where(Embedding.file_id == file_id)
    with storage.read() as connection:
        return [(row.number, row.model, row.dimensions) for row in connection.execute(theirs.order_by(Embedding.number))]


def test_a_passage_is_found_by_its_meaning(storage: Storage, owner_id: UUID, plain: Meaning) -> None:
    file_id = add(storage, owner_id, KITE, CAR)
    assert plain.texts(owner_id, [file_id], "vehicle") == []
    plain.complete()
    assert plain.texts(owner_id, [file_id], "vehicle")[0] == CAR.text
    assert plain.passages.search(owner_id, [file_id], "vehicle") == []
    assert kept(storage, file_id) == [(1, "plain", 5), (2, "plain", 5)]


def test_what_both_words_and_meaning_know_comes_before_what_one_of_them_likes_best(
    storage: Storage, owner_id: UUID, plain: Meaning
) -> None:
    words, both, near = (
        Part("The timetable of the timetable office. "),
        Part("The timetable of the car pool here. "),
        Part("Cars and larger ones. "),
    )
    far = [Part(f"A car that is {colour}, of which nobody knows when it comes or goes. ") for colour in ("red", "blue", "green")]
    files = [add(storage, owner_id, part) for part in (words, both, near, *far)]
    plain.complete()
    question = "timetable of vehicles"
    fused = plain.texts(owner_id, files, question)
    by_words = plain.passages.search(owner_id, files, question)
    assert [found.text for found in by_words] == [words.text, both.text]
    assert fused[0] == both.text.strip()
    assert near.text.strip() in fused


def test_duplicates_that_the_meaning_finds_are_found_once(storage: Storage, owner_id: UUID, plain: Meaning) -> None:
    files = [add(storage, owner_id, Part(text)) for text in ("A blue car, 5 m.", "a BLUE car – 5 m", "A blue car, 6 m.")]
    plain.complete()
    assert sorted(plain.texts(owner_id, files, "vehicle")) == ["A blue car, 5 m.", "A blue car, 6 m."]


def test_what_is_another_owners_is_near_to_nothing(storage: Storage, owner_id: UUID, other_id: UUID, plain: Meaning) -> None:
    mine, theirs = add(storage, owner_id, KITE), add(storage, other_id, CAR)
    plain.complete()
    assert plain.texts(owner_id, [mine, theirs], "vehicle") == [KITE.text.strip()]


def test_the_nearest_of_a_deleted_file_are_not_found(storage: Storage, owner_id: UUID, plain: Meaning) -> None:
    file_id = add(storage, owner_id, CAR)
    plain.complete()
    throw_away(storage, file_id)
    assert plain.texts(owner_id, [file_id], "vehicle") == []


def test_vectors_of_another_model_are_not_compared_but_replaced(storage: Storage, owner_id: UUID, model: Callable[..., Meaning]) -> None:
    file_id = add(storage, owner_id, KITE, CAR)
    model().complete()
    other = model("other")
    assert other.texts(owner_id, [file_id], "vehicle") == []
    other.complete()
    assert other.texts(owner_id, [file_id], "vehicle")[0] == CAR.text
    assert kept(storage, file_id) == [(1, "other", 5), (2, "other", 5)]


def test_vectors_of_another_length_are_left_out_under_the_same_name(storage: Storage, owner_id: UUID, plain: Meaning) -> None:
    plain.server.dimensions = 3
    short = add(storage, owner_id, CAR)
    plain.complete()
    plain.server.dimensions = 7
    long = add(storage, owner_id, KITE, Part("A grey car."))
    plain.complete()
    assert (kept(storage, short)[0][2], kept(storage, long)[0][2]) == (3, 7)
    assert plain.texts(owner_id, [short, long], "vehicle") == ["A grey car.", KITE.text.strip()]


def test_what_was_made_is_kept_when_the_server_fails_and_the_rest_follows(storage: Storage, owner_id: UUID, plain: Meaning) -> None:
    plain.complete()
    file_id = add(storage, owner_id, *(Part(f"Car number {number}. ", number) for number in range(1, 41)))
    before = len(plain.server.asked)
    plain.server.trouble = 503
    with pytest.raises(G4FError, match="503"):
        plain.complete()
    plain.server.trouble = 0
    plain.complete()
    plain.complete()
    assert len(kept(storage, file_id)) == 40
    assert len(plain.server.asked) == before + 32 + 40


def test_texts_that_the_server_refuses_do_not_keep_the_others_waiting(storage: Storage, owner_id: UUID, plain: Meaning) -> None:
    file_id = add(storage, owner_id, CAR)
    plain.server.trouble = 400
    plain.complete()
    plain.server.trouble = 0
    assert kept(storage, file_id) == []
    plain.complete()
    assert len(kept(storage, file_id)) == 1


@pytest.mark.parametrize(("name", "words"), [("html", "something else"), ("fewer", "other texts"), ("empty", "cannot be compared")])
def test_an_answer_of_no_use_is_said(storage: Storage, owner_id: UUID, model: Callable[..., Meaning], name: str, words: str) -> None:
    file_id = add(storage, owner_id, CAR)
    with pytest.raises(ResponseError, match=words):
        model(name).texts(owner_id, [file_id], "vehicle")


def test_without_numpy_the_setting_is_refused_in_one_line(storage: Storage, plain: Meaning, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numpy", None)
    if storage.database.path is None:
        plain.vectors.open(storage.database)  # pgvector needs nothing here
    else:
        with pytest.raises(ConfigError, match=r"^The setting embeddings needs numpy; run: pip install 'g4f-platform\[embeddings\]'"):
            plain.vectors.open(storage.database)
