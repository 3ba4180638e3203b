"""The ledger with a million entries: how long the summary of a year takes, and what an entry costs to write.

``python -m benchmarks.ledger [--entries N] [ADDRESS]``, the address being that of an empty database; without it that is SQLite in a
temporary folder.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import tempfile
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, text

from g4f.db.migration import upgrade
from g4f.db.models import LOCAL_OWNER, now
from g4f.db.session import Database
from g4f.db.storage import Storage
from g4f.db.writer import Writer
from g4f.providers.response import ProviderInfo, Usage as Reported
from g4f.services.ledger_days import DAY_MS, close_days
from g4f.services.ledger_summary import By, today
from g4f.services.tally import Asked, Tally
from g4f.services.usage import Usage

YEAR_MS = 365 * DAY_MS
TOGETHER = 50_000
TIMES = 40
BYS: tuple[By, ...] = ("day", "model", "provider", "user")

_NUMBERS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :last) ",
    "postgresql": "WITH n AS (SELECT generate_series(CAST(:first AS bigint), CAST(:last AS bigint) - 1) AS i) ",
}
_ID = {"sqlite": "printf('%032x', i)", "postgresql": "CAST(lpad(to_hex(i), 32, '0') AS uuid)"}
_AT = ":start + i * :step"
_RUN = f"'relayed', 'done', 'r', {_AT}, {_AT} + 900"
_CALL = f"""1, 'provider-' || (i % 3), 'model-' || (i % 10), 'done', CASE WHEN i % 50 = 0 THEN 'RateLimitError' END,
    {_AT}, {_AT} + 300, {_AT} + 900"""
_USED = f"i % 4000, i % 900, 0, 0, i % 20 = 0, i % 1000, 'USD', {_AT} + 900"
_COLUMNS = {
    "runs": ("id, kind, state, request_id, started_at, finished_at", f"{{id}}, {_RUN}"),
    "attempts": (
        "id, run_id, number, provider, model, outcome, error_name, started_at, first_token_at, finished_at",
        f"{{id}}, {{id}}, {_CALL}",
    ),
    "usage_entries": (
        "id, attempt_id, prompt_tokens, completion_tokens, reasoning_tokens, cached_tokens, estimated, cost_micros, currency, created_at",
        f"{{id}}, {{id}}, {_USED}",
    ),
}


def fill(connection: Connection, first: int, last: int, step: float) -> None:
    """Make entries, evenly over the last year."""
    dialect = connection.dialect.name
    owner = LOCAL_OWNER.hex if dialect == "sqlite" else LOCAL_OWNER
    values = {"first": first, "last": last, "owner": owner, "start": now() - YEAR_MS, "step": int(step)}
    for table, (columns, rows) in _COLUMNS.items():
        selected = f"{_NUMBERS[dialect]}SELECT :owner, {rows.format(id=_ID[dialect])} FROM n"
        connection.execute(text(f"INSERT INTO {table} (owner_id, {columns}) {selected}"), values)


def read_ms(usage: Usage, by: By) -> tuple[list[float], float]:
    """Return how long summaries of a year took, sorted, and the CPU that one takes this process."""
    taken, began_cpu = [], time.thread_time()
    for _ in range(TIMES):
        began = time.perf_counter()
        usage.summary(None, today() - timedelta(days=364), today(), by)
        taken.append((time.perf_counter() - began) * 1e3)
    return sorted(taken), (time.thread_time() - began_cpu) / TIMES * 1e3


def write_ms(storage: Storage, answers: int = 5_000) -> float:
    """Return the CPU that entering one answer took this process: its run, its attempt, its entry."""
    began = resource.getrusage(resource.RUSAGE_SELF)
    for _ in range(answers):
        tally = Tally(Asked(LOCAL_OWNER, "r", "model-1", "provider-1", 400))
        tally.take([ProviderInfo(name="provider-1", model="model-1"), "Hello", Reported(prompt_tokens=100, completion_tokens=2)])
        tally.ending()
        storage.writer.submit(tally.rows())
    storage.writer.flush()
    ended = resource.getrusage(resource.RUSAGE_SELF)
    return (ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime) / answers * 1e3


def measure(address: str, entries: int) -> None:
    """Fill a database, and print what was measured."""
    with closing(Database(address)) as database:
        upgrade(database)
        for first in range(1, entries, TOGETHER):
            with database.begin() as connection:
                fill(connection, first, min(first + TOGETHER, entries + 1), YEAR_MS / entries)
        with closing(Writer(database, limit=100_000)) as writer:
            storage = Storage(database, writer)
            began = time.perf_counter()
            close_days(storage)
            print(f"{'closing the days of a year':40} {time.perf_counter() - began:8.1f} s")
            for by in BYS:
                taken, spent = read_ms(Usage(lambda: storage), by)
                line = f"{statistics.median(taken):8.1f} ms, p95 {taken[int(0.95 * TIMES)]:.1f} ms, {spent:.1f} ms of CPU"
                print(f"{f'summary of a year by {by}':40} {line}")
            print(f"{'entering an answer':40} {write_ms(storage):8.3f} ms of CPU")
            began = time.perf_counter()
            differences = Usage(lambda: storage).verify()
            print(f"{'verify':40} {time.perf_counter() - began:8.1f} s, {len(differences)} differences")


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ledger", description=__doc__)
    parser.add_argument("address", nargs="?")
    parser.add_argument("--entries", type=int, default=1_000_000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(chosen.address or f"sqlite:///{Path(folder, 'ledger.sqlite').as_posix()}", chosen.entries)


if __name__ == "__main__":
    main()
