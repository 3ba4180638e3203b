"""The routes of chats: their shapes, and what they refuse."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import requests
from uuid_utils.compat import uuid7

from g4f.db.models import LOCAL_OWNER
from g4f.db.session import Database
from g4f.db.writer import Row, insert_rows
from tests.db.factories import chat, id_of, message, run
from tests.servers.platform import Platform
from tests.servers.raw import refused

CHATS = "/backend-api/v2/chats"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The platform with nothing connected, for all tests of this module."""
    with Platform(tmp_path_factory.mktemp("chats") / "data") as platform:
        yield platform


def ask(server: Platform, method: str, path: str, **options: Any) -> requests.Response:
    return requests.request(method, server.base_url + path, timeout=20, **options)


def store(server: Platform, *rows: Row) -> None:
    with closing(Database(server.api.settings.database_address)) as database, database.begin() as connection:
        insert_rows(connection, rows)


def made(server: Platform, **fields: Any) -> dict[str, Any]:
    answer = server.post(fields, CHATS)
    assert answer.status_code == 200, answer.text
    chat: dict[str, Any] = answer.json()
    return chat


def test_a_new_chat_has_the_five_fields_of_its_shape(server: Platform) -> None:
    chat_id = str(uuid7())
    created = made(server, title="Rivers", id=chat_id)
    assert created == {
        "id": chat_id,
        "title": "Rivers",
        "created_at": created["created_at"],
        "updated_at": created["created_at"],
        "run_id": None,
    }
    assert made(server, title="Lakes", id=chat_id) == created


def test_an_open_chat_holds_messages_with_their_runs(server: Platform) -> None:
    chat_id = UUID(made(server)["id"])
    asked = message(chat_id)
    answered = message(chat_id, parent_id=id_of(asked), role="assistant", content="Hi")
    carried = run(
        chat_id=chat_id, message_id=id_of(answered), kind="durable", provider="scenario", model="plain", started_at=1, finished_at=2
    )
    store(server, asked, answered, carried)
    first, second = server.get(f"{CHATS}/{chat_id}").json()["messages"]
    assert (first["parent_id"], first["role"], first["content"], first["run"]) == (None, "user", "Hello", None)
    assert (second["parent_id"], second["role"], second["content"]) == (first["id"], "assistant", "Hi")
    told = {"id": str(id_of(carried)), "state": "done", "provider": "scenario", "model": "plain", "started_at": 1, "finished_at": 2}
    assert second["run"] == told


def test_the_list_is_turned_page_by_page(tmp_path: Path) -> None:
    with Platform(tmp_path) as server:
        rows = [chat(LOCAL_OWNER, updated_at=moment) for moment in (1, 2, 3)]
        store(server, *rows)
        first = server.get(CHATS, params={"limit": 2}).json()["chats"]
        rest = server.get(CHATS, params={"limit": 2, "before": first[-1]["updated_at"]}).json()["chats"]
    assert [each["updated_at"] for each in first + rest] == [3, 2, 1]


def test_a_chat_is_renamed_deleted_and_restored(server: Platform) -> None:
    created = made(server)
    address = f"{CHATS}/{created['id']}"
    renamed = ask(server, "PATCH", address, json={"title": "Rivers"}).json()
    assert renamed == {**created, "title": "Rivers"}
    assert ask(server, "DELETE", address).json() == {"deleted": created["id"]}
    assert refused_with(server.get(address)) == "not_found"
    assert created["id"] not in {each["id"] for each in server.get(CHATS, params={"limit": 200}).json()["chats"]}
    assert server.post(None, f"{address}/restore").json() == renamed
    assert server.get(address).json() == {**renamed, "messages": []}


def refused_with(answer: requests.Response) -> str:
    refused(answer.status_code, answer.content)
    code: str = answer.json()["error"]["code"]
    return code


@pytest.mark.parametrize("chat_id", ["x", "0", "%00", "0190e8d0-5c1f-7000-8000-00000000000g", "0190e8d0-5c1f-7000-8000-000000000099"])
@pytest.mark.parametrize(("method", "end"), [("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/restore")])
def test_an_id_of_nothing_is_not_found(server: Platform, method: str, end: str, chat_id: str) -> None:
    answer = ask(server, method, f"{CHATS}/{chat_id}{end}", json={"title": "Rivers"})
    assert (answer.status_code, refused_with(answer)) == (404, "not_found")


@pytest.mark.parametrize("body", [{"title": "x" * 513}, {"title": "a\0b"}, {"title": None}, {"title": 1}, {"id": "x"}, {"id": 7}])
def test_what_no_chat_can_have_is_refused(server: Platform, body: dict[str, Any]) -> None:
    assert refused_with(server.post(body, CHATS)) == "invalid_value"


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "before=-1", "before=9007199254740993"])
def test_a_page_that_cannot_be_is_refused(server: Platform, query: str) -> None:
    assert refused_with(server.get(f"{CHATS}?{query}")) == "invalid_value"


def test_chats_survive_a_stop_of_the_server(tmp_path: Path) -> None:
    with Platform(tmp_path) as first:
        created = made(first, title="Rivers")
    with Platform(tmp_path) as second:
        assert second.get(CHATS).json() == {"chats": [created]}
