"""Bytes that people brought: the one place that sends them, so that a browser never takes them for a page of ours."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from hashlib import sha256
from urllib.parse import quote

from flask import Request, Response
from werkzeug.http import is_resource_modified, parse_if_range_header, parse_range_header

from g4f.errors import RangeError
from g4f.gui.server.streams import ByteStream

INLINE = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "audio/", "video/")
"""What a browser may show by itself; everything else is saved."""
FILE_CSP = "default-src 'none'; sandbox; frame-ancestors 'none'"
MEDIA_CSP = (
    "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox allow-same-origin; frame-ancestors 'none'"
)
"""What a picture, sound or video may do that has a tab to itself: the page that browsers make for it loads it and has styles, no script."""

Bytes = Callable[[int, int], AsyncIterator[bytes]]
Served = ByteStream | Response


def send_bytes(request: Request, name: str, media_type: str, size: int, tag: str, read: Bytes) -> Served:
    """Answer with content, or the one range of it that is asked for; 304 when its tag is known, 416 for a range outside.

    ``tag`` changes with the content. ``read`` gives the bytes from a place to before another.
    """
    headers = _headers(name, media_type, tag)
    if not is_resource_modified(request.environ, etag=tag):
        return Response(status=304, headers=headers)
    start, end = _asked(request, size, tag)
    whole = (start, end) == (0, size)
    extent = () if whole else (("Content-Range", f"bytes {start}-{end - 1}/{size}"),)
    sent = (*headers, *extent, ("Content-Length", str(end - start)))
    return ByteStream(read(start, end), sent, 200 if whole else 206)


def send_whole(request: Request, media_type: str, content: bytes, *headers: tuple[str, str]) -> Response:
    """Answer as ``send_bytes`` with content that is all there."""
    tag = sha256(content).hexdigest()
    sent = [("Content-Type", media_type), ("Accept-Ranges", "bytes"), ("ETag", f'"{tag}"'), *headers]
    if not is_resource_modified(request.environ, etag=tag):
        return Response(status=304, headers=sent)
    start, end = _asked(request, len(content), tag)
    if (start, end) == (0, len(content)):
        return Response(content, 200, sent)
    return Response(content[start:end], 206, [*sent, ("Content-Range", f"bytes {start}-{end - 1}/{len(content)}")])


def _asked(request: Request, size: int, tag: str) -> tuple[int, int]:
    """Return the range that is asked for; several ranges, or one of another version, are answered with everything."""
    ranges = parse_range_header(request.headers.get("Range"))
    bound = parse_if_range_header(request.headers.get("If-Range"))
    if ranges is None or ranges.units != "bytes" or len(ranges.ranges) != 1 or ((bound.etag or bound.date) and bound.etag != tag):
        return 0, size
    found = ranges.range_for_length(size)
    if found is None:
        raise RangeError(f"The content has {size} bytes; ask for some of them.", headers=[("Content-Range", f"bytes */{size}")])
    return found


def _headers(name: str, media_type: str, tag: str) -> tuple[tuple[str, str], ...]:
    shown, policy = ("inline", MEDIA_CSP) if media_type.startswith(INLINE) else ("attachment", FILE_CSP)
    return (
        ("Content-Type", media_type),
        ("Content-Disposition", f"{shown}; filename*=UTF-8''{quote(name, safe='')}"),
        ("Content-Security-Policy", policy),
        ("X-Content-Type-Options", "nosniff"),
        ("Cache-Control", "private, no-cache"),
        ("Accept-Ranges", "bytes"),
        ("ETag", f'"{tag}"'),
    )
