"""Asking in a chat of the server where something is unusual: limits, a small window, an answer that cannot begin, raw text."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.server.test_durable import V2, ask, asked, begin, chat_of, turns
from tests.server.test_hosting import wait_until
from tests.servers.openai import OpenaiServer
from tests.servers.platform import Platform

MODELS = ["echo", "plain", "paced-60"]


@pytest.fixture
def server(tmp_path: Path, upstream: OpenaiServer) -> Iterator[Platform]:
    with Platform(tmp_path, servers={"s": {"base_url": upstream.base_url, "models": MODELS}}) as platform:
        yield platform
        platform.api.interrupt()


def test_asking_the_same_again_counts_in_no_limit(tmp_path: Path, upstream: OpenaiServer) -> None:
    with Platform(tmp_path, servers={"s": {"base_url": upstream.base_url, "models": MODELS}}, runs_a_minute=1) as server:
        body, key = asked(chat_of(server), model="paced-60"), {"Idempotency-Key": "k"}
        with begin(server, body, **key) as first:
            next(first.iter_content(None))
        again = server.post(body, headers=key)
        assert again.headers.get("X-Run-Id") == first.headers["X-Run-Id"], again.text
        assert server.post(body | {"chat_id": chat_of(server)}).status_code == 429


def test_an_answer_is_not_continued_without_itself(tmp_path: Path, upstream: OpenaiServer) -> None:
    servers = {"s": {"base_url": upstream.base_url, "models": MODELS}}
    with Platform(tmp_path, servers=servers, context_window=4096) as server:
        chat_id = chat_of(server)
        ask(server, asked(chat_id, "word " * 2000))
        answer_id = turns(server, chat_id)[-1]["id"]
        refusal = server.post({"chat_id": chat_id, "model": "echo", "provider": "s", "action": "continue", "parent_id": answer_id})
    assert (refusal.status_code, "window of 4096" in refusal.text) == (422, True)


def test_the_window_of_the_model_that_will_answer_counts_where_none_is_named(tmp_path: Path) -> None:
    with (
        OpenaiServer(models=("echo", "plain"), context=400) as upstream,
        Platform(tmp_path, servers={"s": {"base_url": upstream.base_url}}) as server,
    ):
        refusal = server.post({"chat_id": chat_of(server), "messages": [{"role": "user", "content": "word " * 2000}]})
    assert (refusal.status_code, "window of 400" in refusal.text) == (422, True)


def test_an_answer_that_cannot_begin_has_failed(server: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    def admit(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(server.api.admission, "admit", admit)
    chat_id = chat_of(server)
    _, chunks = ask(server, asked(chat_id))
    assert chunks[-2]["finish"]["reason"] == "error"
    assert turns(server, chat_id)[-1]["run"]["state"] == "failed"


def test_a_question_comes_before_its_answer_whatever_its_id(server: Platform) -> None:
    for _ in range(5):
        chat_id = chat_of(server)
        ask(server, asked(chat_id, message_id=str(uuid4())))
        assert [turn["role"] for turn in turns(server, chat_id)] == ["user", "assistant"]


def test_raw_text_of_a_chat_says_what_a_provider_did_wrong(server: Platform) -> None:
    refusal = server.post(asked(chat_of(server), model="nobody"), params={"framing": "text"})
    assert (refusal.status_code, refusal.json()["error"]["code"]) == (502, "provider_error")


def test_raw_text_of_a_chat_is_its_answer(server: Platform) -> None:
    answer = server.post(asked(chat_of(server), "Говори"), params={"framing": "text"})
    assert (answer.status_code, answer.text.startswith("Говори"), "X-Run-Id" in answer.headers) == (200, True, True)


def test_a_chat_is_deleted_to_the_end_although_its_owner_leaves(server: Platform, upstream: OpenaiServer) -> None:
    upstream.pace = 0.1
    chat_id, gate = chat_of(server), threading.Event()
    with begin(server, asked(chat_id, model="paced-60")):
        server.api._open_writer().act(lambda _: gate.wait(5))  # noqa: SLF001  as a slow disk would
        with socket.create_connection(("127.0.0.1", server.port)) as leaving:
            leaving.sendall(f"DELETE {V2}/chats/{chat_id} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
            wait_until(lambda: server.api._open_writer()._waiting)  # noqa: SLF001
        time.sleep(0.2)  # until the server has seen it leave
        gate.set()
        wait_until(lambda: not server.api.running)
    assert server.get(f"{V2}/chats/{chat_id}").status_code == 404
