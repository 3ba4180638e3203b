"""The engines: found by their files."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from g4f import speech
from g4f.config import Settings

SERVER = {"base_url": "http://127.0.0.1:1/v1", "transcription_model": "whisper-1"}


def test_every_file_is_asked_for_its_engines() -> None:
    files = {path.stem for path in Path(speech.__file__).parent.glob("*.py")} - {"__init__"}
    found = speech.engines(Settings.load({"speech_servers": {"openai": SERVER}}, {}))
    assert set(found) == files


def test_those_that_need_no_network_come_first() -> None:
    order = [engine.needs_network for engine in speech.engines(Settings.load({"speech_servers": {"a": SERVER}}, {})).values()]
    assert order == sorted(order)
    assert order[0] is False


def test_what_writes_down_speech_is_found() -> None:
    assert list(speech.transcribers(Settings.load({"speech_servers": {"mine": SERVER}}, {}))) == ["mine"]


def test_each_request_may_take_another_proxy_of_the_pool() -> None:
    settings = Settings.load({"proxies": ["http://a.example:1", "http://b.example:1"], "use_auto_proxy": True}, {})
    assert {speech.proxy_of(settings) for _ in range(100)} == {"http://a.example:1", "http://b.example:1"}


def test_there_need_not_be_a_proxy() -> None:
    assert speech.proxy_of(Settings()) is None


@pytest.mark.parametrize(("library", "engine"), [("espeakng_loader", "espeak"), ("edge_tts", "edge")])
def test_an_engine_whose_library_is_missing_is_absent(library: str, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    assert engine not in speech.engines(Settings())


def test_without_an_encoder_the_offline_voice_gives_wav_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lameenc", None)
    assert speech.engines(Settings())["espeak"].formats == ("wav",)
