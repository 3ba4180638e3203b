"""Pages of the web that become files: their text, and where it comes from."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from uuid import UUID

from g4f import aio
from g4f.services.files import FileInfo
from g4f.services.uploads import Uploads
from g4f.services.web import Failure, Web, WebPage, download

SPEC = "downloads.json"
"""The file by which gpt4free's clients name pages to fetch."""
SPEC_LIMIT = 1024 * 1024
"""The longest of these, in bytes; what follows is cut off, and then it cannot be read."""


async def keep_page(uploads: Uploads, owner_id: UUID, bucket: str, page: WebPage) -> FileInfo:
    """Keep the text of a page in a bucket; its end names the source, as gpt4free's clients expect."""
    text = f"{page.text}\n\nSource: {page.url}\n"
    data = aio.once(text.encode("utf-8", "replace"))
    return await uploads.receive(owner_id, bucket, f"{page.title or page.url}.md", "text/markdown", data)


async def keep_pages(
    web: Web, uploads: Uploads, owner_id: UUID, bucket: str, chunks: AsyncIterator[bytes]
) -> AsyncGenerator[FileInfo | Failure]:
    """Keep the pages that a ``downloads.json`` names, and tell what became of the others; raises ValidationError."""
    spec = bytearray()
    async for chunk in chunks:
        spec += chunk[: SPEC_LIMIT - len(spec)]
    async for found in download(web, bytes(spec)):
        yield await keep_page(uploads, owner_id, bucket, found) if isinstance(found, WebPage) else found
