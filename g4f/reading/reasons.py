"""Why a file cannot be read: one word for programs, one sentence for people."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from g4f.errors import UnreadableError

Reason = Literal[
    "unsupported", "media", "empty", "scan", "encrypted", "broken", "crashed",
    "slow", "memory", "long", "bomb", "crowded", "overlapping", "outside", "link", "nested", "picture", "hopeless",
]  # fmt: skip

LONGEST = 100
_ABOUT = " It concerns “{}”."
SENTENCES: Mapping[Reason, str] = MappingProxyType(
    {
        "unsupported": "No text can be read from this kind of file; convert it to PDF, DOCX or plain text.",
        "media": "Pictures and recordings inside another file are not read; upload them by themselves.",
        "empty": "The file holds no text.",
        "scan": "The PDF is a scan without text; run text recognition (OCR) over it and upload the result.",
        "encrypted": "The file is encrypted; save it without a password and upload it again.",
        "broken": "The file is damaged, or not what its name says; open it in its own program, save it and upload it again.",
        "crashed": "The file broke the program that reads it; save it in another format and upload that.",
        "slow": "Reading the file took too long; split it into smaller ones.",
        "memory": "Reading the file needs more memory than is allowed; split it into smaller ones.",
        "long": "The file holds more text than is kept of one file; split it into smaller ones.",
        "bomb": "The file is too large when it is unpacked; upload what is inside in parts.",
        "crowded": "The archive holds too many entries; split it into smaller ones.",
        "overlapping": "Entries of the archive lie over one another; pack it anew.",
        "outside": "The archive holds a name that leads out of it; pack it anew from inside its folder.",
        "link": "The archive holds a link instead of a file; pack it anew without links.",
        "nested": "The file is an archive inside another; upload it by itself.",
        "picture": "The picture has too many pixels or frames; make it smaller.",
        "hopeless": "The file broke the server that read it, time and again; save it in another format and upload that.",
    }
)


def unreadable(reason: Reason, about: str = "") -> UnreadableError:
    """Return the error for a reason; ``about`` is a foreign name that it concerns."""
    name = shown(about)
    return UnreadableError(SENTENCES[reason] + (_ABOUT.format(name) if name else ""), reason)


def reason_of(sentence: str) -> Reason | None:
    """Return the reason that a sentence of ours gives, None for another's."""
    return next((reason for reason, said in SENTENCES.items() if sentence.startswith(said)), None)


def about_of(sentence: str) -> str | None:
    """Return the foreign name that a sentence of ours concerns, None where there is none."""
    before, after = _ABOUT.split("{}")
    _, found, rest = sentence.partition(before)
    return rest.removesuffix(after) if found and reason_of(sentence) else None


def shown(name: str) -> str:
    """Return a foreign name as it may be shown: one line of a hundred characters at most, none that turns or hides others."""
    return "".join(letter for letter in " ".join(name[: 2 * LONGEST].split()) if letter.isprintable())[:LONGEST]
