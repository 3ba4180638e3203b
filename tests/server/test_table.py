"""The route table against the contract gpt4free clients hold."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests
from flask import Flask

from g4f.gui.server.backend_api import Backend_Api
from g4f.gui.server.routing import Policy, Route, register
from tests.servers.platform import Platform

V2 = "/backend-api/v2"
SHARED, FILES, MEMORY = f"{V2}/chat/<share_id>", f"{V2}/files/<bucket_id>", f"{V2}/memory/<user_id>"
CONTRACT = {
    ("GET", f"{V2}/version"), ("GET", f"{V2}/models"), ("GET", f"{V2}/models/<provider>"), ("GET", f"{V2}/providers"),
    ("POST", f"{V2}/conversation"), ("POST", f"{V2}/usage"), ("GET", f"{V2}/usage/<date>"), ("GET", f"{V2}/stats"), ("POST", f"{V2}/log"),
    ("GET", f"{V2}/log"), ("GET", f"{V2}/status"), ("GET", f"{V2}/quota/<provider>"), ("GET", f"{V2}/health/<provider>"),
    ("GET", f"{V2}/oauth/<provider>"), ("POST", f"{V2}/oauth/<provider>"), ("GET", f"{V2}/public-key"), ("POST", f"{V2}/public-key"),
    ("GET", f"{V2}/create"), ("POST", f"{V2}/create"), ("GET", f"{V2}/synthesize/<provider>"), ("POST", FILES), ("GET", FILES),
    ("GET", f"{FILES}/stream"), ("DELETE", FILES), ("PUT", f"{FILES}/<filename>"), ("GET", f"{V2}/buckets"),
    ("GET", "/files/<bucket_id>/media/<name>"), ("GET", "/files/<bucket_id>/thumbnail/<name>"), ("GET", "/search/<search>"),
    ("GET", "/images/<path:name>"), ("GET", "/media/<path:name>"), ("GET", "/thumbnail/<path:name>"), ("GET", "/media/"),
    ("POST", f"{V2}/upload_cookies"), ("GET", SHARED), ("POST", SHARED), ("POST", MEMORY), ("GET", MEMORY), ("POST", f"{V2}/error"),
    ("POST", f"{V2}/gen.set.summarize:title"), ("GET", f"{V2}/image_models"), ("GET", "/pa/providers"), ("GET", f"{V2}/webmcp/tools"),
    ("POST", f"{V2}/webmcp/tools"), ("GET", "/api/<path:address>"), ("POST", "/api/<path:address>"), ("PUT", "/api/<path:address>"),
    ("PATCH", "/api/<path:address>"), ("OPTIONS", "/api/<path:address>"),
    ("GET", "/"), ("POST", "/"), ("GET", "/chat/"), ("POST", "/chat/"), ("GET", "/chat/<chat_id>"), ("GET", "/dist/<path:name>"),
}  # fmt: skip
"""Every method and path that a gpt4free client may ask, of whatever version, and the pages people open."""
LATER = {

    ("GET", f"{V2}/status"), ("GET", f"{V2}/quota/<provider>"), ("GET", f"{V2}/health/<provider>"),

    ("POST", MEMORY), ("GET", MEMORY), ("POST", f"{V2}/error"), ("POST", f"{V2}/gen.set.summarize:title"), ("GET", f"{V2}/image_models"),
}  # fmt: skip
UNOFFERED = {
    ("POST", f"{V2}/upload_cookies"), ("GET", f"{V2}/oauth/<provider>"), ("POST", f"{V2}/oauth/<provider>"), ("GET", f"{V2}/public-key"),
    ("POST", f"{V2}/public-key"), ("POST", f"{V2}/webmcp/tools"), ("GET", "/api/<path:address>"), ("POST", "/api/<path:address>"),
    ("PUT", "/api/<path:address>"), ("PATCH", "/api/<path:address>"), ("OPTIONS", "/api/<path:address>"),
}  # fmt: skip


def rows() -> set[tuple[str, str]]:
    return {(route.method, route.path) for route in Backend_Api.table}


def test_every_row_of_the_contract_is_present_or_comes_later() -> None:
    assert CONTRACT - rows() == LATER


@pytest.mark.parametrize(("method", "path"), sorted(UNOFFERED))
def test_what_is_not_offered_says_why_with_501(lonely: Platform, method: str, path: str) -> None:
    assert (method, path) in CONTRACT
    address = path.replace("<provider>", "X").replace("<path:address>", "https://example.org")
    answer = requests.request(method, lonely.base_url + address, json={}, timeout=10)
    assert answer.status_code == 501
    assert len(answer.json()["error"]["message"]) > 20


@pytest.mark.parametrize("path", ["/", "/chat/"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_page_may_be_posted_to(lonely: Platform, method: str, path: str) -> None:
    answer = requests.request(method, lonely.base_url + path, timeout=10)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")


@pytest.mark.parametrize(("query", "kept"), [("", None), ("?cache=false", None), ("?cache=true", "public, max-age=3600")])
def test_the_version_may_be_kept_and_is_never_a_cookie(lonely: Platform, query: str, kept: str | None) -> None:
    answer = lonely.get(f"{V2}/version{query}")
    assert answer.json().keys() == {"version", "latest_version"}
    assert answer.headers.get("Cache-Control") == kept
    assert "Set-Cookie" not in answer.headers


def test_answers_are_counted_by_the_pattern_that_matched_and_their_status(tmp_path: Path) -> None:
    far = {"base_url": "http://127.0.0.1:9/v1"}
    with Platform(tmp_path, servers={"far": far}) as server:
        for path in (f"{V2}/version", f"{V2}/version", "/secret-word", f"{V2}/models/far"):
            server.get(path, headers={"x-api-key": "k"})  # asks the provider now, and it does not answer
        counted = [line.removeprefix("g4f_requests_total") for line in server.get("/metrics").text.splitlines()]
    assert f'{{method="GET",route="{V2}/version",status="200"}} 2.0' in counted
    assert '{method="",route="",status="404"} 1.0' in counted
    assert f'{{method="GET",route="{V2}/models/<provider>",status="502"}} 1.0' in counted, "an answer that was awaited"
    assert not any("secret-word" in line for line in counted)


def test_the_document_is_made_once() -> None:
    api = Backend_Api(Flask(__name__))
    assert api.document is api.document


def test_routes_tell_the_function_and_methods_of_each_path() -> None:
    api = Backend_Api(Flask(__name__))
    row = api.routes[f"{V2}/version"]
    assert row["methods"] == ["GET"]
    assert callable(row["function"])


def test_a_row_without_a_policy_does_not_start() -> None:
    route = Route("GET", "/x", dict, None)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="who may call it"):
        register(Flask(__name__), [route], Backend_Api(Flask(__name__)))


def test_a_row_whose_handler_wants_what_there_is_not_does_not_start() -> None:
    def handler(pricipal: str, chat_id: str) -> str:
        return pricipal + chat_id

    route = Route("GET", "/x/<chat_id>", handler, Policy.PUBLIC)
    with pytest.raises(TypeError, match="as pricipal"):
        register(Flask(__name__), [route], Backend_Api(Flask(__name__)))


def test_every_handler_has_a_summary() -> None:
    assert [route.endpoint for route in Backend_Api.table if not (route.handler.__doc__ or "").strip()] == []
