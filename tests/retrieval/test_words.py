"""Words: the forms of one meet, different ones do not, and each is letters and digits only."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given, strategies as st

from g4f.retrieval.words import Stems, is_russian, terms
from tests.proofs import proof


@pytest.mark.parametrize(
    "forms",
    [
        "meeting meet meets",
        "city cities",
        "running run runs",
        "make making makes",
        "teacher's teachers teacher",
        "машина машины машиной машинами",
        "красный красная красного красными",
        "стоял стояла стояли",
        "ёлка елка ёлки",
        "работать работала работает",
        "за\u0301мок замок за\u00adмок",
        "ﬁle file FILES",
    ],
)
def test_the_forms_of_a_word_meet(forms: str) -> None:
    assert len({tuple(terms(form)) for form in forms.split()}) == 1


@pytest.mark.parametrize(
    "forms", ["1000|1 000|1,000|1\u00a0000|1\u202f000|1'000", "1000.5|1 000,5|1,000.5", "5.3|5,3|§ 5.3", "2,350,000|2 350 000"]
)
def test_a_number_has_one_form(forms: str) -> None:
    assert len({tuple(terms(form)) for form in forms.split("|")}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("cat", "car"), ("дом", "дым"), ("2024", "2025"), ("100", "1000"), ("5.3", "53"), ("5.3", "5 3"), ("0,125", "125"), ("не", "нет")],
)
def test_different_words_stay_different(one: str, other: str) -> None:
    assert terms(one) != terms(other)


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("Model XR-42 is new", "xr42"),
        ("Model XR-42 is new", "XR 42"),
        ("docu-\nment", "document"),
        ("24.10.2025", "2025"),
        ("2021-2023", "2023"),
        ("10GB", "10 GB"),
        ("e-mail", "email"),
        ("юго-западный", "западная"),
        ("read_file", "read"),
    ],
)
def test_a_compound_is_found_whole_and_by_its_parts(text: str, question: str) -> None:
    assert set(terms(question)) <= set(terms(text))


@pytest.mark.parametrize(
    ("text", "negation"), [("without tax", "without"), ("It doesn't", "not"), ("cannot", "not"), ("без НДС", "без"), ("не нужно", "не")]
)
def test_a_negation_is_a_word(text: str, negation: str) -> None:
    assert negation in terms(text)


def test_words_that_say_nothing_alone_are_left_out() -> None:
    assert terms("What is the price of it?") == terms("price") == terms("What's the price?")


def test_an_encoded_text_is_not_taken_to_pieces() -> None:
    assert len(terms("3f2a9c1b7d5e8a0c4f6b2d9e1a7c5b3f")) == 1


@pytest.mark.parametrize(
    ("text", "russian"), [("Где стояла машина?", True), ("Where is it?", False), ("Где Python?", False), ("42", False)]
)
def test_the_language_is_that_of_most_letters(text: str, russian: bool) -> None:
    assert is_russian(text) is russian


def test_stems_remember_no_more_than_they_may() -> None:
    stems = Stems(most=2)
    assert [stems.of(word) for word in ("pumps", "valves", "машины", "pumps")] == ["pump", "valv", "машин", "pump"]
    assert len(stems._known) <= 2  # noqa: SLF001 - its memory is the point


def test_threads_share_stems() -> None:
    stems, text = Stems(most=3), "running машины meetings красными cities работала"
    seen: list[tuple[str, ...]] = []
    threads = [threading.Thread(target=lambda: seen.extend(tuple(terms(text, stems)) for _ in range(200))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(seen) == {tuple(terms(text))}
    assert len(seen) == 800


@proof("texts folded", 100, 5_000)
@given(st.text())
def test_terms_are_letters_and_digits_that_can_be_stored(text: str) -> None:
    found = terms(text)
    assert all(term.isalnum() and len(term) <= 64 for term in found)
    assert "".join(found).encode().decode() == "".join(found)
