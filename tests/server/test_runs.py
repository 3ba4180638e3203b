"""What is kept of a relayed run: the run, its attempts, and a usage entry for each, once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, create_engine, text

from tests.servers import transcripts
from tests.servers.openai import OpenaiServer
from tests.servers.platform import Platform, question


def kept(platform: Platform, table: str) -> list[Row[Any]]:
    """Return the rows of a table once everything queued is written."""
    assert platform.api.flush()
    engine = create_engine(platform.api.settings.database_address)
    with engine.connect() as connection:
        rows = list(connection.execute(text(f"SELECT * FROM {table} ORDER BY id")))
    engine.dispose()
    return rows


def test_an_answer_keeps_one_run_one_attempt_and_one_usage_entry(platform: Platform) -> None:
    platform.chunks(question(model="plain", provider="scenario"))
    [run], [attempt], [entry] = (kept(platform, table) for table in ("runs", "attempts", "usage_entries"))
    assert (run.kind, run.state, run.model, run.provider) == ("relayed", "done", "plain", "scenario")
    assert (attempt.number, attempt.outcome, attempt.provider, attempt.error_name) == (1, "done", "scenario", None)
    assert attempt.started_at <= attempt.first_token_at <= attempt.finished_at
    assert (entry.completion_tokens, entry.estimated) == (len(transcripts.PLAIN), 0)


def test_a_failed_answer_keeps_its_error_and_no_tokens(platform: Platform) -> None:
    platform.chunks(question(model="fail-401", provider="scenario"))
    assert [(row.outcome, row.error_name) for row in kept(platform, "attempts")] == [("failed", "MissingAuthError")]
    assert [(row.prompt_tokens, row.completion_tokens) for row in kept(platform, "usage_entries")] == [(0, 0)]
    assert kept(platform, "runs")[0].state == "failed"


def test_every_retry_is_an_attempt_of_its_own(platform: Platform) -> None:
    platform.chunks(question(model="fail-2-times", provider="scenario"))
    assert [row.outcome for row in kept(platform, "attempts")] == ["failed", "failed", "done"]
    assert len(kept(platform, "usage_entries")) == 3


def test_an_answer_the_reader_left_is_stopped_and_counts_what_was_shown(platform: Platform, upstream: OpenaiServer) -> None:
    answer = platform.post(question(model="stall", provider="scenario"), stream=True)
    lines = answer.iter_lines()
    while b"content" not in next(lines):
        pass
    answer.close()
    upstream.calls[-1].wait()
    [attempt] = wait_for(platform, "attempts")
    assert attempt.outcome == "stopped"
    [entry] = kept(platform, "usage_entries")
    assert entry.completion_tokens > 0
    assert entry.estimated


def test_answers_on_their_way_are_counted_while_they_are(platform: Platform) -> None:
    answer = platform.post(question(model="stall", provider="scenario"), stream=True)
    lines = answer.iter_lines()
    next(lines)
    assert "g4f_streams 1.0" in platform.get("/metrics").text.splitlines()
    answer.close()
    assert wait_for(platform, "attempts")
    assert "g4f_streams 0.0" in platform.get("/metrics").text.splitlines()


def test_tokens_a_provider_does_not_count_are_estimated_and_say_so(platform: Platform) -> None:
    usage = platform.chunks(question(model="usage-less", provider="scenario"))[-1]["usage"]
    assert usage["estimated"] is True
    assert usage["completion_tokens"] == -(-len("".join(transcripts.PLAIN)) // 4)
    assert [row.estimated for row in kept(platform, "usage_entries")] == [1]


def test_answers_survive_a_stop_of_the_server(tmp_path: Path, upstream: OpenaiServer) -> None:
    settings = {"servers": {"scenario": {"base_url": upstream.base_url, "models": ["plain"]}}}
    with Platform(tmp_path, **settings) as first:
        first.chunks(question(model="plain"))
    with Platform(tmp_path, **settings) as second:
        assert len(kept(second, "runs")) == 1


@pytest.fixture
def failing_over(tmp_path: Path, upstream: OpenaiServer) -> Iterator[Platform]:
    """Two servers with the same model; the first cannot be reached."""
    servers = {
        "first": {"base_url": "http://127.0.0.1:9/v1", "models": ["plain"]},
        "second": {"base_url": upstream.base_url, "models": ["plain"]},
    }
    with Platform(tmp_path, servers=servers) as server:
        yield server


def test_another_provider_answers_and_the_stream_says_who_did_not(failing_over: Platform) -> None:
    chunks = failing_over.chunks(question(model="plain"))
    assert [chunk["provider"]["name"] for chunk in chunks if chunk["type"] == "provider"] == ["first", "second"]
    assert [chunk["error"] for chunk in chunks if chunk["type"] == "message"] == ["ConnectionFailedError"]
    assert [(row.provider, row.outcome) for row in kept(failing_over, "attempts")] == [("first", "failed"), ("second", "done")]


def wait_for(platform: Platform, table: str) -> list[Row[Any]]:
    """Return the rows of a table as soon as there are any."""
    deadline = time.monotonic() + 20
    while not (rows := kept(platform, table)) and time.monotonic() < deadline:
        time.sleep(0.01)
    return rows
