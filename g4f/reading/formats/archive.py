"""ZIP: the text of every entry under its name. Entries are read as streams; nothing is written anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from g4f.reading.archives import name_of, opened, unpacked
from g4f.reading.formats import read_inside
from g4f.reading.pieces import Limits, Piece, Progress


def read(file: BinaryIO, limits: Limits) -> Iterator[Piece]:
    """Yield the sections of the entries, or for each that gives none that it was skipped."""
    archive = opened(file, limits)
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    for number, entry in enumerate(entries, 1):
        yield Progress(number, len(entries))
        yield from read_inside(name_of(entry), unpacked(archive, entry, limits), limits)
