"""The web on behalf of a person: pages become files of a bucket, and whether it can be searched."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from g4f.gui.server.api import Api
from g4f.gui.server.principal import Principal
from g4f.services.files import FileInfo
from g4f.services.pages import keep_page
from g4f.websearch import find_engine


class Page(Struct, frozen=True):
    """Name a page of the web."""

    url: Annotated[str, Meta(max_length=2048, pattern=r"^https?://[^\s]+$")]


class WebState(Struct, frozen=True):
    """Name the search engine that is set up; null for none."""

    search: str | None


def get_web(api: Api) -> WebState:
    """Say whether the web can be searched."""
    engine = find_engine(api.settings)
    return WebState(None if engine is None else engine.name)


async def add_page(api: Api, principal: Principal, bucket_id: str, body: Page) -> FileInfo:
    """Fetch a page and keep its text as a file of a bucket; 502 when it cannot be had, 503 and 507 as for uploads."""
    page = await api.web.fetch(body.url)
    file = await keep_page(api.uploads, principal.owner_id, bucket_id, page)
    api.readings.wake()
    return file
