"""The lines a child writes: the pieces of a file, then how it ended."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from g4f.reading.pieces import Picture, Progress, Section, Skipped
from g4f.reading.reasons import Reason

LONGEST = 512 * 1024
"""Bytes of a line, the longest of which hold a section's piece."""
PIECE = 64 * 1024
"""Characters of a section in one line; escaped, each is six bytes at most."""


class Done(Struct, frozen=True, tag="done"):
    """Say that all pieces have been sent."""


class Failed(Struct, frozen=True, tag="failed"):
    """Say why no more can be read; ``cause`` names the error behind it and its place, without its words."""

    reason: Reason
    message: str
    cause: str = ""


Line = Progress | Section | Picture | Skipped | Done | Failed

_ENCODER, _DECODER = msgspec.json.Encoder(), msgspec.json.Decoder[Line](Line)


def encode(line: Line) -> bytes:
    """Return a line with its end."""
    return _ENCODER.encode(line) + b"\n"


def decode(data: bytes) -> Line:
    """Read a line; raises msgspec.MsgspecError for what is none."""
    line: Line = _DECODER.decode(data)
    return line
