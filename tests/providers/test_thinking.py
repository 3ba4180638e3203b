"""Thinking is told apart from the answer however the text is cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from g4f.Provider.template.thinking import BEGIN, END, Thinking
from g4f.providers.response import Reasoning, Response
from tests.proofs import proof


def fed(pieces: list[str]) -> list[str | Response]:
    thinking = Thinking()
    return [item for piece in pieces for item in thinking.text(piece)] + thinking.end()


def thought(items: list[str | Response]) -> str:
    return "".join(item.token or "" for item in items if isinstance(item, Reasoning))


def answered(items: list[str | Response]) -> str:
    return "".join(item for item in items if isinstance(item, str))


@proof("thinking cut anywhere", 100, 5_000)
@given(st.text("<think/> ab", max_size=20), st.text("<think/> ab", max_size=20), st.lists(st.integers(0, 60), max_size=12))
def test_any_cut_gives_the_same_thinking_and_answer(inside: str, after: str, cuts: list[int]) -> None:
    text = f"<think>{inside}</think>{after}"
    places = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    items = fed([text[start:end] for start, end in pairwise(places)])
    inside, _, rest = f"{inside}</think>{after}".partition("</think>")
    assert (thought(items), answered(items)) == (inside, rest)
    assert items.count(BEGIN) == items.count(END) == 1


@proof("text without thinking", 100, 5_000)
@given(st.lists(st.text("<think/> ab", max_size=4), max_size=8))
def test_no_character_of_a_text_without_thinking_is_lost(pieces: list[str]) -> None:
    assert fed(["x", *pieces]) == ["x", *pieces]


def test_a_tag_later_in_the_answer_is_text() -> None:
    assert fed(["Use ", "<think>", "x</think>"]) == ["Use ", "<think>", "x</think>"]


def test_thinking_that_is_never_closed_is_closed_at_the_end() -> None:
    assert fed(["<think>hm </th"]) == [BEGIN, Reasoning(token="hm "), Reasoning(token="</th"), END]


def test_a_beginning_that_becomes_no_tag_is_given_at_the_end() -> None:
    assert fed(["<thi"]) == ["<thi"]


def test_the_servers_own_thinking_is_opened_and_closed_around_the_text() -> None:
    thinking = Thinking()
    items = [*thinking.token("a"), *thinking.token("b"), *thinking.text("Hi"), *thinking.token("c"), *thinking.end()]
    assert items == [BEGIN, Reasoning(token="a"), Reasoning(token="b"), END, "Hi", BEGIN, Reasoning(token="c"), END]


@pytest.mark.parametrize("lead", ["\n", "  \n"])
def test_white_space_before_the_tag_is_dropped(lead: str) -> None:
    assert fed([lead, "<think>a</think>b"]) == [BEGIN, Reasoning(token="a"), END, "b"]
