"""RTF: its text without headings, which the format marks by looks alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from striprtf.striprtf import rtf_to_text

from g4f.reading.pieces import Limits, Piece, Section


def read(file: BinaryIO, limits: Limits) -> Iterator[Piece]:
    """Yield the text."""
    yield Section(rtf_to_text(file.read().decode("latin-1"), errors="replace"))  # type: ignore[no-untyped-call]  # the library has no types
