"""Names of files as people see them; nothing is ever stored under one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from itertools import count

MAX_BYTES = 100
_MAX_ENDING = 16
_OTHER = re.compile(r"[^\w.,+-]+")
_ENDS = ".,_+-"
_ENDINGS = {
    "audio/aac": ".aac", "audio/flac": ".flac", "audio/mp4": ".m4a", "audio/mpeg": ".mp3", "audio/ogg": ".ogg", "audio/opus": ".opus",
    "audio/wav": ".wav", "audio/webm": ".webm", "audio/x-wav": ".wav", "image/gif": ".gif", "image/jpeg": ".jpg", "image/png": ".png",
    "image/webp": ".webp", "video/mp4": ".mp4", "video/mpeg": ".mpeg", "video/ogg": ".ogv", "video/quicktime": ".mov",
    "video/webm": ".webm", "video/x-matroska": ".mkv",
}  # fmt: skip
"""How media that comes without a name is called; a browser calls what it recorded ``blob``."""


def safe_name(name: str, media_type: str = "") -> str:
    """Return a name of letters, digits and ``_ . , + -`` alone, of 100 bytes at most and never empty.

    What a browser names ``blob``, and what has no name, becomes ``file`` with an ending for its media type.
    """
    plain = _OTHER.sub("_", unicodedata.normalize("NFC", name)).strip(_ENDS)
    if plain in ("", "blob"):
        return f"file{_ENDINGS.get(media_type.partition(';')[0].strip().lower(), '')}"
    return _shortened(plain, "")


def unique_name(name: str, taken: Container[str]) -> str:
    """Return a name that is not taken: itself, or with a number before its ending."""
    if name not in taken:
        return name
    return next(numbered for number in count(2) if (numbered := _shortened(name, f"_{number}")) not in taken)


def _shortened(name: str, number: str) -> str:
    """Return a name with a number before its ending, the middle cut out if it would be too long."""
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending.encode()) > _MAX_ENDING:
        stem, dot, ending = name, "", ""
    room = MAX_BYTES - len(f"{number}{dot}{ending}".encode())
    if len(stem.encode()) > room:
        stem = stem.encode()[:room].decode(errors="ignore").rstrip(_ENDS)
    return f"{stem}{number}{dot}{ending}"
