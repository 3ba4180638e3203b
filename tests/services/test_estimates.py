"""Estimates: what the provider did not count is counted here, says so, and holds nothing up."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from g4f.db.models import LOCAL_OWNER
from g4f.providers.response import Citable, ProviderInfo, Usage
from g4f.providers.wire import UsageChunk
from g4f.services.attempt import SAMPLE
from g4f.services.estimates import Estimates
from g4f.services.tally import Asked, Tally, characters_of
from g4f.tokens.counter import Counter
from g4f.typing import Messages

MESSAGES: Messages = [{"role": "system", "content": "Hello, "}, {"role": "user", "content": [{"type": "text", "text": "world!"}]}]


@pytest.fixture(scope="module")
def counter() -> Iterator[Counter]:
    """Give a counter that all of these share."""
    made = Counter()
    yield made
    made.close()


def tally(*batch: Any, model: str = "gpt-4o", messages: Messages = MESSAGES) -> Tally:
    """Return what an answer to these messages came to."""
    made = Tally(Asked(LOCAL_OWNER, "r1", model, "P", characters_of(messages), messages=messages))
    made.take(list(batch))
    return made


def usage(kept: Tally, counter: Counter | None, patience_seconds: float = 60) -> dict[str, Any]:
    """Complete an answer and return the usage its reader is told."""
    asyncio.run(Estimates(counter, patience_seconds).complete(kept))
    last = kept.ending()[-1]
    assert isinstance(last, UsageChunk)
    return last.usage


def counted(prompt: int, completion: int, by: str) -> dict[str, Any]:
    """Return a usage that says it is an estimate."""
    counts = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
    return counts | {"estimated": True, "estimated_by": by}


def test_what_no_provider_counted_is_counted_by_the_models_table(counter: Counter) -> None:
    assert usage(tally("Привет, ", "как дела?"), counter) == counted(4, 6, "o200k_base")
    assert usage(tally("Привет, ", "как дела?", model="gpt-4"), counter) == counted(4, 8, "cl100k_base")


def test_without_tables_four_characters_are_a_token() -> None:
    assert usage(tally("Привет, ", "как дела?"), None) == counted(4, 5, "characters")


def test_what_the_provider_counted_starts_no_program() -> None:
    unused = Counter()
    own = Usage(prompt_tokens=3, completion_tokens=2)
    assert usage(tally("Hello", own), unused) == own.get_dict()
    assert not unused.running


def test_an_answer_of_nothing_starts_no_program() -> None:
    unused = Counter()
    usage(tally(ProviderInfo(name="P", model="gpt-4o")), unused)
    assert not unused.running


def test_a_program_that_breaks_leaves_the_characters() -> None:
    assert usage(tally("Hello there"), Counter((sys.executable, "-c", ""))) == counted(4, 3, "characters")


def test_a_program_that_takes_too_long_leaves_the_characters() -> None:
    slow = Counter((sys.executable, "-c", "input(); import time; time.sleep(0.2)"))
    assert usage(tally("Hello there"), slow, patience_seconds=0.01) == counted(4, 3, "characters")
    slow.close()


def test_a_server_that_stops_counts_nothing_more() -> None:
    unused, kept = Counter(), tally("Hello there")
    kept.leave("interrupted")
    assert usage(kept, unused) == counted(4, 3, "characters")
    assert not unused.running


def test_a_long_text_is_estimated_by_its_beginning(counter: Counter) -> None:
    kept = tally(*["word "] * SAMPLE, messages=[{"role": "user", "content": "word " * SAMPLE}])
    told = usage(kept, counter)
    assert len(kept.attempts[0].sample) == SAMPLE
    assert kept.attempts[0].characters == 5 * SAMPLE
    assert abs(told["completion_tokens"] - SAMPLE) < 0.01 * SAMPLE
    assert told["prompt_tokens"] == told["completion_tokens"]


def test_sources_that_the_model_was_given_are_part_of_the_prompt(counter: Counter) -> None:
    assert usage(tally(Citable([], characters=13), "Hello"), counter) == counted(8, 1, "o200k_base")


def test_half_a_character_is_counted_too(counter: Counter) -> None:
    assert usage(tally("Hello \ud83d"), counter)["estimated_by"] == "o200k_base"
