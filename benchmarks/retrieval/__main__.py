"""Prints recall@5 and the time it takes; fails when a plain AND query finds too many as well, for then the questions are too easy."""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from benchmarks.retrieval.corpus import corpus
from benchmarks.retrieval.measure import AND_AT_MOST, DISTANT_AT_LEAST, RECALL_AT_LEAST, measure
from g4f.db.migration import upgrade
from g4f.db.session import Database
from g4f.db.storage import Storage
from g4f.db.writer import Writer

SEEDS = (4711, 8128, 31337)


def main() -> int:
    """Measure each seed in a database of its own, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.retrieval", description=__doc__)
    parser.add_argument("--seed", type=int, action="append", metavar="N", help="write another set of documents (may be repeated)")
    parser.add_argument("--missed", action="store_true", help="print the questions whose passage was not found")
    chosen, good = parser.parse_args(), True
    print(f"{'seed':>6} {'recall@5':>9} {'first':>6} {'AND@5':>6} {'<=1 form':>9} {'passages':>9} {'index':>8} {'200 questions':>14}")
    for seed in chosen.seed or SEEDS:
        with tempfile.TemporaryDirectory() as folder, closing(Database(f"sqlite:///{Path(folder, 'bench.sqlite')}")) as database:
            upgrade(database)
            with closing(Writer(database)) as writer:
                result = measure(Storage(database, writer), corpus(seed))
        print(
            f"{seed:>6} {result.recall:>9.3f} {result.first:>6.3f} {result.plain_and:>6.3f} {result.distant:>9.3f} {result.passages:>9} "
            f"{result.index_seconds:>6.2f} s {result.search_seconds:>12.2f} s",
            flush=True,
        )
        if chosen.missed:
            print(*(f"  {question}\n    {passage!r}" for question, passage in result.missed), sep="\n")
        good &= result.recall > RECALL_AT_LEAST and result.plain_and < AND_AT_MOST and result.distant >= DISTANT_AT_LEAST
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
