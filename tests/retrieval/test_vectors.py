"""Vectors: the nearest come first, however long they were and in whichever block they stand."""

from __future__ import annotations

import math
import random

import pytest

from g4f.retrieval.vectors import nearest, pack, unit


def packed(*vectors: list[float]) -> list[tuple[int, bytes]]:
    return [(key, pack(unit(vector))) for key, vector in enumerate(vectors, 1)]


def test_the_nearest_come_first_whatever_their_length() -> None:
    assert nearest(unit([5.0, 0.0]), [packed([0.0, 9.0], [0.5, 0.5], [0.01, 0.0])], 2) == [3, 2]


def test_of_equals_the_earlier_comes_first() -> None:
    assert nearest([1.0], [packed([1.0], [3.0]), [(0, pack([1.0]))]], 2) == [0, 1]


def test_every_block_is_looked_at() -> None:
    draw = random.Random(7)
    vectors = packed(*([draw.gauss(0, 1) for _ in range(8)] for _ in range(500)))
    wanted = unit([draw.gauss(0, 1) for _ in range(8)])
    whole = nearest(wanted, [vectors], 20)
    assert nearest(wanted, [vectors[at : at + 30] for at in range(0, 500, 30)], 20) == whole
    assert len(whole) == 20


@pytest.mark.parametrize("vector", [[], [0.0, 0.0]])
def test_a_vector_without_a_direction_is_near_to_nothing_in_particular(vector: list[float]) -> None:
    assert unit(vector) == vector


def test_a_unit_has_the_length_of_one() -> None:
    assert math.hypot(*unit([3.0, -4.0, 12.0])) == pytest.approx(1)
