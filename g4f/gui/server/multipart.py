"""Forms as they arrive: each part with its bytes as they come, none of them kept.

https://www.rfc-editor.org/rfc/rfc7578
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import IO, NamedTuple

from werkzeug.datastructures import Headers
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData, Preamble

from g4f import aio
from g4f.errors import MalformedRequestError, PayloadTooLargeError, UnsupportedMediaTypeError

HEADER_BYTES = 64 * 1024
"""The longest headers of a part, and the longest text before the first one."""
_STEP = 64 * 1024
"""How much is decoded at a time."""
_PADDING = 64
"""The longest run of dashes and blanks behind a boundary that is waited for."""


class FormStream:
    """Be a body for werkzeug to read a form from, no read of which ends amid the dashes and blanks behind a boundary."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._held = stream, b""

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, some more or fewer than ``size``."""
        while data := self._stream.read(size):
            step, self._held = _whole(self._held + data)
            if step:
                return step
        last, self._held = self._held, b""
        return last


class Part(NamedTuple):
    """Be one part of a form; ``filename`` is None for a plain field. ``chunks`` can be read until the next part is asked for."""

    name: str
    filename: str | None
    content_type: str
    chunks: AsyncIterator[bytes]


async def parts(incoming: AsyncIterator[bytes], content_type: str, most: int = 1000) -> AsyncIterator[Part]:
    """Yield the parts of a form, of which there may be ``most``; what is not read of one is passed over.

    Raises UnsupportedMediaTypeError for what is no form, MalformedRequestError for one that has no end or breaks the rules,
    PayloadTooLargeError for too many parts or headers too long, and what ``incoming`` raises.
    """
    events = _events(incoming, _boundary(content_type), most)
    async for event in events:
        if isinstance(event, Field | File):
            part = Part(event.name or "", getattr(event, "filename", None), _type(event.headers), _data(events))
            yield part
            async for _ in part.chunks:
                pass


async def _data(events: AsyncIterator[Event]) -> AsyncIterator[bytes]:
    """Yield the bytes of the part that has begun."""
    async for event in events:
        assert isinstance(event, Data), event
        if event.data:
            yield event.data
        if not event.more_data:
            return


async def _events(incoming: AsyncIterator[bytes], boundary: bytes, most: int) -> AsyncIterator[Event]:
    decoder = MultipartDecoder(boundary, HEADER_BYTES + _STEP, max_parts=most)
    try:
        async for step in _steps(incoming):
            decoder.receive_data(step)
            while not isinstance(event := decoder.next_event(), NeedData | Epilogue):
                if not isinstance(event, Preamble):
                    yield event
    except RequestEntityTooLarge:
        raise PayloadTooLargeError("The form holds too many parts, or one with headers too long.") from None
    except ValueError:
        raise MalformedRequestError("The form ends amid a part, or a part says nothing of itself.") from None


async def _steps(incoming: AsyncIterator[bytes]) -> AsyncIterator[bytes | None]:
    """Yield what arrives, no more of it at a time than is to be decoded, and None at the end."""
    held = b""
    try:
        async for chunk in incoming:
            for start in range(0, len(chunk), _STEP):
                step, held = _whole(held + chunk[start : start + _STEP])
                yield step
        yield held
        yield None
    finally:
        await aio.close(incoming)


def _whole(data: bytes) -> tuple[bytes, bytes]:
    """Return what can be decoded, and what waits for more: what may stand behind a boundary.

    Werkzeug's decoder takes the CR before a boundary for data when its bytes end between the boundary and its line end.
    """
    end = max(len(data.rstrip(b"- \t")), len(data) - _PADDING)
    return data[:end], data[end:]


def _boundary(content_type: str) -> bytes:
    kind, options = parse_options_header(content_type)
    if kind.lower() != "multipart/form-data":
        raise UnsupportedMediaTypeError("Send multipart/form-data.", "Content-Type")
    if not (boundary := options.get("boundary", "")) or not boundary.isascii():
        raise MalformedRequestError("The form does not say what parts its parts.", "Content-Type")
    return boundary.encode()


def _type(headers: Headers) -> str:
    return headers.get("Content-Type", "")
