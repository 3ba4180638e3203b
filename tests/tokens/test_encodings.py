"""The encodings: the counts of OpenAI's own tables, whatever the text."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from g4f.tokens import Encoding
from g4f.tokens.encodings import PIECE, count, encoding_of, load
from tests.proofs import proof

KNOWN = [  # as gpt-tokenizer 4.0.0 counts them: text, cl100k_base, o200k_base
    ("Hello, world!", 4, 4),
    ("Привет, как дела?", 8, 6),
    ("It's 12345 o'clock; I'LL go\r\n\r\n  now.", 16, 14),
    ("def f(x):\n\treturn x // 4  # четверть\n", 16, 14),
    ("日本語 😀 عربي", 9, 4),
    ("<|endoftext|>", 7, 7),
    ("", 0, 0),
]


@pytest.mark.parametrize(("text", "cl100k", "o200k"), KNOWN)
def test_counts_are_those_of_the_vendors_tables(text: str, cl100k: int, o200k: int) -> None:
    assert (count(text, "cl100k_base"), count(text, "o200k_base")) == (cl100k, o200k)


@pytest.mark.parametrize(
    ("model", "encoding"),
    [
        ("gpt-4o-mini", "o200k_base"),
        ("openai/gpt-4.1", "o200k_base"),
        ("GPT-3.5-turbo", "cl100k_base"),
        ("gpt-4", "cl100k_base"),
        ("gpt-oss-120b", "o200k_base"),
        ("llama-3.3-70b", "o200k_base"),
        ("", "o200k_base"),
    ],
)
def test_a_models_name_says_its_encoding_and_others_take_the_newest(model: str, encoding: Encoding) -> None:
    assert encoding_of(model) == encoding


def test_a_word_of_any_length_is_cut_before_it_is_encoded() -> None:
    pieces = "a" * (PIECE - 2) + "he", "llo"
    assert count("".join(pieces), "o200k_base") == sum(count(piece, "o200k_base") for piece in pieces)
    assert count("a" * 100_000, "o200k_base") == 12_500


@proof("texts encoded and decoded again", 100, 5_000)
@given(text=st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_no_text_is_too_odd_for_the_tables(text: str) -> None:
    encoding = load("o200k_base")
    assert encoding.decode(encoding.encode_ordinary(text)) == text
