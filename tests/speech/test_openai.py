"""Servers with OpenAI's audio API: what is sent, and what may come back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from g4f.config import Settings
from g4f.errors import MissingAuthError, ResponseError
from g4f.speech import Voice
from g4f.speech.openai import OpenaiSpeech, engines, transcribers
from tests.servers.speech import FRAME, SAID, AudioServer

KEY = "sk-never-shown-1234"
NOVA = Voice("nova", "nova")


@pytest.fixture
def server() -> Iterator[AudioServer]:
    with AudioServer(api_key=KEY) as audio:
        yield audio


def engine(server: AudioServer, **fields: object) -> OpenaiSpeech:
    """Return the engine for a server."""
    table = {"base_url": server.base_url, "api_key": KEY, "model": "plain", "transcription_model": "plain", **fields}
    settings = Settings.load({"speech_servers": {"mine": table}}, {})
    found = transcribers(settings)[0]
    assert isinstance(found, OpenaiSpeech)
    return found


def speak(engine: OpenaiSpeech, text: str = "Hi.", speed: float = 1.0) -> bytes:
    """Return a sentence as an mp3."""

    async def collect() -> bytes:
        return b"".join([block async for block in engine.synthesize(text, NOVA, speed, "mp3")])

    return asyncio.run(collect())


def test_a_sentence_is_asked_for_with_model_and_voice(server: AudioServer) -> None:
    assert speak(engine(server)) == FRAME * 3
    assert server.calls[0].json == {"model": "plain", "input": "Hi.", "voice": "nova", "response_format": "mp3"}


def test_another_speed_is_asked_for(server: AudioServer) -> None:
    speak(engine(server), speed=1.5)
    assert server.calls[0].json["speed"] == 1.5


def test_a_wrong_key_is_an_error_that_does_not_show_it(server: AudioServer) -> None:
    with pytest.raises(MissingAuthError, match="Wrong key") as caught:
        speak(engine(server, api_key="sk-other-key-5678"))
    assert "sk-other-key-5678" not in str(caught.value)


def test_a_recording_is_written_down(server: AudioServer) -> None:
    words = asyncio.run(engine(server).transcribe(b"RIFF\r\n--x--", 'no"te\r\n.wav', "ru"))
    body = server.calls[0].body
    assert words == SAID
    assert b'filename="no_te__.wav"' in body
    assert b'name="language"\r\n\r\nru\r\n' in body
    assert b"\r\n\r\nRIFF\r\n--x--\r\n--" in body


def test_an_answer_without_words_is_an_error(server: AudioServer) -> None:
    with pytest.raises(ResponseError, match="without the words"):
        asyncio.run(engine(server, transcription_model="wordless").transcribe(b"x", "a.wav", ""))


def test_a_server_does_what_it_has_a_model_for() -> None:
    table = {"base_url": "http://127.0.0.1:1/v1"}
    settings = Settings.load({"speech_servers": {"reads": table, "writes": {**table, "model": "", "transcription_model": "w"}}}, {})
    assert [each.name for each in engines(settings)] == ["reads"]
    assert [each.name for each in transcribers(settings)] == ["writes"]


def test_openai_itself_is_there_with_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    found = engines(Settings())
    assert [(each.name, each.label) for each in found] == [("openai", "OpenAI")]
    assert "alloy" in [voice.id for voice in asyncio.run(found[0].voices())]
