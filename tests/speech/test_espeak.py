"""espeak-ng: real sound, made offline in a process of its own."""

from __future__ import annotations

import asyncio
import io
import math
import wave
from array import array
from collections.abc import Iterator

import miniaudio
import psutil
import pytest

from g4f.config import Settings
from g4f.errors import ValidationError
from g4f.speech import Format, Voice
from g4f.speech.espeak import Espeak, engines

ENGLISH, RUSSIAN = Voice("en-US", "English", "en-us"), Voice("ru", "Russian", "ru")
TEXT = "The quick brown fox jumps over the lazy dog."


def speak(text: str, voice: Voice = ENGLISH, speed: float = 1.0, kind: Format = "wav") -> bytes:
    """Return a sentence as a file."""

    async def collect() -> bytes:
        return b"".join([block async for block in Espeak().synthesize(text, voice, speed, kind)])

    return asyncio.run(collect())


def samples(file: bytes) -> array[int]:
    """Return the samples of a wav file, whose header has to be right."""
    with wave.open(io.BytesIO(file)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 22050)
        frames = sound.readframes(sound.getnframes())
        assert len(frames) == sound.getnframes() * 2
    return array("h", frames)


def seconds(file: bytes) -> float:
    """Return how long a wav file lasts."""
    return len(samples(file)) / 22050


def programs() -> Iterator[psutil.Process]:
    """Yield the engine's processes."""
    for child in psutil.Process().children(recursive=True):
        if any(part.endswith("espeak.py") for part in child.cmdline()):
            yield child


@pytest.mark.parametrize(("voice", "text"), [(ENGLISH, TEXT), (RUSSIAN, "Съешь ещё этих мягких французских булок.")])
def test_a_sentence_is_heard(voice: Voice, text: str) -> None:
    heard = samples(speak(text, voice))
    loudness = math.sqrt(sum(sample * sample for sample in heard) / len(heard))
    assert 1.5 < len(heard) / 22050 < 6
    assert 1000 < loudness < 10_000


def test_a_longer_text_lasts_longer() -> None:
    assert seconds(speak(TEXT)) * 2 < seconds(speak(TEXT * 3))


def test_a_slow_reading_lasts_longer_than_a_quick_one() -> None:
    assert seconds(speak(TEXT, speed=0.5)) > 1.5 * seconds(speak(TEXT)) > 2 * seconds(speak(TEXT, speed=2))


def test_mp3_lasts_as_long_as_wav() -> None:
    decoded = miniaudio.decode(speak(TEXT, kind="mp3"), nchannels=1, sample_rate=22050)
    assert decoded.duration == pytest.approx(seconds(speak(TEXT)), abs=0.2)


def test_markup_for_speech_is_read_and_not_obeyed() -> None:
    assert seconds(speak('<speak>One<break time="60s"/>two</speak>')) < 20


@pytest.mark.parametrize("text", ["", "... !?", "😀", "مرحبا بالعالم", "a\0b", "[[h@l'oU]]"])
def test_any_text_makes_a_file(text: str) -> None:
    assert seconds(speak(text)) < 10


def test_an_unknown_voice_is_refused() -> None:
    with pytest.raises(ValidationError, match="no voice 'nobody'"):
        speak(TEXT, Voice("nobody", "Nobody"))


def test_the_usual_voice_of_a_language_comes_first() -> None:
    voices = asyncio.run(Espeak().voices())
    first = {language: next(each.id for each in voices if each.language.startswith(language)) for language in ("en", "fr", "zh")}
    assert first == {"en": "en-US", "fr": "fr", "zh": "cmn"}
    assert RUSSIAN in voices
    assert len(voices) > 100


def test_a_cancelled_sentence_ends_its_process() -> None:
    async def leave() -> None:
        task = asyncio.ensure_future(anext(Espeak().synthesize(TEXT * 2000, ENGLISH, 1.0, "wav")))
        while not list(programs()):
            await asyncio.wait({task}, timeout=0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert list(programs()) == []

    asyncio.run(leave())


def test_a_reader_who_takes_his_time_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 1)

    async def read_two() -> None:
        engine = Espeak()
        slow = engine.synthesize(TEXT, ENGLISH, 1.0, "wav")
        await anext(slow)
        async with asyncio.timeout(10):
            assert await anext(engine.synthesize(TEXT, ENGLISH, 1.0, "wav"))
        await slow.aclose()

    asyncio.run(read_two())


def test_the_engine_is_there_where_its_library_is() -> None:
    assert [engine.name for engine in engines(Settings())] == ["espeak"]
