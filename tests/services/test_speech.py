"""Speech: what is read by which engine, what is kept, what is refused, and what ends when nobody listens."""

from __future__ import annotations

import asyncio
import io
import wave
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psutil
import pytest

from g4f.config import Settings
from g4f.errors import (
    G4FError,
    PayloadTooLargeError,
    ProviderNotFoundError,
    SpeechError,
    SpeechTimeoutError,
    ValidationError,
)
from g4f.services.speech import Manner, Speech
from g4f.services.spoken import Sentence, follow
from tests.servers.speech import FRAME, RATE, AudioServer

MINE = UUID(int=1)
MP3 = Manner(format="mp3")


@pytest.fixture
def server() -> Iterator[AudioServer]:
    with AudioServer() as audio:
        yield audio


def speech(server: AudioServer, model: str = "plain", **settings: Any) -> Speech:
    """Return the service with a server that reads as the model says."""
    table = {"base_url": server.base_url, "model": model, "transcription_model": model, "voices": ["nova", "onyx"]}
    return Speech(Settings.load({"speech_servers": {"mine": table}, **settings}, {}))


async def hear(service: Speech, text: str, manner: Manner = MP3, engine: str = "mine", owner_id: UUID = MINE) -> bytes:
    """Return the sound of a text."""
    return b"".join([block async for block in await service.synthesize(owner_id, engine, text, manner)])


def heard(*arguments: Any, **options: Any) -> bytes:
    """Return the sound of a text from a loop of its own."""
    return asyncio.run(hear(*arguments, **options))


@contextmanager
def refused(kind: type[G4FError], words: str, status: int) -> Iterator[None]:
    """Expect an error with this status."""
    with pytest.raises(kind, match=words) as caught:
        yield
    assert caught.value.status == status


def test_a_text_is_read_sentence_by_sentence(server: AudioServer) -> None:
    assert heard(speech(server), "One. **Two** words.\n```\ncode\n```") == FRAME * len("One.Two words.Code.")
    assert [call.json["input"] for call in server.calls] == ["One.", "Two words.", "Code."]


def test_wav_has_one_header_and_lasts_as_long_as_the_text(server: AudioServer) -> None:
    with wave.open(io.BytesIO(heard(speech(server, "tagged"), "One. Two. Three.", Manner(format="wav")))) as sound:
        assert len(sound.readframes(RATE * 10)) == RATE // 100 * len("One.Two.Three.") * 2


def test_the_type_of_samples_tells_their_rate(server: AudioServer) -> None:
    async def ask() -> str:
        stream = await speech(server).synthesize(MINE, "mine", "One. Two.", Manner(format="pcm"))
        await stream.aclose()
        return stream.media_type

    assert asyncio.run(ask()) == f"audio/pcm;rate={RATE};channels=1"


@pytest.mark.parametrize(
    ("trouble", "kind", "words", "status"),
    [
        ("html", SpeechError, "page or a message", 502),
        ("empty", SpeechError, "without any sound", 502),
        ("mute", SpeechError, "without any sound", 502),
        ("endless", SpeechError, "does not come to an end", 502),
        ("fail-500", SpeechError, "answered 500", 502),
        ("fail-401", SpeechError, "check the key", 502),
        ("hang", SpeechTimeoutError, r"within 0\.5 seconds \(limit: speech_timeout\)", 504),
    ],
)
def test_what_an_engine_does_wrong_is_told_before_the_first_sound(
    server: AudioServer, trouble: str, kind: type[SpeechError], words: str, status: int
) -> None:
    with refused(kind, words, status):
        heard(speech(server, trouble, speech_timeout=0.5 if trouble == "hang" else 30), "One.")


def test_an_engine_that_fails_names_another(server: AudioServer) -> None:
    with pytest.raises(SpeechError) as caught:
        heard(speech(server, "html"), "One.")
    assert caught.value.next == "espeak"
    assert len(server.calls) == 1


def test_the_engine_that_was_set_up_is_the_first(server: AudioServer) -> None:
    service = speech(server, speech_engine="mine")
    assert service.engines()[0].name == "mine"
    assert heard(service, "One.", engine="") == FRAME * 4


def test_without_a_name_the_first_that_needs_no_network_reads(server: AudioServer) -> None:
    assert heard(speech(server), "One.", Manner(), engine="").startswith(b"RIFF")
    assert server.calls == []


@pytest.mark.parametrize("text", ["", "... ?!", "😀🎉", "   ", '<break time="3s"/>', "***"])
def test_a_text_without_a_word_is_refused(server: AudioServer, text: str) -> None:
    with refused(ValidationError, "nothing in this text", 422):
        heard(speech(server), text)


@pytest.mark.parametrize("text", ["مرحبا بالعالم.", "שלום 😀 עולם", "a\ud800b", "a\0b", "<speak>Hi</speak>"])
def test_any_text_with_a_word_is_read(server: AudioServer, text: str) -> None:
    assert heard(speech(server), text)


