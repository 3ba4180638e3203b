"""Three processes on one PostgreSQL: any of them serves any run, and none of them is needed."""

from __future__ import annotations

import json
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from itertools import count, cycle
from typing import Any

import psycopg
import pytest
import requests
from sqlalchemy import func, select

from g4f.db.models import Message, Run, UsageEntry, Worker
from g4f.db.session import Database
from g4f.errors import UnavailableError
from tests.databases import database_url
from tests.faults.checker import Shown, check
from tests.faults.reading import TROUBLE, V2, Reader, ask, events, follow, new_chat, question, reason, status, texts
from tests.proofs import FULL, SEED, counted, proof
from tests.server.test_shares import raced
from tests.servers.openai import OpenaiServer
from tests.servers.process import Process

LEASE = 3
MODELS = ["paced-30", "paced-60", "paced-3000", "stall", "plain"]


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Process]]:
    """Three processes on one database, with leases of a few seconds."""
    folder = tmp_path_factory.mktemp("three")
    address = database_url(folder)
    with OpenaiServer(pace=0.05) as upstream, ExitStack() as running:
        settings = {"servers__s__base_url": upstream.base_url, "servers__s__models": ",".join(MODELS)}
        settings |= {"lease_seconds": str(LEASE), "stop_timeout": "1"}
        yield [running.enter_context(Process(folder, database=address, **settings)) for _ in range(3)]


@pytest.fixture(autouse=True)
def _checked(three: Sequence[Process]) -> Iterator[None]:
    yield
    at_rest(three[0].address)
    check(three[0].address, {})


def at_rest(address: str) -> None:
    """Wait until no run is on its way."""
    deadline = time.monotonic() + 30
    with closing(Database(address)) as database:
        while counts(database, Run, Run.state == "running"):
            assert time.monotonic() < deadline
            time.sleep(0.1)


def counts(database: Database, kind: Any, *which: Any) -> int:
    with database.read() as connection:
        return connection.scalar(select(func.count()).select_from(kind).where(*which)) or 0


def first_words(answer: requests.Response) -> Iterator[tuple[int, str]]:
    """Read until something is said, and return the events that follow."""
    lines = events(answer)
    while json.loads(next(lines)[1])["type"] != "content":
        pass
    return lines


def test_a_run_of_one_process_is_read_live_from_another(three: Sequence[Process]) -> None:
    one, other, _ = three
    with ask(one.base_url, question(new_chat(other.base_url), "paced-60")) as answer:
        elsewhere = follow(other.base_url, answer.headers["X-Run-Id"])
        seen = [next(elsewhere) for _ in range(8)]
        assert requests.get(f"{one.base_url}{V2}/chats", timeout=20).json()["chats"][0]["run_id"] == answer.headers["X-Run-Id"]
        seen += elsewhere
        assert list(events(answer)) == seen
    assert texts(seen) == " ".join(map(str, range(60))) + " "


def test_a_run_of_one_process_is_stopped_from_another(three: Sequence[Process]) -> None:
    one, other, _ = three
    with ask(one.base_url, question(new_chat(one.base_url), "stall")) as answer:
        lines = first_words(answer)
        stopped = requests.post(f"{other.base_url}{V2}/runs/{answer.headers['X-Run-Id']}/stop", json={}, timeout=20)
        assert stopped.json()["state"] == "stopped"
        assert reason([*lines]) == "stopped"


@proof("processes frozen amid an answer", 2, 20)
def test_a_process_that_froze_and_woke_cannot_write(three: Sequence[Process]) -> None:
    chance = random.Random(SEED)
    for number in counted(range(20 if FULL else 2)):
        frozen, other = three[number % 3], three[(number + 1) % 3]
        with ask(frozen.base_url, question(new_chat(other.base_url), "paced-3000")) as answer:
            run_id, lines = answer.headers["X-Run-Id"], first_words(answer)
            time.sleep(chance.uniform(0, 0.2))
            frozen.send(signal.SIGSTOP)
            log = list(follow(other.base_url, run_id))
            frozen.send(signal.SIGCONT)
            assert reason(log) == "interrupted"
            assert [*lines][-1][0] == 0  # who read from it is told to look elsewhere
        again(frozen)
        assert list(follow(frozen.base_url, run_id)) == list(follow(other.base_url, run_id)) == log


def test_a_process_whose_lease_was_taken_stores_nothing_more_of_its_answers(three: Sequence[Process]) -> None:
    one = three[0]
    with ask(one.base_url, question(new_chat(one.base_url), "paced-3000")) as answer:
        run_id, lines = answer.headers["X-Run-Id"], first_words(answer)
        with psycopg.connect(one.address) as other:
            other.execute("DELETE FROM workers WHERE id = (SELECT worker_id FROM runs WHERE id = %s)", (run_id,))
            [stored] = other.execute("SELECT count(*) FROM events WHERE run_id = %s", (run_id,)).fetchone() or (0,)
        assert [*lines][-1][0] == 0
    log = list(follow(one.base_url, run_id))
    assert (len(log), reason(log)) == (stored + 2, "interrupted")
    again(one)  # under a new lease


