"""What it costs SQLite to keep the events of many answers: in their table at once, and in the journal until an answer ends.

`python -m benchmarks.journal` commits 100 events at a time, of 200 answers in turn, both ways one after the other.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from uuid import UUID

from sqlalchemy import Connection, insert
from uuid_utils.compat import uuid7

from benchmarks.databases import empty
from g4f.db.models import LOCAL_OWNER, Run, now
from g4f.db.session import Database
from g4f.providers.wire import ContentChunk
from g4f.services import journal
from g4f.services.live import Event

ANSWERS, TOGETHER, COMMITS, ROUNDS = 200, 100, 100, 3
Batch = Sequence[journal.Numbered]


def main() -> None:
    """Print a line for each way, the medians of all rounds, and one for the end of an answer."""
    ways: dict[str, Callable[[Connection, Batch], object]] = {"their table": journal.insert_events, "the journal": journal.record}
    spent: dict[str, list[float]] = {name: [] for name in ways}
    waited: dict[str, list[float]] = {name: [] for name in ways}
    ended: list[float] = []
    for _ in range(ROUNDS):
        for name, store in ways.items():
            with empty() as database:
                answers = _answers(database, ANSWERS)
                cpu, waits = _commit(database, store, [*_batches(answers)])
                spent[name].append(cpu)
                waited[name] += waits
                whole = [event for batch in _batches(_answers(database, 1)) for event in batch][:ANSWERS]
                ended.append(_commit(database, _settle, [whole])[0])
    print(f"{TOGETHER} events a commit, of {ANSWERS} answers{'':6}CPU, us an event{'':4}commit p50, ms{'':4}p99, ms")
    for name in ways:
        cuts = statistics.quantiles(waited[name], n=100)
        print(f"{name:36}{statistics.median(spent[name]):15.1f}{cuts[49] * 1e3:18.2f}{cuts[98] * 1e3:10.2f}")
    print(f"{'its table, when an answer ends':36}{statistics.median(ended):15.1f}")


def _answers(database: Database, count: int) -> list[UUID]:
    """Begin answers and return their runs."""
    runs = [uuid7() for _ in range(count)]
    shared = {"owner_id": LOCAL_OWNER, "kind": "durable", "state": "running", "request_id": "bench", "started_at": now()}
    with database.begin() as connection:
        connection.execute(insert(Run), [{**shared, "id": run_id} for run_id in runs])
    return runs


def _batches(runs: Sequence[UUID]) -> Iterator[Batch]:
    for commit in range(COMMITS):
        turns = range(commit * TOGETHER, (commit + 1) * TOGETHER)
        yield [(LOCAL_OWNER, runs[turn % len(runs)], _said(turn // len(runs) + 1)) for turn in turns]


def _settle(connection: Connection, events: Batch) -> None:
    owner_id, run_id, _ = events[0]
    journal.settle(connection, [journal.Settled(owner_id, run_id, [event for _, _, event in events], [])])


def _said(number: int) -> Event:
    return Event.of(number, ContentChunk(f"token {number} "))


def _commit(database: Database, store: Callable[[Connection, Batch], object], batches: Sequence[Batch]) -> tuple[float, list[float]]:
    """Commit batches; return microseconds of CPU for each event, and how many seconds each commit took."""
    waits: list[float] = []
    cpu = time.process_time()
    for batch in batches:
        began = time.perf_counter()
        with database.begin() as connection:
            store(connection, batch)
        waits.append(time.perf_counter() - began)
    return (time.process_time() - cpu) / sum(map(len, batches)) * 1e6, waits


if __name__ == "__main__":
    main()
