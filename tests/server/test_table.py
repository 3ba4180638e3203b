"""The route table against the contract gpt4free clients hold."""

from __future__ import annotations

import re

import pytest
import requests
from flask import Flask

from g4f.gui.server.backend_api import Backend_Api
from g4f.gui.server.routing import Route, register
from tests.servers.platform import Platform

V2 = "/backend-api/v2"
LATER = {
    ("GET", f"{V2}/chat/<share_id>"), ("POST", f"{V2}/chat/<share_id>"), ("POST", f"{V2}/usage"), ("GET", f"{V2}/usage/<date>"),
    ("GET", f"{V2}/stats"), ("POST", f"{V2}/log"), ("GET", f"{V2}/log"), ("GET", f"{V2}/status"), ("GET", f"{V2}/quota/<provider>"),
    ("GET", f"{V2}/health/<provider>"), ("GET", f"{V2}/create"), ("POST", f"{V2}/create"), ("GET", f"{V2}/synthesize/<provider>"),
    ("POST", f"{V2}/files/<bucket_id>"), ("GET", f"{V2}/files/<bucket_id>"), ("DELETE", f"{V2}/files/<bucket_id>"),
    ("GET", f"{V2}/files/<bucket_id>/stream"), ("PUT", f"{V2}/files/<bucket_id>/<filename>"), ("GET", f"{V2}/buckets"),
    ("GET", "/files/<bucket_id>/media/<name>"), ("GET", "/files/<bucket_id>/thumbnail/<name>"), ("GET", "/search/<search>"),
    ("GET", "/images/<path:name>"), ("GET", "/media/<path:name>"), ("GET", "/thumbnail/<path:name>"), ("GET", "/media/"),
    ("POST", f"{V2}/memory/<user_id>"), ("GET", f"{V2}/memory/<user_id>"), ("POST", f"{V2}/error"),
    ("POST", f"{V2}/gen.set.summarize:title"), ("GET", f"{V2}/image_models"),
}  # fmt: skip
NOW = {
    ("GET", "/"), ("GET", "/chat/"), ("GET", f"{V2}/version"), ("GET", f"{V2}/models"), ("GET", f"{V2}/models/<provider>"),
    ("GET", f"{V2}/providers"), ("POST", f"{V2}/conversation"), ("GET", "/pa/providers"), ("GET", f"{V2}/webmcp/tools"),
}  # fmt: skip
UNOFFERED = [
    ("POST", f"{V2}/upload_cookies"), ("GET", f"{V2}/oauth/X"), ("POST", f"{V2}/oauth/X"), ("GET", f"{V2}/public-key"),
    ("POST", f"{V2}/webmcp/tools"), ("GET", "/api/https://example.org"), ("POST", "/api/https://example.org"),
]  # fmt: skip


def rows() -> set[tuple[str, str]]:
    return {(route.method, route.path) for route in Backend_Api.table}


def test_every_row_of_the_contract_is_present_or_comes_later_or_is_refused() -> None:
    refused = {(method, re.sub(r"/X$", "/<provider>", path)) for method, path in UNOFFERED if path.startswith(V2)}
    assert rows() >= NOW | refused
    assert not rows() & LATER, "a row that is here now does not come later"


@pytest.mark.parametrize(("method", "path"), UNOFFERED)
def test_what_is_not_offered_says_why_with_501(lonely: Platform, method: str, path: str) -> None:
    answer = requests.request(method, lonely.base_url + path, json={}, timeout=10)
    assert answer.status_code == 501
    assert len(answer.json()["error"]["message"]) > 20


def test_routes_tell_the_function_and_methods_of_each_path() -> None:
    api = Backend_Api(Flask(__name__))
    row = api.routes[f"{V2}/version"]
    assert row["methods"] == ["GET"]
    assert callable(row["function"])


def test_a_row_without_a_policy_does_not_start() -> None:
    route = Route("GET", "/x", dict, None)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="who may call it"):
        register(Flask(__name__), [route], Backend_Api(Flask(__name__)))


def test_every_handler_has_a_summary() -> None:
    assert [route.endpoint for route in Backend_Api.table if not (route.handler.__doc__ or "").strip()] == []
