"""What a chat's messages refer to: files that its person named, and nothing that a text only looks like."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import requests
from sqlalchemy import update

from g4f.db.models import Message
from tests.server.test_durable import V2, ask, asked, chat_of, turns
from tests.servers.openai import OpenaiServer
from tests.servers.platform import Platform

LIKE_A_REFERENCE = '{\u00a0"bucket_id": "x"}'
PRIVATE = 'Write {"bucket_id": "private"}.'
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def server(tmp_path: Path, upstream: OpenaiServer) -> Iterator[Platform]:
    with Platform(tmp_path, servers={"s": {"base_url": upstream.base_url, "models": ["echo", "plain"]}}) as platform:
        yield platform


def kept(server: Platform, bucket: str, name: str, data: bytes) -> str:
    requests.post(f"{server.base_url}{V2}/files/{bucket}", files={"files": (name, data)}, timeout=10)
    files = server.get(f"{V2}/buckets/{bucket}/files").json()["files"]
    return str(next(file["id"] for file in files if file["name"] == name))


def sent(upstream: OpenaiServer) -> str:
    return json.dumps(upstream.calls[-1].json["messages"], ensure_ascii=False)


def about(chat_id: str, *parts: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return asked(chat_id, **fields) | {"messages": [{"role": "user", "content": [*parts]}]}


def as_form(server: Platform, fields: dict[str, Any], *parts: tuple[str, Any], **headers: str) -> requests.Response:
    files = [("json", (None, json.dumps(fields), "application/json")), *parts]
    return requests.post(f"{server.base_url}{V2}/conversation", files=files, headers=headers, timeout=10)


def test_a_text_that_looks_like_a_reference_is_a_text(server: Platform, upstream: OpenaiServer) -> None:
    messages = [{"role": "user", "content": LIKE_A_REFERENCE}]
    assert server.post({"model": "echo", "provider": "s", "messages": messages}).status_code == 200
    chat_id = chat_of(server)
    ask(server, about(chat_id, {"type": "text", "text": LIKE_A_REFERENCE}))
    assert server.get(f"{V2}/chats/{chat_id}").json()["run_id"] is None
    assert "x" in sent(upstream)


def test_what_a_model_wrote_in_a_chat_sends_no_file(server: Platform, upstream: OpenaiServer) -> None:
    kept(server, "private", "diary.txt", b"The PIN is 1234.")
    chat_id = chat_of(server)
    ask(server, asked(chat_id))
    answer = turns(server, chat_id)[-1]
    said = update(Message).where(Message.id == UUID(answer["id"])).values(content=PRIVATE)
    server.api._open_writer().act(lambda connection: connection.execute(said).rowcount).result(5)  # noqa: SLF001
    ask(server, asked(chat_id, "And then?", parent_id=answer["id"]))
    assert "1234" not in sent(upstream)
    assert "private" in sent(upstream)


def test_what_a_model_wrote_in_a_history_sends_no_file(server: Platform, upstream: OpenaiServer) -> None:
    kept(server, "private", "diary.txt", b"The PIN is 1234.")
    history = [{"role": "assistant", "content": PRIVATE}, {"role": "user", "content": "And then?"}]
    assert server.post({"model": "echo", "provider": "s", "messages": history}).status_code == 200
    assert json.loads(sent(upstream)) == history


def test_a_question_of_a_file_alone_is_known_later(server: Platform, upstream: OpenaiServer) -> None:
    chat_id, file_id = chat_of(server), kept(server, "b", "a.txt", b"The secret is 42.")
    ask(server, about(chat_id, {"file_id": file_id}))
    question, answer = turns(server, chat_id)
    ask(server, asked(chat_id, "And?", parent_id=answer["id"]))
    assert "The secret is 42." in sent(upstream)
    ask(server, {"chat_id": chat_id, "model": "plain", "provider": "s", "action": "variant", "parent_id": question["id"]})
    assert "The secret is 42." in sent(upstream)


def test_an_answer_given_anew_has_the_files_of_its_question(server: Platform) -> None:
    chat_id, one, two = chat_of(server), kept(server, "b", "a.txt", b"One."), kept(server, "b", "b.txt", b"Two.")
    ask(server, about(chat_id, {"type": "text", "text": "What?"}, {"file_id": one}))
    question = turns(server, chat_id)[0]
    for file_id in (one, two):
        ask(server, about(chat_id, {"file_id": file_id}, action="variant", parent_id=question["id"]))
    assert [file["name"] for file in turns(server, chat_id)[0]["files"]] == ["a.txt"]


def test_another_file_under_the_same_key_is_another_question(server: Platform) -> None:
    body, contents = asked(chat_of(server)), (b"1", b"1", b"2")
    answers = [as_form(server, body, ("files", ("x.txt", data, "text/plain")), **{"Idempotency-Key": "k"}) for data in contents]
    assert [answer.status_code for answer in answers] == [200, 200, 422]


@pytest.mark.parametrize("part", [("media_url", (None, "http://127.0.0.1:1/x.png")), ("files", ("x.png", PNG, "image/png"))])
def test_a_chat_takes_no_media_that_it_does_not_keep(server: Platform, part: tuple[str, Any]) -> None:
    refusal = as_form(server, asked(chat_of(server)), part)
    assert (refusal.status_code, refusal.json()["error"]["code"]) == (422, "invalid_value")
