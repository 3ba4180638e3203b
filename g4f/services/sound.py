"""The sound of several sentences as one stream that a player takes for one file."""

from __future__ import annotations

import struct
from typing import Literal, NamedTuple

from g4f.errors import SpeechError

Format = Literal["mp3", "wav", "pcm"]
"""``pcm`` are the samples of ``wav`` without its header: 16 bits, little-endian."""

MAX_OPENING = 256 * 1024
"""Bytes before the sound of a file begins; an mp3 may show a picture first."""
UNKNOWN = 0xFFFFFFFF
"""The length in the header of a wav stream whose end is not known yet, as all players read it."""
_INFO_BYTES = 64
"""An mp3 frame that only tells how long the file is says so within its first bytes."""
_MPEG1_RATES = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_MPEG2_RATES = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_MPEG1_HERTZ = (44_100, 48_000, 32_000)


class Opening(NamedTuple):
    """Be what the beginning of a file tells: where its sound begins, how long that is, and for wav its rate and channels."""

    start: int
    length: int | None
    rate: int = 0
    channels: int = 0


class Joined:
    """Take sound files one after another, block by block, and give one stream.

    ``alone`` says that there is one file, whose length is then that of the stream. Raises SpeechError for what is no sound.
    """

    def __init__(self, format: Format, *, alone: bool) -> None:  # noqa: A002  the wire's word
        self._format, self._alone = format, alone
        self._first: Opening | None = None
        self._buffer: bytes | None = b""  # the beginning of a file, until it is understood
        self._left: int | None = 0
        self._heard = 0

    @property
    def media_type(self) -> str:
        """Return the content type, which for samples tells their rate; known once sound has come."""
        match self._format, self._first:
            case "pcm", Opening(rate=rate, channels=channels):
                return f"audio/pcm;rate={rate};channels={channels}"
            case "mp3", _:
                return "audio/mpeg"
            case _:
                return "audio/wav"

    def begin(self) -> None:
        """Begin another file."""
        self._buffer, self._heard = b"", 0

    def feed(self, block: bytes) -> bytes:
        """Take a block of the file and return what of it belongs into the stream."""
        if self._buffer is None:
            return self._sound(block)
        self._buffer += block
        opening = (mp3_opening if self._format == "mp3" else wav_opening)(self._buffer)
        if opening is None:
            if len(self._buffer) > MAX_OPENING:
                raise SpeechError("The engine's answer does not begin like sound.")
            return b""
        beginning, self._buffer, self._left = self._buffer, None, opening.length
        return self._header(opening) + self._sound(beginning[opening.start :])

    def end(self) -> None:
        """End the file; raises SpeechError when there was nothing to be heard in it."""
        if not self._heard:
            raise SpeechError("The engine answered without any sound.", values={"reason": "no_sound"})

    def _sound(self, block: bytes) -> bytes:
        if self._left is not None:
            block = block[: self._left]
            self._left -= len(block)
        self._heard += len(block)
        return block

    def _header(self, opening: Opening) -> bytes:
        if self._first is None:
            self._first = opening
            return wav_header(opening, opening.length if self._alone else None) if self._format == "wav" else b""
        if (opening.rate, opening.channels) != (self._first.rate, self._first.channels):
            raise SpeechError("The engine changes its sample rate from one sentence to the next.")
        return b""


def wav_header(opening: Opening, length: int | None) -> bytes:
    """Return the 44 bytes before samples; without a length those of a stream."""
    frame = opening.channels * 2
    size = UNKNOWN if length is None else length + 36
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, opening.channels, opening.rate, opening.rate * frame, frame, 16)
    return struct.pack("<4sI4s", b"RIFF", size, b"WAVE") + form + struct.pack("<4sI", b"data", UNKNOWN if length is None else length)


def wav_opening(data: bytes) -> Opening | None:
    """Read the beginning of a wav file; None when more of it is needed."""
    if not b"RIFF".startswith(data[:4]) or not b"WAVE".startswith(data[8:12]):
        raise _no_sound(data)
    at, rate, channels = 12, 0, 0
    while len(data) >= at + 8:
        name, size = struct.unpack_from("<4sI", data, at)
        if name == b"data":
            known = 0 < size < UNKNOWN - 1024 and not size >= 0x7FFFF000  # writers to a pipe put in their largest number
            return Opening(at + 8, size if known else None, rate, channels)
        if name == b"fmt " and len(data) >= at + 24:
            kind, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", data, at + 8)
            if kind not in (1, 0xFFFE) or bits != 16:
                raise SpeechError("The engine's wav does not hold samples of 16 bits. Ask it for mp3.")
        at += 8 + size + size % 2
    return None


def mp3_opening(data: bytes) -> Opening | None:
    """Read the beginning of an mp3 file, past its tag and the frame that tells its length; None when more of it is needed.

    http://www.mp3-tech.org/programmer/frame_header.html
    """
    if len(data) < 10:
        return None
    start = 0
    if data.startswith(b"ID3"):
        a, b, c, d = data[6:10]
        start = 10 + (a << 21 | b << 14 | c << 7 | d)
    if len(data) < start + _INFO_BYTES:
        return None
    length = _frame_length(data[start : start + 4])
    if length is None:
        raise _no_sound(data)
    if len(data) < start + length:
        return None
    beginning = data[start : start + _INFO_BYTES]
    return Opening(start + length if b"Xing" in beginning or b"Info" in beginning else start, None)


def _frame_length(header: bytes) -> int | None:
    """Return the bytes of the mp3 frame with this header, or None for what is none."""
    first, second, third, _ = header
    version, layer, rate, hertz = second >> 3 & 3, second >> 1 & 3, third >> 4, third >> 2 & 3
    if first != 0xFF or second < 0xE0 or version == 1 or layer != 1 or rate in (0, 15) or hertz == 3:
        return None
    if version == 3:
        return 144_000 * _MPEG1_RATES[rate] // _MPEG1_HERTZ[hertz] + (third >> 1 & 1)
    return 72_000 * _MPEG2_RATES[rate] // (_MPEG1_HERTZ[hertz] // (2 if version == 2 else 4)) + (third >> 1 & 1)


def _no_sound(data: bytes) -> SpeechError:
    is_page = data.lstrip()[:1] in (b"<", b"{")
    if is_page:
        return SpeechError("The engine answered with a page or a message instead of sound.", values={"reason": "sound_page"})
    return SpeechError("The engine's answer is no sound.", values={"reason": "odd_sound"})
