"""Images: asked of any provider, given back as addresses, base64 or files."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import mimetypes
import re
import time
from contextlib import aclosing
from pathlib import Path
from typing import Any, Literal

from g4f import aio, debug
from g4f.client.request import Defaults, ProviderChoice, make_request
from g4f.client.stubs import Image, ImagesResponse
from g4f.errors import G4FError, NoMediaResponseError
from g4f.models import Model, gpt_image
from g4f.providers.response import ImagePreview, MediaResponse, ProviderInfo
from g4f.requests.media import read_media
from g4f.typing import ImageType

Form = Literal["url", "b64_json"] | None

MEDIA_FOLDERS = ("generated_images", "generated_media")
"""Where files go, under the working directory: the first that exists, else the last."""


class AsyncImages:
    """Create images."""

    def __init__(self, defaults: Defaults) -> None:
        self._defaults = defaults

    async def generate(
        self,
        prompt: str,
        model: Model | str | None = None,
        provider: ProviderChoice = None,
        response_format: Form = None,
        **options: Any,
    ) -> ImagesResponse:
        """Draw: by default the images are saved and named ``/media/...``; ``url`` and ``b64_json`` save nothing.

        An image that cannot be fetched keeps its address. Raises NoMediaResponseError when the provider draws none.
        """
        named = provider or self._defaults.media_provider or self._defaults.chosen(None)
        request = make_request(self._defaults, prompt, model or ("" if named else gpt_image), named, prompt=prompt, **options)
        urls: list[str] = []
        info = {"name": request.provider.__name__, "model": request.model}
        async with aclosing(request.responses()) as responses:
            async for response in responses:
                match response:
                    case ImagePreview():
                        continue
                    case MediaResponse():
                        urls += response.get_list()
                    case ProviderInfo():
                        info |= response.get_dict()
        if not urls:
            raise NoMediaResponseError(f"{info['name']} answered without an image. Name a model for images.")
        title = f"{info['model']}+{prompt}"
        images = [await _image(url, response_format, title, request.options.get("proxy")) for url in urls]
        return ImagesResponse(created=int(time.time()), model=info["model"], provider=info["name"], data=images)

    async def create_variation(self, image: ImageType, model: Model | str | None = None, **options: Any) -> ImagesResponse:
        """Draw an image again, a little different; the options are those of ``generate``."""
        return await self.generate("Create a variation of this image.", model, image=image, **options)


class Images:
    """Create images from ordinary code."""

    def __init__(self, defaults: Defaults) -> None:
        self._asynchronous = AsyncImages(defaults)

    def generate(self, prompt: str, model: Model | str | None = None, **options: Any) -> ImagesResponse:
        """Draw; the options are those of ``AsyncImages.generate``."""
        return aio.run(self._asynchronous.generate(prompt, model, **options))

    def create_variation(self, image: ImageType, model: Model | str | None = None, **options: Any) -> ImagesResponse:
        """Draw an image again, a little different; the options are those of ``AsyncImages.generate``."""
        return aio.run(self._asynchronous.create_variation(image, model, **options))


async def _image(url: str, form: Form, title: str, proxy: str | None) -> Image:
    if form == "url":
        return Image(url=url)
    try:
        data, kind = await read_media(url, proxy=proxy)
    except G4FError as error:
        debug.log(f"An image stays at its address: {error}")
        return Image(url=url)
    if form == "b64_json":
        return Image(b64_json=base64.b64encode(data).decode())
    return Image(url=f"/media/{await asyncio.to_thread(_save, data, kind, title)}")


def _save(data: bytes, kind: str, title: str) -> str:
    """Write a file under a name that tells time, model and prompt, and return the name."""
    folder = next((Path(name) for name in MEDIA_FOLDERS if Path(name).is_dir()), Path(MEDIA_FOLDERS[-1]))
    folder.mkdir(exist_ok=True)
    readable = re.sub(r"[^\w.+-]+", "_", title)[:80].strip("_")
    name = f"{int(time.time())}_{readable}_{hashlib.sha256(data).hexdigest()[:16]}{mimetypes.guess_extension(kind) or '.png'}"
    (folder / name).write_bytes(data)
    return name
