"""The checker: what must be true of a database after any fault.

1. Whatever a reader was shown is stored under the same number.
2. The events of a run are numbered 1 to n; the last ones are its end, and there is one end.
3. Every run is in an end state, and its attempts with it; each attempt has one entry in the ledger.
4. The text of an answer is the text of the events of its runs.
5. The database finds nothing wrong with itself.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from contextlib import closing
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from g4f.db.models import Attempt, Event, Message, Run, UsageEntry
from g4f.db.session import Database

Shown = dict[str, dict[int, str]]
"""What readers were shown: run, number, data."""


def check(address: str, shown: Shown) -> Counter[str]:
    """Check a database at rest, and return how many runs ended in which state."""
    with closing(Database(address)) as database, database.read() as connection:
        runs = connection.execute(select(Run.id, Run.state, Run.message_id).where(Run.kind == "durable")).all()
        events: dict[UUID, dict[int, str]] = defaultdict(dict)
        for run_id, number, data in connection.execute(select(Event.run_id, Event.number, Event.data)):
            events[run_id][number] = data
        answers = dict(connection.execute(select(Message.id, Message.content).where(Message.role == "assistant")).all())
        attempts = connection.execute(select(Attempt.id, Attempt.run_id, Attempt.outcome)).all()
        entries = Counter(connection.scalars(select(UsageEntry.attempt_id)))
        if database.path:
            assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
    _check_shown(shown, events)
    for run in runs:
        assert run.state != "running", f"run {run.id} has not ended"
        _check_log(events[run.id], run.state)
    assert all(outcome != "running" for _, _, outcome in attempts)
    assert entries == Counter(attempt_id for attempt_id, _, _ in attempts), "every attempt is counted once"
    asked = {run_id for run_id, log in events.items() if any('"type":"provider"' in data for data in log.values())}
    assert {run_id for _, run_id, _ in attempts} >= asked, "whoever was asked has an attempt"
    _check_texts(runs, events, answers)
    return Counter(run.state for run in runs)


def _check_shown(shown: Shown, events: dict[UUID, dict[int, str]]) -> None:
    for run_id, seen in shown.items():
        assert list(seen) == sorted(seen), f"run {run_id} was shown out of order"
        stored = events[UUID(run_id)]
        assert seen.items() <= stored.items(), f"run {run_id} was shown what is not stored"


def _check_log(log: dict[int, str], state: str) -> None:
    assert sorted(log) == [*range(1, len(log) + 1)]
    kinds = [json.loads(log[number])["type"] for number in sorted(log)]
    assert kinds[-2:] == ["finish", "usage"]
    assert kinds.count("finish") == 1
    reason = json.loads(log[len(log) - 1])["finish"]["reason"]
    expected = {"done": {"stop", "length", "tool_calls", "content_filter"}, "failed": {"error"}}.get(state, {state})
    assert reason in expected


def _check_texts(runs: Any, events: dict[UUID, dict[int, str]], answers: dict[UUID, str]) -> None:
    texts: dict[UUID, str] = defaultdict(str)
    for run in sorted(runs, key=lambda run: run.id):
        chunks = [json.loads(events[run.id][number]) for number in sorted(events[run.id])]
        texts[run.message_id] += "".join(chunk["content"] for chunk in chunks if chunk["type"] == "content")
    for message_id, content in texts.items():
        assert answers[message_id] == content
