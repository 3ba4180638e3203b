"""Speech: texts read aloud sentence by sentence, and recordings written down."""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from typing import NamedTuple, TypeVar
from uuid import UUID

import msgspec
from msgspec import Struct

from g4f import errors, speech
from g4f.config import Settings
from g4f.errors import (
    G4FError,
    NotOfferedError,
    PayloadTooLargeError,
    ProviderNotFoundError,
    RefusalError,
    SpeechError,
    SpeechTimeoutError,
    ValidationError,
)
from g4f.services.audio_stream import AudioStream, Mark, ahead
from g4f.services.sound import Format, Joined
from g4f.services.sound_cache import SoundCache
from g4f.services.spoken import Sentence, sentences
from g4f.services.voices import Casting
from g4f.speech import Engine, Voice

Named = TypeVar("Named")

SPEEDS = (0.5, 2.0)
MAX_SENTENCE = 16 * 1024 * 1024
"""Bytes of the sound of one sentence; it has four hundred characters at most, so more has no end."""
BLOCK_BYTES = 64 * 1024
"""The block in which sound that is kept is handed over."""
BROWSER = "browser"
"""What is offered instead when no other engine is there: the voice of the reader's own browser."""


class EngineInfo(Struct, frozen=True):
    """Be what people see of an engine; ``needs_network`` says that the text leaves this machine."""

    name: str
    label: str
    needs_network: bool
    formats: tuple[Format, ...]


class Manner(Struct, frozen=True):
    """Be how a text is to be read; what is empty is chosen, the voice by the language of each sentence."""

    voice: str = ""
    language: str = ""
    speed: float = 1.0
    format: str = ""


class _Order(NamedTuple):
    owner_id: UUID
    engine: Engine
    casting: Casting
    speed: float
    format: speech.Format


