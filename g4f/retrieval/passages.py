"""Passages: a text in pieces of a few sentences, each with where it stands and the words it is found by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple, Protocol

from g4f.retrieval.words import Stems, terms

SIZE = 800
"""Characters of a passage, about 200 tokens of English; one at the end of a section may be a quarter longer."""

_LONGEST_HEADER = 400
"""Characters of a table's first row that are searched for with each of its rows."""
_PARAGRAPH, _LINE, _SENTENCE, _CLAUSE, _WORD = map(
    re.compile, (r"\n[^\S\n]*\n", r"\n", r"[.!?…][\"'»”)\]]*\s+(?=[^\sa-zа-яё])", r"[;:,]\s", r"\s")
)
_PROSE, _ROWS = (_PARAGRAPH, _SENTENCE, _LINE, _CLAUSE, _WORD), (_PARAGRAPH, _LINE, _SENTENCE, _CLAUSE, _WORD)
"""Where a text may be cut, best first: the lines of prose end where the paper did, those of a table where a row does."""


class Section(Protocol):
    """Be some text of a document on one page and under one heading, whose path is written ``Part > Chapter``."""

    @property
    def text(self) -> str:
        """Return the text."""

    @property
    def page(self) -> int | None:
        """Return the page, counted from 1."""

    @property
    def heading(self) -> str:
        """Return the path of headings."""


class Passage(NamedTuple):
    """Be a piece of a document; ``start`` is the place of its first character in the whole text, ``terms`` what it is found by."""

    page: int | None
    heading: str
    start: int
    text: str
    terms: str


def split(sections: Iterable[Section], stems: Stems | None = None) -> Iterator[Passage]:
    """Yield the passages of a document; joined they are its text.

    Sections that follow each other with the same page and heading are one. What a passage is found by includes its headings
    and, inside of a table, the table's first row: the lines of a table hold tabs or ``|``.
    """
    known, place = stems or Stems(), 0
    for (page, heading), same in groupby(sections, lambda section: (section.page, section.heading)):
        header = ""
        for text in pieces(section.text for section in same):
            above, header = header, _header(header, text)
            found_by = "\n".join((heading, above if _is_row(text.partition("\n")[0]) else "", text))
            yield Passage(page, heading, place, text, " ".join(terms(found_by, known)))
            place += len(text)


def pieces(texts: Iterable[str]) -> Iterator[str]:
    """Yield texts, joined, in pieces of about ``SIZE`` characters, cut where a reader would pause."""
    rest = ""
    for text in texts:
        rest, start = rest + text, 0
        while len(rest) - start > SIZE * 5 // 4:
            end = _cut(rest, start)
            yield rest[start:end]
            start = end
        rest = rest[start:]
    if rest:
        yield rest


def _cut(text: str, start: int) -> int:
    """Return where the piece that begins at ``start`` ends: at the last of the best places in its second half."""
    middle = start + SIZE // 2
    half = text[middle : start + SIZE]
    for end in _ROWS if _is_row(half.rpartition("\n")[0]) else _PROSE:
        if places := [found.end() for found in end.finditer(half)]:
            return middle + places[-1]
    return start + SIZE


def _header(header: str, text: str) -> str:
    """Return the first row of the table that a text ends in, given that of the table it begins in; empty outside of tables."""
    for line in text.splitlines():
        header = (header or line[:_LONGEST_HEADER]) if _is_row(line) else ""
    return header


def _is_row(line: str) -> bool:
    return "\t" in line.strip() or line.count("|") > 1
