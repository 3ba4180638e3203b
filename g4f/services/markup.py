"""What a person hears of one line of Markdown: words, and none of the signs around them."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import NamedTuple

CODE = {"en": "Code.", "ru": "Код."}
FORMULA = {"en": "formula", "ru": "формула"}

# The outer repetition is not possessive: Python before 3.11.5 then matches wrongly (https://github.com/python/cpython/issues/106052).
_TARGET = r"\((?:[^()\n]|\([^()\n]*+\))*\)"
_TARGET_BEGUN = r"\((?:[^()\n]|\([^()\n]*+\))*(?:\([^()\n]*+)?\)?"
_EMOJI = "\u200d\u20e3\u231a-\u23ff\u25a0-\u27bf\u2b00-\u2bff\ufe0e\ufe0f\U0001f000-\U0001faff\U000e0020-\U000e007f"
_UNHEARD = rf"\x00-\x08\x0b-\x1f\x7f{_EMOJI}"
_PLAIN = re.compile(rf"[^\\`$!\[\]<*_~&h|\n{_UNHEARD}]+")
_SILENT = re.compile(rf"[{_UNHEARD}]+")
_SIMPLE = re.compile(r"[\w\s+\-=,.()]*")
_AFTER_ADDRESS = ".,;:!?)]}*_'\""


class Piece(NamedTuple):
    """Be what is heard of a stretch of the source, and where that ends."""

    heard: str
    end: int


class _Rule(NamedTuple):
    """Be one construct: what it looks like as a whole, what when more is needed to tell, and what is heard of it."""

    whole: re.Pattern[str]
    begun: re.Pattern[str]
    heard: Callable[[re.Match[str], str, str], str]


def read(line: str, at: int, before: str, language: str) -> Piece | None:
    """Return what is heard from a position on, or None when more of the line is needed to tell.

    A line that is all there ends with a line break; ``before`` is the character in front of the position. Whatever the
    pieces in which a line arrives, the outcome is the same.
    """
    if plain := _PLAIN.match(line, at):
        return Piece(plain[0], plain.end())
    if silent := _SILENT.match(line, at):
        return Piece("", silent.end())
    for rule in _RULES.get(line[at], ()):
        if found := rule.whole.match(line, at):
            return Piece(rule.heard(found, before, language), _end(found)) if found.end() < len(line) else None
        if rule.begun.fullmatch(line, at):
            return None
    return Piece(_LITERAL.get(line[at], line[at]), at + 1)


def _end(found: re.Match[str]) -> int:
    """Return where a construct ends; the full stop after an address is the sentence's."""
    whole = found[0]
    return found.start() + len(whole.rstrip(_AFTER_ADDRESS) if whole.startswith("http") else whole)


def _formula(found: re.Match[str], before: str, language: str) -> str:
    inside = found[1].strip()
    return inside if _SIMPLE.fullmatch(inside) else FORMULA.get(language, FORMULA["en"])


def _emphasis(found: re.Match[str], before: str, language: str) -> str:
    """Keep a sign between two words or two spaces, where it is no emphasis: ``2*3``, ``snake_case``, ``2 * 3``."""
    run, after = found[0], found.string[found.end()]
    between = before.isalnum() and after.isalnum() and (len(run) == 1 or run[0] == "_" or (before + after).isdigit())
    return run if between or run == "~" or (before.isspace() and after.isspace()) else ""


def _tag(found: re.Match[str], before: str, language: str) -> str:
    address = re.match(r"<https?://([^/?#>]+)", found[0])
    return address[1] if address else " "


def _nothing(found: re.Match[str], before: str, language: str) -> str:
    return ""


def _inside(found: re.Match[str], before: str, language: str) -> str:
    return found[1]


def _code(found: re.Match[str], before: str, language: str) -> str:
    return found[2]


def _character(found: re.Match[str], before: str, language: str) -> str:
    return _SILENT.sub("", html.unescape(found[0]))


def _rule(whole: str, begun: str, heard: Callable[[re.Match[str], str, str], str]) -> _Rule:
    return _Rule(re.compile(whole), re.compile(begun), heard)


_LITERAL = {"[": "", "]": "", "|": ",", "`": ""}
_RUN = _rule(r"\*+|_+|~+", r"(?!)", _emphasis)
_RULES: dict[str, tuple[_Rule, ...]] = {
    "\\": (
        _rule(r"\\\(([^\n]{1,300}?)\\\)", r"\\(?:\((?:(?!\\\))[^\n]){0,302})?", _formula),
        _rule(r"\\\[([^\n]{1,300}?)\\\]", r"\\(?:\[(?:(?!\\\])[^\n]){0,302})?", _formula),
        _rule(r"\\([!-/:-@\[-`{-~])", r"(?!)", _inside),
    ),
    "`": (_rule(r"(`{1,3})(?!`)([^\n]{1,300}?)(?<!`)\1(?!`)", r"`{1,3}(?:[^`\n][^\n]{0,306})?", _code),),
    "$": (
        _rule(r"\$\$([^$\n]{1,300})\$\$", r"\$(?:\$(?:[^$\n]{1,300}\$?)?)?", _formula),
        _rule(r"\$((?!\s)[^$\n]{1,200})(?<!\s)\$(?!\d)", r"\$(?:[^$\s][^$\n]{0,199}\$?)?", _formula),
    ),
    "!": (_rule(r"!(?=\[)", r"!", _nothing),),
    "[": (_rule(r"\[\^?[\d, ]{1,12}\](?![(\[])", r"\[\^?[\d, ]{0,12}\]?", _nothing),),
    "]": (_rule(rf"\](?:{_TARGET}|\[[^\[\]\n]{{0,100}}\])", rf"\](?:{_TARGET_BEGUN}|\[[^\[\]\n]{{0,100}}\]?)?", _nothing),),
    "<": (_rule(r"<[/!A-Za-z][^<>\n]{0,500}>", r"<(?:[/!A-Za-z][^<>\n]{0,500})?", _tag),),
    "*": (_RUN,),
    "_": (_RUN,),
    "~": (_RUN,),
    "&": (
        _rule(
            r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});",
            r"&(?:#(?:\d{0,7}|[xX][0-9a-fA-F]{0,6})|[A-Za-z][A-Za-z0-9]{0,30})?",
            _character,
        ),
    ),
    "h": (_rule(r"https?://([^\s/?#<>\])]+)[^\s<>\]]*+(?=[\s<>\]])", r"h|ht|htt|https?|https?:/?|https?://[^\s<>\]]*+", _inside),),
    "|": (_rule(r"\|[ \t]*(?=\n)", r"\|[ \t]*", _nothing),),
}
