"""Passages of attached text, and those among them that fit a question."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from g4f.Provider.template.words import Folds, terms
from g4f.typing import Messages

_OPEN, _NAMED, _CLOSE = "<!-- File: ", " -->\n", "<-- End -->"
_MOST_LINES = 10
"""Lines of a passage at most; a longer paragraph becomes several."""
_SATURATION, _LENGTH_WEIGHT = 1.2, 0.75
"""The usual constants of BM25: how fast repeating a word stops to count, and how much a long passage has to show."""


@dataclass(frozen=True, slots=True)
class File:
    """Be one text that was attached to a conversation."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Passage:
    """Be some lines of a file; ``first`` and ``last`` are their numbers, counted from 1."""

    source: str
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
            found, rest = ([File(name, text)], "") if name else _unwrap(text)
            files += found
            typed.append(rest)
        if message.get("role") == "user":
            asked = "\n".join(filter(None, typed)).strip()
    return Question(asked, tuple(files))


def split(file: File) -> Iterator[Passage]:
    """Yield the paragraphs of a file, which empty lines divide."""
    block: list[str] = []
    lines = file.text.splitlines()
    for number, line in enumerate([*lines, ""], 1):
        if block and (not line.strip() or len(block) == _MOST_LINES):
            yield Passage(file.name, number - len(block), number - 1, "\n".join(block))
            block = []
        if line.strip():
            block.append(line)


def best(question: str, passages: Sequence[Passage], limit: int = 3) -> list[Passage]:
    """Return the passages that share most with the question, best first; none when nothing is shared.

    Ranked by BM25 over folded words. Passages with less than half of the best one's score are left out.
    """
    folds = Folds()
    wanted = set(terms(question, folds))
    counts = [Counter(terms(passage.text, folds)) for passage in passages]
    usual = sum(map(Counter.total, counts)) / max(len(counts), 1)
    weights = {term: _rarity(sum(term in count for count in counts), len(counts)) for term in wanted}
    scores = [sum(weights[term] * _presence(count, term, usual) for term in wanted if term in count) for count in counts]
    ranked = sorted(zip(scores, passages, strict=True), key=lambda pair: -pair[0])[:limit]
    return [passage for score, passage in ranked if score > 0 and score >= ranked[0][0] / 2]


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
        files.append(File(name, inside))
        rest.append(text[place:start])
        place = end + len(_CLOSE)
    return files, "".join([*rest, text[place:]])


def _rarity(found_in: int, passages: int) -> float:
    return math.log(1 + (passages - found_in + 0.5) / (found_in + 0.5))


def _presence(count: Counter[str], term: str, usual_length: float) -> float:
    times, length = count[term], count.total() / usual_length
    return times * (_SATURATION + 1) / (times + _SATURATION * (1 - _LENGTH_WEIGHT + _LENGTH_WEIGHT * length))
