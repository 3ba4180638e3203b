"""Vectors of texts as a model of embeddings gives them: kept as bytes, and compared by their angle."""

from __future__ import annotations

import heapq
import math
from array import array
from collections.abc import Iterable, Sequence
from operator import mul


def pack(vector: Sequence[float]) -> bytes:
    """Return a vector of length 1 in the same direction, as 32-bit floats of this machine's byte order."""
    length = math.hypot(*vector) or 1.0
    return array("f", (each / length for each in vector)).tobytes()


def nearest(vector: bytes, others: Iterable[tuple[int, bytes]], limit: int) -> list[int]:
    """Return the keys of the packed vectors that are nearest to one, best first; one of another model's length is left out."""
    wanted = array("f", vector)
    alike = ((sum(map(mul, wanted, array("f", other))), -key) for key, other in others if len(other) == len(vector))
    return [-key for _, key in heapq.nlargest(limit, alike)]
