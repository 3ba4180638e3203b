"""What is heard of Markdown, and that the pieces in which it comes change nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, strategies as st

from g4f.services.spoken import LONGEST, Sentence, Sentences, follow, sentences

ANSWER = """# Привет, **мир**! 😀

Это `код` и [ссылка. Ещё](https://example.com/a_(b)). Т. е. всё. Dr. Smith is 1.8 m tall!
A *second* line[1]. See https://example.com/x?y=1. And <b>bold</b> &amp; more, snake_case, 2*3, 2 * 3.

```python
print("nobody hears this")
```

| Name | Age |
|:---|---|
| Bob | 5 |

1. First. And more.
2. Second
- [x] done

> quoted

$$
\\frac{a}{b}
$$
Then $E=mc$ and $\\frac12$ and \\(x + y\\) for $5 or $10. <speak><break time="9s"/>Hi</speak>
![a cat](data:image/png;base64,AAAA)

[ref]: https://example.com "title"
Setext
===
שלום עולם. مرحبا كيف حالك؟ بخير

你好。我很好！
"""


def heard(markdown: str) -> list[str]:
    """Return the sentences that are heard."""
    return [sentence.text for sentence in sentences(markdown)]


def in_pieces(markdown: str, cuts: list[int]) -> list[Sentence]:
    """Return the sentences of a text that comes in pieces."""
    reader = Sentences()
    found, start = [], 0
    for end in [*sorted(cut % (len(markdown) + 1) for cut in cuts), len(markdown)]:
        found += reader.feed(markdown[start:end])
        start = end
    return found + reader.finish()


def test_an_answer_is_heard_as_a_person_would_read_it() -> None:
    assert heard(ANSWER) == [
        "Привет, мир!",
        "Это код и ссылка.",
        "Ещё.",
        "Т. е. всё.",
        "Dr. Smith is 1.8 m tall!",
        "A second line.",
        "See example.com.",
        "And bold & more, snake_case, 2*3, 2 * 3.",
        "Code.",
        "Name, Age",
        "Bob, 5",
        "1. First.",
        "And more.",
        "2. Second",
        "done",
        "quoted",
        "Formula.",
        "Then E=mc and formula and x + y for $5 or $10.",
        "Hi a cat",
        "Setext",
        "שלום עולם.",
        "مرحبا كيف حالك؟",
        "بخير",
        "你好。",
        "我很好！",
    ]


@given(st.lists(st.integers(min_value=0)))
def test_the_cuts_of_an_answer_change_nothing(cuts: list[int]) -> None:
    assert in_pieces(ANSWER, cuts) == sentences(ANSWER)


SIGNS = r"` ``` ~~~ [ ] ]( ) ( ! !? * ** _ ~ ~~ $ $$ \ \[ \] \( < > <b & &amp; ; | |-- # - 1. http://a.b h . ? 。 ؟ : ... 😀"
MARKS = st.sampled_from([*SIGNS.split(), "\n", "\n\n", "# ", "- ", "1. ", ". ", "? ", ") ", "\0", "\r\n"])
MARKDOWN = st.lists(MARKS | st.text("abцы. 12\n", max_size=12), max_size=25).map("".join)


@given(MARKDOWN, st.lists(st.integers(min_value=0)))
def test_the_cuts_of_any_text_change_nothing(markdown: str, cuts: list[int]) -> None:
    assert in_pieces(markdown, cuts) == sentences(markdown)


@given(MARKDOWN | st.text())
def test_every_sentence_has_its_place_and_they_follow_one_another(markdown: str) -> None:
    found = sentences(markdown)
    assert all(0 <= sentence.start < sentence.end <= len(markdown) for sentence in found)
    assert [sentence.start for sentence in found] == sorted(sentence.start for sentence in found)


@given(st.text("ab ,;", min_size=1, max_size=3 * LONGEST))
def test_no_sentence_is_longer_than_an_engine_takes(text: str) -> None:
    found = sentences(text)
    assert all(len(sentence.text) <= LONGEST for sentence in found)
    letters = [character for character in text if character.isalpha()]
    assert [character for sentence in found for character in sentence.text if character.isalpha()] == letters


def test_a_place_is_where_the_words_stand() -> None:
    markdown = "One **two**. And [three](https://example.com) four."
    assert [markdown[each.start : each.end] for each in sentences(markdown)] == ["One **two**.", "And [three](https://example.com) four."]


def test_a_sentence_is_given_before_its_paragraph_ends() -> None:
    assert [each.text for each in Sentences().feed("The first one. The second goes on and")] == ["The first one."]


def test_a_block_of_code_is_named_as_soon_as_it_begins() -> None:
    reader = Sentences()
    assert [each.text for each in reader.feed("Смотрите:\n```py\nprint(1)")] == ["Смотрите:", "Код."]
    assert [each.text for each in reader.feed("\n```\nВот так.\n\n")] == ["Вот так."]


@pytest.mark.parametrize("text", ["", "...", "?! — *** ---", "😀👍🏽🇷🇺", "   \n\n", "<break time='3s'/>", "| | |", "[](x)"])
def test_there_may_be_nothing_to_hear(text: str) -> None:
    assert sentences(text) == []


def test_a_picture_given_in_place_is_heard_by_its_name_alone() -> None:
    assert heard(f"![a cat](data:image/png;base64,{'QUJD' * 20_000}) sat.") == ["a cat sat."]


def test_the_sentences_of_an_answer_come_while_it_is_written() -> None:
    closed = []

    async def deltas() -> AsyncIterator[str]:
        try:
            for delta in ["One is", " here. Two follows", " it", " soon. Three"]:
                yield delta
        finally:
            closed.append(True)

    async def collect() -> list[str]:
        return [sentence.text async for sentence in follow(deltas())]

    assert asyncio.run(collect()) == ["One is here.", "Two follows it soon.", "Three"]
    assert closed == [True]
