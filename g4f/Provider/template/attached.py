"""What was attached to a conversation as text, and the paragraphs of it that fit the question."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from g4f.retrieval.passages import pieces
from g4f.retrieval.ranking import Ranker, distinct, statistics_of
from g4f.retrieval.words import Stems, terms
from g4f.typing import Messages

_OPEN, _NAMED, _CLOSE = "<!-- File: ", " -->\n", "<-- End -->"
_PAGE = re.compile(r"[\s,;#(\[]+(?:page|p\.|стр\.|стр|страница|с\.)[\s=]*(\d{1,9})[)\]]?$", re.IGNORECASE)
_MOST_LINES = 10
"""Lines of a paragraph at most; a longer one becomes several."""


@dataclass(frozen=True, slots=True)
class File:
    """Be one text that was attached to a conversation; a name such as ``report.pdf, page 3`` tells its page."""

    name: str
    text: str
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Be some lines of a file; ``first`` and ``last`` are their numbers, counted from 1."""

    file: File
    first: int
    last: int
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """Be what was asked last, and all text that was attached until then."""

    text: str
    files: tuple[File, ...]


def read_question(messages: Messages) -> Question:
    """Tell the newest question of the user from the attached text.

    A file is a text part with a ``name``, or text between ``<!-- File: NAME -->`` and ``<-- End -->``.
    """
    asked, files = "", []
    for message in messages:
        typed = []
        for name, text in _texts(message.get("content")):
            found, rest = ([_file(name, text)], "") if name else _unwrap(text)
            files += found
            typed.append(rest)
        if message.get("role") == "user":
            asked = "\n".join(filter(None, typed)).strip()
    return Question(asked, tuple(files))


def paragraphs(file: File) -> Iterator[Paragraph]:
    """Yield the paragraphs of a file, which empty lines divide; one without end becomes several."""
    block: list[str] = []
    lines = file.text.splitlines()
    for number, line in enumerate([*lines, ""], 1):
        if block and (not line.strip() or len(block) == _MOST_LINES):
            yield from _pieces(file, number - len(block), "\n".join(block))
            block = []
        if line.strip():
            block.append(line)


def best(question: Question, limit: int = 3) -> list[Paragraph]:
    """Return the paragraphs that fit the question best, best first; none when nothing is shared.

    Paragraphs with less than half of the best one's score are left out, and so are those that say the same.
    """
    stems = Stems()
    counted = [(paragraph, terms(paragraph.text, stems)) for file in question.files for paragraph in paragraphs(file)]
    held = [words for _, words in counted]
    ranked = Ranker(terms(question.text, stems), statistics_of(held)).rank(held)
    fitting = [counted[place] for place, score in ranked if score > 0 and score >= ranked[0][1] / 2]
    return [paragraph for paragraph, _ in distinct(fitting, lambda each: each[1], limit)]


def _pieces(file: File, first: int, text: str) -> Iterator[Paragraph]:
    for piece in pieces([text]):
        last = first + piece.rstrip("\n").count("\n")
        yield Paragraph(file, first, last, piece)
        first += piece.count("\n")


def _texts(content: object) -> Iterator[tuple[str, str]]:
    """Yield name and text of each part; the name is empty for what was typed."""
    for part in [content] if isinstance(content, str) else content if isinstance(content, list) else []:
        match part:
            case str(text):
                yield "", text
            case {"text": str(text), "name": str(name)}:
                yield name, text
            case {"text": str(text)}:
                yield "", text


def _unwrap(text: str) -> tuple[list[File], str]:
    """Return the files wrapped in a text, and the rest of it; each character is looked at once, for the text may be long."""
    files, rest, place = [], [], 0
    while (start := text.find(_OPEN, place)) >= 0 and (end := text.find(_CLOSE, start)) >= 0:
        name, _, inside = text[start + len(_OPEN) : end].partition(_NAMED)
        files.append(_file(name, inside))
        rest.append(text[place:start])
        place = end + len(_CLOSE)
    return files, "".join([*rest, text[place:]])


def _file(name: str, text: str) -> File:
    page = _PAGE.search(name[-40:])
    return File(name.removesuffix(page[0]), text, int(page[1])) if page else File(name, text)
