"""The tally: whatever a provider yields, the chunks end well and the rows add up."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import msgspec
import pytest
from hypothesis import given, strategies as st

from g4f.db.models import LOCAL_OWNER, Attempt, Run, UsageEntry
from g4f.db.writer import Row
from g4f.errors import RateLimitError
from g4f.providers.chunks import to_chunk
from g4f.providers.response import AttemptFailed, FinishReason, ProviderInfo, RawResponse, Reasoning, Response, ToolCalls, Usage
from g4f.providers.wire import ContentChunk, FinishChunk, UsageChunk, Wire
from g4f.services.tally import MAX_TOKENS, Asked, Tally
from tests.proofs import proof

COUNTS = st.one_of(st.integers(-(2**70), 2**70), st.none(), st.floats(allow_nan=False, allow_infinity=False), st.booleans())
ITEMS = st.one_of(
    st.text(max_size=20),
    st.builds(Reasoning, token=st.text(max_size=5)),
    st.builds(lambda name: ProviderInfo(name=name, model="m"), st.sampled_from("AB")),
    st.just(AttemptFailed(RateLimitError("Slow down."), "A")),
    st.builds(FinishReason, st.sampled_from(["stop", "length", "tool_calls"])),
    st.builds(lambda prompt, completion: Usage(prompt_tokens=prompt, completion_tokens=completion), COUNTS, COUNTS),
    st.just(ToolCalls([{"id": "1"}])),
    st.just(RawResponse(type="content", content="far")),
    st.just(RawResponse(type="usage", usage={"prompt_tokens": -5, "completion_tokens": "many"})),
)


def tally(characters: int = 8) -> Tally:
    return Tally(Asked(LOCAL_OWNER, "r1", "m", "P", characters))


def rows(found: Sequence[Row], kind: Any) -> list[dict[str, Any]]:
    return [dict(values) for table, values in found if table is kind.__table__]


def usage(of: Tally) -> dict[str, Any]:
    last = of.ending()[-1]
    assert isinstance(last, UsageChunk)
    return last.usage


@proof("tallies of any order of responses", 100, 5_000)
@given(batches=st.lists(st.lists(ITEMS, max_size=4), max_size=6), outcome=st.sampled_from(["done", "failed", "stopped"]))
def test_any_order_of_responses_ends_well_and_is_kept_whole(batches: list[list[str | Response]], outcome: str) -> None:
    kept = tally()
    shown: list[Wire] = [chunk for batch in batches for chunk in kept.take(batch)]
    if outcome == "failed":
        kept.fail(RateLimitError("x"))
    elif outcome == "stopped":
        kept.leave("stopped")
    *_, finish, cost = kept.ending()
    assert isinstance(finish, FinishChunk)
    assert isinstance(cost, UsageChunk)
    assert not any(isinstance(chunk, (FinishChunk, UsageChunk)) for chunk in shown)
    msgspec.json.encode([*shown, finish, cost])
    found = kept.rows()
    [run], attempts, entries = rows(found, Run), rows(found, Attempt), rows(found, UsageEntry)
    assert run["state"] in {outcome, "failed"}
    assert [attempt["number"] for attempt in attempts] == list(range(1, len(attempts) + 1))
    assert "running" not in {attempt["outcome"] for attempt in attempts[-1:]}
    assert [entry["attempt_id"] for entry in entries] == [attempt["id"] for attempt in attempts]
    assert all(0 <= entry[name] <= MAX_TOKENS for entry in entries for name in entry if name.endswith("_tokens"))


@proof("text as it came", 100, 2_000)
@given(items=st.lists(st.text(max_size=10) | st.builds(Reasoning, st.text(min_size=1, max_size=5)), max_size=10))
def test_items_are_shown_as_they_came_and_neighbouring_texts_in_one_chunk(items: list[str | Reasoning]) -> None:
    shown = [chunk.content if isinstance(chunk, ContentChunk) else chunk for chunk in tally().take(list(items))]
    runs = [(kind, list(group)) for kind, group in groupby(items, type)]
    assert shown == [each for kind, group in runs for each in (["".join(map(str, group))] if kind is str else map(to_chunk, group))]


def test_the_provider_s_own_counts_win_over_the_estimate() -> None:
    kept = tally()
    kept.take(["abcdefgh", Usage(prompt_tokens=3, completion_tokens=2)])
    assert usage(kept) == {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}


@pytest.mark.parametrize(("characters", "text", "tokens"), [(8, "abcd", (2, 1)), (9, "abcde", (3, 2)), (0, "", (0, 0))])
def test_without_counts_four_characters_are_a_token_and_it_says_so(characters: int, text: str, tokens: tuple[int, int]) -> None:
    kept = tally(characters)
    kept.take([text] if text else [])
    found = usage(kept)
    assert (found["prompt_tokens"], found["completion_tokens"], found["estimated"]) == (*tokens, True)


def test_a_failed_attempt_costs_nothing_unless_something_was_shown() -> None:
    kept = tally()
    kept.take([ProviderInfo(name="A", model="m"), AttemptFailed(RateLimitError("x"), "A"), ProviderInfo(name="B", model="m"), "abcd"])
    kept.ending()
    assert [(entry["prompt_tokens"], entry["completion_tokens"]) for entry in rows(kept.rows(), UsageEntry)] == [(0, 0), (2, 1)]
    assert [attempt["outcome"] for attempt in rows(kept.rows(), Attempt)] == ["failed", "done"]


def test_an_answer_that_breaks_off_without_a_reason_is_interrupted() -> None:
    kept = tally()
    kept.take(["a", FinishReason("interrupted")])
    kept.ending()
    assert rows(kept.rows(), Run)[0]["state"] == rows(kept.rows(), Attempt)[0]["outcome"] == "interrupted"


def test_leaving_after_the_end_changes_nothing() -> None:
    kept = tally()
    kept.take(["a"])
    kept.ending()
    kept.leave("stopped")
    assert rows(kept.rows(), Run)[0]["state"] == "done"


def test_reasoning_and_cached_tokens_have_columns_of_their_own() -> None:
    kept = tally()
    details = {"completion_tokens_details": {"reasoning_tokens": 4}, "prompt_tokens_details": {"cached_tokens": -2}}
    kept.take(["a", Usage(prompt_tokens=1, completion_tokens=5, **details)])
    kept.ending()
    [entry] = rows(kept.rows(), UsageEntry)
    assert (entry["reasoning_tokens"], entry["cached_tokens"]) == (4, 0)
