"""Uploads in parts that go on where they were cut, as ready-made tus clients send them; an upload's id becomes its file's.

https://tus.io/protocols/resumable-upload
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import formatdate

from flask import Request, Response
from uuid_utils.compat import uuid7

from g4f.errors import MalformedRequestError, OtherVersionError, RefusalError, UnsupportedMediaTypeError
from g4f.gui.server.api import Api
from g4f.gui.server.bodies import MAX_INTEGER
from g4f.gui.server.handlers.chats import read_id
from g4f.gui.server.incoming import Chunks
from g4f.gui.server.principal import Principal
from g4f.services.uploads import Progress

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,expiration,termination"
PART_TYPE = "application/offset+octet-stream"
_SPOKEN = ("Tus-Resumable", VERSION)


def describe_uploads(api: Api) -> Response:
    """Say which version of tus is spoken, with which extensions, and how large a file may be."""
    return _answer(204, ("Tus-Version", VERSION), ("Tus-Extension", EXTENSIONS), ("Tus-Max-Size", str(api.settings.upload_limit)))


async def begin_upload(api: Api, principal: Principal, incoming: Chunks, request: Request) -> Response:
    """Begin an upload of ``Upload-Length`` bytes; a body is its first part.

    ``Upload-Metadata`` names ``filename``, ``filetype`` and ``bucket_id``, without which the file gets a bucket of its own.
    412 for another version of tus, 415 for what is nothing that can be used, 503 without the storage, 507 without room.
    """
    with _tus(request):
        length, told = _number(request, "Upload-Length"), _metadata(request.headers.get("Upload-Metadata", ""))
        bucket = told.get("bucket_id") or str(uuid7())
        progress = await api.uploads.begin(principal.owner_id, bucket, told.get("filename", ""), told.get("filetype", ""), length)
        if request.mimetype == PART_TYPE:
            progress = await api.uploads.append(principal.owner_id, progress.id, 0, incoming)
        _read_when_complete(api, progress)
        return _answer(201, ("Location", f"{request.script_root}{request.path.rstrip('/')}/{progress.id}"), *_state(progress))


async def get_upload(api: Api, principal: Principal, upload_id: str, request: Request) -> Response:
    """Say how far an upload has come; 412 for another version of tus, 503 without the storage."""
    with _tus(request):
        progress = await api.uploads.status(principal.owner_id, read_id(upload_id))
        return _answer(200, ("Upload-Length", str(progress.length)), ("Cache-Control", "no-store"), *_state(progress))


async def append_upload(api: Api, principal: Principal, upload_id: str, incoming: Chunks, request: Request) -> Response:
    """Take the next part of an upload, from ``Upload-Offset`` on; with the last one it becomes a file.

    409 when the upload is at another byte, 412 for another version of tus, 415 for another type than
    ``application/offset+octet-stream`` and for what is nothing that can be used, 503 without the storage, 507 without room.
    """
    with _tus(request):
        if request.mimetype != PART_TYPE:
            raise UnsupportedMediaTypeError(f"Send {PART_TYPE}.", "Content-Type")
        offset = _number(request, "Upload-Offset")
        progress = await api.uploads.append(principal.owner_id, read_id(upload_id), offset, incoming)
        _read_when_complete(api, progress)
        return _answer(204, *_state(progress))


async def cancel_upload(api: Api, principal: Principal, upload_id: str, request: Request) -> Response:
    """Give up an upload that is no file yet; 412 for another version of tus, 503 without the storage."""
    with _tus(request):
        await api.uploads.cancel(principal.owner_id, read_id(upload_id))
        return _answer(204)


def _read_when_complete(api: Api, progress: Progress) -> None:
    if progress.file is not None:
        api.readings.wake()


@contextmanager
def _tus(request: Request) -> Iterator[None]:
    """Refuse another version of tus, and say in what is refused that this one is spoken."""
    try:
        if request.headers.get("Tus-Resumable") != VERSION:
            raise OtherVersionError(f"Speak tus {VERSION}.", "Tus-Resumable", [("Tus-Version", VERSION)])
        yield
    except RefusalError as error:
        error.headers = (*error.headers, _SPOKEN)
        raise


def _answer(status: int, *headers: tuple[str, str]) -> Response:
    return Response(status=status, headers=[_SPOKEN, *headers])


def _state(progress: Progress) -> list[tuple[str, str]]:
    expiry = progress.expires_at
    until = [] if expiry is None else [("Upload-Expires", formatdate(expiry / 1000, usegmt=True))]
    return [("Upload-Offset", str(progress.received)), *until]


def _number(request: Request, header: str) -> int:
    text = request.headers.get(header, "")
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(MAX_INTEGER)) and int(text) <= MAX_INTEGER):
        raise MalformedRequestError(f"{header} should be a number of bytes.", header)
    return int(text)


def _metadata(header: str) -> Mapping[str, str]:
    """Return what a client tells of a file: keys with texts in base64."""
    pairs = [pair.strip().partition(" ") for pair in header.split(",") if pair.strip()]
    try:
        return {key: b64decode(value.strip(), validate=True).decode() for key, _, value in pairs}
    except ValueError:  # what is not base64, or not UTF-8
        raise MalformedRequestError("Upload-Metadata should hold keys, each with a text in base64.", "Upload-Metadata") from None
