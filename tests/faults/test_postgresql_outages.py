"""Servers on a PostgreSQL that goes away, comes back, answers no commit, or may only be read."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event

from tests.databases import database_url
from tests.faults.checker import check
from tests.faults.reading import V2, ask, events, follow, new_chat, question, reason, status, texts
from tests.proofs import counted, proof
from tests.server.test_hosting import wait_until
from tests.servers.openai import OpenaiServer
from tests.servers.platform import Platform
from tests.servers.postgresql import Postgresql, read_only
from tests.servers.process import Process

MODELS = ["echo", "paced-60", "paced-3000"]
SIXTY = " ".join(map(str, range(60))) + " "


@pytest.fixture
def two(tmp_path: Path, upstream: OpenaiServer) -> Iterator[tuple[Platform, Platform]]:
    """Two platforms on one database; afterwards it is as it must be."""
    options = {"database_url": database_url(tmp_path), "servers": {"s": {"base_url": upstream.base_url, "models": MODELS}}}
    with Platform(tmp_path / "one", **options) as one, Platform(tmp_path / "two", **options) as other:
        yield one, other
        one.api.interrupt()
        wait_until(lambda: not one.api.running)
        check(one.api.settings.database_address, {})


class Commits:
    """Cut the connection at one commit: before the server heard of it, or before it could answer."""

    def __init__(self, *, heard: bool) -> None:
        self.left = 0
        self._heard = heard

    def fail(self, number: int) -> None:
        """Let the n-th commit from now have no answer."""
        self.left = number

    def __call__(self, connection: Connection) -> None:
        """Be told of a commit that is about to be made."""
        self.left -= 1
        if self.left == 0:
            driver = connection.connection.dbapi_connection
            assert driver is not None
            if self._heard:
                driver.commit()
            driver.close()


@contextmanager
def commits(*, heard: bool) -> Iterator[Commits]:
    told = Commits(heard=heard)
    event.listen(Engine, "commit", told)
    try:
        yield told
    finally:
        event.remove(Engine, "commit", told)


@pytest.mark.parametrize("heard", [True, False])
@proof("commits without an answer", 2)
def test_a_commit_without_an_answer_is_neither_lost_nor_done_twice(two: tuple[Platform, Platform], heard: bool) -> None:
    one, _ = two
    chat_id = new_chat(one.base_url)
    with commits(heard=heard) as failing:
        for number in counted(count(1)):
            failing.fail(number)
            with ask(one.base_url, question(chat_id, "echo", "Keep this")) as answer:
                assert answer.status_code == 200, answer.text
                log = list(events(answer))
            assert (texts(log), reason(log)) == ("Keep this", "stop")
            assert list(follow(one.base_url, answer.headers["X-Run-Id"])) == log
            if failing.left > 0:
                break
    turns = one.get(f"{V2}/chats/{chat_id}").json()["messages"]
    assert [turn["content"] for turn in turns] == ["Keep this"] * 2 * number


def test_answers_outlast_a_restart_of_the_database(two: tuple[Platform, Platform], postgresql: Postgresql) -> None:
    one, other = two
    with ask(one.base_url, question(new_chat(one.base_url), "paced-60")) as answer, ThreadPoolExecutor() as pool:
        lines = events(answer)
        seen = [next(lines), next(lines)]
        elsewhere = follow(other.base_url, answer.headers["X-Run-Id"])
        assert next(elsewhere) == seen[0]
        whole = pool.submit(list, elsewhere)
        with gone(postgresql):
            time.sleep(1)
        seen += lines
        assert texts(seen) == SIXTY
        assert whole.result() == seen[1:]


@pytest.mark.proof
def test_answers_are_interrupted_when_the_database_stays_away(two: tuple[Platform, Platform], postgresql: Postgresql) -> None:
    one, other = two
    chat_id = new_chat(one.base_url)
    with ask(one.base_url, question(chat_id, "paced-3000")) as answer, ThreadPoolExecutor() as pool:
        lines, elsewhere = events(answer), follow(other.base_url, answer.headers["X-Run-Id"])
        assert next(lines) == next(elsewhere)
        with gone(postgresql):
            refused = ask(one.base_url, question(chat_id, "echo"))
            assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
            assert [each.result()[-1][0] for each in [pool.submit(list, lines), pool.submit(list, elsewhere)]] == [0, 0]
    assert reason(list(follow(other.base_url, answer.headers["X-Run-Id"]))) == "interrupted"
    wait_until(lambda: status(one.base_url, question(chat_id, "echo")) == 200)


def test_a_database_that_may_only_be_read_is_said_while_reading_goes_on(two: tuple[Platform, Platform]) -> None:
    one, _ = two
    chat_id, address = new_chat(one.base_url), one.api.settings.database_address
    read_only(address, "on")
    for refused in (one.post({}, path=f"{V2}/chats"), ask(one.base_url, question(chat_id, "echo"))):
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
    assert one.get(f"{V2}/chats/{chat_id}").status_code == 200
    read_only(address, "off")
    assert one.post({}, path=f"{V2}/chats").status_code == 200


@contextmanager
def gone(postgresql: Postgresql) -> Iterator[None]:
    """Keep the server away."""
    postgresql.stop("immediate")
    try:
        yield
    finally:
        postgresql.start()


FROZEN = pytest.param(Postgresql.suspended, marks=pytest.mark.proof)


@pytest.mark.parametrize("trouble", [gone, FROZEN], ids=["gone", "frozen"])
def test_a_server_without_its_database_can_be_stopped(
    tmp_path: Path, postgresql: Postgresql, upstream: OpenaiServer, trouble: Callable[[Postgresql], AbstractContextManager[None]]
) -> None:
    servers = {"servers__s__base_url": upstream.base_url, "servers__s__models": "paced-3000"}
    with (
        Process(tmp_path, stop_timeout="1", **servers) as server,
        ask(server.base_url, question(new_chat(server.base_url), "paced-3000")) as answer,
    ):
        next(events(answer))
        with trouble(postgresql):
            server.send(signal.SIGTERM)
            server.wait(45)
