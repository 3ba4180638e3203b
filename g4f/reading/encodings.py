"""Bytes become text: marks first, then UTF-8, then what Russian looks like in its four old encodings, then a guess."""

from __future__ import annotations

import codecs
import math
import re
from collections.abc import Mapping
from types import MappingProxyType

from g4f.reading.signatures import wide

SAMPLE = 64 * 1024
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"))
_WIDE_MARKS = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CYRILLIC = ("cp1251", "koi8-r", "cp866", "iso8859-5")
_PER_MILLE = (
    ("о", 110), ("е", 85), ("а", 80), ("и", 74), ("н", 67), ("т", 63), ("с", 55), ("р", 47), ("в", 45), ("л", 44), ("к", 35), ("м", 32),
    ("д", 30), ("п", 28), ("у", 26), ("я", 20), ("ы", 19), ("ь", 17), ("г", 17), ("з", 17), ("б", 16), ("ч", 15), ("й", 12), ("х", 10),
    ("ж", 9), ("ш", 7), ("ю", 6), ("ц", 5), ("щ", 4), ("э", 3), ("ф", 3), ("ё", 4), ("ъ", 3), ("і", 3), ("ї", 2), ("є", 2), ("ґ", 1),
)  # fmt: skip
_WEIGHTS: Mapping[str, float] = MappingProxyType({letter: max(math.log(share * 32 / 1000), -1.2) for letter, share in _PER_MILLE})
BENEFIT_OF_DOUBT = 3.0
"""Added to the letters' weights, so that a single rare word passes and a long text has to be Russian throughout."""
_WESTERN = frozenset("àáâãäåæçèéêëìíîïñòóôõöøùúûüßœÀÁÄÅÆÇÈÉÊÑÖØÜ€£§°«»¿¡·“”„‘’–—…®™\xa0")
_UNLIKELY = re.compile("(?<=[а-яё])[А-ЯЁЄЇІ]|(?<=[А-ЯЁ]{2})[а-яё]|(?<=[A-Za-z])[А-Яа-яЁё]")
"""A capital after a small letter, a small one after two capitals, and one that stands among those of another alphabet."""
_PUNCTUATION = frozenset("№«»—–…“”„’‘•·° ©")


def decoded(data: bytes) -> str:
    """Return the text of bytes in whatever common encoding they are; what fits none is replaced by U+FFFD."""
    encoding = encoding_of(data)
    return data.decode(encoding, "replace")


def encoding_of(data: bytes) -> str:
    """Return the name of the encoding that bytes are most likely in."""
    for mark, encoding in _MARKS + _WIDE_MARKS:
        if data.startswith(mark):
            return encoding
    if b"\0" in data[:SAMPLE] and (encoded := wide(data[:SAMPLE])):
        return encoded
    if _is_utf8(data):
        return "utf-8"
    sample = data[:SAMPLE]
    return _cyrillic(sample) or _western(sample) or _guessed(sample)


def _is_utf8(data: bytes) -> bool:
    """Return whether bytes are UTF-8 but for a little damage."""
    text = data.decode("utf-8", "replace")
    beyond = len(text) - len(text.encode("ascii", "ignore"))
    return text.count("�") * 20 <= beyond


def _cyrillic(data: bytes) -> str | None:
    score, encoding = max((_russian(data, encoding), -place, encoding) for place, encoding in enumerate(_CYRILLIC))[::2]
    return encoding if score > 0 else None


def _western(data: bytes) -> str | None:
    return "cp1252" if {letter for letter in data.decode("cp1252", "replace") if letter > "\x7f"} <= _WESTERN else None


def _russian(data: bytes, encoding: str) -> float:
    """Return how much the letters beyond ASCII look like Russian words: above 0 when more so than letters at random."""
    text = data.decode(encoding, "replace")
    beyond = [letter for letter in text if letter > "\x7f" and letter not in _PUNCTUATION]
    total = BENEFIT_OF_DOUBT + sum(_WEIGHTS.get(letter.lower(), -4.0) for letter in beyond)
    return (total - 2 * len(_UNLIKELY.findall(text))) / len(beyond) if beyond else -1.0


def _guessed(data: bytes) -> str:
    from charset_normalizer import from_bytes  # noqa: PLC0415 - 40 ms, and most texts need no guess

    best = from_bytes(data).best()
    return best.encoding if best else "cp1252"
