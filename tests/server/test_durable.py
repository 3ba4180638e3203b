"""Durable runs over HTTP: they belong to the server, and can be followed from any event."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import func, select
from uuid_utils.compat import uuid7

from g4f.db.models import Message, Run, UsageEntry
from g4f.db.session import Database
from tests.faults.checker import check
from tests.faults.reading import events
from tests.proofs import counted, proof
from tests.server.test_bridge import settled
from tests.server.test_hosting import wait_until
from tests.servers.flood import SHORT_ONES, FloodServer
from tests.servers.openai import OpenaiServer
from tests.servers.platform import Platform

V2 = "/backend-api/v2"
SSE = {"Accept": "text/event-stream"}


@pytest.fixture
def server(tmp_path: Path, upstream: OpenaiServer) -> Iterator[Platform]:
    """A platform whose provider ``s`` is the scenario server; afterwards the database is as it must be."""
    models = ["echo", "plain", "many-60", "paced-60", "stall", "hang", "cut", "usage-less"]
    with Platform(tmp_path, servers={"s": {"base_url": upstream.base_url, "models": models}}) as platform:
        yield platform
        platform.api.interrupt()
        wait_until(lambda: not platform.api.running)
        check(platform.api.settings.database_address, {})


def chat_of(server: Platform) -> str:
    return str(server.post({}, path=f"{V2}/chats").json()["id"])


def asked(chat_id: str, text: str = "Hello", model: str = "echo", **fields: Any) -> dict[str, Any]:
    return {"chat_id": chat_id, "messages": [{"role": "user", "content": text}], "model": model, "provider": "s", **fields}


def begin(server: Platform, body: dict[str, Any], **headers: str) -> requests.Response:
    answer = requests.post(f"{server.base_url}{V2}/conversation", json=body, headers=SSE | headers, stream=True, timeout=20)
    assert answer.status_code == 200, answer.text
    return answer


def follow(server: Platform, run_id: str, after: int = 0) -> list[tuple[int, str]]:
    with requests.get(f"{server.base_url}{V2}/runs/{run_id}/events", params={"after": after}, stream=True, timeout=20) as answer:
        return list(events(answer))


def ask(server: Platform, body: dict[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    """Ask, and return the run and its chunks."""
    with begin(server, body) as answer:
        return answer.headers["X-Run-Id"], [json.loads(data) for _, data in events(answer)]


def said(chunks: list[dict[str, Any]]) -> str:
    return "".join(chunk["content"] for chunk in chunks if chunk["type"] == "content")


def turns(server: Platform, chat_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.get(f"{V2}/chats/{chat_id}").json()["messages"]
    return found


def count(server: Platform, kind: Any) -> int:
    database = Database(server.api.settings.database_address)
    with database.read() as connection:
        found = connection.scalar(select(func.count()).select_from(kind)) or 0
    database.close()
    return found


def test_a_provider_that_talks_slowly_waits_as_well_while_nothing_can_be_stored(tmp_path: Path) -> None:
    free = threading.Event()
    with FloodServer(60_000, pause=0.001) as talking, Platform(tmp_path, servers={"s": {"base_url": talking.base_url}}) as server:
        with begin(server, asked(chat_of(server), model="x")):
            call = talking.call()
            wait_until(lambda: call.sent > SHORT_ONES)
            stuck = server.api._open_writer().act(lambda connection: free.wait(8))  # noqa: SLF001  as a slow disk would
            sent = settled(lambda: call.sent)
            free.set()
            stuck.result()
        server.api.interrupt()
    assert sent < talking.events / 10


def test_a_question_and_its_answer_are_kept(server: Platform) -> None:
    chat_id = chat_of(server)
    _, chunks = ask(server, asked(chat_id, "Keep this"))
    question, answer = turns(server, chat_id)
    assert (question["content"], answer["content"], said(chunks)) == ("Keep this", "Keep this", "Keep this")
    assert (answer["parent_id"], answer["run"]["state"]) == (question["id"], "done")


def test_the_server_builds_the_history_from_the_tree(server: Platform, upstream: OpenaiServer) -> None:
    chat_id = chat_of(server)
    ask(server, asked(chat_id, "One"))
    _, first = turns(server, chat_id)
    ask(server, asked(chat_id, "Two", parent_id=first["id"]))
    ask(server, asked(chat_id, "Another two", parent_id=first["id"]))
    sent = [turn["content"] for turn in upstream.calls[-1].json["messages"]]
    assert sent == ["One", "One", "Another two"]


def test_an_answer_goes_on_when_its_reader_leaves(server: Platform) -> None:
    chat_id = chat_of(server)
    begin(server, asked(chat_id, model="paced-60")).close()
    wait_until(lambda: turns(server, chat_id)[1]["run"]["state"] == "done")
    assert turns(server, chat_id)[1]["content"] == " ".join(map(str, range(60))) + " "


@proof("resets amid an answer", 50)
def test_a_reader_that_is_cut_off_gets_exactly_the_missing_events(server: Platform) -> None:
    run_id, _ = ask(server, asked(chat_of(server), model="paced-60"))
    whole = follow(server, run_id)
    for number in counted(range(50)):
        assert follow(server, run_id, number) == whole[number:]


def test_a_second_reader_sees_the_same_answer_while_it_is_written(server: Platform) -> None:
    with begin(server, asked(chat_of(server), model="paced-60")) as first:
        second = threading.Thread(target=lambda: seen.extend(follow(server, first.headers["X-Run-Id"])))
        seen: list[tuple[int, str]] = []
        second.start()
        whole = list(events(first))
        second.join(20)
    assert seen == whole


def test_a_reader_ahead_of_the_log_waits(server: Platform) -> None:
    with begin(server, asked(chat_of(server), model="paced-60")) as first:
        assert follow(server, first.headers["X-Run-Id"], 10_000) == []


def test_stop_ends_the_run_and_the_provider_s_call(server: Platform, upstream: OpenaiServer) -> None:
    chat_id = chat_of(server)
    with begin(server, asked(chat_id, model="stall")) as answer:
        lines = events(answer)
        while "content" not in next(lines)[1]:
            pass
        run_id = answer.headers["X-Run-Id"]
        assert server.post({}, path=f"{V2}/runs/{run_id}/stop").json()["state"] == "stopped"
        assert [json.loads(data).get("finish", {}).get("reason") for _, data in lines][-2] == "stopped"
    upstream.calls[-1].wait()
    assert turns(server, chat_id)[1]["content"]


def test_a_run_stopped_before_the_provider_was_asked_ends_too(server: Platform) -> None:
    with begin(server, asked(chat_of(server), model="hang")) as answer:
        run_id = answer.headers["X-Run-Id"]
        assert server.post({}, path=f"{V2}/runs/{run_id}/stop").json()["state"] == "stopped"
    assert server.post({}, path=f"{V2}/runs/{run_id}/stop").json()["state"] == "stopped"


def test_what_a_provider_does_wrong_is_the_end_of_the_log(server: Platform) -> None:
    run_id, chunks = ask(server, asked(chat_of(server), model="cut"))
    assert [chunk["type"] for chunk in chunks][-3:] == ["error", "finish", "usage"]
    assert [json.loads(data) for _, data in follow(server, run_id)] == chunks


@proof("identical questions at once", 50)
def test_the_same_question_asked_many_times_is_one_run(server: Platform) -> None:
    body = asked(chat_of(server), message_id=str(uuid7()))
    with ThreadPoolExecutor(50) as pool:
        runs = {run_id for run_id, _ in counted(pool.map(lambda _: ask(server, body), range(50)))}
    assert len(runs) == 1
    assert (count(server, Message), count(server, Run), count(server, UsageEntry)) == (2, 1, 1)


def test_a_key_is_for_one_question(server: Platform) -> None:
    chat_id = chat_of(server)
    first = begin(server, asked(chat_id), **{"Idempotency-Key": "k"})
    again = begin(server, asked(chat_id), **{"Idempotency-Key": "k"})
    assert first.headers["X-Run-Id"] == again.headers["X-Run-Id"]
    assert first.content == again.content
    refused = server.post(asked(chat_id, "Something else"), headers={"Idempotency-Key": "k"})
    assert (refused.status_code, refused.json()["error"]["param"]) == (422, "Idempotency-Key")


def test_a_message_s_id_is_taken_once(server: Platform) -> None:
    chat_id, message_id = chat_of(server), str(uuid7())
    assert server.post(asked(chat_id, message_id=message_id), headers={"Idempotency-Key": "one"}).status_code == 200
    refused = server.post(asked(chat_id, message_id=message_id), headers={"Idempotency-Key": "two"})
    assert (refused.status_code, refused.json()["error"]["param"]) == (422, "message_id")


def test_an_estimate_counts_the_whole_history(server: Platform) -> None:
    chat_id = chat_of(server)
    ask(server, asked(chat_id, "x" * 400, model="usage-less"))
    _, answer = turns(server, chat_id)
    _, chunks = ask(server, asked(chat_id, "Go on.", model="usage-less", parent_id=answer["id"]))
    assert chunks[-1]["usage"]["estimated"]
    assert chunks[-1]["usage"]["prompt_tokens"] == -(-(400 + len(answer["content"]) + len("Go on.")) // 4)


def test_an_answer_that_was_cut_is_continued(server: Platform, upstream: OpenaiServer) -> None:
    chat_id = chat_of(server)
    with begin(server, asked(chat_id, model="stall")) as answer:
        lines = events(answer)
        while "content" not in next(lines)[1]:
            pass
        server.post({}, path=f"{V2}/runs/{answer.headers['X-Run-Id']}/stop")
    _, cut = turns(server, chat_id)
    _, chunks = ask(server, asked(chat_id, model="plain", action="continue", parent_id=cut["id"], messages=[]))
    _, whole = turns(server, chat_id)
    assert whole["content"] == cut["content"] + said(chunks)
    assert upstream.calls[-1].json["messages"][-2] == {"role": "assistant", "content": cut["content"]}


def test_a_question_is_answered_anew(server: Platform) -> None:
    chat_id = chat_of(server)
    ask(server, asked(chat_id, "Again"))
    question, first = turns(server, chat_id)
    ask(server, asked(chat_id, action="variant", parent_id=question["id"], messages=[]))
    assert [turn["parent_id"] for turn in turns(server, chat_id)[1:]] == [question["id"]] * 2
    assert turns(server, chat_id)[2]["content"] == first["content"]


def test_old_turns_that_do_not_fit_are_left_out_and_it_is_said(tmp_path: Path, upstream: OpenaiServer) -> None:
    servers = {"s": {"base_url": upstream.base_url, "models": ["echo"]}}
    with Platform(tmp_path, context_window=200, servers=servers) as server:
        chat_id = chat_of(server)
        ask(server, asked(chat_id, "x" * 400))
        _, answer = turns(server, chat_id)
        _, chunks = ask(server, asked(chat_id, "y" * 300, parent_id=answer["id"]))
        [left_out] = [chunk["parameters"]["left_out"] for chunk in chunks if chunk["type"] == "parameters"]
        assert left_out == {"messages": 2, "tokens": 200, "window": 200}
        assert [turn["content"][:1] for turn in upstream.calls[-1].json["messages"]] == ["y"]


def test_a_message_too_large_for_the_model_is_refused_with_the_figure(tmp_path: Path, upstream: OpenaiServer) -> None:
    with Platform(tmp_path, context_window=200, servers={"s": {"base_url": upstream.base_url, "models": ["echo"]}}) as server:
        chat_id = chat_of(server)
        refused = server.post(asked(chat_id, "x" * 1000))
        assert refused.status_code == 422
        assert "about 250 tokens" in refused.json()["error"]["message"]
        assert turns(server, chat_id) == []


def test_the_window_is_the_one_that_the_server_of_a_model_tells(tmp_path: Path) -> None:
    with OpenaiServer(models=("echo",), context=200) as own, Platform(tmp_path, servers={"s": {"base_url": own.base_url}}) as server:
        assert server.get(f"{V2}/models").json()["s"] == ["echo"]
        refused = server.post(asked(chat_of(server), "x" * 1000))
    assert (refused.status_code, "200" in refused.json()["error"]["message"]) == (422, True)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"chat_id": "0190e8d0-5c1f-7000-8000-000000000001"}, 404),
        ({"parent_id": "0190e8d0-5c1f-7000-8000-000000000001"}, 404),
        ({"action": "continue", "messages": []}, 422),
        ({"messages": []}, 422),
        ({"messages": [{"role": "assistant", "content": "x"}]}, 422),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:,"}}]}]}, 422),
        ({"provider": "nobody"}, 404),
        ({"chat_id": "x"}, 422),
        ({"message_id": 5}, 422),
    ],
)
def test_what_cannot_be_asked_is_refused_and_nothing_is_kept(server: Platform, fields: dict[str, Any], status: int) -> None:
    chat_id = chat_of(server)
    assert server.post(asked(chat_id) | fields).status_code == status
    assert turns(server, chat_id) == []


def test_a_run_of_nobody_is_not_found(server: Platform) -> None:
    for path in (f"{V2}/runs/{uuid7()}/events", f"{V2}/runs/x/events"):
        assert server.get(path).status_code == 404
    assert server.post({}, path=f"{V2}/runs/{uuid7()}/stop").status_code == 404


def test_a_deleted_chat_keeps_nothing_running(server: Platform) -> None:
    chat_id = chat_of(server)
    with begin(server, asked(chat_id, model="stall")) as answer:
        requests.delete(f"{server.base_url}{V2}/chats/{chat_id}", timeout=20)
        assert json.loads(list(events(answer))[-2][1])["finish"]["reason"] == "stopped"
    assert server.post(asked(chat_id)).status_code == 404