def test_a_text_longer_than_the_limit_is_refused(server: AudioServer) -> None:
    with refused(PayloadTooLargeError, "longer than 100000 bytes", 413):
        heard(speech(server), "ж" * 50_001)


def test_a_text_of_just_the_limit_is_read(server: AudioServer) -> None:
    sentence = "A sentence of some length, " * 14 + "one of many."
    text = (f"{sentence} " * 300)[:100_000]
    assert heard(speech(server), text)[: len(FRAME) * len(sentence) * 200] == FRAME * len(sentence) * 200
    assert len(server.calls) == 100_000 // len(f"{sentence} ") + 1


@pytest.mark.parametrize(
    ("manner", "words"),
    [
        (Manner(voice="novva"), "Did you mean 'nova'"),
        (Manner(format="ogg"), "mp3 or wav or pcm"),
        (Manner(speed=3), "between 0.5 and 2"),
        (Manner(speed=float("nan")), "between 0.5 and 2"),
    ],
)
def test_what_cannot_be_had_is_refused(server: AudioServer, manner: Manner, words: str) -> None:
    with refused(ValidationError, words, 422):
        heard(speech(server), "One.", manner)


def test_a_language_nobody_speaks_is_refused(server: AudioServer) -> None:
    with refused(ValidationError, "no voice for the language 'tlh'", 422):
        heard(speech(server), "One.", Manner(language="tlh"), engine="espeak")


def test_an_unknown_engine_is_not_found(server: AudioServer) -> None:
    with refused(ProviderNotFoundError, "there is espeak", 404):
        heard(speech(server), "One.", engine="nobody")


def test_the_next_sentences_are_made_while_the_first_is_taken(server: AudioServer) -> None:
    async def take() -> None:
        stream = await speech(server).synthesize(MINE, "mine", "One. Two. Three.", MP3)
        await anext(stream)
        await asyncio.to_thread(server.call, 2)
        await stream.aclose()

    asyncio.run(take())


def test_whoever_leaves_ends_the_call_to_the_server(server: AudioServer) -> None:
    async def leave() -> None:
        stream = await speech(server, "endless").synthesize(MINE, "mine", "One. Two.", MP3)
        await anext(stream)
        await stream.aclose()

    asyncio.run(leave())
    assert server.call(0).wait().aborted_at is not None
    assert len(server.calls) == 1


def test_whoever_leaves_ends_the_offline_voice(server: AudioServer) -> None:
    async def leave() -> None:
        stream = await speech(server).synthesize(MINE, "espeak", "A sentence of some length. " * 3_000, Manner())
        await anext(stream)
        await stream.aclose()
        assert not [child for child in psutil.Process().children() if any("espeak" in part for part in child.cmdline())]

    asyncio.run(leave())


def test_a_question_that_is_cancelled_ends_the_call(server: AudioServer) -> None:
    async def leave() -> None:
        task = asyncio.create_task(speech(server, "hang").synthesize(MINE, "mine", "One.", MP3))
        await asyncio.to_thread(server.call)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(leave())
    assert server.call(0).wait().aborted_at is not None


def test_what_breaks_off_later_is_raised_where_it_does(server: AudioServer) -> None:
    async def take() -> bytes:
        stream = await speech(server, "cut").synthesize(MINE, "mine", "One.", MP3)
        found = await anext(stream)
        with pytest.raises(SpeechError, match="broke off"):
            await anext(stream)
        return found

    assert asyncio.run(take()) == FRAME * 10


def test_sound_is_marked_with_the_sentence_it_is_of(server: AudioServer) -> None:
    async def take() -> list[Any]:
        stream = await speech(server).synthesize(MINE, "mine", "One. **Two**.", MP3)
        found = [await stream.next_mark() for _ in range(4)]
        with pytest.raises(StopAsyncIteration):
            await stream.next_mark()
        return found

    one, sound, two, more = asyncio.run(take())
    assert (one, two) == (Sentence("One.", 0, 4), Sentence("Two.", 7, 13))
    assert (sound, more) == (FRAME * 4, FRAME * 4)


def test_an_answer_is_read_while_it_is_written(server: AudioServer) -> None:
    async def take() -> None:
        more = asyncio.Event()

        async def deltas() -> AsyncIterator[str]:
            yield "The first sentence. And then there "
            await more.wait()
            yield "is another."

        stream = await speech(server).read(MINE, "mine", follow(deltas()), MP3)
        assert await anext(stream) == FRAME * len("The first sentence.")
        more.set()
        assert b"".join([block async for block in stream]) == FRAME * len("And then there is another.")

    asyncio.run(take())


def test_each_sentence_has_a_voice_of_its_language(server: AudioServer) -> None:
    async def sounds() -> list[bytes]:
        service = speech(server)
        return [await hear(service, "Привет, мир.", Manner(language=tag), "espeak") for tag in ("", "ru", "en")]

    found, russian, english = asyncio.run(sounds())
    assert found == russian != english
