"""Sound files joined to one stream."""

from __future__ import annotations

import io
import wave

import pytest
from hypothesis import given, strategies as st

from g4f.errors import SpeechError
from g4f.services.sound import Format, Joined
from tests.servers.speech import FRAME, INFO, PAGE, RATE, TAG, tone


def join(kind: Format, *files: bytes, block: int = 1 << 20, alone: bool = False) -> tuple[bytes, str]:
    """Return the stream of files that come in blocks of this size, and its type."""
    joined, stream = Joined(kind, alone=alone), b""
    for file in files:
        joined.begin()
        stream += b"".join(joined.feed(file[at : at + block]) for at in range(0, len(file), block))
        joined.end()
    return stream, joined.media_type


def test_wav_files_have_one_header_together() -> None:
    stream, media_type = join("wav", tone(0.5), tone(0.25))
    with wave.open(io.BytesIO(stream)) as sound:
        assert sound.getframerate() == RATE
        assert len(sound.readframes(RATE)) == RATE * 0.75 * 2
    assert (stream.count(b"RIFF"), media_type) == (1, "audio/wav")


def test_a_file_alone_tells_its_length() -> None:
    stream, _ = join("wav", tone(0.5), alone=True)
    assert stream == tone(0.5)


def test_samples_have_no_header_and_a_type_that_tells_their_rate() -> None:
    assert join("pcm", tone(0.5)) == (tone(0.5)[44:], f"audio/pcm;rate={RATE};channels=1")


def test_mp3_files_lose_what_tells_the_length_of_each() -> None:
    assert join("mp3", TAG + INFO + FRAME * 3, FRAME * 2) == (FRAME * 5, "audio/mpeg")


@given(st.integers(min_value=1, max_value=600))
def test_the_blocks_of_a_file_change_nothing(block: int) -> None:
    mp3 = [TAG + INFO + FRAME, FRAME]
    assert join("mp3", *mp3, block=block) == join("mp3", *mp3)
    listed = tone(0.01)[:36] + b"LIST\x03\x00\x00\x00abc\x00" + tone(0.01)[36:] + b"trailing"
    assert join("wav", listed, tone(0.01), block=block) == join("wav", tone(0.01), tone(0.01))


@pytest.mark.parametrize("kind", ["mp3", "wav", "pcm"])
@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (PAGE, "instead of sound"),
        (b'{"error": "' + b"x" * 100, "instead of sound"),
        (b"OggS" * 100, "no sound"),
        (b"", "without any sound"),
    ],
)
def test_what_is_no_sound_is_an_error(kind: Format, answer: bytes, words: str) -> None:
    with pytest.raises(SpeechError, match=words):
        join(kind, answer)


@pytest.mark.parametrize(("kind", "file"), [("wav", tone(0)), ("mp3", TAG + INFO)])
def test_a_file_without_sound_is_an_error(kind: Format, file: bytes) -> None:
    with pytest.raises(SpeechError, match="without any sound"):
        join(kind, file)


def test_another_rate_in_the_middle_is_an_error() -> None:
    with pytest.raises(SpeechError, match="sample rate"):
        join("wav", tone(0.1), tone(0.1, rate=8000))


def test_samples_of_another_size_are_an_error() -> None:
    file = tone(0.1)
    with pytest.raises(SpeechError, match="16 bits"):
        join("wav", file[:34] + b"\x08\x00" + file[36:])


def test_an_opening_without_end_is_an_error() -> None:
    with pytest.raises(SpeechError, match="does not begin like sound"):
        join("mp3", b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f" + bytes(300_000), block=10_000)
