"""Media on their way to a provider, in whatever form the caller has them."""

from __future__ import annotations

import asyncio
import base64
import mimetypes
from os import PathLike
from pathlib import Path, PurePath

from g4f.errors import BadRequestError
from g4f.typing import ImageType

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"%PDF-", "application/pdf"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}


async def to_data_uri(media: ImageType, name: str | None = None) -> str:
    """Return media as a data URI; an http or https address and a data URI are returned as they are.

    A text is never taken for a path, because it may come from a request: paths are given as ``pathlib.Path``.
    Raises BadRequestError for any other text, OSError for a file that cannot be read.
    """
    match media:
        case str(text) if text.startswith(("data:", "http://", "https://")):
            return text
        case str():
            raise BadRequestError("Media given as text has to be a data URI or an http(s) address; give a file as pathlib.Path.")
        case bytes(data):
            return _encode(data, name)
        case PathLike():
            path = Path(media)
            return _encode(await asyncio.to_thread(path.read_bytes), name or path.name)
        case _:
            return _encode(await asyncio.to_thread(media.read), name or _name_of(media))


def _encode(data: bytes, name: str | None) -> str:
    return f"data:{_type_of(data, name)};base64,{base64.b64encode(data).decode()}"


def _type_of(data: bytes, name: str | None) -> str:
    """Tell the type by the first bytes, else by the name."""
    if data[:4] == b"RIFF" and data[8:12] in _RIFF:
        return _RIFF[data[8:12]]
    known = next((kind for signature, kind in _SIGNATURES if data.startswith(signature)), None)
    return known or mimetypes.guess_type(name or "")[0] or "application/octet-stream"


def _name_of(file: object) -> str:
    return PurePath(str(getattr(file, "name", ""))).name
