"""CSV with commas, semicolons, tabs or bars: one table."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from io import StringIO
from itertools import islice
from typing import BinaryIO

from g4f.reading.encodings import decoded
from g4f.reading.outline import table
from g4f.reading.pieces import Limits, Piece, Section

SAMPLE_LINES = 20
_QUOTED = re.compile(r'"[^"]*"')


def read(file: BinaryIO, limits: Limits) -> Iterator[Piece]:
    """Yield the whole table."""
    text = StringIO(decoded(file.read()), newline="")
    delimiter = _delimiter(list(islice(text, SAMPLE_LINES)))
    text.seek(0)
    csv.field_size_limit(limits.text)
    yield Section(table(csv.reader(text, delimiter=delimiter)) + "\n")


def _delimiter(lines: list[str]) -> str:
    """Return the sign that every line holds outside of quotes, or else the one that is there most; commas are also in numbers."""
    bare = [_QUOTED.sub("", line) for line in lines if line.strip()]
    counts = {sign: [line.count(sign) for line in bare] for sign in ("\t", ";", "|", ",")}
    return max(counts, key=lambda sign: (min(counts[sign], default=0) > 0, 0 if all(counts[sign]) else sum(counts[sign])))
