"""GZIP: the text of the one file inside."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO

from g4f.reading.formats import read_inside
from g4f.reading.pieces import MIB, Limits, Piece
from g4f.reading.reasons import unreadable


def read(file: BinaryIO, limits: Limits) -> Iterator[Piece]:
    """Yield what the file inside holds; how large that is shows only while it is unpacked."""
    most = min(limits.unpacked, max(MIB, limits.ratio * file.seek(0, 2)))
    file.seek(0)
    with gzip.open(file) as stream:
        data = stream.read(most + 1)
    if len(data) > most:
        raise unreadable("bomb")
    yield from read_inside("unpacked", BytesIO(data), limits)
