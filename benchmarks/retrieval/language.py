"""What a language brings: words to fill in, and sentences with gaps for them."""

from __future__ import annotations

from typing import NamedTuple


class Question(NamedTuple):
    """A question, and the gaps of its statement that it names: a statement that differs in one of them does not answer it."""

    text: str
    keys: str


class Kind(NamedTuple):
    """A kind of fact.

    Gaps: ``a`` the stem of an adjective and ``s`` of a noun, ``n`` a number, ``y`` a year, ``c`` a code, ``p`` a place and
    ``v`` one of two verbs, the second of which denies; ``w`` is that verb in the question.
    """

    statement: str
    questions: tuple[Question, ...]
    verbs: tuple[str, str] = ("", "")
    asked: tuple[str, str] = ("", "")


class Table(NamedTuple):
    """A kind of table with a row for each thing: the head of its second column, and how that is asked for."""

    title: str
    header: str
    question: str


class Language(NamedTuple):
    """Everything that documents and questions of a language are written with."""

    adjectives: tuple[str, ...]
    nouns: tuple[str, ...]
    places: tuple[str, ...]
    kinds: tuple[Kind, ...]
    tables: tuple[Table, ...]
    row: str
    headings: tuple[str, ...]
    subjects: tuple[str, ...]
    predicates: tuple[str, ...]
    ends: tuple[str, ...]
    thousands: str
    point: str
    stop_words: frozenset[str]


def words(text: str) -> tuple[str, ...]:
    """Return the words of a text."""
    return tuple(text.split())
