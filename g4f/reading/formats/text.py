"""Plain text, code, JSON, YAML and markup that is not to be interpreted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from g4f.reading.encodings import decoded
from g4f.reading.pieces import Limits, Piece, Section


def read(file: BinaryIO, limits: Limits) -> Iterator[Piece]:
    """Yield the text as it is."""
    yield Section(decoded(file.read()).replace("\r\n", "\n"))
