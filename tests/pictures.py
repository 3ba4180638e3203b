"""Pictures made by script."""

from __future__ import annotations

import io

from PIL import Image


def picture(width: int = 900, height: int = 600) -> bytes:
    """Return a PNG of one colour."""
    data = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(data, "PNG")
    return data.getvalue()
