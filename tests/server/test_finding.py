"""Questions about files: passages by words and meaning with what stands around them, and recordings by what is said in them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from uuid_utils.compat import uuid7

from tests.servers.embeddings import EmbeddingsServer
from tests.servers.openai import OpenaiServer
from tests.servers.platform import Platform, said
from tests.servers.speech import AudioServer, tone

V2 = "/backend-api/v2"
SAID = "The turbine stands in Quillon."
THINGS = {20: "bridges", 21: "a car of the mayor", 22: "rivers"}
BOOK = [f"# Part {number}\n\nIt is about {THINGS.get(number, 'roads')}. {'And so on. ' * 70}" for number in range(1, 31)]


@pytest.fixture(scope="module")
def audio() -> Iterator[AudioServer]:
    with AudioServer() as server:
        server.said = SAID
        yield server


@pytest.fixture(scope="module")
def model() -> Iterator[OpenaiServer]:
    with OpenaiServer() as server:
        yield server


@pytest.fixture(scope="module")
def embeddings() -> Iterator[EmbeddingsServer]:
    with EmbeddingsServer() as server:
        yield server


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, audio: AudioServer, model: OpenaiServer, embeddings: EmbeddingsServer
) -> Iterator[Platform]:
    """The platform with servers of embeddings and of speech, and a model whose window is small."""
    settings: dict[str, Any] = {
        "servers": {"scenario": {"base_url": model.base_url, "models": ["echo"]}}, "context_window": 1500,
        "embeddings": {"base_url": embeddings.base_url, "model": "m"},
        "speech_servers": {"box": {"base_url": audio.base_url, "transcription_model": "plain"}},
    }  # fmt: skip
    with Platform(tmp_path_factory.mktemp("finding") / "data", **settings) as platform:
        yield platform


def upload(server: Platform, name: str, data: bytes) -> str:
    """Upload a file into a bucket of its own and wait until it is read."""
    bucket = str(uuid7())
    assert requests.post(f"{server.base_url}{V2}/files/{bucket}", files={"files": (name, data)}, timeout=60).status_code == 200
    requests.get(f"{server.base_url}{V2}/files/{bucket}/stream", timeout=60).raise_for_status()
    return bucket


def asked(server: Platform, text: str, bucket: str) -> list[dict[str, Any]]:
    content = [{"type": "text", "text": text}, {"bucket_id": bucket}]
    return server.chunks({"messages": [{"role": "user", "content": content}], "provider": "scenario", "model": "echo"})


def sources(chunks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [source for chunk in chunks if chunk["type"] == "sources" for source in chunk["sources"]]


def test_a_passage_that_shares_no_word_is_found_with_its_neighbours(server: Platform) -> None:
    bucket = upload(server, "book.md", "\n\n".join(BOOK).encode())
    deadline, chunks = time.monotonic() + 20, list[dict[str, Any]]()
    while not sources(chunks):  # vectors come a moment after the text
        assert time.monotonic() < deadline
        chunks = asked(server, "Whose vehicle?", bucket)
    first = said(chunks).partition("<-- End -->")[0]
    assert first.startswith("<!-- File: [1] book.md -->")
    assert [thing for thing in THINGS.values() if thing in first] == ["bridges", "a car of the mayor", "rivers"]


def test_while_the_server_of_embeddings_is_away_words_alone_are_searched_and_the_answer_says_so(
    server: Platform, embeddings: EmbeddingsServer
) -> None:
    embeddings.trouble = 400
    try:
        bucket = upload(server, "book.md", "\n\n".join(BOOK).encode())
        chunks = asked(server, "Which car has the mayor?", bucket)
    finally:
        embeddings.trouble = 0
    (told,) = [chunk["message"] for chunk in chunks if chunk["type"] == "message"]
    assert told.startswith("ResponseError: Files were searched by words alone: ")
    assert "a car of the mayor" in said(chunks).partition("<-- End -->")[0]


def test_what_is_said_in_a_recording_is_cited_and_given_instead_of_its_sound(server: Platform, model: OpenaiServer) -> None:
    bucket = upload(server, "talk.wav", tone(0.1))
    chunks = asked(server, "Where are the turbines?", bucket)
    (source,) = sources(chunks)
    assert (source["title"], source["text"], source["page"]) == ("talk.wav", SAID, None)
    assert SAID in said(chunks)
    assert isinstance(model.call().json["messages"][-1]["content"], str)  # no part but the text
    opened = server.get(f"{V2}/file/{source['file_id']}/passages/{source['passage']}")
    assert opened.json()["passage"] == SAID


def test_the_words_of_a_recording_are_in_the_text_of_its_bucket(server: Platform) -> None:
    bucket = upload(server, "talk.wav", tone(0.1))
    assert server.get(f"{V2}/files/{bucket}").text == f"<!-- File: talk.wav.md -->\n{SAID}\n<-- End -->\n\n"
    events = [json.loads(line[6:]) for line in server.get(f"{V2}/files/{bucket}/stream").text.split("\n\n") if line]
    assert (events[0], events[-1]) == ({"action": "media", "filename": "talk.wav"}, {"action": "done", "size": len(SAID)})


def test_why_a_recording_was_not_written_down_is_said_and_its_sound_goes_to_the_model(
    server: Platform, audio: AudioServer, model: OpenaiServer
) -> None:
    audio.trouble = "fail-400"
    try:
        bucket = upload(server, "song.wav", tone(0.1))
    finally:
        audio.trouble = ""
    (file,) = server.get(f"{V2}/buckets/{bucket}/files").json()["files"]
    assert (file["state"], file["reason"].startswith("What is said was not written down")) == ("ready", True)
    asked(server, "What is it?", bucket)
    assert "input_audio" in [part["type"] for part in model.call().json["messages"][-1]["content"]]


def test_without_a_server_recordings_stay_media(lonely: Platform) -> None:
    bucket = upload(lonely, "talk.wav", tone(0.1))
    assert lonely.get(f"{V2}/files/{bucket}").text == ""
    (file,) = lonely.get(f"{V2}/buckets/{bucket}/files").json()["files"]
    assert (file["state"], file["reason"]) == ("ready", None)


def test_a_key_for_chats_sends_no_recording_away(tmp_path: Path, audio: AudioServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-for-chats")
    monkeypatch.setenv("OPENAI_BASE_URL", audio.base_url)
    with Platform(tmp_path / "data") as server:
        bucket = upload(server, "talk.wav", tone(0.1))
        assert server.get(f"{V2}/files/{bucket}").text == ""
        (file,) = server.get(f"{V2}/buckets/{bucket}/files").json()["files"]
    assert (file["state"], file["reason"]) == ("ready", None)
