"""Markdown: the text as it is, cut at its headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from g4f.reading.encodings import decoded
from g4f.reading.outline import Outline
from g4f.reading.pieces import Limits, Piece, Section

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)[ \t#]*\n?")
_FENCE = re.compile(r" {0,3}(```+|~~~+)")


def read(file: BinaryIO, limits: Limits) -> Iterator[Piece]:
    """Yield a section for each heading."""
    yield from sections(decoded(file.read()).replace("\r\n", "\n"))


def sections(text: str, above: str = "") -> Iterator[Section]:
    """Yield the parts of a Markdown text; a ``#`` inside a fence is code."""
    outline, lines, fence = Outline(above), list[str](), ""
    for line in text.splitlines(keepends=True):
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif mark and mark[1].startswith(fence):
            fence = ""
        elif not fence and (heading := _HEADING.fullmatch(line)):
            if lines:
                yield Section("".join(lines), heading=outline.path)
            outline.enter(len(heading[1]), heading[2])
            lines = []
        lines.append(line)
    yield Section("".join(lines), heading=outline.path)
