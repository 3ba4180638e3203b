"""Text under its headings, and tables, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from g4f.reading.pieces import Section
from g4f.reading.reasons import shown

JOINT = " > "


class Block(NamedTuple):
    """Be a paragraph, list item or table, or with a level from 1 a heading."""

    text: str
    level: int = 0


class Outline:
    """Know under which headings a text stands."""

    def __init__(self, above: str = "") -> None:
        self._above = above
        self._open: list[tuple[int, str]] = []

    def enter(self, level: int, title: str) -> None:
        """Begin the part under a heading; those as deep or deeper end."""
        while self._open and self._open[-1][0] >= level:
            self._open.pop()
        self._open.append((level, shown(title)))

    @property
    def path(self) -> str:
        """Return the headings from the highest down."""
        return JOINT.join(title for title in (self._above, *(title for _, title in self._open)) if title)


def outlined(blocks: Iterable[Block], above: str = "") -> Iterator[Section]:
    """Yield a section for each heading and what stands under it."""
    outline, texts = Outline(above), list[str]()
    for block in blocks:
        if block.level:
            yield from _section(texts, outline)
            outline.enter(block.level, block.text)
            texts = [f"{'#' * min(block.level, 6)} {' '.join(block.text.split())}"]
        elif block.text.strip():
            texts.append(block.text)
    yield from _section(texts, outline)


def _section(texts: Sequence[str], outline: Outline) -> Iterator[Section]:
    if texts:
        yield Section("\n\n".join(texts) + "\n", heading=outline.path)


def table(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as a Markdown table, the first one as its head; rows without any text are left out."""
    return "\n".join(table_lines(rows))


def table_lines(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a Markdown table."""
    head = True
    for row in rows:
        if any(row):
            yield f"| {' | '.join(map(_cell, row))} |"
            if head:
                yield "|" + " --- |" * len(row)
            head = False


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|") if text else ""
