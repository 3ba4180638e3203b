"""Images asked of an OpenAI-compatible server.

https://platform.openai.com/docs/api-reference/images/create and .../images/createEdit
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from typing import Any

from g4f.errors import BadRequestError, NoMediaResponseError
from g4f.Provider.template.media import to_data_uri
from g4f.providers.base_provider import Batch
from g4f.providers.response import FinishReason, ImageResponse, Usage
from g4f.typing import MediaListType


def read_images(document: Any, prompt: str, speaker: str) -> Batch:
    """Return the images of an answer, base64 ones as data URIs; raises NoMediaResponseError when there are none."""
    fields = document if isinstance(document, dict) else {}
    entries = fields.get("data")
    kind = f"image/{fields.get('output_format') or 'png'}"
    urls = [url for entry in entries if (url := _url(entry, kind))] if isinstance(entries, list) else []
    if not urls:
        raise NoMediaResponseError(f"{speaker} answered without an image. Is this a model for images?")
    usage = fields.get("usage")
    return [ImageResponse(urls, prompt), FinishReason("stop"), *([Usage(**usage)] if isinstance(usage, dict) else [])]


async def edit_form(fields: Mapping[str, Any], media: MediaListType) -> tuple[bytes, str]:
    """Return the body that asks for a new version of images, and its content type."""
    boundary = secrets.token_hex(16)
    parts = [_part(boundary, f'name="{name}"', str(value).encode()) for name, value in fields.items()]
    for number, (image, name) in enumerate(media):
        kind, _, data = (await to_data_uri(image, name)).removeprefix("data:").partition(";base64,")
        if not data:
            raise BadRequestError("An image to edit has to be given with its data, not by its address.")
        disposition = f'name="image[]"; filename="image{number}.{kind.rpartition("/")[2]}"'
        parts.append(_part(boundary, disposition, base64.b64decode(data), kind))
    return b"".join([*parts, f"--{boundary}--\r\n".encode()]), f"multipart/form-data; boundary={boundary}"


def _part(boundary: str, disposition: str, data: bytes, kind: str = "text/plain; charset=utf-8") -> bytes:
    return f"--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\nContent-Type: {kind}\r\n\r\n".encode() + data + b"\r\n"


def _url(entry: Any, kind: str) -> str | None:
    match entry:
        case {"url": str(url)} if url:
            return url
        case {"b64_json": str(data)} if data:
            return f"data:{kind};base64,{data}"
        case _:
            return None
