"""Pictures: their size as they are seen, and a thumbnail."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO

from PIL import Image, ImageOps

from g4f.reading.pieces import Limits, Picture, Piece
from g4f.reading.reasons import unreadable

LONGEST_SIDE = 400
FORMATS = ("PNG", "JPEG", "GIF", "WEBP")


def read(file: BinaryIO, limits: Limits) -> Iterator[Piece]:
    """Yield the picture; raises UnreadableError for too many pixels or frames before any is decoded."""
    Image.MAX_IMAGE_PIXELS = None  # ours are the limits, and they do not warn
    with Image.open(file, formats=FORMATS) as image:
        if max(image.size) > limits.side or image.width * image.height > limits.pixels:
            raise unreadable("picture")
        if getattr(image, "n_frames", 1) > limits.frames:
            raise unreadable("picture")
        image.seek(0)
        yield _picture(image)


def _picture(image: Image.Image) -> Picture:
    turned = image.getexif().get(0x0112, 1) in (5, 6, 7, 8)  # by a quarter, says EXIF's orientation
    size = image.size[::-1] if turned else image.size
    image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # JPEG can be decoded small
    small = ImageOps.exif_transpose(image)
    small.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    seen = small.convert("RGBA")
    flat = Image.new("RGB", seen.size, "white")  # holds the pixels alone, no metadata
    flat.paste(seen, mask=seen.getchannel("A"))
    out = BytesIO()
    flat.save(out, "WEBP", quality=80)
    return Picture(*size, out.getvalue())
