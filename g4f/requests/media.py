"""Media by their address, which may hold them itself."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as Base64Error
from urllib.parse import unquote_to_bytes

from g4f.errors import ResponseError
from g4f.requests.session import StreamSession
from g4f.requests.status import raise_for_status


async def read_media(url: str, *, proxy: str | None = None, public_only: bool = False) -> tuple[bytes, str]:
    """Return the bytes behind an address, or inside a data URI, and their claimed type.

    Raises ResponseError for what cannot be decoded, and what a request raises.
    """
    if url.startswith("data:"):
        return _inside(url)
    async with StreamSession(proxy=proxy, public_only=public_only) as session, session.get(url) as response:
        await raise_for_status(response)
        return await response.read(), response.headers.get("Content-Type", "").partition(";")[0].strip()


def _inside(url: str) -> tuple[bytes, str]:
    head, _, body = url.removeprefix("data:").partition(",")
    claimed, *marks = head.split(";")
    try:
        return b64decode(body, validate=True) if "base64" in marks else unquote_to_bytes(body), claimed
    except Base64Error:
        raise ResponseError("The media in the answer cannot be decoded.") from None
