"""Vectors: the nearest come first, however long they are."""

from __future__ import annotations

import pytest

from g4f.retrieval.vectors import nearest, pack


def test_the_nearest_come_first_whatever_their_length() -> None:
    others = [(1, pack([0.0, 9.0])), (2, pack([0.5, 0.5])), (3, pack([0.01, 0.0]))]
    assert nearest(pack([5.0, 0.0]), others, 2) == [3, 2]


def test_of_equals_the_earlier_comes_first() -> None:
    assert nearest(pack([1.0]), [(2, pack([1.0])), (1, pack([3.0]))], 2) == [1, 2]


def test_a_vector_of_another_model_is_left_out() -> None:
    assert nearest(pack([1.0, 0.0]), [(1, pack([1.0])), (2, pack([0.0, 1.0]))], 5) == [2]


@pytest.mark.parametrize("vector", [[], [0.0, 0.0]])
def test_a_vector_without_a_direction_is_near_to_nothing_in_particular(vector: list[float]) -> None:
    assert len(pack(vector)) == 4 * len(vector)
