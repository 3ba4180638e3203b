"""The app that create_app makes is a Flask like any other, only quicker."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask, session

from g4f.errors import UnavailableError
from g4f.gui.server.app import create_app
from g4f.gui.server.backend_api import Backend_Api

VERSION = "/backend-api/v2/version"
PROXIED = {"X-Forwarded-Host": "LocalHost:99", "X-Forwarded-Proto": "https", "X-Forwarded-Prefix": "/pre"}


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    app = create_app({"data_dir": str(tmp_path), "ollama": False, "trusted_proxies": ["127.0.0.1"]})
    yield app
    app.extensions["g4f"].close()


@pytest.mark.parametrize(("asked", "told"), [("a=%D0%B6&a=1", "a=%D0%B6&a=1"), ("x=\xff", "x=%EF%BF%BD")])
def test_two_slashes_lead_to_the_one_under_the_scheme_name_and_prefix_that_were_asked(app: Flask, asked: str, told: str) -> None:
    path = VERSION.replace("/v2", "//v2")
    answer = app.test_client().get(path, headers=PROXIED, environ_overrides={"QUERY_STRING": asked})
    assert (answer.status_code, answer.location) == (308, f"https://localhost:99/pre{VERSION}?{told}")


def test_a_route_of_ones_own_has_sessions_where_the_app_has_a_secret_key(app: Flask) -> None:
    @app.get("/mine")
    def mine() -> str:
        session["visits"] = session.get("visits", 0) + 1
        return str(session["visits"])

    app.secret_key = "0123456789abcdef"
    client = app.test_client()
    assert [client.get("/mine").text for _ in range(2)] == ["1", "2"]


def test_a_coroutine_as_a_view_is_flasks_to_run_or_to_refuse(app: Flask) -> None:
    @app.get("/mine")
    async def mine() -> str:
        return "mine"

    app.testing = True
    with pytest.raises(RuntimeError, match="async"):  # the extra that would run it is not installed
        app.test_client().get("/mine")


def test_a_storage_that_was_busy_when_it_was_opened_is_opened_later(app: Flask, tmp_path: Path) -> None:
    api: Backend_Api = app.extensions["g4f"]
    assert api.check()
    api.close()
    with closing(sqlite3.connect(tmp_path / "g4f.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(UnavailableError):
            api.open()
    assert api.check()


def test_trusted_hosts_of_flask_are_asked(app: Flask) -> None:
    app.config["TRUSTED_HOSTS"] = ["localhost"]
    client = app.test_client()
    assert [client.get(VERSION, headers={"Host": host}).status_code for host in ("localhost", "127.0.0.1")] == [200, 400]
