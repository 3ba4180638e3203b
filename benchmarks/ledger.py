"""The ledger with a million entries: how long the summary of a year takes, and what an entry costs to write.

``python -m benchmarks.ledger [--entries N] [ADDRESS ...]``, the addresses being those of empty databases; without any these are
a SQLite in a temporary folder and a PostgreSQL that is started for it.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
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
from tests.servers.postgresql import Postgresql

YEAR_MS = 365 * DAY_MS
READ_AIM, INSERT_AIM = 50.0, 1.0
"""Milliseconds."""
TOGETHER = 50_000
TIMES = 100
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


def read_ms(usage: Usage, by: By) -> list[tuple[float, float]]:
    """Return what summaries of a year took one after another: the time, and the CPU of this process, which on SQLite is all."""
    taken = []
    for _ in range(TIMES):
        began, began_cpu = time.perf_counter(), time.thread_time()
        usage.summary(None, today() - timedelta(days=364), today(), by)
        taken.append(((time.perf_counter() - began) * 1e3, (time.thread_time() - began_cpu) * 1e3))
    return taken


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
        began = time.perf_counter()
        with database.connect() as connection:  # which no time limit cuts
            for first in range(1, entries, TOGETHER):
                fill(connection, first, min(first + TOGETHER, entries + 1), YEAR_MS / entries)
                connection.commit()
        line(f"making {entries:,} entries", f"{time.perf_counter() - began:8.1f} s")
        with closing(Writer(database, limit=100_000)) as writer:
            storage = Storage(database, writer)
            began = time.perf_counter()
            close_days(storage)
            line("closing the days of a year", f"{time.perf_counter() - began:8.1f} s")
            for by in BYS:
                summarised(read_ms(Usage(lambda: storage), by), by)
            spent = write_ms(storage)
            line("entering an answer", f"{spent:8.3f} ms of CPU  (aim: under {INSERT_AIM:g} ms)  {verdict(spent < INSERT_AIM)}")
            began = time.perf_counter()
            differences = Usage(lambda: storage).verify()
            line("verify", f"{time.perf_counter() - began:8.1f} s, {len(differences)} differences")


def summarised(taken: Sequence[tuple[float, float]], by: By) -> None:
    """Print what summaries took; the first of a process sums up the months that the others find summed."""
    times, cpu = (sorted(column) for column in zip(*taken, strict=True))
    p95, cpu_p95 = (column[int(0.95 * len(column))] for column in (times, cpu))
    aim = f"(aim: under {READ_AIM:g} ms)  {verdict(p95 < READ_AIM)}"
    line(f"summary of a year by {by}", f"{statistics.median(times):8.1f} ms, p95 {p95:.1f} ms  {aim}")
    line("  its CPU in this process", f"{statistics.median(cpu):8.1f} ms, p95 {cpu_p95:.1f} ms; the first {taken[0][1]:.1f} ms")


def verdict(met: bool) -> str:
    """Return the word for an aim that is met or missed."""
    return "ok" if met else "MISS"


def line(what: str, figures: str) -> None:
    """Print one line."""
    print(f"{what:32} {figures}", flush=True)


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ledger", description=__doc__)
    parser.add_argument("addresses", nargs="*", metavar="ADDRESS")
    parser.add_argument("--entries", type=int, default=1_000_000)
    chosen = parser.parse_args()
    with ExitStack() as stack:
        for address in chosen.addresses or own(stack):
            print(f"ledger on {address.partition(':')[0]}, load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
            measure(address, chosen.entries)


def own(stack: ExitStack) -> Iterator[str]:
    """Yield the addresses of a database of each kind, which end with the stack."""
    yield f"sqlite:///{Path(stack.enter_context(tempfile.TemporaryDirectory()), 'ledger.sqlite').as_posix()}"
    yield stack.enter_context(Postgresql(fsync=True)).address()


if __name__ == "__main__":
    main()
