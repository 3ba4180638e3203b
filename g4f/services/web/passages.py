"""What a search keeps of long texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import islice

from g4f.retrieval.passages import pieces
from g4f.retrieval.ranking import Ranker, statistics_of
from g4f.retrieval.words import Stems, terms

Best = Callable[[str, Sequence[str], int], Sequence[str]]
"""Choose what answers a query: ``best(query, texts, words)`` returns, for each text, the parts to keep, ``words`` in total."""

_WORD = re.compile(r"\S{1,20}")
"""A word, or as much of a line without spaces as counts as one: Chinese needs none."""
_LOOKED_AT = 20_000
"""Words of each text that are ranked; more is rare, and the beginning tells what a page is about."""


def leading(query: str, texts: Sequence[str], words: int) -> list[str]:
    """Keep the beginning of each text; what short ones leave is shared by the longer ones."""
    return [_beginning(text, share) for text, share in zip(texts, _shares(texts, words), strict=True)]


def fitting(query: str, texts: Sequence[str], words: int) -> list[str]:
    """Keep of each text the passages that fit the query best, in their order; short texts stay whole, as with ``leading``."""
    stems, shares = Stems(), _shares(texts, words)
    split = [[(piece, terms(piece, stems)) for piece in pieces(_beginning(text, _LOOKED_AT))] for text in texts]
    ranker = Ranker(terms(query, stems), statistics_of([found for text in split for _, found in text]))
    ranked = [_scored(ranker, text) for text in split]
    return [text if count(text) <= share else _chosen(passages, share) for text, passages, share in zip(texts, ranked, shares, strict=True)]


def count(text: str) -> int:
    """Return the number of words."""
    return sum(1 for _ in _WORD.finditer(text))


def _scored(ranker: Ranker, text: Sequence[tuple[str, list[str]]]) -> list[tuple[str, float]]:
    scores = dict(ranker.rank([found for _, found in text]))
    return [(piece, scores.get(place, 0.0)) for place, (piece, _) in enumerate(text)]


def _shares(texts: Sequence[str], words: int) -> list[int]:
    sizes, shares = [count(text) for text in texts], [0] * len(texts)
    for place, index in enumerate(sorted(range(len(texts)), key=sizes.__getitem__)):
        shares[index] = min(sizes[index], words // (len(texts) - place))
        words -= shares[index]
    return shares


def _beginning(text: str, words: int) -> str:
    end = 0
    for word in islice(_WORD.finditer(text), words):
        end = word.end()
    return text[:end]


def _chosen(passages: Sequence[tuple[str, float]], words: int) -> str:
    """Return the best passages as long as there is room, the last one cut, in the order of the text."""
    kept: dict[int, str] = {}
    for place, (passage, _) in sorted(enumerate(passages), key=lambda each: -each[1][1]):
        kept[place] = _beginning(passage, words)
        words -= count(kept[place])
    return "\n\n".join(filter(None, (kept[place].strip() for place in sorted(kept))))
