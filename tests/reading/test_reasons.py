"""Reasons: the sentence, the word it is found by again, and the words that the page has for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import g4f.gui
from g4f.reading.reasons import SENTENCES, Reason, about_of, reason_of, unreadable

WORDS = Path(g4f.gui.__file__).parent / "client" / "src" / "i18n" / "en.json"


@pytest.mark.parametrize("reason", SENTENCES)
@pytest.mark.parametrize("about", ["", "b.doc", "“x”. It concerns “y”."])
def test_a_sentence_tells_its_reason_and_what_it_concerns(reason: Reason, about: str) -> None:
    sentence = str(unreadable(reason, about))
    assert (reason_of(sentence), about_of(sentence)) == (reason, about or None)


@pytest.mark.parametrize("sentence", ["", "a.txt and 3 more inside could not be read.", "Gone. It concerns “x”."])
def test_a_sentence_of_another_tells_none(sentence: str) -> None:
    assert (reason_of(sentence), about_of(sentence)) == (None, None)


def test_the_page_has_words_for_every_reason() -> None:
    assert {f"unreadable.{reason}" for reason in SENTENCES} <= json.loads(WORDS.read_text(encoding="utf-8")).keys()
