"""The provider that needs nothing: truthful quotations, and a truthful apology."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, strategies as st

from g4f.Provider import Offline
from g4f.Provider.template.attached import File, Question, best, paragraphs, read_question
from g4f.providers.response import FinishReason, Usage
from g4f.retrieval.passages import SIZE
from g4f.retrieval.words import terms
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


@pytest.mark.parametrize("name", ["report.pdf, page 3", "report.pdf (p. 3)", "report.pdf#page=3", "report.pdf, стр. 3", "report.pdf с. 3"])
def test_it_tells_the_page_that_the_name_of_a_file_carries(name: str) -> None:
    said = answer([{"role": "user", "content": f"<!-- File: {name} -->\n{NOTES}\n<-- End -->\nBread?"}])
    assert "**report.pdf, page 3, lines 1-3**" in said


def test_a_name_that_only_sounds_like_a_page_stays_whole() -> None:
    assert "**homepage 3, lines 1-3**" in answer([{"role": "user", "content": f"<!-- File: homepage 3 -->\n{NOTES}<-- End -->Bread?"}])


def test_it_says_the_same_once() -> None:
    parts = [{"type": "text", "text": "A red kite.", "name": name} for name in ("one.txt", "two.txt")]
    said = answer([{"role": "user", "content": [*parts, {"type": "text", "text": "Kite?"}]}])
    assert said.count("> A red kite.") == 1


@proof("passages under their lines", 100, 5_000)
@given(st.lists(st.sampled_from(["a b", "", "  ", "x\ty", "\x0b", "слово"]), max_size=40))
def test_paragraphs_hold_every_line_that_is_not_empty_under_its_number(lines: list[str]) -> None:
    text = "\n".join(lines)
    numbered = text.splitlines()
    found = list(paragraphs(File("f", text)))
    assert all(each.text == "\n".join(numbered[each.first - 1 : each.last]) for each in found)
    assert sum(each.last - each.first + 1 for each in found) == sum(bool(line.strip()) for line in numbered)


def test_the_pieces_of_a_long_paragraph_have_their_own_lines() -> None:
    found = list(paragraphs(File("f", "\n".join(f"{number} " + "word " * 50 for number in range(1, 9)))))
    assert len(found) > 1
    assert all(each.text.startswith(str(each.first)) and len(each.text) <= SIZE * 5 // 4 for each in found)


@proof("passages found", 100, 2_000)
@given(st.text(max_size=60), st.lists(st.text(max_size=60), max_size=8))
def test_what_is_found_shares_a_word_with_the_question(question: str, texts: list[str]) -> None:
    found = best(Question(question, tuple(File(str(number), text) for number, text in enumerate(texts))))
    assert len(found) <= 3
    assert all(set(terms(question)) & set(terms(paragraph.text)) for paragraph in found)


def test_a_passage_that_fits_far_less_than_the_best_is_left_out() -> None:
    texts = ["anna meeting friday report", "anna", "friday report meeting of anna at ten", *["other"] * 9]
    found = best(Question("meeting friday report anna", tuple(File("f", text) for text in texts)))
    assert {paragraph.text for paragraph in found} == {texts[0], texts[2]}


def test_text_without_a_name_is_the_question_and_not_a_source() -> None:
    question = read_question([{"role": "user", "content": ["one", {"text": "two"}]}])  # type: ignore[list-item]  # clients send texts too
    assert (question.text, question.files) == ("one\ntwo", ())
