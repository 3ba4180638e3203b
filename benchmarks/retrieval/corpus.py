"""Documents with facts among other sentences, and questions whose answering sentence is known."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from benchmarks.retrieval.english import ENGLISH
from benchmarks.retrieval.language import Kind, Language, Question, Table
from benchmarks.retrieval.russian import RUSSIAN

TABLE_SHARE = 0.2
"""The part of the questions that a row of a table answers."""
LITERAL_SHARE = 0.25
"""The part of the other questions that repeat the words of the answer as they stand there, as somebody does who remembers them."""
_ROWS = (20, 40)
_WIDTH = 90
_FORM = re.compile(r"\w+(?:[-.,]\w+)*")

Slots = Mapping[str, str]


class Section(NamedTuple):
    """A part of a document."""

    text: str
    page: int
    heading: str


@dataclass(frozen=True)
class Fact:
    """A sentence or a row that may answer; facts of a family say nearly the same."""

    kind: Kind | Table
    slots: Slots
    text: str


class Document(NamedTuple):
    """A document, and where in its text each fact stands."""

    sections: Sequence[Section]
    facts: Sequence[tuple[int, Fact]]


class Asked(NamedTuple):
    """A question, and what a fact has to agree in to answer it."""

    text: str
    kind: Kind | Table
    keys: Slots
    language: Language

    def answered_by(self, fact: Fact) -> bool:
        """Return whether a fact is of the kind that was asked for and says what the question says."""
        return fact.kind is self.kind and all(fact.slots[key] == value for key, value in self.keys.items())

    def forms(self, text: str) -> set[str]:
        """Return the content word forms of a text, as they stand there."""
        return set(_FORM.findall(text.casefold())) - self.language.stop_words


class Corpus(NamedTuple):
    """What is searched, and what is asked."""

    documents: Sequence[Document]
    questions: Sequence[Asked]


def corpus(seed: int, documents: int = 40, questions: int = 200) -> Corpus:
    """Write documents and questions, half of them in each language; the same seed writes the same."""
    writers = (_Writer(language, Random(f"{seed} {language.point}")) for language in (ENGLISH, RUSSIAN))
    english, russian = (writer.write(documents // 2, questions // 2) for writer in writers)
    return Corpus([*english.documents, *russian.documents], [*english.questions, *russian.questions])


class _Writer:
    def __init__(self, language: Language, random: Random) -> None:
        self.language, self.random = language, random

    def write(self, documents: int, questions: int) -> Corpus:
        """Write families of facts, spread them, and fill the documents up."""
        sentences: list[list[Fact]] = [[] for _ in range(documents)]
        rows: list[list[Fact]] = [[] for _ in range(documents)]
        asked: list[Asked] = []
        for number in range(questions):
            in_table = number < questions * TABLE_SHARE
            question, family = self._row_family() if in_table else self._family()
            asked.append(question)
            home = self.random.randrange(documents)
            for fact in family:
                place = home if self.random.random() < 0.3 else self.random.randrange(documents)
                (rows if in_table else sentences)[place].append(fact)
        return Corpus([self._document(*facts) for facts in zip(sentences, rows, strict=True)], asked)

    def _family(self) -> tuple[Asked, list[Fact]]:
        """Write a question, the fact that answers it, and facts that differ from it in what is asked for."""
        kind = self.random.choice(self.language.kinds)
        question = self.random.choice(kind.questions)
        slots = self._slots()
        family = [self._fact(kind, slots)]
        for turn in range(self.random.randint(2, 6)):
            others = self._slots()
            changed = question.keys[turn % len(question.keys)]
            kept = {key: slots[key] for key in slots if key in question.keys or self.random.random() < 0.5}
            family.append(self._fact(kind, others | kept | {changed: self._other(changed, slots[changed])}))
        return self._asked(kind, question, slots), family

    def _row_family(self) -> tuple[Asked, list[Fact]]:
        """Write a question for a row, and rows for the same thing in other tables and for similar things in such a table."""
        kind, *others = self.random.sample(self.language.tables, 4)
        slots = self._slots()
        text, keys = kind.question.format(**slots), {key: slots[key] for key in "as"}
        family = [self._row(kind, slots), *(self._row(other, self._slots() | keys) for other in others)]
        family += [self._row(kind, slots | {key: self._other(key, slots[key]), "n": self._number()}) for key in "as"]
        return Asked(text, kind, keys, self.language), family

    def _asked(self, kind: Kind, question: Question, slots: Slots) -> Asked:
        keys = {key: slots[key] for key in question.keys}
        if self.random.random() < LITERAL_SHARE:
            keys |= {key: slots[key] for key in "asv"}
            known = {**dict.fromkeys(slots, ""), **keys, "v": kind.verbs[int(slots["v"])]}
            return Asked(self._sentence(kind.statement, known), kind, keys, self.language)
        verb = kind.asked[int(slots["v"])]
        number, code = slots["n"], slots["c"]
        shown = {
            "n": self.random.choice((number, number.replace(".", self.language.point))),
            "c": self.random.choice((code, code, code.lower(), code.replace("-", " "))),
        }
        return Asked(self._sentence(question.text, {**slots, **shown, "w": verb}), kind, keys, self.language)

    def _fact(self, kind: Kind, slots: Slots) -> Fact:
        return Fact(kind, slots, self._sentence(kind.statement, {**slots, "n": self._shown(slots["n"]), "v": kind.verbs[int(slots["v"])]}))

    def _row(self, table: Table, slots: Slots) -> Fact:
        thing = self._sentence(self.language.row, slots)
        return Fact(table, slots, f"| {thing} | {self._shown(slots['n'])} | {slots['y']} | {slots['p']} |")

    def _slots(self) -> dict[str, str]:
        return {key: self._value(key) for key in "asnycpv"}

    def _value(self, key: str) -> str:
        match key:
            case "a":
                return self.random.choice(self.language.adjectives)
            case "s":
                return self.random.choice(self.language.nouns)
            case "p":
                return self.random.choice(self.language.places)
            case "n":
                return self._number()
            case "y":
                return str(self.random.randint(1996, 2024))
            case "v":
                return self.random.choice("01")
            case _:
                return f"{self.random.choice('ABCDEFKMNRTX')}{self.random.choice('ABCDEFKMNRTX')}-{self.random.randint(10, 99)}"

    def _other(self, key: str, value: str) -> str:
        return next(other for other in iter(lambda: self._value(key), None) if other != value)

    def _number(self) -> str:
        whole = self.random.randint(*self.random.choice(((2, 99), (100, 999), (1000, 9999))))
        return f"{whole}.{self.random.randint(1, 9)}" if self.random.random() < 0.15 else str(whole)

    def _shown(self, number: str) -> str:
        whole, _, rest = number.partition(".")
        grouped = f"{int(whole):,}".replace(",", self.language.thousands) if self.random.random() < 0.5 else whole
        return f"{grouped}{self.language.point}{rest}" if rest else grouped

    def _sentence(self, template: str, slots: Slots) -> str:
        text = template.format(**slots)
        return text[0].upper() + text[1:]

    def _prose(self) -> str:
        """Write a sentence that is no fact, of the same words."""
        parts = (self.language.subjects, self.language.predicates, self.language.ends)
        subject, predicate, end = (self.random.choice(part).format(**self._slots()) for part in parts)
        text = f"{subject} {predicate}, {end}." if end else f"{subject} {predicate}."
        return text[0].upper() + text[1:]

    def _document(self, sentences: list[Fact], rows: list[Fact]) -> Document:
        """Fill sections up with prose, put each fact into some paragraph, and each row into a table of its kind."""
        wrapped = self.random.random() < 0.5
        paragraphs = [[self._prose() for _ in range(self.random.randint(3, 7))] for _ in range(self.random.randint(45, 60))]
        for fact in sentences:
            paragraph = self.random.choice(paragraphs)
            paragraph.insert(self.random.randint(0, len(paragraph)), fact.text)
        blocks = ["\n".join(textwrap.wrap(" ".join(each), _WIDTH if wrapped else 10_000, break_on_hyphens=False)) for each in paragraphs]
        for title, table in self._tables(rows):
            blocks.insert(self.random.randint(0, len(blocks)), f"{title}\n\n{table}")
        sections = list(self._sections(blocks))
        whole = "".join(section.text for section in sections)
        return Document(sections, [(_place(whole, fact.text), fact) for fact in (*sentences, *rows)])

    def _tables(self, rows: Sequence[Fact]) -> Iterator[tuple[str, str]]:
        row_header = {",": "Изделие", ".": "Item"}[self.language.point]
        for kind in {fact.kind: None for fact in rows}:
            assert isinstance(kind, Table)
            lines = [fact.text for fact in rows if fact.kind is kind]
            lines += [self._row(kind, self._slots()).text for _ in range(self.random.randint(*_ROWS))]
            self.random.shuffle(lines)
            yield kind.title, "\n".join((f"| {row_header} | {kind.header} | {row_header[:1]}2 | {row_header[:1]}3 |", *lines))

    def _sections(self, blocks: Sequence[str]) -> Iterator[Section]:
        """Group paragraphs under headings; a page holds some 2,500 characters."""
        start, length = 0, 0
        while start < len(blocks):
            stop = start + self.random.randint(3, 8)
            text = "\n\n".join(blocks[start:stop]) + "\n\n"
            yield Section(text, 1 + length // 2500, self._sentence(self.random.choice(self.language.headings), self._slots()))
            start, length = stop, length + len(text)


def _place(whole: str, text: str) -> int:
    """Return the middle of a text, which may be broken into lines."""
    found = re.search(r"\s".join(map(re.escape, text.split(" "))), whole)
    assert found, text
    return (found.start() + found.end()) // 2
