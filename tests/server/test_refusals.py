"""Refusals: which errors become our shape, and which bodies are refused before they cost anything."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask, abort, request
from flask.testing import FlaskClient

from g4f.gui.server.app import create_app
from g4f.gui.server.backend_api import Backend_Api
from g4f.gui.server.bodies import MAX_DEPTH, MAX_VALUES
from tests.servers.platform import CONVERSATION, Platform, question

LOCAL = {"REMOTE_ADDR": "127.0.0.1"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """Be a client of an app that has routes of its own, beside ours."""
    app = Flask("own")
    api = Backend_Api(app, {"data_dir": str(tmp_path_factory.mktemp("own")), "ollama": False})

    @app.get("/mine/<int:code>")
    def mine(code: int) -> str:
        abort(code)

    @app.get("/broken")
    def broken() -> str:
        raise KeyError("mine")

    @app.errorhandler(418)
    def teapot(error: Exception) -> tuple[str, int]:
        return "short and stout", 418

    yield app.test_client()
    api.close()


@pytest.mark.parametrize("code", [400, 401, 409, 500, 503])
def test_the_apps_own_routes_keep_their_own_errors(client: FlaskClient, code: int) -> None:
    answer = client.get(f"/mine/{code}", environ_base=LOCAL)
    assert (answer.status_code, answer.mimetype) == (code, "text/html")


def test_the_apps_own_error_handlers_are_asked(client: FlaskClient) -> None:
    assert client.get("/mine/418", environ_base=LOCAL).text == "short and stout"


def test_an_error_of_the_apps_own_route_reaches_flask(client: FlaskClient) -> None:
    answer = client.get("/broken", environ_base=LOCAL)
    assert (answer.status_code, answer.mimetype) == (500, "text/html")
    client.application.testing = True
    with pytest.raises(KeyError):
        client.get("/broken", environ_base=LOCAL)
    client.application.testing = False


def test_a_handler_the_app_had_for_all_errors_goes_on_answering_for_its_own_routes(tmp_path: Path) -> None:
    app = Flask("own")
    app.register_error_handler(Exception, lambda error: (f"caught {type(error).__name__}", 500))
    api = Backend_Api(app, {"data_dir": str(tmp_path), "ollama": False})
    app.add_url_rule("/broken", "broken", lambda: str(LOCAL["mine"]))
    app.add_url_rule("/mine", "mine", lambda: abort(409))
    client = app.test_client()
    assert client.get("/broken", environ_base=LOCAL).text == "caught KeyError"
    assert client.get("/mine", environ_base=LOCAL).text == "caught Conflict"
    assert client.post(CONVERSATION, environ_base=LOCAL).get_json()["error"]["code"] == "unsupported_media_type"
    api.close()


def own_app(config: dict[str, Any]) -> Flask:
    """Make the platform's app with a route of its own that says how long a body is."""
    app = create_app(config)
    app.add_url_rule("/length", "length", lambda: str(len(request.get_data())), methods=["POST"])
    return app


class OwnPlatform(Platform):
    """Serve that."""

    factory = staticmethod(own_app)


@pytest.mark.parametrize(("length", "status"), [(2_000, 200), (2_001, 413)])
@pytest.mark.parametrize("in_chunks", [False, True])
def test_a_route_of_the_app_gets_a_whole_body_or_none(tmp_path: Path, length: int, status: int, in_chunks: bool) -> None:
    body = b"x" * length
    with OwnPlatform(tmp_path, json_limit=2_000) as server:
        answer = requests.post(server.base_url + "/length", data=iter([body]) if in_chunks else body, timeout=20)
    assert answer.status_code == status
    assert (answer.text == str(length)) == (status == 200)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("POST", "/mine/400", 405), ("POST", CONVERSATION, 415), ("PUT", "/readyz", 405)],
)
def test_our_routes_and_unknown_addresses_answer_in_our_shape(client: FlaskClient, method: str, path: str, status: int) -> None:
    answer = client.open(path, method=method, environ_base=LOCAL)
    assert (answer.status_code, "request_id" in answer.get_json()["error"]) == (status, True)


def test_a_guards_refusal_is_in_our_shape_on_the_apps_own_routes_too(client: FlaskClient) -> None:
    answer = client.get("/mine/400", environ_base=LOCAL, headers={"Host": "evil.example"})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (421, "wrong_host")


def test_a_status_without_a_class_here_is_kept(tmp_path: Path) -> None:
    app = Flask("own")
    api = Backend_Api(app, {"data_dir": str(tmp_path), "ollama": False})
    app.view_functions["GET /healthz"] = lambda: abort(416)
    answer = app.test_client().get("/healthz", environ_base=LOCAL)
    api.close()
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (416, "bad_request")


@pytest.mark.parametrize("value", [b"[]", b"{}", b"1", b'"a"', b'{"a":[]}'])
def test_more_values_than_a_conversation_has_are_413(lonely: Platform, value: bytes) -> None:
    body = b'{"messages": [' + b",".join([value] * (MAX_VALUES + 1)) + b"]}"
    answer = lonely.post(None, data=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert "values" in answer.json()["error"]["message"]


@pytest.mark.parametrize("text", ["1,2,[{", '{"a": ["b", "c\\\\"]},\n', '\\"'])
def test_a_long_text_may_hold_any_number_of_brackets_commas_and_quotes(lonely: Platform, text: str) -> None:
    answer = lonely.post(question(text * MAX_VALUES, provider="Offline"))
    assert answer.status_code == 200


@pytest.mark.parametrize(("depth", "status"), [(MAX_DEPTH, 200), (MAX_DEPTH + 1, 400)])
def test_a_body_is_nested_64_times_at_most(lonely: Platform, depth: int, status: int) -> None:
    nested: object = 1
    for _ in range(depth - 1):
        nested = [nested]
    assert lonely.post(question(provider="Offline", nested=nested)).status_code == status


def test_a_number_too_large_is_refused_however_deep_it_lies(lonely: Platform) -> None:
    answer = lonely.post(question(extra=[{"a": [2**60]}]))
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_value")


@pytest.mark.parametrize(("fields", "old"), [({"jailbreak": "Default"}, True), ({"id": "1"}, False)])
def test_a_client_of_2023_is_refused_in_its_own_words_even_when_its_body_is_wrong(
    lonely: Platform, fields: dict[str, str], old: bool
) -> None:
    answer = lonely.post({"messages": 5, **fields})
    assert answer.status_code == 422
    assert (json.loads(answer.content).get("success") is False) is old


def test_a_temporary_folder_that_takes_no_large_body_is_trouble_of_the_storage(lonely: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/nonexistent")
    answer = lonely.post({"updated": 1, "x": "a" * 2_000_000}, path="/backend-api/v2/chat/large")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable")
