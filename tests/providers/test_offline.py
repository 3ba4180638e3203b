"""The provider that needs nothing: truthful quotations, and a truthful apology."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, strategies as st

from g4f.Provider import Offline
from g4f.Provider.template.passages import File, best, read_question, split
from g4f.Provider.template.words import fold, terms
from g4f.providers.response import FinishReason, Usage
from g4f.typing import Messages
from tests.proofs import proof

NOTES = """Shopping list
milk
bread

The meeting with Anna is on Friday at 10.
Bring the report.

Красные машины стояли у дома.
"""


def attached(question: str) -> Messages:
    return [{"role": "user", "content": [{"type": "text", "text": NOTES, "name": "notes.txt"}, {"type": "text", "text": question}]}]


def answer(messages: Messages, model: str = "gpt-4o") -> str:
    return asyncio.run(Offline.create_async(model, messages))


def test_it_quotes_the_passage_that_fits_with_its_source() -> None:
    said = answer(attached("When are we meeting Anna?"))
    assert "**notes.txt, lines 5-6**\n\n> The meeting with Anna is on Friday at 10.\n> Bring the report.\n" in said
    assert "milk" not in said


def test_it_quotes_only_the_beginning_of_a_long_passage() -> None:
    parts = [{"type": "text", "text": "word " * 1000, "name": "long.txt"}, {"type": "text", "text": "Word?"}]
    assert len(answer([{"role": "user", "content": parts}])) < 2000


def test_it_answers_a_russian_question_in_russian() -> None:
    said = answer(attached("Где стояла красная машина?"))
    assert "**notes.txt, строка 8**\n\n> Красные машины стояли у дома." in said
    assert said.startswith("Языковая модель не подключена")


def test_it_finds_wrapped_text_of_earlier_turns() -> None:
    wrapped = f"<!-- File: notes.txt -->\n{NOTES}\n<-- End -->\n\nRemember this."
    messages: Messages = [
        {"role": "user", "content": wrapped},
        {"role": "assistant", "content": "Yes."},
        {"role": "user", "content": "Bread?"},
    ]
    assert "**notes.txt, lines 1-3**" in answer(messages)


def test_a_text_full_of_beginnings_is_read_in_its_length() -> None:
    question = read_question([{"role": "user", "content": "<!-- File: a -->\n" * 50_000}])
    assert question.files == ()


def test_it_says_that_nothing_fits() -> None:
    assert "(notes.txt) shares a word" in answer(attached("Zebra?"))


def test_without_text_it_says_which_model_is_missing_and_how_to_connect_one() -> None:
    said = answer([{"role": "user", "content": "Why is the sky blue?"}])
    assert "You asked for `gpt-4o`." in said
    assert all(way in said for way in ("OPENAI_API_KEY", "Ollama", "g4f.toml", "On the page"))


def test_it_names_no_model_when_none_was_asked_for() -> None:
    assert "asked for" not in answer([{"role": "user", "content": "Hi"}], "offline")


def test_a_models_name_cannot_write_markup() -> None:
    assert "`a b`" in answer([], "a`\n\nb")


def test_it_comes_word_by_word_and_counts_no_tokens() -> None:
    async def main() -> list[object]:
        return [item async for item in Offline.create_async_generator("m", [{"role": "user", "content": "Hi"}])]

    items = asyncio.run(main())
    assert items[:3] == ["No ", "language ", "model "]
    assert items[-2:] == [FinishReason("stop"), Usage(prompt_tokens=0, completion_tokens=0)]


@pytest.mark.parametrize(
    "forms",
    [
        "meeting meet meets",
        "city cities",
        "running run runs",
        "make making makes",
        "teacher's teachers",
        "машина машины машиной машинами",
        "красный красная красного красными",
        "стоял стояла стояли",
        "ёлка елка ёлки",
        "работать работала работает",
    ],
)
def test_the_forms_of_a_word_meet(forms: str) -> None:
    assert len({fold(form) for form in forms.split()}) == 1


@pytest.mark.parametrize(("one", "other"), [("cat", "car"), ("дом", "дым"), ("2024", "2025"), ("100", "1000")])
def test_different_words_stay_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_words_that_say_nothing_alone_are_left_out() -> None:
    assert terms("What is the price of it?") == [fold("price")]


@proof("words folded", 100, 5_000)
@given(st.text())
def test_any_word_is_folded_to_a_part_of_itself(word: str) -> None:
    assert word.replace("ё", "е").startswith(fold(word))


@proof("passages under their lines", 100, 5_000)
@given(st.lists(st.sampled_from(["a b", "", "  ", "x\ty", "\x0b", "слово"]), max_size=40))
def test_passages_hold_every_line_that_is_not_empty_under_its_number(lines: list[str]) -> None:
    text = "\n".join(lines)
    numbered = text.splitlines()
    passages = list(split(File("f", text)))
    assert all(passage.text == "\n".join(numbered[passage.first - 1 : passage.last]) for passage in passages)
    assert sum(passage.last - passage.first + 1 for passage in passages) == sum(bool(line.strip()) for line in numbered)


@proof("passages found", 100, 2_000)
@given(st.text(max_size=60), st.lists(st.text(max_size=60), max_size=8))
def test_what_is_found_shares_a_word_with_the_question(question: str, texts: list[str]) -> None:
    passages = [passage for number, text in enumerate(texts) for passage in split(File(str(number), text))]
    found = best(question, passages)
    assert len(found) <= 3
    assert all(set(terms(question)) & set(terms(passage.text)) for passage in found)


def test_the_rarer_word_decides() -> None:
    passages = [passage for text in ("common word", "common thing", "common rare") for passage in split(File("f", text))]
    assert best("common rare", passages)[0].text == "common rare"


def test_a_passage_that_fits_far_less_than_the_best_is_left_out() -> None:
    texts = ["anna meeting friday report", "anna", "friday report meeting of anna", *["other"] * 9]
    passages = [passage for text in texts for passage in split(File("f", text))]
    assert {passage.text for passage in best("meeting friday report anna", passages)} == {texts[0], texts[2]}


def test_text_without_a_name_is_the_question_and_not_a_source() -> None:
    question = read_question([{"role": "user", "content": ["one", {"text": "two"}]}])  # type: ignore[list-item]  # clients send texts too
    assert (question.text, question.files) == ("one\ntwo", ())
