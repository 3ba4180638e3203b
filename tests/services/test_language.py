"""Which language a text is in."""

from __future__ import annotations

import pytest

from g4f.services.language import Letters, language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hello, world", "en"),
        ("Привет, мир", "ru"),
        ("Привіт, як справи?", "uk"),
        ("Файл README.md здесь, и другой тоже", "ru"),
        ("This is the word мир in an English text", "en"),
        ("שלום", "he"),
        ("مرحبا بالعالم", "ar"),
        ("سلام، چطوری؟", "fa"),
        ("你好", "zh"),
        ("東京へ行きます", "ja"),
        ("안녕", "ko"),
        ("Γειά", "el"),
    ],
)
def test_a_language_is_known_by_its_letters(text: str, language: str) -> None:
    assert language_of(text) == language


def test_a_text_without_letters_has_the_language_of_what_is_around_it() -> None:
    assert (language_of("42!"), language_of("42!", "ru")) == ("en", "ru")


def test_letters_may_come_one_after_another() -> None:
    letters = Letters()
    for character in "OK, всё хорошо":
        letters.add(character)
    assert letters.language() == "ru"
