"""The parts of texts that are kept: the leading ones, or those that fit, shared fairly."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from g4f.services.web.passages import Best, count, fitting, leading

TEXTS = st.lists(st.text(st.sampled_from("ab \n漢"), max_size=200), max_size=6)


FILLING = "\n\n".join(f"Paragraph {number} is about trains, stations and timetables of the railway." for number in range(150))
ANSWER = "The Volga is 3,530 kilometres long."


@pytest.mark.parametrize("best", [leading, fitting])
@given(TEXTS, st.integers(0, 60))
def test_all_texts_together_keep_no_more_words_than_wanted(best: Best, texts: list[str], words: int) -> None:
    kept = best("a", texts, words)
    assert len(kept) == len(texts)
    assert sum(map(count, kept)) <= words


@given(TEXTS, st.integers(0, 60))
def test_each_text_keeps_its_beginning(texts: list[str], words: int) -> None:
    assert all(text.startswith(beginning) for text, beginning in zip(texts, leading("", texts, words), strict=True))


def test_the_passage_that_fits_is_kept_wherever_it_stands() -> None:
    middle, start, short = fitting("How long is the Volga?", [f"{FILLING}\n\n{ANSWER}\n\n{FILLING}", f"{ANSWER} {FILLING}", "A note."], 600)
    assert ANSWER in middle
    assert ANSWER in start
    assert short == "A note."


def test_passages_stay_in_the_order_of_their_text() -> None:
    text = f"{ANSWER}\n\n{FILLING}\n\nThe Volga, how long it is: the longest of Europe."
    (kept,) = fitting("How long is the Volga?", [text], 400)
    assert kept.index(ANSWER) < kept.index("the longest of Europe")


@given(TEXTS)
def test_texts_that_are_short_enough_stay_whole(texts: list[str]) -> None:
    kept = leading("", texts, sum(map(count, texts)))
    assert [text.rstrip() for text in texts] == kept


def test_what_short_texts_leave_is_shared_by_the_longer_ones() -> None:
    assert leading("", ["a b c d e f", "g", "h i j k l m"], 9) == ["a b c d", "g", "h i j k"]


def test_a_text_without_spaces_is_bounded_too() -> None:
    assert leading("", ["漢" * 1000], 2) == ["漢" * 40]
