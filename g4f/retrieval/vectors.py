"""Vectors of texts as a model of embeddings gives them: kept as bytes, and compared by their angle."""

from __future__ import annotations

import heapq
import math
import struct
from collections.abc import Iterable, Sequence


def unit(vector: Sequence[float]) -> list[float]:
    """Return the vector of length 1 in the same direction; one without a direction is all zeros."""
    length = math.hypot(*vector) or 1.0
    return [each / length for each in vector]


def pack(vector: Sequence[float]) -> bytes:
    """Return a vector as 32-bit floats, the low byte first."""
    return struct.pack(f"<{len(vector)}f", *vector)


def nearest(vector: Sequence[float], blocks: Iterable[Sequence[tuple[int, bytes]]], limit: int) -> list[int]:
    """Return the keys of the packed vectors that are nearest to one, best first; all are units of one length, and come in blocks.

    Every one is looked at, a block at a time, so that memory holds no more than that.
    """
    import numpy as np  # noqa: PLC0415 - an extra, and more to load than all the rest of a start

    wanted, best = np.array(vector, "<f4"), list[tuple[float, int]]()
    for block in blocks:
        cosines = np.frombuffer(b"".join(packed for _, packed in block), "<f4").reshape(len(block), -1) @ wanted
        first = np.argsort(-cosines, kind="stable")[:limit]
        best = heapq.nlargest(limit, [*best, *((float(cosines[place]), -block[place][0]) for place in first)])
    return [-key for _, key in best]
