"""The server is killed at random moments: nothing that was shown is lost, doubled or out of order, and every run ends once."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from tests.faults.checker import Shown, check
from tests.faults.reading import Reader
from tests.proofs import FULL, SEED, counted, proof
from tests.servers.openai import OpenaiServer
from tests.servers.process import Process

READERS = 8
MODEL = "paced-30"


def at_rest(server: Process) -> None:
    """Wait until no run is on its way; a process that was killed loses its lease after a while."""
    deadline = time.monotonic() + 40
    while any(chat["run_id"] for chat in requests.get(f"{server.base_url}/backend-api/v2/chats?limit=200", timeout=20).json()["chats"]):
        assert time.monotonic() < deadline
        time.sleep(0.2)


@pytest.mark.long
@proof("kills amid answers", 20, 1_000, seconds=3_600)
def test_nothing_shown_is_lost_however_often_the_server_is_killed(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    chance, slowest = random.Random(SEED), 0.0
    with OpenaiServer(pace=0.01) as upstream:
        settings = {"servers__s__base_url": upstream.base_url, "servers__s__models": MODEL, "lease_seconds": "2"}
        with Process(tmp_path, **settings) as server:
            readers = [Reader(lambda: server.base_url, MODEL) for _ in range(READERS)]
            stop = threading.Event()
            threads = [threading.Thread(target=reader.run, args=(stop,), daemon=True) for reader in readers]
            for thread in threads:
                thread.start()
            for _ in counted(range(1_000 if FULL else 20)):
                time.sleep(chance.uniform(0.02, 0.5))
                server.kill()
                slowest = max(slowest, server.start())
            stop.set()
            for thread in threads:
                thread.join(60)
            readers[0].ask(readers[0].chat())  # however often it was killed, it answers to the end
            at_rest(server)
        shown: Shown = {run: seen for reader in readers for run, seen in reader.shown.items()}
        ended = check(server.address, shown)
    record_property("figures", f"slowest start {slowest:.2f} s, runs {dict(ended)}, events shown {sum(map(len, shown.values()))}")
    assert ended["interrupted"]
    assert ended["done"]
