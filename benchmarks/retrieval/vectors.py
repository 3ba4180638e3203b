"""What finding the nearest of many vectors costs: ``python -m benchmarks.retrieval.vectors [--database ADDRESS]``."""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import insert
from uuid_utils.compat import uuid7

from g4f.db.migration import upgrade
from g4f.db.models import LOCAL_OWNER, Blob, Embedding, File, Passage
from g4f.db.session import Database
from g4f.db.storage import Storage
from g4f.db.writer import Writer
from g4f.retrieval.vectors import pack, unit
from g4f.services.passages import CANDIDATES
from g4f.services.vectors import Vectors

PASSAGES, DIMENSIONS, TIMES, TOGETHER = 100_000, 768, 5, 2_000


def main() -> None:
    """Keep passages of one file with vectors drawn at random, and look for the nearest several times."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.retrieval.vectors", description=__doc__)
    parser.add_argument("--database", help="address of an empty PostgreSQL database; without one, SQLite")
    with TemporaryDirectory() as folder:
        address = parser.parse_args().database or f"sqlite:///{Path(folder, 'g4f.sqlite')}"
        with closing(Database(address)) as database, closing(Writer(database)) as writer:
            upgrade(database)
            measure(Storage(database, writer))


def measure(storage: Storage) -> None:
    """Print the seconds of the clock and of this process's processor, the median."""

    async def nobody(texts: list[str]) -> list[list[float]]:
        return [[1.0]] * len(texts)

    draw, vectors = random.Random(0), Vectors(lambda: storage, nobody, "m")
    vectors.open(storage.database)
    fill(storage, draw)
    times = sorted(asked(storage, vectors, unit(drawn(draw))) for _ in range(TIMES))
    wall, processor = times[TIMES // 2]
    print(f"{CANDIDATES} nearest of {PASSAGES:,} vectors of {DIMENSIONS} numbers: {wall:.2f} s, {processor:.2f} s of them here")


def asked(storage: Storage, vectors: Vectors, vector: list[float]) -> tuple[float, float]:
    """Return how long one search took."""
    began, processor = time.monotonic(), time.process_time()
    with storage.read() as connection:
        found = vectors.near(connection, Passage.owner_id == LOCAL_OWNER, vector, CANDIDATES)
    assert len(found) == CANDIDATES
    return time.monotonic() - began, time.process_time() - processor


def fill(storage: Storage, draw: random.Random) -> None:
    """Keep the passages."""
    file_id, blob_id = uuid7(), uuid7()
    owned = {"owner_id": LOCAL_OWNER, "size": 1, "state": "ready"}
    on_server = storage.database.path is None
    with storage.database.connect() as connection:
        connection.execute(insert(Blob), {**owned, "id": blob_id, "digest": "0"})
        connection.execute(insert(File), {**owned, "id": file_id, "blob_id": blob_id, "name": "a.txt", "media_type": "text/plain"})
        for numbers in blocks():
            places = [{"owner_id": LOCAL_OWNER, "file_id": file_id, "number": number} for number in numbers]
            texts: dict[str, Any] = {"heading": "", "start": 0, "text": "word " * 160, "terms": "word " * 100}
            connection.execute(insert(Passage), [place | texts for place in places])
            made = [unit(drawn(draw)) for _ in places]
            rows = [{"model": "m", "dimensions": DIMENSIONS, "vector": vector if on_server else pack(vector)} for vector in made]
            connection.execute(insert(Embedding), [place | row for place, row in zip(places, rows, strict=True)])
        connection.commit()


def drawn(draw: random.Random) -> list[float]:
    """Return a vector that points anywhere."""
    return [draw.gauss(0, 1) for _ in range(DIMENSIONS)]


def blocks() -> Iterator[range]:
    """Yield the numbers of the passages in blocks."""
    return (range(start, start + TOGETHER) for start in range(1, PASSAGES, TOGETHER))


if __name__ == "__main__":
    main()
