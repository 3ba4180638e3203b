"""Google Translate's voice, with the requests of gTTS.

gTTS cuts the text and writes the requests; they are sent over our own session, because the one it brings checks no
certificate, reads an answer of any length and cannot be stopped.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from urllib.request import getproxies, proxy_bypass

import msgspec

from g4f.config import Settings
from g4f.errors import ConnectionFailedError, SpeechError, ValidationError
from g4f.requests import StreamSession, Timeouts, pick_proxy, raise_for_status
from g4f.requests.request import Tls
from g4f.speech import Format, Voice, proxy_of

HOST = "translate.google.com"
URL = f"https://{HOST}/_/TranslateWebserverUi/data/batchexecute"
MAX_ANSWER = 2 * 1024 * 1024
"""A request holds a hundred characters, and their sound some tens of kilobytes."""
SLOW = 0.9
"""The speed below which Google is asked for its slow reading; it knows no other."""
_SOUND = re.compile(rb'"jQ1olc",\s*("(?:[^"\\]|\\.)*+")')
_TAGS = {"iw": "he", "jw": "jv"}
"""Languages whose tag has changed since Google began."""


class Gtts:
    """Read aloud by Google Translate; ``ssl`` decides about its certificate."""

    name = "gtts"
    label = "Google Translate"
    model = ""
    needs_network = True
    formats: tuple[Format, ...] = ("mp3",)

    def __init__(self, settings: Settings, ssl: Tls = None) -> None:
        self._settings, self._ssl = settings, ssl

    async def voices(self) -> Sequence[Voice]:
        """Return a voice for each language; they are a list of gTTS, and nobody is asked."""
        names = await asyncio.to_thread(_languages)
        return [Voice(tag, label, _TAGS.get(tag, tag)) for tag, label in names.items()]

    async def synthesize(self, text: str, voice: Voice, speed: float, format: Format) -> AsyncGenerator[bytes]:  # noqa: A002  the contract's word
        """Yield the sentence, a hundred characters at a time."""
        headers, bodies = await asyncio.to_thread(_requests, text, voice.id, speed < SLOW)
        timeouts = Timeouts(connect=self._settings.connect_timeout)
        async with StreamSession(headers, proxy=self._proxy(), timeouts=timeouts, ssl=self._ssl) as session:
            for body in bodies:
                try:
                    async with session.post(URL, data=body) as response:
                        await raise_for_status(response)
                        answer = await response.read(MAX_ANSWER)
                except ConnectionFailedError as error:
                    message = f"Google Translate, which needs the network, was not reached: {error}"
                    raise SpeechError(message, values={"reason": "engine_away", "engine": self.label}) from error
                yield _sound(answer)

    def _proxy(self) -> str | None:
        """Return the administrator's proxy, or the one that programs which use gTTS take from the environment."""
        return proxy_of(self._settings) or (None if proxy_bypass(HOST) else pick_proxy(getproxies()))


def engines(settings: Settings) -> list[Gtts]:
    """Return the engine; whether Google can be reached shows when it is asked."""
    return [Gtts(settings)]


def _languages() -> Mapping[str, str]:
    from gtts.lang import tts_langs  # noqa: PLC0415  it brings its own requests, 10 MB that most never use

    names: Mapping[str, str] = tts_langs()
    return names


def _requests(text: str, language: str, slow: bool) -> tuple[Mapping[str, str], list[bytes]]:
    """Return headers and bodies of the requests that gTTS would send."""
    from gtts import gTTS  # noqa: PLC0415  the same

    try:
        bodies = gTTS(text, lang=language, slow=slow, lang_check=False).get_bodies()
    except AssertionError as error:  # its way of saying so
        raise ValidationError("There is nothing in this text that Google could read aloud.", "text") from error
    return gTTS.GOOGLE_TTS_HEADERS, [body.encode() for body in bodies]


def _sound(answer: bytes) -> bytes:
    """Return the mp3 inside an answer: base64 in a list in JSON in a list in JSON."""
    found = _SOUND.search(answer)
    try:
        inner = msgspec.json.decode(found[1], type=str) if found else "[]"
        match msgspec.json.decode(inner):
            case [str(sound), *_]:
                return base64.b64decode(sound, validate=True)
    except (msgspec.DecodeError, binascii.Error):
        pass
    message = "Google answered without sound; it may want a pause from this address, or not know the language."
    raise SpeechError(message, values={"reason": "no_sound"})
