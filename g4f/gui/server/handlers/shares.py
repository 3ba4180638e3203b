"""Chats as gpt4free's pages keep and share them: JSON objects with ``updated``, in milliseconds, as their version."""

from __future__ import annotations

from collections.abc import Container
from typing import Annotated, Any, ClassVar, Self

import msgspec
from flask import Request, Response
from msgspec import Meta, Struct, field

from g4f.gui.server.api import Api
from g4f.gui.server.bodies import MAX_INTEGER
from g4f.gui.server.principal import Principal

_ANY = range(MAX_INTEGER + 1)
_LATEST = 2**52
"""The highest version a page may send, so that those the server counts on to stay exact in every client."""


class SharedChat(Struct, frozen=True):
    """Be a chat or anything else a page keeps; without ``updated`` the server makes it the newest version."""

    internal: ClassVar[frozenset[str]] = frozenset({"fields"})
    """The fields that ``from_wire`` fills; nobody sends them."""

    updated: Annotated[int, Meta(ge=0, le=_LATEST)] | None = None
    fields: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def from_wire(cls, fields: dict[str, Any]) -> Self:
        """Read the version; everything beside it is kept as it came. Raises msgspec.ValidationError."""
        versioned = msgspec.convert({"updated": fields.get("updated")}, cls)
        return msgspec.structs.replace(versioned, fields={name: value for name, value in fields.items() if name != "updated"})


class Shared(Struct, frozen=True):
    """Tell the id to read it by, the version that is kept now, and whether that is the one sent: ``stored`` is false for an older one."""

    share_id: str
    updated: int
    stored: bool


def get_share(api: Api, share_id: str, request: Request) -> dict[str, Any] | Response:
    """Give the newest version; 304 when ``If-None-Match`` names it, 503 without the storage."""
    copy = api.chat_cache.get(share_id, _versions(request.headers.get("If-None-Match", "")))
    headers = {"ETag": f'"{copy.updated}"', "Cache-Control": "private, no-cache"}
    return Response(copy.content, 304 if copy.content is None else 200, headers, mimetype="application/json")


def put_share(api: Api, principal: Principal, share_id: str, body: SharedChat, request: Request) -> Shared:
    """Keep a chat unless the same or a newer version is there.

    403 when the id is somebody else's, 409 when ``If-Match`` names other versions than the one that is there or the chat is
    older than it, 503 without the storage, 507 without room.
    """
    base = request.headers.get("If-Match")
    kept = api.chat_cache.put(principal.owner_id, share_id, body.fields, body.updated, None if base is None else _based_on(base))
    return Shared(share_id, kept.updated, kept.stored)


def _based_on(header: str) -> Container[int]:
    return _ANY if header.strip() == "*" else _versions(header)


def _versions(header: str) -> frozenset[int]:
    """Return the versions a header names, bare as gpt4free's pages do or as ETags; what is no version equals none."""
    tags = [tag.strip().removeprefix("W/").strip('"') for tag in header.split(",")]
    return frozenset(int(tag) for tag in tags if tag.isascii() and tag.isdigit() and len(tag) <= len(str(MAX_INTEGER)))