class Speech:
    """Read aloud and write down with the engines that can be used here.

    Raises ProviderNotFoundError for an unknown engine, ValidationError and PayloadTooLargeError for what cannot be read, and
    SpeechError for what an engine did; its ``next`` names the engine to offer. No other engine is taken unasked. What is made is
    kept in ``sounds``, where there are any.
    """

    def __init__(self, settings: Settings, sounds: SoundCache | None = None) -> None:
        self._settings, self._sounds = settings, sounds
        self._engines = speech.engines(settings)
        self._transcribers = speech.transcribers(settings)

    def engines(self) -> Sequence[EngineInfo]:
        """Return the engines, the one that is taken when none is named first."""
        return [EngineInfo(each.name, each.label, each.needs_network, _formats(each)) for each in self._ordered()]

    def transcribers(self) -> Sequence[str]:
        """Return the names of what can write down speech."""
        return list(self._transcribers)

    async def voices(self, engine: str) -> Sequence[Voice]:
        """Return the voices of an engine, for each language the usual one first."""
        return await self._voices(_named(self._engines, engine, "speech engine"))

    async def synthesize(self, owner_id: UUID, engine: str, text: str, manner: Manner) -> AudioStream:
        """Read a text aloud, of whose Markdown is heard what a person would say; an empty ``engine`` takes the first that can.

        Returns when the first sound is there, so that everything that is wrong from the start is raised here.
        """
        encoded = text.encode(errors="replace")  # half of a surrogate pair is no character
        if len(encoded) > (limit := self._settings.speech_limit):
            message = f"This text is longer than {limit} bytes. Have it read in parts."
            raise PayloadTooLargeError(message, "text", values={"reason": "text_long", "bytes": limit})
        found = await asyncio.to_thread(sentences, encoded.decode())
        if not found:
            message = "There is nothing in this text that could be read aloud."
            raise ValidationError(message, "text", values={"reason": "nothing_to_read"})
        return await self.read(owner_id, engine, _each(found), manner, alone=len(found) == 1)

    async def read(
        self, owner_id: UUID, engine: str, sentences: AsyncGenerator[Sentence], manner: Manner, *, alone: bool = False
    ) -> AudioStream:
        """Read sentences aloud as they come: the next are made while the reader takes the first, which this call waits for.

        ``alone`` promises that there is one sentence; a wav stream then tells its length.
        """
        order = await self._order(owner_id, engine, manner)
        joined = Joined("pcm" if manner.format == "pcm" else order.format, alone=alone)
        marks, beginning = ahead(self._sound(order, sentences, joined)), deque[Mark]()
        async for mark in marks:
            beginning.append(mark)
            if isinstance(mark, bytes):
                break
        return AudioStream(joined.media_type, beginning, marks)

    async def transcribe(self, audio: AsyncIterator[bytes], filename: str, language: str = "", transcriber: str = "") -> str:
        """Return the words of a recording, whose name's ending tells its format; raises NotOfferedError when nothing is set up."""
        if not self._transcribers:
            message = "No server that writes down speech is set up: give one in speech_servers a transcription_model."
            raise NotOfferedError(message, values={"reason": "no_transcriber"})
        chosen = _named(self._transcribers, transcriber or next(iter(self._transcribers)), "server that writes down speech")
        recording = bytearray()
        async for block in audio:
            recording += block
            if len(recording) > (limit := self._settings.transcription_limit):
                message = f"This recording is longer than {limit} bytes. Send it in parts."
                raise PayloadTooLargeError(message, "file", values={"reason": "recording_long", "bytes": limit})
        if not recording:
            raise ValidationError("The recording is empty.", "file", values={"reason": "recording_empty"})
        with _translated(""):
            return await chosen.transcribe(bytes(recording), filename, language)

    def _ordered(self) -> Sequence[Engine]:
        return sorted(self._engines.values(), key=lambda engine: engine.name != self._settings.speech_engine)

    async def _order(self, owner_id: UUID, engine: str, manner: Manner) -> _Order:
        """Choose what was left open; raises for what cannot be had."""
        if not SPEEDS[0] <= manner.speed <= SPEEDS[1]:
            raise ValidationError(f"speed should be between {SPEEDS[0]:g} and {SPEEDS[1]:g}.", "speed")
        chosen = _named(self._engines, engine, "speech engine") if engine else self._first(manner.format)
        wanted = "wav" if manner.format == "pcm" else manner.format
        kind = next((each for each in chosen.formats if wanted in ("", each)), None)
        if kind is None:
            raise ValidationError(f"{chosen.label} does not give this format; ask it for {' or '.join(_formats(chosen))}.", "format")
        casting = Casting(await self._voices(chosen), manner.voice, manner.language)
        return _Order(owner_id, chosen, casting, manner.speed, kind)

    def _first(self, wanted: str) -> Engine:
        """Return the engine that is taken when none is named: the first that gives this format, or just the first."""
        able = [each for each in self._ordered() if wanted in ("", *_formats(each))] or self._ordered()
        if not able:
            message = "No speech engine is there. Install espeakng-loader, which needs no network."
            raise ProviderNotFoundError(message, values={"reason": "no_engine"})
        return able[0]

    async def _voices(self, engine: Engine) -> Sequence[Voice]:
        with _translated(self._other(engine)):
            return await engine.voices()

    def _other(self, engine: Engine) -> str:
        """Return the engine to offer when this one fails."""
        return next((each.name for each in self._ordered() if each is not engine), BROWSER)

    async def _sound(self, order: _Order, sentences: AsyncGenerator[Sentence], joined: Joined) -> AsyncGenerator[Mark]:
        """Yield each sentence and then its sound: kept from another time, or made now and kept."""
        async with aclosing(sentences):
            async for sentence in sentences:
                yield sentence
                joined.begin()
                voice = order.casting.voice_for(sentence.text)
                key = _key(order, voice, sentence.text)
                kept = await self._sounds.get(order.owner_id, key) if self._sounds else None
                blocks: list[bytes] = []
                with _translated(self._other(order.engine)):
                    async with aclosing(self._made(order, voice, sentence.text) if kept is None else _blocks(kept)) as file:
                        async for block in file:
                            blocks.append(block)
                            if sound := joined.feed(block):
                                yield sound
                    joined.end()
                if self._sounds and kept is None:
                    self._sounds.put(order.owner_id, key, b"".join(blocks))

    async def _made(self, order: _Order, voice: Voice, text: str) -> AsyncGenerator[bytes]:
        """Yield what the engine makes of a sentence, within the limits of size and of time, in which the reader's own does not count."""
        clock, size = asyncio.get_running_loop().time, 0
        left = limit = self._settings.speech_timeout
        async with aclosing(order.engine.synthesize(text, voice, order.speed, order.format)) as source:
            while True:
                began = clock()
                try:
                    async with asyncio.timeout(left):
                        block = await anext(source, b"")
                except TimeoutError:
                    message = f"{order.engine.label} did not read a sentence within {limit:g} seconds (limit: speech_timeout)."
                    values = {"reason": "engine_slow", "engine": order.engine.label, "seconds": limit}
                    raise SpeechTimeoutError(message, values=values) from None
                left, size = left - (clock() - began), size + len(block)
                if not block:
                    return
                if size > MAX_SENTENCE:
                    raise SpeechError(f"{order.engine.label} does not come to an end with one sentence.")
                yield block


def _key(order: _Order, voice: Voice, text: str) -> str:
    """Return a name for the sound of a sentence that differs whenever the sound may."""
    parts = (order.engine.name, order.engine.model, voice.id, order.speed, order.format, text)
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()


async def _blocks(sound: bytes) -> AsyncGenerator[bytes]:
    for start in range(0, len(sound), BLOCK_BYTES):
        yield sound[start : start + BLOCK_BYTES]


@contextmanager
def _translated(other: str) -> Iterator[None]:
    """Turn what an engine did wrong into the error that offers another; what the caller did wrong stays as it is."""
    try:
        yield
    except RefusalError:
        raise
    except G4FError as error:
        slow = isinstance(error, SpeechTimeoutError | errors.TimeoutError)
        raise (SpeechTimeoutError if slow else SpeechError)(str(error), other, error.values) from error


def _named(known: Mapping[str, Named], name: str, what: str) -> Named:
    found = {each.lower(): one for each, one in known.items()}.get(name.lower())
    if found is None:
        raise ProviderNotFoundError(f"There is no {what} {name[:64]!r}; there is {', '.join(known) or 'none'}.")
    return found


def _formats(engine: Engine) -> tuple[Format, ...]:
    return (*engine.formats, "pcm") if "wav" in engine.formats else engine.formats


async def _each(found: Sequence[Sentence]) -> AsyncGenerator[Sentence]:
    for sentence in found:
        yield sentence
