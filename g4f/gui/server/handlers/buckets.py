"""Buckets: files as gpt4free's pages and clients send and read them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from pathlib import PurePath
from typing import Annotated
from uuid import UUID

import msgspec
from flask import Request, Response
from msgspec import Meta, Struct

from g4f.errors import (
    G4FError,
    MalformedRequestError,
    NotFoundError,
    PayloadTooLargeError,
    StorageFullError,
    UnsupportedMediaTypeError,
    ValidationError,
    WebSearchError,
)
from g4f.gui.server.api import Api
from g4f.gui.server.incoming import Chunks
from g4f.gui.server.multipart import Part, parts
from g4f.gui.server.principal import Principal
from g4f.gui.server.streams import ByteStream
from g4f.services.files import FileInfo
from g4f.services.pages import SPEC, keep_pages
from g4f.services.web import Failure
from g4f.sse import encode_event

_FIELDS = frozenset({"files", "files[]", "file"})
_KEPT_AS_THEY_ARE = frozenset({".md", ".json", ".zip"})
LOOK_SECONDS = 0.2
"""How often somebody who waits for files to be read is told how far it is."""


class Skipped(Struct, frozen=True):
    """Be a file that was not taken, and why: ``code`` is the reason in one word, as in the errors of other routes."""

    name: str
    reason: str
    code: str


class Medium(Struct, frozen=True, omit_defaults=True):
    """Be a picture, a sound or a video of a bucket; pixels are known of pictures."""

    name: str
    width: int | None = None
    height: int | None = None


class BucketFiles(Struct, frozen=True):
    """Tell what was taken, under which names, and what was not."""

    bucket_id: str
    files: list[str]
    media: list[Medium]
    skipped: list[Skipped]


class BucketDeleted(Struct, frozen=True):
    """Say that it is gone."""

    message: str


class Listed(Struct, frozen=True):
    """List the files of a bucket, oldest first."""

    files: list[FileInfo]


class TextQuery(Struct, frozen=True):
    """Take what gpt4free's clients add; reading a bucket changes nothing here, whatever they ask for."""

    delete_files: Annotated[str, Meta(max_length=8)] = "true"
    refine_chunks_with_spacy: Annotated[str, Meta(max_length=8)] = "false"


async def manage_files(api: Api, principal: Principal, bucket_id: str, incoming: Chunks, request: Request) -> BucketFiles:
    """Take the files of a form into a bucket, beside those it has; ``skipped`` names the others and the reason.

    413 and 507 when not one was taken for want of room, 503 without the storage.
    """
    taken: list[FileInfo] = []
    refused: list[tuple[str, G4FError]] = []
    none = True
    async for part in parts(incoming, request.headers.get("Content-Type", ""), api.settings.upload_files):
        if part.filename is not None:
            none = False
            await _take(api, principal.owner_id, bucket_id, part, taken, refused)
    if none:
        raise ValidationError("Send files in the field `files`.", "files")
    full = [error for _, error in refused if isinstance(error, PayloadTooLargeError | StorageFullError)]
    if full and not taken:
        raise full[0]
    pictures = await api.readings.wait(principal.owner_id, [file.id for file in taken if file.is_media and not file.is_recording])
    sizes = {file.id: (file.width, file.height) for file in pictures}
    documents = [listed_name(file) for file in taken if not file.is_media]
    media = [Medium(file.name, *sizes.get(file.id, (None, None))) for file in taken if file.is_media]
    return BucketFiles(bucket_id, documents, media, [Skipped(name, str(error), error.code) for name, error in refused])


async def _take(api: Api, owner_id: UUID, bucket: str, part: Part, taken: list[FileInfo], refused: list[tuple[str, G4FError]]) -> None:
    name = part.filename or "blob"
    if part.name not in _FIELDS:
        refused.append((name, UnsupportedMediaTypeError("Files are sent in the field `files`.", part.name)))
    elif name == SPEC:
        async for found in keep_pages(api.web, api.uploads, owner_id, bucket, part.chunks):
            match found:
                case FileInfo():
                    taken.append(found)
                case Failure(url, reason):
                    refused.append((url, WebSearchError(reason)))
    else:
        try:
            taken.append(await api.uploads.receive(owner_id, bucket, name, part.content_type, part.chunks))
        except (UnsupportedMediaTypeError, PayloadTooLargeError, StorageFullError) as error:
            refused.append((name, error))


async def put_file(
    api: Api, principal: Principal, bucket_id: str, incoming: Chunks, request: Request, filename: str = "stream"
) -> Response:
    """Take one file as the body of the request; 400 for none, 413, 415, 503 and 507 as for a form."""
    if incoming.length == 0:
        raise MalformedRequestError("Send the file as the body.")
    file = await api.uploads.receive(principal.owner_id, bucket_id, filename, request.mimetype, incoming)
    said = msgspec.json.encode({"message": f"File '{file.name}' uploaded successfully to bucket '{bucket_id}'", "file": file})
    return Response(said, 201, mimetype="application/json")


