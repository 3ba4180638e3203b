"""Conversations, as clients of every age have them."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
import requests

from g4f.errors import RateLimitError
from g4f.gui.server.app import create_app
from g4f.Provider import __map__
from g4f.providers.response import RawResponse, Reasoning
from tests.playing import playing
from tests.servers import transcripts
from tests.servers.openai import OpenaiServer
from tests.servers.platform import CONVERSATION, Platform, question, said

PLAIN = "".join(transcripts.PLAIN)
BROWSER_2023 = {
    "conversation_id": "c1",
    "action": "_ask",
    "model": "plain",
    "jailbreak": "default",
    "provider": "scenario",
    "meta": {
        "id": "1",
        "content": {"conversation": [], "internet_access": False, "content_type": "text", "parts": [question()["messages"][0]]},
    },
}


def test_an_answer_names_its_provider_then_streams_then_says_why_it_ended_and_what_it_cost(platform: Platform) -> None:
    chunks = platform.chunks(question(model="plain", provider="scenario"))
    kinds = [chunk["type"] for chunk in chunks]
    assert kinds[0] == "provider"
    assert kinds[-2:] == ["finish", "usage"]
    assert said(chunks) == PLAIN
    assert chunks[-2]["finish"] == {"reason": "stop"}
    assert chunks[-1]["usage"]["completion_tokens"] == len(transcripts.PLAIN)
    assert (chunks[-1]["provider"], chunks[-1]["model"]) == ("scenario", "plain")


def test_a_model_alone_finds_whoever_serves_it(platform: Platform) -> None:
    assert platform.chunks(question(model="plain"))[0]["provider"]["name"] == "scenario"


def test_a_model_nobody_serves_is_answered_by_offline_which_names_it(lonely: Platform) -> None:
    chunks = lonely.chunks(question("What is the weather?", model="gpt-77"))
    assert chunks[0]["provider"]["name"] == "Offline"
    assert "gpt-77" in said(chunks)


def test_an_unknown_model_with_a_named_provider_is_passed_on(platform: Platform, upstream: OpenaiServer) -> None:
    chunks = platform.chunks(question(model="echo", provider="scenario"))
    assert said(chunks) == "Hello"
    assert upstream.calls[-1].json["model"] == "echo"


def test_an_unknown_provider_is_404_in_the_one_shape(platform: Platform) -> None:
    answer = platform.post(question(provider="Nobody"))
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "provider_not_found"


@pytest.mark.parametrize(("status", "kind", "name"), [(401, "auth", "MissingAuthError"), (402, "error", "PaymentRequiredError")])
def test_what_a_provider_refuses_is_a_chunk_and_never_our_status(platform: Platform, status: int, kind: str, name: str) -> None:
    chunks = platform.chunks(question(model=f"fail-{status}", provider="scenario"))
    failure = next(chunk for chunk in chunks if chunk["type"] == kind)
    assert failure["error"] == name
    assert failure["request_id"]
    assert [chunk["type"] for chunk in chunks[-2:]] == ["finish", "usage"]
    assert chunks[-2]["finish"]["reason"] == "error"


def test_text_already_shown_stays_when_the_provider_is_cut_off(platform: Platform) -> None:
    chunks = platform.chunks(question(model="cut", provider="scenario"))
    assert said(chunks) == "".join(transcripts.PLAIN[:2])
    assert [chunk["type"] for chunk in chunks[-3:]] == ["error", "finish", "usage"]


def test_the_browser_of_2023_reads_the_answer_as_raw_text(platform: Platform) -> None:
    assert platform.post(BROWSER_2023, headers={"Accept": "text/event-stream"}).text == PLAIN


@pytest.mark.parametrize("key", ["stream", "streaming"])
def test_the_script_of_2023_reads_lines_of_raw_text(platform: Platform, key: str) -> None:
    body = {**question(model="plain", provider="scenario"), "jailbreak": "Default", key: True}
    with platform.post(body, stream=True) as answer:
        assert b"\n".join(answer.iter_lines()).decode() == PLAIN


def test_raw_text_says_a_provider_failure_by_status_in_the_shape_of_2023(platform: Platform) -> None:
    answer = platform.post({**BROWSER_2023, "model": "fail-401"})
    assert answer.status_code == 502
    assert (answer.json()["_action"], answer.json()["success"]) == ("_ask", False)
    assert answer.json()["error"]["code"] == "provider_auth"


def test_not_streaming_is_the_same_framing_with_one_content_chunk(platform: Platform) -> None:
    chunks = platform.chunks(question(model="plain", provider="scenario", stream=False))
    assert [chunk["content"] for chunk in chunks if chunk["type"] == "content"] == [PLAIN]


def test_server_sent_events_name_the_type_and_hold_one_data_line(platform: Platform) -> None:
    events = platform.post(question(model="escape", provider="scenario"), params={"framing": "sse"}).content.split(b"\n\n")
    assert events.pop() == b""
    pairs = [event.split(b"\n") for event in events]
    assert all(len(pair) == 2 for pair in pairs)
    decoded = [(name.removeprefix(b"event: ").decode(), json.loads(data.removeprefix(b"data: "))) for name, data in pairs]
    assert all(name == chunk["type"] for name, chunk in decoded)
    assert said([chunk for _, chunk in decoded]) == "".join(transcripts.ESCAPES)


def test_a_form_brings_text_files_into_the_question(platform: Platform, upstream: OpenaiServer) -> None:
    form = {"json": json.dumps(question("What is in it?", model="plain", provider="scenario"))}
    files = {"files": ("note.txt", "пароль: роза".encode("cp1251"), "text/plain")}
    assert requests.post(platform.base_url + CONVERSATION, form, files=files, timeout=10).status_code == 200
    assert "пароль: роза" in json.dumps(upstream.calls[-1].json["messages"], ensure_ascii=False)


def test_a_file_in_a_form_is_the_same_when_a_read_ends_amid_the_last_boundary(platform: Platform, upstream: OpenaiServer) -> None:
    body = json.dumps(question(model="plain", provider="scenario"))
    head = f'--xyz\r\nContent-Disposition: form-data; name="json"\r\n\r\n{body}\r\n--xyz\r\nContent-Disposition: form-data; name="files"; '
    head += 'filename="a.txt"\r\n\r\n'
    text, end = "x" * (64 * 1024 - len(head) - len("\r\n--xyz-")), "\r\n--xyz--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=xyz"}
    assert requests.post(platform.base_url + CONVERSATION, head + text + end, headers=headers, timeout=10).status_code == 200
    [received, *_] = upstream.calls[-1].json["messages"][-1]["content"]
    assert text in received["text"]
    assert "\r" not in received["text"]


def test_a_form_brings_images_as_data_uris(platform: Platform, upstream: OpenaiServer) -> None:
    form = {"json": json.dumps(question(model="plain", provider="scenario"))}
    files = {"files": ("p.png", b"\x89PNG\r\n\x1a\n", "image/png")}
    assert requests.post(platform.base_url + CONVERSATION, form, files=files, timeout=10).status_code == 200
    parts = upstream.calls[-1].json["messages"][-1]["content"]
    assert any(part["type"] == "image_url" and part["image_url"]["url"].startswith("data:image/png;base64,") for part in parts)


def test_a_private_media_url_is_refused(platform: Platform) -> None:
    files = {"json": (None, json.dumps(question(provider="scenario"))), "media_url": (None, "http://127.0.0.1:1/x.png")}
    answer = requests.post(platform.base_url + CONVERSATION, files=files, timeout=10)
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "media_url"


def test_a_caller_cannot_choose_a_proxy_or_the_headers_sent_on(platform: Platform, upstream: OpenaiServer) -> None:
    body = question(model="plain", provider="scenario", proxy="http://127.0.0.1:9", headers={"X-Evil": "1"}, base_url="http://127.0.0.1:9")
    assert said(platform.chunks(body)) == PLAIN
    assert "x-evil" not in upstream.calls[-1].headers


@pytest.mark.parametrize("model", ["slow", "silent", "stall"])
def test_leaving_ends_the_upstream_call(platform: Platform, upstream: OpenaiServer, model: str) -> None:
    with platform.post(question(model=model, provider="scenario"), stream=True) as answer:
        lines = answer.iter_lines()
        assert b"scenario" in next(lines)
        call = upstream.call()
    assert call.wait().aborted_at is not None


def test_a_reader_who_left_does_not_hold_up_others(platform: Platform) -> None:
    for _ in range(20):
        platform.post(question(model="slow", provider="scenario"), stream=True).close()
    assert said(platform.chunks(question(model="plain"))) == PLAIN


def test_many_answers_at_once_stay_apart(platform: Platform) -> None:
    answers: dict[int, str] = {}

    def ask(number: int) -> None:
        answers[number] = said(platform.chunks(question(f"Number {number}", model="echo", provider="scenario")))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: f"Number {number}" for number in range(24)}


def test_debug_chunks_come_only_when_asked_for(platform: Platform) -> None:
    hidden = {"request", "response", "headers", "log"}
    assert not hidden & {chunk["type"] for chunk in platform.chunks(question(model="plain", provider="scenario"))}
    shown = {chunk["type"] for chunk in platform.chunks(question(model="plain", provider="scenario", debug_mode=True))}
    assert "request" in shown


@pytest.mark.parametrize(
    ("header", "sent"), [("Basic dXNlcjpwYXNz", None), ("bearer sk-mine", "Bearer sk-mine"), ("Bearer sk-mine", "Bearer sk-mine")]
)
def test_only_a_bearer_is_a_provider_s_key(platform: Platform, upstream: OpenaiServer, header: str, sent: str | None) -> None:
    platform.chunks(question(model="plain", provider="scenario"), headers={"Authorization": header})
    assert upstream.calls[-1].headers.get("authorization") == sent


def test_a_map_of_keys_gives_each_provider_its_own_alone(platform: Platform, upstream: OpenaiServer) -> None:
    platform.chunks(question(model="plain", provider="scenario", api_key={"OpenaiChat": "sk-other", "scenario": "sk-own"}))
    assert upstream.calls[-1].headers["authorization"] == "Bearer sk-own"


def test_nothing_is_asked_when_its_cost_cannot_be_recorded(tmp_path: Path, upstream: OpenaiServer) -> None:
    (tmp_path / "file").write_text("no folder")
    second = create_app({"data_dir": str(tmp_path / "file"), "ollama": False, "servers": {"far": {"base_url": upstream.base_url}}})
    answer = second.test_client().post(CONVERSATION, json=question(model="plain", provider="far"))
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (503, "unavailable")
    assert second.test_client().get("/readyz").status_code == 503
    assert upstream.calls == []


def test_raw_text_says_a_failure_that_only_reasoning_came_before(tmp_path: Path) -> None:
    __map__["Thinker"] = playing(Reasoning("hm"), RateLimitError("Slow down."), name="Thinker")
    try:
        with Platform(tmp_path) as server:
            answer = server.post(question(provider="Thinker"), params={"framing": "text"})
    finally:
        del __map__["Thinker"]
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "provider_rate_limit")


def test_raw_text_says_a_failure_of_another_gpt4free_server(tmp_path: Path) -> None:
    __map__["Far"] = playing(RawResponse(type="error", error="RateLimitError", message="RateLimitError: Slow down."), name="Far")
    try:
        with Platform(tmp_path) as server:
            answer = server.post(question(provider="Far"), params={"framing": "text"})
    finally:
        del __map__["Far"]
    assert answer.status_code == 502
    assert "Slow down." in answer.json()["error"]["message"]