def again(process: Process) -> None:
    """Wait until a process answers questions, as it has to within 3 s."""
    body, deadline = question(new_chat(process.base_url), "plain"), time.monotonic() + 3
    while (answer := ask(process.base_url, body)).status_code != 200:
        assert answer.status_code == 503, answer.text
        assert "Retry-After" in answer.headers
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert reason(list(events(answer))) == "stop"


def test_what_a_process_locked_when_it_froze_holds_nobody_up(three: Sequence[Process]) -> None:
    one, other, _ = three
    with ask(one.base_url, question(new_chat(other.base_url), "paced-3000")) as answer, psycopg.connect(one.address) as frozen:
        run_id, _ = answer.headers["X-Run-Id"], first_words(answer)
        frozen.execute("SELECT FROM workers WHERE id = (SELECT worker_id FROM runs WHERE id = %s) FOR SHARE", (run_id,))
        one.kill()
        deadline = time.monotonic() + 2 * LEASE
        while time.monotonic() < deadline:
            assert status(other.base_url, question(new_chat(other.base_url), "plain"), timeout=2) == 200
        frozen.rollback()
        assert reason(list(follow(other.base_url, run_id))) == "interrupted"
    one.start()


def test_the_locks_of_a_frozen_process_end_after_a_while(three: Sequence[Process]) -> None:
    database = Database(f"{three[0].address}?options=-c idle_in_transaction_session_timeout=100ms")
    with pytest.raises(UnavailableError), database.available(), database.begin() as connection:  # noqa: PT012  the last of them raises
        connection.execute(select(Worker.id).with_for_update())
        time.sleep(0.5)
        connection.execute(select(Worker.id))
    assert database.check()
    database.close()


@proof("rolling restarts under load", 3, 30)
def test_processes_restarted_in_turn_cost_no_message(three: Sequence[Process], record_property: Callable[[str, object], None]) -> None:
    turn = count()
    readers = [Reader(lambda: three[next(turn) % 3].base_url, "paced-30") for _ in range(4)]
    stop = threading.Event()
    with ThreadPoolExecutor(len(readers)) as pool:
        reading = [pool.submit(reader.run, stop) for reader in readers]
        for number in counted(range(30 if FULL else 3)):
            three[number % 3].send(signal.SIGTERM)
            three[number % 3].wait(20)
            three[number % 3].start()
        stop.set()
        for each in reading:
            each.result(60)
    shown: Shown = {run: seen for reader in readers for run, seen in reader.shown.items()}
    at_rest(three[0].address)
    ended = check(three[0].address, shown)
    away = max(reader.away for reader in readers)
    record_property("figures", f"longest without an answer {away:.2f} s, runs {dict(ended)}")
    assert away < 3


@proof("identical questions to three processes", 50)
def test_the_same_question_asked_of_every_process_is_one_run(three: Sequence[Process]) -> None:
    assert made_by_fifty(three, lambda: None) == (1, 1)


@proof("identical questions while a process is killed", 50)
def test_the_same_question_is_one_run_although_a_process_is_killed(three: Sequence[Process]) -> None:
    try:
        # A process that is killed before it asks its provider leaves a run with nothing to count.
        assert made_by_fifty(three, three[0].kill) in {(1, 1), (1, 0)}
    finally:
        three[0].start()


def made_by_fifty(three: Sequence[Process], disturb: Callable[[], None]) -> tuple[int, int]:
    """Ask the same of all processes 50 times at once, again where it fails; return how many runs and entries that made."""
    body, ring = question(new_chat(three[0].base_url), "plain"), cycle(three)

    def post(_: int) -> str:
        while True:
            try:
                with ask(next(ring).base_url, body) as answer:
                    if answer.status_code == 200:
                        return answer.headers["X-Run-Id"]
                    assert answer.status_code == 503, answer.text
            except TROUBLE:
                pass
            time.sleep(0.05)

    with closing(Database(three[0].address)) as database:
        runs, entries = counts(database, Run), counts(database, UsageEntry)
        with ThreadPoolExecutor(50) as pool:
            asked = [pool.submit(post, number) for number in range(50)]
            disturb()
            assert len({each.result(60) for each in counted(asked)}) == 1
        at_rest(three[0].address)
        assert counts(database, Message, Message.chat_id == body["chat_id"]) == 2
        return counts(database, Run) - runs, counts(database, UsageEntry) - entries


def test_104_requests_at_once_to_three_processes_neither_tear_nor_lose_a_version(three: Sequence[Process]) -> None:
    raced([process.port for process in three])
