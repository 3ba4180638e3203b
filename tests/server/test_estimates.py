"""Estimated tokens over HTTP: the same in the answer and in the ledger, however the answer ended."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server.test_runs import kept
from tests.servers.openai import OpenaiServer
from tests.servers.platform import Platform, question

QUESTION = "Привет, как дела?"  # 17 characters, six tokens
ESTIMATE = {"prompt_tokens": 6, "completion_tokens": 4, "total_tokens": 10, "estimated": True, "estimated_by": "o200k_base"}
SECONDS = 20


@pytest.fixture
def counting(tmp_path: Path, upstream: OpenaiServer) -> Iterator[Platform]:
    """A platform that counts tokens, with its tables loaded, and a provider that does not."""
    servers = {"scenario": {"base_url": upstream.base_url, "models": ["usage-less", "stall"]}}
    with Platform(tmp_path, servers=servers, count_tokens=True) as platform:
        deadline = time.monotonic() + SECONDS
        while ask(platform)["estimated_by"] == "characters":
            assert time.monotonic() < deadline
        yield platform


def asked(model: str = "usage-less", **fields: Any) -> dict[str, Any]:
    return question(QUESTION, provider="scenario", model=model, **fields)


def ask(platform: Platform, **fields: Any) -> dict[str, Any]:
    """Ask and return the usage that the answer ends with."""
    return dict(platform.chunks(asked(**fields))[-1]["usage"])


def test_an_estimate_says_how_it_was_made_and_is_what_the_ledger_keeps(counting: Platform) -> None:
    chat_id = counting.post({}, path="/backend-api/v2/chats").json()["id"]
    assert ask(counting) == ask(counting, chat_id=chat_id) == ESTIMATE
    entries = kept(counting, "usage_entries")[-2:]
    assert [(entry.prompt_tokens, entry.completion_tokens, bool(entry.estimated)) for entry in entries] == [(6, 4, True)] * 2


def test_an_answer_its_reader_left_is_counted_all_the_same(counting: Platform) -> None:
    before, deadline = len(kept(counting, "usage_entries")), time.monotonic() + SECONDS
    with counting.post(asked("stall"), stream=True) as answer:
        lines = answer.iter_lines()
        while b"content" not in next(lines):
            pass
    while len(entries := kept(counting, "usage_entries")) == before:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert (entries[-1].prompt_tokens, bool(entries[-1].estimated)) == (6, True)
