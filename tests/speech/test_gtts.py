"""Google's voice: what is asked of Google, over a proxy, and what may come back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from g4f.config import Settings
from g4f.errors import G4FError, ResponseError, SpeechError, TimeoutError, ValidationError
from g4f.requests.request import Tls
from g4f.speech import Voice
from g4f.speech.gtts import Gtts
from tests.servers.proxy import HttpProxy
from tests.servers.speech import FRAME, GoogleProxy, GoogleServer
from tests.servers.tls import make_contexts

RUSSIAN = Voice("ru", "Russian", "ru")


class World(NamedTuple):
    """Be Google, the way there, and what vouches for it."""

    google: GoogleServer
    proxy: HttpProxy
    ssl: Tls


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    server, client = make_contexts(tmp_path)
    client.check_hostname = False  # the certificate is for an address of this machine
    with GoogleServer(server) as google, GoogleProxy(google.port) as proxy:
        yield World(google, proxy, client)


def speak(engine: Gtts, text: str = "Привет, мир.", speed: float = 1.0) -> bytes:
    """Return a sentence as an mp3."""

    async def collect() -> bytes:
        return b"".join([block async for block in engine.synthesize(text, RUSSIAN, speed, "mp3")])

    return asyncio.run(collect())


def reached(world: World, **settings: object) -> Gtts:
    """Return the engine with the proxy as the administrator's."""
    return Gtts(Settings.load({"proxy": world.proxy.url, **settings}, {}), world.ssl)


def test_a_sentence_is_asked_for_through_the_administrators_proxy(world: World) -> None:
    assert speak(reached(world)) == FRAME * 10
    assert world.proxy.targets == ["translate.google.com:443"]
    assert world.google.asked == [["Привет, мир.", "ru", None, "null"]]


def test_the_environments_proxy_counts_where_there_is_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", world.proxy.url)
    assert speak(Gtts(Settings(), world.ssl)) == FRAME * 10


def test_a_long_sentence_is_asked_for_in_parts(world: World) -> None:
    assert speak(reached(world), "слово " * 50) == FRAME * 10 * len(world.google.asked)
    assert max(len(str(asked[0])) for asked in world.google.asked) <= 100
    assert " ".join(str(asked[0]) for asked in world.google.asked).split() == ["слово"] * 50


def test_a_slow_reading_is_asked_for(world: World) -> None:
    speak(reached(world), speed=0.75)
    assert world.google.asked[0][2] is True


def test_what_looks_like_markup_is_sent_as_text(world: World) -> None:
    speak(reached(world), '<speak>"Да" & нет</speak>')
    assert world.google.asked[0][0] == '<speak>"Да" & нет</speak>'


def test_a_certificate_nobody_vouches_for_is_refused(world: World) -> None:
    with pytest.raises(SpeechError, match="certificate"):
        speak(Gtts(Settings.load({"proxy": world.proxy.url}, {})))
    assert world.google.calls == []


@pytest.mark.parametrize(
    ("trouble", "kind", "words"),
    [
        ("html", SpeechError, "without sound"),
        ("empty", SpeechError, "without sound"),
        ("unknown", SpeechError, "not know the language"),
        ("endless", ResponseError, "longer than"),
        ("cut", ResponseError, "broke off|middle"),
        ("fail-429", G4FError, "429"),
    ],
)
def test_what_comes_instead_of_sound_is_an_error(world: World, trouble: str, kind: type[G4FError], words: str) -> None:
    world.google.trouble = trouble
    with pytest.raises(kind, match=words):
        speak(reached(world))


def test_no_network_is_told_at_once() -> None:
    with pytest.raises(SpeechError, match="needs the network"):
        speak(Gtts(Settings.load({"proxy": "http://127.0.0.1:1"}, {})))


def test_a_network_that_swallows_everything_is_told_within_the_connect_limit() -> None:
    class Silent(HttpProxy):
        async def connect(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
            await asyncio.Event().wait()
            raise ConnectionError

    with Silent() as proxy:
        began = time.monotonic()
        with pytest.raises(TimeoutError, match="connect"):
            speak(Gtts(Settings.load({"proxy": proxy.url, "connect_timeout": 0.5}, {})))
        assert time.monotonic() - began < 5


def test_only_signs_are_refused(world: World) -> None:
    with pytest.raises(ValidationError, match="nothing"):
        speak(reached(world), "...")


def test_there_is_a_voice_for_each_language_without_asking(world: World) -> None:
    voices = asyncio.run(reached(world).voices())
    assert {"en", "ru", "he"} <= {voice.language for voice in voices}
    assert world.google.calls == []
