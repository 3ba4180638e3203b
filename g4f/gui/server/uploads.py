"""Files that come inside a conversation request: text joins the newest question, media goes beside it."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from flask import Request
from werkzeug.datastructures import FileStorage

from g4f.errors import UnsupportedMediaTypeError
from g4f.typing import ContentPart, Message, Messages

_FIELDS = ("files", "files[]", "image")
_MEDIA = ("image/", "audio/", "video/")
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))

Media = list[tuple[bytes | str, str | None]]


def attach(messages: Messages, request: Request) -> tuple[Messages, Media]:
    """Return the messages with the text of uploaded files in the newest question, and the uploaded media.

    Raises UnsupportedMediaTypeError for a file that is neither text nor media.
    """
    texts: list[ContentPart] = []
    media: Media = []
    for file in _files(request):
        name, data = file.filename or "file", file.read()
        if file.mimetype.startswith(_MEDIA):
            media.append((data, name))
        else:
            texts.append({"type": "text", "text": _text(data, name), "name": name})
    media += [(url, None) for url in request.form.getlist("media_url")] if request.mimetype == "multipart/form-data" else []
    return (_with_parts(messages, texts) if texts else messages), media


def _files(request: Request) -> Iterator[FileStorage]:
    return (file for field in _FIELDS for file in request.files.getlist(field)) if request.mimetype == "multipart/form-data" else iter(())


def _text(data: bytes, name: str) -> str:
    encoding = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        # The other encoding Russian and English texts still come in; it reads any bytes, so NUL must speak against it.
        text = data.decode("cp1251", "replace")
    if "\x00" in text:
        raise UnsupportedMediaTypeError(f"{name[:64]} is not text; attach text, an image or audio.", "files")
    return text


def _with_parts(messages: Messages, texts: list[ContentPart]) -> Messages:
    *earlier, newest = messages or [Message(role="user", content="")]
    content = newest.get("content") or []
    parts: list[ContentPart] = [{"type": "text", "text": content}] if isinstance(content, str) else list(content)
    return [*earlier, {**newest, "content": [*texts, *parts]}]
