"""What a person hears of an answer in Markdown, sentence by sentence, also while the answer is being written."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterator

from msgspec import Struct

from g4f import aio
from g4f.services.language import Letters
from g4f.services.markup import CODE, FORMULA, read

LONGEST = 400
"""Characters of a sentence; what is longer is read in parts, cut between words."""
WINDOW = 10
"""Characters behind a sentence that decide whether it ended: as many as razdel looks at."""

PATIENCE = 2000
"""Characters of an address that has no end yet, such as a picture's, from which on only what may be the end is looked at."""

_BEFORE_SIGN = re.compile(r" (?=[,.;:!?…](?:\s|$))")
_ENDS = re.compile(r"[\s)\]<>]")
_SIGNS = r"[ \t>]*"
_UNDECIDED = re.compile(
    _SIGNS
    + r"(?:[-=_*:|+#~` \t]*|\d{1,9}[.)]?[ \t]*|[-+*][ \t]+(?:\[[ xX]?\]?[ \t]*)?|(?:`{3}|~{3}|\$\$|\\\[)[^\n]*|\$|\\"
    + r"|\[[^\[\]\n]{0,60}(?:\](?::[^\n]*)?)?)"
)
"""The beginning of a line that may turn out to be several things."""
_BLANK = re.compile(_SIGNS + r"\n")
_FENCE = re.compile(_SIGNS + r"(`{3,}|~{3,})[^`\n]*\n")
_MATH = re.compile(_SIGNS + r"(\$\$|\\\[)[^\n]*\n")
_RULE = re.compile(_SIGNS + r"[-=_*:|+ \t]+\n")
_DEFINITION = re.compile(_SIGNS + r"\[[^\[\]\n]{1,60}\]:[^\n]*\n")
_ONE_LINE = re.compile(_SIGNS + r"(?:#{1,6}[ \t]+|\|[ \t]*)")
_ITEM = re.compile(_SIGNS + r"(?:[-+*][ \t]+(?:\[[ xX]\][ \t]+)?|(?=\d{1,9}[.)][ \t]))")
_TEXT = re.compile(_SIGNS)
_STOPS = re.compile(r"[。！？؟۔।]+")
"""Ends of sentences in scripts razdel does not know."""
_PAUSE = re.compile(r".{100,}[,;:—–)](?=\s)|.*(?=\s)", re.DOTALL)


class Sentence(Struct, frozen=True):
    """Be one sentence as it is heard, and the stretch of the Markdown it stands in."""

    text: str
    start: int
    end: int


def sentences(markdown: str) -> list[Sentence]:
    """Return what is heard of a text: the words of links and tables without their signs, "code" for a block of code, no emoji."""
    reader = Sentences()
    return [*reader.feed(markdown), *reader.finish()]


async def follow(deltas: AsyncIterator[str]) -> AsyncGenerator[Sentence]:
    """Yield the sentences of an answer while it is being written."""
    reader = Sentences()
    try:
        async for delta in deltas:
            for sentence in reader.feed(delta):
                yield sentence
        for sentence in reader.finish():
            yield sentence
    finally:
        await aio.close(deltas)


