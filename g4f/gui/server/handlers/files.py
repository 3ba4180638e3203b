"""Single files: what they are, their bytes, and their passages that answers cite."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from random import Random
from typing import Annotated
from uuid import UUID

from flask import Request, Response, redirect
from msgspec import Meta, Struct

from g4f.errors import MalformedRequestError, NotFoundError
from g4f.gui.server.api import Api
from g4f.gui.server.bodies import MAX_INTEGER
from g4f.gui.server.handlers.chats import Deleted, read_id
from g4f.gui.server.principal import Principal
from g4f.gui.server.served import Served, send_bytes
from g4f.services.files import FileInfo, Opened, Room
from g4f.services.passages import Surroundings
from g4f.services.trash import Contents


class TrashQuery(Struct, frozen=True):
    """Choose how many files."""

    limit: Annotated[int, Meta(ge=1, le=1000)] = 100


class EmptyQuery(Struct, frozen=True):
    """Choose what was deleted before a moment, which is everything without one."""

    before: Annotated[int, Meta(ge=0, le=MAX_INTEGER)] | None = None


class SearchQuery(Struct, frozen=True):
    """Choose among the generated media that fit: leave some out, or take one at random."""

    skip: Annotated[int, Meta(ge=0, le=10_000)] = 0
    min: Annotated[int, Meta(ge=0, le=10_000)] = 0
    random: Annotated[str, Meta(max_length=64)] = ""


def get_file(api: Api, principal: Principal, file_id: str) -> FileInfo:
    """Say what a file is and how far it is read; 503 without the storage."""
    return api.files.get(principal.owner_id, read_id(file_id))


def delete_file(api: Api, principal: Principal, file_id: str) -> Deleted:
    """Delete a file, which can be restored for a while; 503 without the storage, 507 without room."""
    deleted = read_id(file_id)
    api.files.delete(principal.owner_id, deleted)
    return Deleted(deleted)


def restore_file(api: Api, principal: Principal, file_id: str) -> FileInfo:
    """Bring a deleted file back, and keep one of a message that is being written for good; 503 without the storage, 507 without room."""
    return api.files.restore(principal.owner_id, read_id(file_id))


def get_passage(api: Api, principal: Principal, file_id: str, number: str) -> Surroundings:
    """Give a passage between its neighbours; 503 without the storage."""
    if not (number.isascii() and number.isdecimal() and len(number) < 16):
        raise NotFoundError("Passages are numbered from 1; there is no such number.")
    return api.passages.around(principal.owner_id, read_id(file_id), int(number))


def get_storage(api: Api, principal: Principal) -> Room:
    """Say how much room files take and how much there is; 503 without the storage."""
    return api.files.used(principal.owner_id)


def get_trash(api: Api, principal: Principal, query: TrashQuery) -> Contents:
    """List the deleted files, newest first, and until when each can be restored; 503 without the storage."""
    return api.trash.list(principal.owner_id, query.limit)


async def empty_trash(api: Api, principal: Principal, query: EmptyQuery) -> Room:
    """Delete for good what is in the trash, and say how much room files take then; 503 without the storage, 507 without room."""
    await api.cleaning.empty_trash(principal.owner_id, query.before)
    return await asyncio.to_thread(api.files.used, principal.owner_id)


async def get_content(api: Api, principal: Principal, file_id: str, request: Request) -> Served:
    """Give the bytes of a file, or the range of them that is asked for; 416 for one outside, 503 without the storage."""
    return await _serve(api, principal, read_id(file_id), request)


async def get_thumbnail(api: Api, principal: Principal, file_id: str, request: Request) -> Served:
    """Give a small picture of a file, or the file itself when it has none; 416 and 503 as for its bytes."""
    return await _serve(api, principal, read_id(file_id), request, small=True)


async def get_bucket_media(api: Api, principal: Principal, bucket_id: str, name: str, request: Request) -> Served:
    """Give a picture, sound or video of a bucket; 416 and 503 as for a file's bytes."""
    file = await asyncio.to_thread(api.files.find, principal.owner_id, bucket_id, name)
    return await _serve(api, principal, file.id, request)


async def get_bucket_thumbnail(api: Api, principal: Principal, bucket_id: str, name: str, request: Request) -> Served:
    """Give a small picture of a file of a bucket; 416 and 503 as for a file's bytes."""
    file = await asyncio.to_thread(api.files.find, principal.owner_id, bucket_id, name)
    return await _serve(api, principal, file.id, request, small=True)


def refuse_kind(bucket_id: str, kind: str, name: str) -> None:
    """Say that a bucket shows media and thumbnails only."""
    raise MalformedRequestError("Invalid file type")


async def get_media(api: Api, principal: Principal, name: str, request: Request) -> Served:
    """Give generated media by name; 416 and 503 as for a file's bytes."""
    file = await asyncio.to_thread(api.files.find, principal.owner_id, None, name)
    return await _serve(api, principal, file.id, request)


async def get_media_thumbnail(api: Api, principal: Principal, name: str, request: Request) -> Served:
    """Give a small picture of generated media; 416 and 503 as for a file's bytes."""
    file = await asyncio.to_thread(api.files.find, principal.owner_id, None, name)
    return await _serve(api, principal, file.id, request, small=True)


def get_media_home(request: Request) -> Response:
    """Lead to the page."""
    return _to(request, "/chat/")


def search_media(api: Api, principal: Principal, search: str, query: SearchQuery, request: Request) -> Response:
    """Lead to the newest generated media that has all the words in its name, or a word as its kind; 503 without the storage."""
    words = search.lower().replace("+", " ").split()
    found = [file for file in api.files.generated(principal.owner_id) if _fits(file, words)]
    if query.random:
        Random(None if query.random == "true" else query.random).shuffle(found)  # noqa: S311  not for secrets
    if len(found) <= max(query.skip, query.min - 1):
        raise NotFoundError("Not found")
    return _to(request, f"/media/{found[query.skip].name}")


def _fits(file: FileInfo, words: Sequence[str]) -> bool:
    """Return whether each word is in the name of a file; the first may be its kind, such as ``image``."""
    kind, name = file.media_type.partition("/")[0], file.name.lower()
    return all(word in name or (place == 0 and word == kind) for place, word in enumerate(words))


async def _serve(api: Api, principal: Principal, file_id: UUID, request: Request, *, small: bool = False) -> Served:
    opened = await asyncio.to_thread(_open, api, principal.owner_id, file_id, small=small)
    return send_bytes(request, opened.info.name, opened.media_type, opened.size, opened.digest, opened.read)


def _open(api: Api, owner_id: UUID, file_id: UUID, *, small: bool) -> Opened:
    if small:
        with suppress(NotFoundError):  # not every file has a small picture
            return api.files.open(owner_id, file_id, thumbnail=True)
    return api.files.open(owner_id, file_id)


def _to(request: Request, path: str) -> Response:
    return redirect(request.script_root + path)  # type: ignore[return-value]  # Werkzeug's class; Flask makes it its own
