"""A text read aloud into a file."""

from __future__ import annotations

import wave
from pathlib import Path

import miniaudio
import pytest

from g4f.config import Settings
from g4f.errors import PayloadTooLargeError, ValidationError
from g4f.services.say import say

TEXT = "One sentence. And another one."


def test_a_wav_file_tells_its_length(tmp_path: Path) -> None:
    say(TEXT, tmp_path / "a.wav", settings=Settings())
    with wave.open(str(tmp_path / "a.wav")) as sound:
        assert 1 < sound.getnframes() / sound.getframerate() < 6
        assert len(sound.readframes(sound.getnframes())) == sound.getnframes() * 2


def test_an_mp3_file_can_be_played(tmp_path: Path) -> None:
    say(TEXT, tmp_path / "a.MP3", "espeak", speed=1.5, settings=Settings())
    assert 0.7 < miniaudio.decode_file(str(tmp_path / "a.MP3")).duration < 4


def test_an_ending_that_is_no_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match=r"a\.ogg should end with \.mp3"):
        say(TEXT, tmp_path / "a.ogg", settings=Settings())


def test_what_fails_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(PayloadTooLargeError):
        say(TEXT, tmp_path / "a.wav", settings=Settings(speech_limit=5))
    assert list(tmp_path.iterdir()) == []