class Sentences:
    """Take a text as it comes and give each sentence as soon as it is certain; the pieces in which the text comes change nothing."""

    def __init__(self) -> None:
        self._source, self._next = "", 0
        self._offset = 0  # of _source in the whole text
        self._heard, self._said = "", 0
        self._places: list[tuple[int, int]] = []  # where in the whole text each character of _heard comes from
        self._at_line_start, self._one_line = True, False
        self._before = "\n"
        self._closing: re.Pattern[str] | None = None  # ends the block of code or formula that is open
        self._letters = Letters()

    def feed(self, text: str) -> list[Sentence]:
        """Take some more text and return the sentences that are complete with it."""
        waits = len(self._source) > PATIENCE and not _ENDS.search(text)
        self._source += text.replace("\r", " ")
        if waits:
            return []
        found = [*self._scan(), *self._complete(over=False)]
        self._source, self._offset, self._next = self._source[self._next :], self._offset + self._next, 0
        self._heard, self._places, self._said = self._heard[self._said :], self._places[self._said :], 0
        return found

    def finish(self) -> list[Sentence]:
        """Return the rest; nothing may be fed afterwards."""
        return [*self.feed("\n"), *self._complete(over=True)]

    def _scan(self) -> Iterator[Sentence]:
        """Understand what can be understood, and yield the sentences of each block that ends."""
        while self._next < len(self._source):
            end = self._source.find("\n", self._next) + 1
            if self._closing is not None:
                if not end:
                    return
                self._skip_line(self._closing, end)
            elif self._at_line_start:
                if self._one_line:
                    self._one_line = False
                    yield from self._complete(over=True)
                if not end and _UNDECIDED.fullmatch(self._source, self._next):
                    return
                yield from self._begin_line()
            elif not self._continue_line():
                return

    def _skip_line(self, closing: re.Pattern[str], end: int) -> None:
        if closing.match(self._source, self._next, end):
            self._closing = None
        self._next = end

    def _begin_line(self) -> Iterator[Sentence]:
        """Tell what kind of line begins, and take its signs; a line that continues its paragraph is a blank in it."""
        source, at = self._source, self._next
        if found := _FENCE.match(source, at):
            yield from self._block(found, CODE)
            self._closing = re.compile(rf"{_SIGNS}{found[1]}{found[1][0]}*[ \t]*\n")
        elif found := _MATH.match(source, at):
            yield from self._block(found, {language: f"{word.capitalize()}." for language, word in FORMULA.items()})
            closing = re.compile(r"[^\n]*\$\$" if found[1] == "$$" else r"[^\n]*\\\]")
            self._closing = None if closing.match(source, found.end(1), found.end()) else closing
        elif found := _BLANK.match(source, at) or _RULE.match(source, at) or _DEFINITION.match(source, at):
            yield from self._complete(over=True)
            self._next = found.end()
        elif found := _ONE_LINE.match(source, at) or _ITEM.match(source, at):
            yield from self._complete(over=True)
            self._enter(found, one_line=found.re is _ONE_LINE)
        elif found := _TEXT.match(source, at):
            self._hear(" ", at, at)
            self._enter(found, one_line=False)

    def _block(self, found: re.Match[str], words: dict[str, str]) -> Iterator[Sentence]:
        """Say one word for a whole block."""
        yield from self._complete(over=True)
        word = words.get(self._letters.language(), words["en"])
        self._hear(word, found.start(1), found.end() - 1)
        yield from self._complete(over=True)
        self._next = found.end()

    def _enter(self, found: re.Match[str], *, one_line: bool) -> None:
        self._next, self._before = found.end(), " "
        self._at_line_start, self._one_line = False, one_line

    def _continue_line(self) -> bool:
        """Hear a piece of a line, or say that more of the text is needed."""
        at = self._next
        if self._source[at] == "\n":
            self._next, self._at_line_start = at + 1, True
            return True
        piece = read(self._source, at, self._before, self._letters.language())
        if piece is None:
            return False
        self._hear(piece.heard, at, piece.end)
        self._next, self._before = piece.end, self._source[piece.end - 1]
        return True

    def _hear(self, heard: str, start: int, end: int) -> None:
        """Add what is heard of a stretch of the source, character for character where the two are as long."""
        self._letters.add(heard)
        start, end = start + self._offset, end + self._offset
        if len(heard) == end - start:
            self._places += [(at, at + 1) for at in range(start, end)]
        else:
            self._places += [(start, end)] * len(heard)
        self._heard += heard

    def _complete(self, *, over: bool) -> Iterator[Sentence]:
        """Yield the sentences of the block that are certain; all of them when the block is over."""
        while self._said < len(self._heard):
            window = self._heard[self._said : self._said + LONGEST + 2 * WINDOW]
            end, certain = _first_end(window)
            if not (over or certain):
                return
            yield from self._sentence(self._said, self._said + end)
            self._said += end

    def _sentence(self, start: int, end: int) -> Iterator[Sentence]:
        text = self._heard[start:end]
        if any(character.isalnum() for character in text):
            first, last = start + len(text) - len(text.lstrip()), start + len(text.rstrip()) - 1
            yield Sentence(_BEFORE_SIGN.sub("", " ".join(text.split())), self._places[first][0], self._places[last][1])


def _first_end(text: str) -> tuple[int, bool]:
    """Return where the first sentence ends, and whether more text could not change that."""
    from razdel import sentenize  # noqa: PLC0415  loaded when something is read aloud

    first = next(iter(sentenize(text)), None)
    end = (first.stop if first is not None else 0) or len(text)
    if stop := _STOPS.search(text, 0, end):
        end = stop.end()
    certain = end + WINDOW <= len(text) or len(text) >= LONGEST + WINDOW
    if end <= LONGEST:
        return end, certain
    pause = _PAUSE.match(text, 0, LONGEST)
    return (pause.end() if pause and pause.end() else LONGEST), certain
