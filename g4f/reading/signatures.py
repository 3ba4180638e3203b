"""What the first bytes of a file say it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

Content = Literal[
    "png", "jpeg", "gif", "webp", "wav", "mp3", "flac", "ogg", "matroska", "mp4", "avi", "mpeg",
    "pdf", "zip", "ole", "gzip", "rtf", "text",
]  # fmt: skip

HEAD = 4096
"""How many bytes are looked at."""

_SIGNATURES: Sequence[tuple[Content, re.Pattern[bytes]]] = (
    ("png", re.compile(rb"\x89PNG\r\n\x1a\n")),
    ("jpeg", re.compile(rb"\xff\xd8\xff")),
    ("gif", re.compile(rb"GIF8[79]a")),
    ("webp", re.compile(rb"RIFF....WEBP", re.DOTALL)),
    ("wav", re.compile(rb"RIFF....WAVE", re.DOTALL)),
    ("avi", re.compile(rb"RIFF....AVI ", re.DOTALL)),
    ("flac", re.compile(rb"fLaC")),
    ("ogg", re.compile(rb"OggS\0")),
    ("matroska", re.compile(rb"\x1a\x45\xdf\xa3")),
    ("mp4", re.compile(rb"....ftyp(?!heic|heix|mif1|msf1|avi[fs])|....(?:moov|mdat|wide|free)", re.DOTALL)),
    ("mpeg", re.compile(rb"\0\0\x01[\xb3\xba]")),
    ("pdf", re.compile(rb"(?:\xef\xbb\xbf)?\s*%PDF-")),
    ("zip", re.compile(rb"PK\x03\x04|PK\x05\x06")),
    ("ole", re.compile(rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")),
    ("gzip", re.compile(rb"\x1f\x8b\x08")),
    ("rtf", re.compile(rb"\s*\{\\rtf")),
    ("mp3", re.compile(rb"ID3[\x02-\x04]|\xff[\xe2\xe3\xf2\xf3\xfa\xfb][\x10-\xeb]")),
)
_BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html)[\s>]", re.IGNORECASE)
_MARKUP = re.compile(rb"<\s*(?:!doctype\s+html|html|head|body|script|svg|iframe|object|embed)[\s>/]", re.IGNORECASE)


def content_of(head: bytes) -> Content | None:
    """Return what a file that begins like this holds; None for what is neither known nor text."""
    for content, signature in _SIGNATURES:
        if signature.match(head):
            return content
    return "text" if is_text(head) else None


def is_text(head: bytes) -> bool:
    """Return whether bytes can be text in some encoding: a few stray control characters at most, or UTF-16."""
    if not head or head.startswith(_BYTE_ORDER_MARKS):
        return True
    if b"\0" in head:
        return wide(head) is not None
    return len(_BINARY.findall(head)) <= len(head) // 100


def wide(data: bytes) -> str | None:
    """Return the encoding of UTF-16 without its mark, which shows in high bytes that are all of a few values, or None."""
    size = len(data) // 2
    if size < 2:
        return None
    for encoding, high, low in (("utf-16-le", data[1::2], data[::2]), ("utf-16-be", data[::2], data[1::2])):
        if high.count(b"\x00") + high.count(b"\x04") > 0.8 * size and low.count(b"\x00") < 0.02 * size:
            return encoding
    return None


def is_page(head: bytes) -> bool:
    """Return whether a text begins as HTML does."""
    return _PAGE.match(head) is not None


def holds_markup(head: bytes) -> bool:
    """Return whether a browser that guesses could take this for a page or run something in it."""
    return _MARKUP.search(head) is not None
