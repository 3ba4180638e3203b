"""Words of a text as they are searched for: folded, stemmed, and numbers in one form."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator
from functools import cached_property
from typing import Protocol

NEGATIONS = frozenset({"not", "no", "nor", "never", "without", "не", "нет", "ни", "без", "никогда"})
"""Words that turn a statement into its opposite: they are searched for, while others as frequent are left out."""

_LONGEST = 64
"""Characters of a term at most; PostgreSQL refuses to index very long ones."""
_MOST_PARTS = 8
"""A compound of more parts is no code that somebody types a part of, but a digest or encoded bytes."""
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u0301\u200b\u200c\u200d\u2060\ufeff"))
"""Soft hyphens, stress marks and joiners, which stand inside of words."""

_COMPOUND = re.compile(r"[^\W_]+(?:(?:[-‐‑]\n?|[._&'’]|(?<=\d)[,:](?=\d))[^\W_]+)*")
_PART = re.compile(r"[^\W\d_]+|\d+")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[^\w\n](?=\d)")
_DECIMAL = re.compile(r"\d+[.,:]\d+")
_GROUPED = re.compile(r"(?<![\d.,])[1-9]\d{0,2}([ ,'’])\d{3}(?:\1\d{3})*(?!\d)")
_SHORT_NOT = re.compile(r"\bcan(?:no|['’])t\b|n['’]t\b")
_ENGLISH_ENDING = re.compile(r"['’](?:s|m|re|ve|ll|d)\b")
_CYRILLIC = re.compile(r"[а-я]")
_CYRILLIC_LETTER, _LATIN_LETTER = re.compile(r"[а-яё]", re.IGNORECASE), re.compile(r"[a-z]", re.IGNORECASE)
_STOP_WORDS = frozenset(
    """
    a about am an and any are as at be been but by can could did do does for from had has have how i if in is it its me my
    of on or our please say should so some tell than that the their them then there these they this to was we were what when where
    which who whose why will with would you your
    а бы был была были было быть в вам вас весь во вот все всю вы где да для до его ее если есть еще же за и из или им
    их к как какая какие каким каких какого какое какой какую ко когда которая которое которой которые который кто ли мне мной можно мой
    моя мое мои мы на над нам нас него нее них но ну о об он она они оно от по под при про с со скажи та так там тебе тем то того тоже
    той только том тот ты у уж уже чего чей чем что чтобы эта эти это этой этом этот я
    """.split()  # noqa: SIM905 - a page of quotation marks is harder to read
)


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...  # noqa: N802 - Snowball's name


class Stems:
    """Stem words of English and Russian, whose forms meet in their stem, and remember the newest; any thread may ask.

    The algorithms are Snowball's: https://snowballstem.org/algorithms/
    """

    def __init__(self, most: int = 50_000) -> None:
        self._most = most
        self._known: dict[str, str] = {}
        self._lock = threading.Lock()

    def of(self, word: str) -> str:
        """Return the stem of a folded word; a word of another script, a number or a code is its own."""
        if not word.isalpha() or not (word.isascii() or _CYRILLIC.search(word)):
            return word
        stem = self._known.get(word)
        return self._stem(word) if stem is None else stem

    def _stem(self, word: str) -> str:
        with self._lock:  # a stemmer keeps the word it is at
            english, russian = self._stemmers
            stemmer = russian if _CYRILLIC.search(word) else english
            if len(self._known) >= self._most:
                self._known.clear()
            self._known[word] = stem = stemmer.stemWord(word)
            return stem

    @cached_property
    def _stemmers(self) -> tuple[_Stemmer, _Stemmer]:
        from snowballstemmer import stemmer  # type: ignore[import-untyped]  # noqa: PLC0415 - no types; it loads thirty languages

        return stemmer("english"), stemmer("russian")


def terms(text: str, stems: Stems | None = None) -> list[str]:
    """Return the words of a text in their order as they are searched for, without words that say nothing alone.

    Each consists of letters and digits only. Forms of a word, ``ё`` and ``е``, ``1 000`` and ``1,000``, ``5.3`` and ``5,3``
    are the same. A compound such as ``XR-42`` gives itself, ``xr42``, and then its parts.
    """
    known = stems or Stems()
    folded = unicodedata.normalize("NFKC", text.translate(_INVISIBLE)).casefold().replace("ё", "е")
    plain = _ENGLISH_ENDING.sub("", _SHORT_NOT.sub(" not", folded))
    plain = _GROUPED.sub(lambda number: number[0].replace(number[1], ""), plain)
    words = (word for compound in _COMPOUND.findall(plain) for word in _words(compound))
    return [known.of(word)[:_LONGEST] for word in words if word not in _STOP_WORDS]


def is_number(term: str) -> bool:
    """Return whether a term is a number or a code with one."""
    return any(map(str.isdigit, term))


def is_russian(text: str) -> bool:
    """Return whether more of the letters are Russian than English."""
    return len(_CYRILLIC_LETTER.findall(text)) > len(_LATIN_LETTER.findall(text))


def _words(compound: str) -> Iterator[str]:
    """Yield a compound without its joints, and its parts; a decimal has none, for 5.3 is neither 5 nor 3."""
    if compound.isalpha():
        yield compound
        return
    parts = _PART.findall(compound)
    yield "".join(filter(str.isalnum, _BETWEEN_DIGITS.sub("p", compound)))
    if 1 < len(parts) <= _MOST_PARTS and not _DECIMAL.fullmatch(compound):
        yield from parts
