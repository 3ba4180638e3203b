"""The chats a person keeps on the server."""

from __future__ import annotations

import asyncio
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from g4f import aio
from g4f.errors import NotFoundError
from g4f.gui.server.api import Api
from g4f.gui.server.bodies import MAX_INTEGER
from g4f.gui.server.principal import Principal
from g4f.services.chats import Chat, OpenChat

Title = Annotated[str, Meta(max_length=512, pattern=r"^[^\x00]*$")]


class ChatsQuery(Struct, frozen=True):
    """Choose a page of the list: so many chats, all last changed before a moment."""

    limit: Annotated[int, Meta(ge=1, le=200)] = 50
    before: Annotated[int, Meta(ge=0, le=MAX_INTEGER)] | None = None


class ChatList(Struct, frozen=True):
    """List chats, newest first."""

    chats: list[Chat]


class NewChat(Struct, frozen=True):
    """Make a chat, under an id of the client's so that asking twice makes one."""

    title: Title = ""
    id: UUID | None = None


class Renaming(Struct, frozen=True):
    """Give a chat another title."""

    title: Title


class Deleted(Struct, frozen=True):
    """Name what was deleted."""

    deleted: UUID


def get_chats(api: Api, principal: Principal, query: ChatsQuery) -> ChatList:
    """List the chats, newest first; 503 without the storage."""
    return ChatList([*api.chats.list(principal.owner_id, query.limit, query.before)])


def create_chat(api: Api, principal: Principal, body: NewChat) -> Chat:
    """Make a chat, or give back the one of this id; 503 without the storage, 507 without room."""
    return api.chats.create(principal.owner_id, body.title, body.id)


def get_chat(api: Api, principal: Principal, chat_id: str) -> OpenChat:
    """Give a chat with its messages, of all branches, oldest first; 503 without the storage."""
    return api.chats.open(principal.owner_id, read_id(chat_id))


def rename_chat(api: Api, principal: Principal, chat_id: str, body: Renaming) -> Chat:
    """Give a chat another title; 503 without the storage, 507 without room."""
    return api.chats.rename(principal.owner_id, read_id(chat_id), body.title)


async def delete_chat(api: Api, principal: Principal, chat_id: str) -> Deleted:
    """Delete a chat, which can be restored for 30 days, and stop what runs in it; 503 without the storage, 507 without room."""
    deleted = read_id(chat_id)
    await aio.to_the_end(_delete(api, principal.owner_id, deleted))  # whoever deletes it may leave at once
    return Deleted(deleted)


async def _delete(api: Api, owner_id: UUID, chat_id: UUID) -> None:
    await asyncio.to_thread(api.chats.delete, owner_id, chat_id)
    await api.runs.stop_all(owner_id, chat_id)


def restore_chat(api: Api, principal: Principal, chat_id: str) -> Chat:
    """Bring a deleted chat back; 503 without the storage, 507 without room."""
    return api.chats.restore(principal.owner_id, read_id(chat_id))


def read_id(text: str) -> UUID:
    """Return the id in an address; raises NotFoundError for what is none, for nothing can have it."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFoundError("An id is written like 0190e8d0-5c1f-7000-8000-000000000001; nothing has this one.") from None
