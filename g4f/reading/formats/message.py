"""E-mail: headers, the words, and the text of what is attached."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_binary_file, policy
from email.message import EmailMessage, MIMEPart
from io import BytesIO
from typing import BinaryIO, cast

from g4f.reading.encodings import decoded
from g4f.reading.formats import read_inside
from g4f.reading.markup import blocks, parsed
from g4f.reading.outline import outlined
from g4f.reading.pieces import Limits, Piece, Section, Skipped
from g4f.reading.reasons import shown

SHOWN = ("From", "To", "Cc", "Date", "Subject")
ATTACHMENTS = 100


def read(file: BinaryIO, limits: Limits) -> Iterator[Piece]:
    """Yield the message under its subject, then each attachment under its name."""
    message = message_from_binary_file(file, policy=policy.default)
    attached = list(message.iter_attachments()) if message.is_multipart() else []
    subject = shown(str(message.get("Subject", "")))
    headers = [f"{name}: {message[name]}" for name in SHOWN if message[name]]
    names = [name for part in attached if (name := part.get_filename())]
    headers += [f"Attachments: {', '.join(names)}"] if names else []
    yield Section("\n".join(headers) + "\n\n", heading=subject)
    yield from _words(message, subject)
    for part in attached[:ATTACHMENTS]:
        yield from _attachment(part, limits)


def _words(message: EmailMessage, subject: str) -> Iterator[Section]:
    body = message.get_body(("plain", "html"))
    if body is None:
        return
    data = cast("bytes | None", body.get_payload(decode=True)) or b""
    if body.get_content_subtype() == "html":
        yield from outlined(blocks(parsed(data)), subject)
    else:
        yield Section(_text(body, data), heading=subject)


def _text(body: MIMEPart, data: bytes) -> str:
    """Return the words in the encoding they declare, or the one they are in."""
    declared = body.get_content_charset() or ""
    try:
        return data.decode(declared)
    except (LookupError, UnicodeDecodeError):
        return decoded(data)


def _attachment(part: MIMEPart, limits: Limits) -> Iterator[Piece]:
    name = part.get_filename() or f"attachment.{part.get_content_subtype()}"
    data = cast("bytes | None", part.get_payload(decode=True))
    if part.get_content_maintype() == "message" or data is None:
        yield Skipped(name, "nested")
    else:
        yield from read_inside(name, BytesIO(data), limits)
