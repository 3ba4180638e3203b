"""Ranking: which passages fit a question best, and which of the best say the same."""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeVar

from g4f.retrieval.words import NEGATIONS, is_number

_SATURATION, _LENGTH_WEIGHT = 1.2, 0.75
"""The usual constants of BM25: how fast repeating a word stops to count, and how much a long passage has to show."""
_NEAR_WEIGHT, _SENTENCE = 0.5, 12
"""How much words of the question count that stand in one sentence, beside what they count anywhere; terms of a sentence."""
_PAIR_WEIGHT, _ADJACENT = 1.0, 2
"""How much two words count that follow each other as they do in the question, and how many terms apart they may be."""
_FUSION = 60
"""The usual constant of reciprocal rank fusion: how little the first places of one ranking count against agreement."""
_LEFT_OUT = 0.1
"""The part of a passage's words that may be missing in another one that says the same."""

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


class Statistics(NamedTuple):
    """Be what is known of all passages that are searched: how many there are, and how many of them hold a term."""

    passages: int
    frequencies: Mapping[str, int]

    def rarity(self, term: str) -> float:
        """Return how much a term tells, BM25's inverse document frequency: near 0 when every passage holds it."""
        holding = self.frequencies.get(term, 0)
        return math.log(1 + (self.passages - holding + 0.5) / (holding + 0.5))


def statistics_of(passages: Sequence[Sequence[str]]) -> Statistics:
    """Count the statistics of passages that are at hand, given their terms."""
    return Statistics(len(passages), Counter(term for terms in passages for term in set(terms)))


class Ranker:
    """Rank passages for a question, given its terms: by BM25, and by the words of the question that stand together in them."""

    def __init__(self, question: Sequence[str], statistics: Statistics) -> None:
        self._weights = {term: statistics.rarity(term) for term in question}
        self._pairs = {(one, other) for one, other in pairwise(question) if one != other}

    def rarest(self, holders: Mapping[str, Iterable[int]], limit: int) -> list[int]:
        """Return the passages that hold most of the question, by rarity alone, given for each term which passages hold it."""
        held: dict[int, float] = {}
        for term, passages in holders.items():
            for passage in passages:
                held[passage] = held.get(passage, 0.0) + self._weights[term]
        return heapq.nlargest(limit, sorted(held), key=held.__getitem__)

    def rank(self, passages: Sequence[Sequence[str]]) -> list[tuple[int, float]]:
        """Return the place in the sequence and the score of each passage, best first, given the terms of passages.

        The score is 0 when nothing is shared; a passage is long or short beside these.
        """
        usual = sum(map(len, passages)) / max(len(passages), 1)
        scores = [self._score(terms, len(terms) / max(usual, 1)) for terms in passages]
        return sorted(enumerate(scores), key=lambda pair: -pair[1])

    def _score(self, terms: Sequence[str], length: float) -> float:
        found = [(place, term) for place, term in enumerate(terms) if term in self._weights]
        norm = _SATURATION * (1 - _LENGTH_WEIGHT + _LENGTH_WEIGHT * length)
        times = Counter(term for _, term in found)
        words = sum(self._weights[term] * count * (_SATURATION + 1) / (count + norm) for term, count in times.items())
        return words + _NEAR_WEIGHT * self._densest(found) + _PAIR_WEIGHT * self._together(found)

    def _densest(self, found: Sequence[tuple[int, str]]) -> float:
        """Return how much the words tell that stand in one sentence, the best one."""
        best, first = 0.0, 0
        for last, (place, _) in enumerate(found):
            while found[first][0] < place - _SENTENCE:
                first += 1
            best = max(best, math.fsum(self._weights[term] for term in {term for _, term in found[first : last + 1]}))
        return best

    def _together(self, found: Sequence[tuple[int, str]]) -> float:
        """Return how much the pairs tell that follow each other as they do in the question."""
        pairs = {(one, other) for (a, one), (b, other) in pairwise(found) if b - a <= _ADJACENT}
        return math.fsum(min(self._weights[one], self._weights[other]) for one, other in pairs & self._pairs)


def fuse(rankings: Iterable[Sequence[K]]) -> list[K]:
    """Join rankings into one by reciprocal rank fusion: what several of them have near the top comes first.

    https://plg.uwaterloo.ca/~gvcormac/cormacksigir09-rrf.pdf
    """
    scores: dict[K, float] = {}
    for ranking in rankings:
        for place, each in enumerate(ranking, 1):
            scores[each] = scores.get(each, 0.0) + 1 / (_FUSION + place)
    return sorted(scores, key=lambda each: -scores[each])


def distinct(ranked: Iterable[T], terms_of: Callable[[T], Sequence[str]], limit: int) -> list[T]:
    """Return the first of a ranking that differ from each other; of near-identical ones the best stays.

    Passages with other numbers, codes, negations or names differ, however alike they are else.
    """
    kept: list[tuple[T, Counter[str]]] = []
    for each in ranked:
        if len(kept) == limit:
            break
        count = Counter(terms_of(each))
        if not any(_alike(count, other) for _, other in kept):
            kept.append((each, count))
    return [each for each, _ in kept]


def runs(numbers: Iterable[int], reach: int = 1) -> list[range]:
    """Return the runs of neighbours that passages of one file lie in, each widened by ``reach``; what meets is one run."""
    found: list[range] = []
    for number in sorted(set(numbers)):
        start, stop = max(number - reach, 1), number + reach + 1
        if found and start <= found[-1].stop:
            start = found.pop().start
        found.append(range(start, stop))
    return found


def _alike(one: Counter[str], other: Counter[str]) -> bool:
    """Return whether one passage is the other but for a few words left out; where a word stands for another, they differ."""
    less, more = sorted((one, other), key=Counter.total)
    missing = more - less
    return less <= more and missing.total() <= _LEFT_OUT * more.total() and not any(map(_tells_apart, missing))


def _tells_apart(term: str) -> bool:
    return term in NEGATIONS or is_number(term)
