"""Ranking: rare words, words together and negations decide; what says the same is shown once."""

from __future__ import annotations

from hypothesis import given, strategies as st

from g4f.retrieval.ranking import Ranker, Statistics, distinct, fuse, runs, statistics_of
from g4f.retrieval.words import terms
from tests.proofs import proof


def ranked(question: str, *texts: str) -> list[str]:
    """Return texts, best first."""
    held = [terms(text) for text in texts]
    return [texts[place] for place, _ in Ranker(terms(question), statistics_of(held)).rank(held)]


def kept(*texts: str) -> list[str]:
    return distinct(texts, terms, 10)


def test_the_rarer_word_decides() -> None:
    assert ranked("common rare", "common word", "common thing", "common rare")[0] == "common rare"


def test_a_shorter_passage_says_it_with_more_weight() -> None:
    short, long = "red kite", "red kite " + "among other things " * 20
    assert ranked("kite", long, short)[0] == short


def test_words_in_one_sentence_count_more_than_words_apart() -> None:
    near, apart = "pump in Leeds " + "other " * 40, "pump " + "other " * 40 + "in Leeds"
    assert ranked("pump Leeds", apart, near)[0] == near


def test_a_negation_counts_where_it_stands() -> None:
    negated, elsewhere = "pump never fails but valve runs", "pump fails but valve never runs"
    assert ranked("which pump never fails", elsewhere, negated)[0] == negated
    assert ranked("which valve never runs", negated, elsewhere)[0] == elsewhere


def test_what_shares_no_word_scores_nothing() -> None:
    assert Ranker(["pump"], Statistics(10, {"pump": 1})).rank([["valve"], ["pump"], []])[1:] == [(0, 0.0), (2, 0.0)]


def test_the_rarest_words_choose_the_candidates() -> None:
    ranker = Ranker(["rare", "common"], Statistics(4, {"rare": 1, "common": 4}))
    assert ranker.rarest({"rare": [4], "common": [1, 2, 3, 4]}, 2) == [4, 1]


def test_the_same_text_in_other_clothes_is_dropped() -> None:
    assert kept("The pump withstands 40 bar.", "the PUMP – withstands 40 bar", "the pumps withstand 40 bar") == [
        "The pump withstands 40 bar."
    ]


def test_a_number_a_negation_or_a_name_makes_a_difference() -> None:
    base = "this pump of the second line withstands pressure as well as frost and heat in any weather of the long winter in Leeds"
    others = [f"{base} 41", f"{base} 42", base.replace("pump", "valve"), f"{base} not"]
    assert kept(base, *others) == [base, *others]


def test_a_few_words_left_out_make_none() -> None:
    base = "this pump of the second line withstands pressure as well as frost and heat in any weather of the long winter in Leeds"
    assert kept(base, base.removeprefix("this pump ")) == [base]


def test_what_several_rankings_have_near_the_top_comes_first() -> None:
    assert fuse([["a", "b", "c"], ["b", "c", "d"]]) == ["b", "c", "a", "d"]


def test_neighbours_that_meet_are_one_run() -> None:
    assert runs([9, 4, 5]) == [range(3, 7), range(8, 11)]
    assert runs([1, 4]) == [range(1, 6)]
    assert runs([7], reach=0) == [range(7, 8)]


@proof("runs of neighbours", 100, 2_000)
@given(st.lists(st.integers(1, 50)), st.integers(0, 3))
def test_runs_hold_each_neighbour_once(numbers: list[int], reach: int) -> None:
    inside = [number for run in runs(numbers, reach) for number in run]
    assert inside == sorted({near for number in numbers for near in range(max(number - reach, 1), number + reach + 1)})