def get_buckets(api: Api, principal: Principal) -> list[str]:
    """List the names of the buckets; 503 without the storage."""
    return [bucket.name for bucket in api.files.buckets(principal.owner_id)]


def get_files(api: Api, principal: Principal, bucket_id: str) -> Listed:
    """List the files of a bucket and how far they are read; 503 without the storage."""
    return Listed([*api.files.list(principal.owner_id, bucket_id)])


async def get_bucket(api: Api, principal: Principal, bucket_id: str, query: TextQuery, request: Request) -> ByteStream:
    """Give the text of a bucket's files, or tell how far they are read to who accepts ``text/event-stream``; 404 without such a bucket.

    503 without the storage.
    """
    if "text/event-stream" in request.headers.get("Accept", ""):
        return await get_progress(api, principal, bucket_id, query)
    files = await asyncio.to_thread(_files, api, principal.owner_id, bucket_id)
    return ByteStream(_texts(api, principal.owner_id, files), (("Content-Type", "text/plain; charset=utf-8"),))


async def get_progress(api: Api, principal: Principal, bucket_id: str, query: TextQuery) -> ByteStream:
    """Tell in events how far the files of a bucket are read, until all are; 503 without the storage."""
    files = await asyncio.to_thread(_files, api, principal.owner_id, bucket_id)
    return ByteStream(_progress(api, principal.owner_id, files), (("Content-Type", "text/event-stream; charset=utf-8"),))


def _files(api: Api, owner_id: UUID, bucket_id: str) -> Sequence[FileInfo]:
    """Return the files of a bucket; raises NotFoundError when there is none."""
    return api.files.list(owner_id, api.files.bucket(owner_id, bucket_id).name)


async def delete_bucket(api: Api, principal: Principal, bucket_id: str) -> BucketDeleted:
    """Delete a bucket and what was shared under its id; 503 without the storage, 507 without room."""
    await asyncio.to_thread(_delete, api, principal.owner_id, bucket_id)
    return BucketDeleted("Bucket deleted successfully")


def _delete(api: Api, owner_id: UUID, bucket_id: str) -> None:
    """Delete what there is under an id; raises NotFoundError when that is neither a bucket nor shared."""
    try:
        api.files.delete_bucket(owner_id, bucket_id)
    except NotFoundError:
        api.chat_cache.revoke(owner_id, bucket_id)
    else:
        with suppress(NotFoundError):
            api.chat_cache.revoke(owner_id, bucket_id)


def listed_name(file: FileInfo) -> str:
    """Return the name under which gpt4free's clients know the text of a file."""
    return file.name if PurePath(file.name).suffix.lower() in _KEPT_AS_THEY_ARE else f"{file.name}.md"


async def _texts(api: Api, owner_id: UUID, files: Sequence[FileInfo]) -> AsyncIterator[bytes]:
    for file in await api.readings.wait(owner_id, [file.id for file in files if not file.is_media or file.is_recording]):
        if text := "".join(await asyncio.to_thread(list, api.passages.whole_text(owner_id, file.id))):
            # gpt4free closes with this very mark.
            yield f"<!-- File: {listed_name(file)} -->\n{text}\n<-- End -->\n\n".encode()


async def _progress(api: Api, owner_id: UUID, files: Sequence[FileInfo]) -> AsyncIterator[bytes]:
    for file in files:
        if file.is_media:
            yield _event(action="media", filename=file.name)
    size, waiting = 0, [file.id for file in files if api.readings.has_text(file)]
    while waiting:
        states = await asyncio.to_thread(_there, api, owner_id, waiting)
        done = [file.id for file in states if file.is_read]
        size += await asyncio.to_thread(api.passages.size, owner_id, done) if done else 0
        waiting = [file.id for file in states if not file.is_read]
        reading = next((file for file in states if file.state == "reading"), None)
        yield _event(action="load", size=size, **({} if reading is None else {"page": reading.page, "pages": reading.pages}))
        await asyncio.sleep(LOOK_SECONDS if waiting else 0)
    yield _event(action="done", size=size)


def _there(api: Api, owner_id: UUID, file_ids: Sequence[UUID]) -> list[FileInfo]:
    """Return the files that were not deleted meanwhile."""
    found: list[FileInfo] = []
    for file_id in file_ids:
        with suppress(NotFoundError):
            found.append(api.files.get(owner_id, file_id))
    return found


def _event(**fields: object) -> bytes:
    return encode_event(msgspec.json.encode(fields))
