"""A text read aloud into a file."""

from __future__ import annotations

import struct
from pathlib import Path
from uuid import UUID

from g4f import aio
from g4f.config import Settings
from g4f.errors import ValidationError
from g4f.services.speech import Manner, Speech

NOBODY = UUID(int=0)
_FORMATS = ("mp3", "wav", "pcm")


def say(text: str, out: Path, engine: str = "", voice: str = "", language: str = "", speed: float = 1.0, *, settings: Settings) -> None:
    """Write the sound of a text to a file whose ending is its format; what fails leaves no file. Raises as ``Speech`` does."""
    kind = out.suffix.lower().removeprefix(".")
    if kind not in _FORMATS:
        raise ValidationError(f"{out.name} should end with {', '.join(f'.{each}' for each in _FORMATS)}, whichever sound it is to hold.")
    stream = aio.run(Speech(settings).synthesize(NOBODY, engine, text, Manner(voice, language, speed, kind)))
    part = out.with_name(f"{out.name}.part")
    try:
        with part.open("wb") as file:
            for block in aio.iterate(stream):
                file.write(block)
            if kind == "wav":
                size = file.tell()
                for at, length in ((4, size - 8), (40, size - 44)):
                    file.seek(at)
                    file.write(struct.pack("<I", length))
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
