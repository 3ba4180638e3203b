"""Recordings written down: what is refused, and what may go wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from g4f.config import Settings
from g4f.errors import NotOfferedError, PayloadTooLargeError, ProviderNotFoundError, SpeechError, ValidationError
from g4f.services.speech import Speech
from tests.servers.speech import SAID, AudioServer


@pytest.fixture
def server() -> Iterator[AudioServer]:
    with AudioServer() as audio:
        yield audio


def transcribe(server: AudioServer, *blocks: bytes, model: str = "plain", transcriber: str = "", **settings: Any) -> str:
    """Return what a server writes down of a recording that comes in blocks."""

    async def recording() -> AsyncIterator[bytes]:
        for block in blocks:
            yield block

    table = {"base_url": server.base_url, "transcription_model": model}
    service = Speech(Settings.load({"speech_servers": {"mine": table}, **settings}, {}))
    return asyncio.run(service.transcribe(recording(), "a.wav", "ru", transcriber))


def test_a_recording_is_written_down(server: AudioServer) -> None:
    assert transcribe(server, b"RI", b"FF") == SAID
    assert b"\r\n\r\nRIFF\r\n" in server.calls[0].body


def test_a_recording_that_is_too_long_is_refused(server: AudioServer) -> None:
    with pytest.raises(PayloadTooLargeError, match="longer than 3 bytes"):
        transcribe(server, b"RI", b"FF", transcription_limit=3)
    assert server.calls == []


def test_an_empty_recording_is_refused(server: AudioServer) -> None:
    with pytest.raises(ValidationError, match="empty"):
        transcribe(server)


@pytest.mark.parametrize(("model", "words"), [("fail-500", "answered 500"), ("html", "not JSON"), ("wordless", "without the words")])
def test_what_goes_wrong_is_an_error_of_speech(server: AudioServer, model: str, words: str) -> None:
    with pytest.raises(SpeechError, match=words):
        transcribe(server, b"RIFF", model=model)


def test_an_unknown_server_is_not_found(server: AudioServer) -> None:
    with pytest.raises(ProviderNotFoundError, match="there is mine"):
        transcribe(server, b"RIFF", transcriber="nobody")


def test_without_a_server_nothing_is_written_down() -> None:
    async def recording() -> AsyncIterator[bytes]:
        yield b"RIFF"

    with pytest.raises(NotOfferedError, match="transcription_model"):
        asyncio.run(Speech(Settings()).transcribe(recording(), "a.wav"))
