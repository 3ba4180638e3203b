"""OpenAI's encodings, from the tables that the build packs: nothing is ever fetched."""

from __future__ import annotations

from functools import cache

import tiktoken
from tiktoken.model import encoding_name_for_model

from g4f.tokens import TABLES, Encoding

PIECE = 4096
"""Characters that are encoded at once: the time one long word takes grows faster than its length."""
_LETTERS = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+", r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
_WORDS = [rf"[^\r\n\p{{L}}\p{{N}}]?{letters}(?i:'s|'t|'re|'ve|'m|'ll|'d)?" for letters in _LETTERS]
_PATTERNS: dict[Encoding, str] = {
    # https://github.com/openai/tiktoken/blob/main/tiktoken_ext/openai_public.py
    "cl100k_base": r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s",
    "o200k_base": "|".join([*_WORDS, r"\p{N}{1,3}", r" ?[^\s\p{L}\p{N}]+[\r\n/]*", r"\s*[\r\n]+", r"\s+(?!\S)", r"\s+"]),
}


def encoding_of(model: str) -> Encoding:
    """Return the encoding of a model, whoever serves it; o200k_base for those of others, which it is nearer to than characters are."""
    try:
        known = encoding_name_for_model(model.rpartition("/")[2].lower())
    except KeyError:
        return "o200k_base"
    return "cl100k_base" if known == "cl100k_base" else "o200k_base"


def count(text: str, name: Encoding) -> int:
    """Return how many tokens a text has; names of special tokens are text like any other."""
    encoding = load(name)
    return sum(len(encoding.encode_ordinary(text[start : start + PIECE])) for start in range(0, len(text), PIECE))


@cache
def load(name: Encoding) -> tiktoken.Encoding:
    """Return an encoding; raises FileNotFoundError when its table was not packed."""
    return tiktoken.Encoding(name, pat_str=_PATTERNS[name], mergeable_ranks=_ranks((TABLES / name).read_bytes()), special_tokens={})


def _ranks(table: bytes) -> dict[bytes, int]:
    """Read a table: the tokens in the order of their ranks, each behind a byte that says how long it is."""
    ranks: dict[bytes, int] = {}
    start, end = 1, len(table)
    while start <= end:
        stop = start + table[start - 1]
        ranks[table[start:stop]] = len(ranks)
        start = stop + 1
    return ranks
