"""A disk that fails, is full or may not be written, and a database that another program locks."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

import pytest
import requests
from uuid_utils.compat import uuid7

from tests.faults.checker import check
from tests.faults.disk import FULL, READ_ONLY, Disk, failing_disk
from tests.faults.reading import V2, ask, events, follow, new_chat, question, reason, status, texts
from tests.proofs import counted, proof
from tests.server.test_hosting import wait_until
from tests.server.test_shares import Page
from tests.servers.openai import OpenaiServer
from tests.servers.platform import Platform


@pytest.fixture
def disk() -> Iterator[Disk]:
    """A disk that can fail."""
    with failing_disk() as disk:
        yield disk


@pytest.fixture
def server(tmp_path: Path, disk: Disk, upstream: OpenaiServer) -> Iterator[Platform]:
    """A platform on that disk; afterwards its database is as it must be."""
    with Platform(tmp_path, servers={"s": {"base_url": upstream.base_url, "models": ["echo", "paced-60", "paced-3000"]}}) as platform:
        yield platform
        disk.mend()
        platform.api.interrupt()
        wait_until(lambda: not platform.api.running)
        check(platform.api.settings.database_address, {})


def failing(disk: Disk, do: Callable[[], object]) -> Iterator[None]:
    """Do something again and again, so that its first write or sync fails, its second, and so on to the last."""
    for number in count(1):
        disk.fail(number)
        do()
        yield
        if disk.count < number:
            return


@proof("failed writes and syncs of a question and its answer", 20)
def test_a_question_survives_the_failure_of_any_write(server: Platform, disk: Disk) -> None:
    def ask_once() -> None:
        body = question(chat_id, "echo", "Keep this")
        with ask(server.base_url, body) as answer:
            assert answer.status_code in (200, 503), answer.text
            log = list(events(answer)) if answer.status_code == 200 else []
        with ask(server.base_url, body) as answer:
            log = log or list(events(answer))
            assert list(follow(server.base_url, answer.headers["X-Run-Id"])) == log
        assert (texts(log), reason(log)) == ("Keep this", "stop")

    chat_id = new_chat(server.base_url)
    for _ in counted(failing(disk, ask_once)):
        pass


@proof("failed writes and syncs of a chat and a share", 8)
def test_a_chat_and_a_share_are_stored_whole_or_not_at_all(server: Platform, disk: Disk) -> None:
    def store() -> None:
        chat_id, page = str(uuid7()), Page(server.port)
        made = server.post({"id": chat_id, "title": "Rivers"}, path=f"{V2}/chats")
        sent = page.send(1, title="Lakes")
        disk.mend()
        assert {made.status_code, sent.status_code} <= {200, 503}
        assert server.get(f"{V2}/chats/{chat_id}").status_code == (200 if made.status_code == 200 else 404)
        assert page.poll().status_code == (200 if sent.status_code == 200 else 404)

    for _ in counted(failing(disk, store)):
        pass


def test_a_full_disk_is_said_while_reading_goes_on_and_recovers_alone(server: Platform, disk: Disk) -> None:
    chat_id = new_chat(server.base_url)
    with ask(server.base_url, question(chat_id, "paced-60")) as answer:
        lines = events(answer)
        log = [next(lines), next(lines)]
        disk.break_down(FULL)
        refused = server.post({}, path=f"{V2}/chats")
        assert (refused.status_code, refused.json()["error"]["code"]) == (507, "storage_full")
        assert status(server.base_url, question(chat_id, "echo")) == 507
        assert server.get(f"{V2}/chats/{chat_id}").json()["messages"]
        disk.mend()
        log += lines
    assert texts(log) == " ".join(map(str, range(60))) + " "
    assert server.post({}, path=f"{V2}/chats").status_code == 200


def test_a_storage_that_may_not_be_written_any_more_is_said_while_reading_goes_on(server: Platform, disk: Disk) -> None:
    chat_id = new_chat(server.base_url)
    disk.break_down(READ_ONLY)
    for refused in (server.post({}, path=f"{V2}/chats"), ask(server.base_url, question(chat_id, "echo"))):
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
    assert server.get(f"{V2}/chats/{chat_id}").status_code == 200


@contextmanager
def locked(server: Platform) -> Iterator[None]:
    """Lock the database, as another program would."""
    path = server.api.settings.data_path / "g4f.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN EXCLUSIVE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")


def test_a_lock_of_two_seconds_is_waited_for(server: Platform) -> None:
    with ThreadPoolExecutor() as pool:
        with locked(server):
            made = pool.submit(server.post, {}, path=f"{V2}/chats")
            time.sleep(2)
        assert made.result().status_code == 200


@pytest.mark.proof
def test_a_lock_of_ten_seconds_refuses_questions_after_five_and_interrupts_answers(server: Platform) -> None:
    chats = [new_chat(server.base_url) for _ in range(2)]
    with ThreadPoolExecutor() as pool:
        answers = [ask(server.base_url, question(chat_id, "paced-3000")) for chat_id in chats]
        with locked(server):
            reading = [pool.submit(list, events(answer)) for answer in answers]
            refusals = [pool.submit(timed, server)]
            time.sleep(3)
            refusals.append(pool.submit(timed, server))
            assert [refusal.result() < 7 for refusal in refusals] == [True, True]
            assert [each.result()[-1][0] for each in reading] == [0, 0]
    for answer in answers:
        assert reason(list(follow(server.base_url, answer.headers["X-Run-Id"]))) == "interrupted"
    assert server.post({}, path=f"{V2}/chats").status_code == 200


def timed(server: Platform) -> float:
    """Return after how many seconds a chat is refused."""
    began = time.monotonic()
    refused = server.post({}, path=f"{V2}/chats")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
    return time.monotonic() - began


@pytest.mark.proof
def test_a_server_whose_storage_is_gone_can_be_stopped(tmp_path: Path, disk: Disk, upstream: OpenaiServer) -> None:
    with Platform(tmp_path, servers={"s": {"base_url": upstream.base_url, "models": ["paced-3000"]}}) as server:
        with ask(server.base_url, question(new_chat(server.base_url), "paced-3000")) as answer:
            assert json.loads(next(events(answer))[1])["type"] == "run"
            disk.break_down()
            server.stop()
        assert not server.alive
        with pytest.raises(requests.ConnectionError):
            server.get("/healthz")
    disk.mend()
    with Platform(tmp_path) as server:
        assert reason(list(follow(server.base_url, answer.headers["X-Run-Id"]))) == "interrupted"
        check(server.api.settings.database_address, {})
