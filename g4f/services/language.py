"""Which language a text is in, as far as its letters tell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple


class Script(NamedTuple):
    """Be a language and letters that only it, of the languages listed later, is written in."""

    language: str
    letters: str


_SCRIPTS: Sequence[Script] = (
    Script("ja", "\u3040-\u30ff"),
    Script("zh", "\u3400-\u9fff"),
    Script("ko", "\u1100-\u11ff\uac00-\ud7af"),
    Script("uk", "іїєґІЇЄҐ"),
    Script("ru", "а-яёА-ЯЁ"),
    Script("el", "\u0370-\u03ff"),
    Script("he", "\u0590-\u05ff"),
    Script("fa", "پچژگک"),
    Script("ar", "\u0600-\u06ff"),
    Script("hi", "\u0900-\u097f"),
    Script("th", "\u0e00-\u0e7f"),
    Script("hy", "\u0530-\u058f"),
    Script("ka", "\u10a0-\u10ff"),
    Script("en", "A-Za-z\u00c0-\u024f"),
)
_LETTERS = re.compile("|".join(f"([{script.letters}])" for script in _SCRIPTS))
_TELLING = frozenset({"ja", "uk", "fa"})
"""Languages that share most letters with another, and are known by the few they do not share."""
_FEW = 20
"""A telling letter counts when it is at least one in so many."""


class Letters:
    """Count the letters of a text as it comes."""

    def __init__(self, text: str = "") -> None:
        self._counts = [0] * len(_SCRIPTS)
        self.add(text)

    def add(self, text: str) -> None:
        """Count those of some more text."""
        for found in _LETTERS.finditer(text):
            self._counts[(found.lastindex or 1) - 1] += 1

    def language(self, unknown: str = "en") -> str:
        """Return the language most letters speak for, or ``unknown`` while there is none."""
        total = sum(self._counts)
        counted = list(zip(self._counts, (script.language for script in _SCRIPTS), strict=True))
        for count, language in counted:
            if language in _TELLING and count * _FEW >= total > 0:
                return language
        return max(counted, key=lambda each: each[0])[1] if total else unknown


def language_of(text: str, unknown: str = "en") -> str:
    """Return the language of a text; Latin letters are taken for English."""
    return Letters(text).language(unknown)
