"""Generated media: what a model draws, films or says becomes a file of the person who asked."""

from __future__ import annotations

import asyncio
import hashlib
import mimetypes
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from g4f import aio
from g4f.errors import G4FError, UnsupportedMediaTypeError
from g4f.providers.base_provider import Batch
from g4f.providers.response import AudioResponse, ImagePreview, ImageResponse, MediaResponse, Notice, Response
from g4f.reading.kinds import HEAD, kind_of
from g4f.requests.media import read_media
from g4f.services.uploads import Uploads


class Drawn(NamedTuple):
    """Say who asked which model for what, and which hosts media may be fetched from although they are not public."""

    owner_id: UUID
    model: str
    prompt: str
    aspect_ratio: str = ""
    trusted: frozenset[str] = frozenset()


class Media:
    """Keep generated media, whose addresses in the answer then lead to this server."""

    def __init__(self, uploads: Uploads) -> None:
        self._uploads = uploads

    async def kept(self, drawn: Drawn, answer: AsyncIterator[Batch]) -> AsyncGenerator[Batch]:
        """Yield the answer with its media kept; what cannot be kept keeps its address, and it is said why."""
        async with aclosing(answer) as batches:  # type: ignore[type-var]  # what providers give can be closed
            async for batch in batches:
                if (len(batch) == 1 and batch[0].__class__ is str) or not _holds_media(batch):
                    yield batch
                else:
                    yield [kept for response in batch for kept in await self._keep(drawn, response)]

    async def _keep(self, drawn: Drawn, response: str | Response) -> Batch:
        match response:
            case ImagePreview():
                return [response]
            case MediaResponse():
                outcomes = [await self._address(drawn, url) for url in response.get_list()]
                urls = [url for url, _ in outcomes]
                small = [url.replace("/media/", "/thumbnail/", 1) if url.startswith("/media/") else url for url in urls]
                options = {**response.options, "preview": small} if isinstance(response, ImageResponse) else response.options
                return [*[Notice(error) for _, error in outcomes if error], replace(response, urls=urls, options=options)]
            case AudioResponse():
                url, error = await self._address(drawn, response.data)
                return [*([Notice(error)] if error else []), replace(response, data=url)]
            case _:
                return [response]

    async def _address(self, drawn: Drawn, url: str) -> tuple[str, G4FError | None]:
        try:
            name, media_type, chunks = await _fetched(drawn, url)
            file = await self._uploads.keep(drawn.owner_id, name, media_type, chunks)
        except G4FError as error:
            return url, error
        return f"/media/{file.name}", None


def _holds_media(batch: Batch) -> bool:
    return any(issubclass(kind, (MediaResponse, AudioResponse)) for kind in {*map(type, batch)})  # few kinds, however many texts


async def _fetched(drawn: Drawn, url: str) -> tuple[str, str, AsyncIterator[bytes]]:
    """Return name, type and bytes of generated media; raises G4FError."""
    data, claimed = await read_media(url, public_only=urlsplit(url).hostname not in drawn.trusted)
    ending = mimetypes.guess_extension(claimed) or ".bin"
    kind = await asyncio.to_thread(kind_of, data[:HEAD], f"media{ending}", claimed)
    if kind.use != "media":
        raise UnsupportedMediaTypeError("What the model gave is neither a picture nor sound nor video, and is not kept.")
    return name_of(drawn, data, ending), kind.media_type, aio.once(data)


def name_of(drawn: Drawn, data: bytes, ending: str) -> str:
    """Return the name gpt4free's clients search by: when, by which model, for what, and a digest."""
    said = "+".join(filter(None, (drawn.model, drawn.aspect_ratio, drawn.prompt[:40])))
    return f"{int(time.time())}_{said}_{hashlib.sha256(data).hexdigest()[:16]}{ending}"
