"""espeak-ng: offline, in over a hundred languages, like a robot; there when ``espeakng-loader`` is installed.

The library is licensed under the GPL and is not thread-safe, so it runs in a process of its own: ``programs/espeak.py``.
"""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec

from g4f.config import Settings
from g4f.errors import SpeechError, ValidationError
from g4f.speech import Format, Voice

PROGRAM = Path(__file__).parent / "programs" / "espeak.py"
WORDS_A_MINUTE = 175
"""The library's usual speed."""
BLOCK_BYTES = 64 * 1024
_USUAL = ("en-US", "fr")
"""Voices that stand for their language, where the library prefers another or none."""
_TAGS = {"cmn": "zh", "nb": "no"}
"""Languages whose usual tag the library does not know."""


class Espeak:
    """Read aloud on this machine."""

    name = "espeak"
    label = "eSpeak NG"
    model = ""
    needs_network = False

    def __init__(self) -> None:
        self.formats: tuple[Format, ...] = ("wav", "mp3") if find_spec("lameenc") else ("wav",)
        self._voices: list[Voice] = []
        self._free = asyncio.Semaphore(os.cpu_count() or 1)

    async def voices(self) -> Sequence[Voice]:
        """Return the voices the library has."""
        if not self._voices:
            answer = await self._ask({})
            rows = msgspec.json.decode(answer, type=list[tuple[str, str, str]])
            rows.sort(key=lambda row: row[0] not in _USUAL)
            self._voices = [Voice(name, label, _TAGS.get(tag, tag)) for name, label, tag in rows]
        return self._voices

    async def synthesize(self, text: str, voice: Voice, speed: float, format: Format) -> AsyncGenerator[bytes]:  # noqa: A002  the contract's word
        """Yield the sentence, all of which is made before the first block: a reader who takes his time holds up no other."""
        sound = await self._ask({"text": text, "voice": voice.id, "rate": round(WORDS_A_MINUTE * speed), "format": format})
        for start in range(0, len(sound), BLOCK_BYTES):
            yield sound[start : start + BLOCK_BYTES]

    async def _ask(self, order: Mapping[str, Any]) -> bytes:
        """Run the program for one order; it does not outlive the call."""
        async with self._free:
            process = await asyncio.create_subprocess_exec(sys.executable, "-I", str(PROGRAM), stdin=PIPE, stdout=PIPE, stderr=DEVNULL)
            try:
                answer, _ = await process.communicate(msgspec.json.encode(order))
            finally:
                with suppress(ProcessLookupError):
                    process.kill()
                code = await process.wait()
        match code:
            case 0:
                return answer
            case 2:
                raise ValidationError(f"eSpeak NG has no voice {order['voice']!r}.", "voice")
            case _:
                raise SpeechError(f"eSpeak NG ended with code {code}. Install espeakng-loader anew, or choose another engine.")


def engines(settings: Settings) -> list[Espeak]:
    """Return the engine if its library is installed."""
    return [Espeak()] if find_spec("espeakng_loader") else []
