"""The chat cache of gpt4free's pages: versions, races, ids, and what is refused."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from typing import Any
from urllib.parse import quote

import pytest
import requests
from uuid_utils.compat import uuid7

from tests.servers.platform import Platform
from tests.servers.raw import refused

V2 = "/backend-api/v2"
TIMES = 52


class Page:
    """A page as gpt4free's: it sends a chat with its version, and polls with the version it has seen last."""

    def __init__(self, port: int, share_id: str | None = None) -> None:
        self.id = share_id or str(uuid7())
        self.base_url = f"http://127.0.0.1:{port}{V2}"
        self.url = f"{self.base_url}/chat/{quote(self.id, safe='')}"
        self.updated: int | None = None

    def send(self, updated: int | None, **fields: Any) -> requests.Response:
        """Store a chat."""
        body = {"id": self.id, "title": "Rivers", "items": [], **fields} | ({} if updated is None else {"updated": updated})
        return requests.post(self.url, json=body, timeout=60)

    def poll(self) -> requests.Response:
        """Ask for another version than the one seen last."""
        headers = {} if self.updated is None else {"if-none-match": str(self.updated)}
        answer = requests.get(f"{self.url}?now={time.time() // 5 * 5}", headers=headers, timeout=60)
        if answer.status_code == 200:
            self.updated = answer.json()["updated"]
        return answer

    def get(self, **headers: str) -> requests.Response:
        """Ask with headers."""
        return requests.get(self.url, headers={name.replace("_", "-"): value for name, value in headers.items()}, timeout=20)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The platform with nothing connected, for all tests of this module."""
    with Platform(tmp_path_factory.mktemp("shares") / "data") as platform:
        yield platform


@pytest.fixture
def page(server: Platform) -> Page:
    return Page(server.port)


def refused_with(answer: requests.Response) -> tuple[int, str]:
    refused(answer.status_code, answer.content)
    return answer.status_code, answer.json()["error"]["code"]


def test_a_page_sends_polls_and_is_told_of_the_next_version(page: Page) -> None:
    assert page.poll().status_code == 404
    assert page.send(5, title="Rivers").json() == {"share_id": page.id, "updated": 5, "stored": True}
    assert page.poll().json() == {"id": page.id, "title": "Rivers", "items": [], "updated": 5}
    unchanged = page.poll()
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    page.send(6, title="Lakes")
    assert page.poll().json()["title"] == "Lakes"


@pytest.mark.parametrize("tag", ["5", '"5"', 'W/"5"', '"4", "5"'])
def test_the_version_may_be_named_bare_or_as_an_etag(page: Page, tag: str) -> None:
    page.send(5)
    answer = page.get(if_none_match=tag)
    assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", '"5"')


@pytest.mark.parametrize("tag", ["", "4", "55", "x", "*", "5.0", "-5", "²", "9" * 5000])
def test_anything_else_is_not_the_version(page: Page, tag: str) -> None:
    page.send(5)
    answer = requests.get(page.url, headers={"if-none-match": tag.encode("latin-1")}, timeout=20)
    assert (answer.status_code, answer.json()["updated"]) == (200, 5)


def test_the_head_of_a_chat_can_be_asked_for(page: Page) -> None:
    page.send(5)
    answer = requests.head(page.url, timeout=20)
    assert (answer.status_code, answer.content, answer.headers["ETag"]) == (200, b"", '"5"')
    assert int(answer.headers["Content-Length"]) == len(page.get().content)


def test_a_chat_without_a_version_is_stored_as_the_newest(page: Page) -> None:
    page.send(2**52, title="Rivers")
    told = page.send(None, title="Lakes").json()
    assert told == {"share_id": page.id, "updated": 2**52 + 1, "stored": True}
    assert page.poll().json()["title"] == "Lakes"


def test_an_older_version_is_not_stored_and_the_answer_says_so(page: Page) -> None:
    page.send(6, title="Lakes")
    answer = page.send(5, title="Rivers")
    assert (answer.status_code, answer.json()) == (200, {"share_id": page.id, "updated": 6, "stored": False})
    assert page.poll().json()["title"] == "Lakes"


def test_the_same_version_again_succeeds_and_changes_nothing(page: Page) -> None:
    page.send(6, title="Lakes")
    assert page.send(6, title="Rivers").json() == {"share_id": page.id, "updated": 6, "stored": True}
    assert page.poll().json()["title"] == "Lakes"


@pytest.mark.parametrize(
    ("base", "updated", "status"),
    [("5", 6, 200), ('"5"', 6, 200), ("*", 6, 200), ("4", 5, 200), ("4", 6, 409), ("x", 6, 409), ("*", 4, 409), ("5", 4, 409)],
)
def test_who_names_the_version_built_on_is_told_of_a_conflict(page: Page, base: str, updated: int, status: int) -> None:
    page.send(5)
    answer = requests.post(page.url, json={"updated": updated}, headers={"If-Match": base}, timeout=20)
    assert answer.status_code == status
    if status == 409:
        assert refused_with(answer) == (409, "conflict")
        assert page.poll().json()["updated"] == 5


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"null", b'[{"updated": 1}]'])
def test_only_an_object_is_stored(page: Page, body: bytes) -> None:
    answer = requests.post(page.url, data=body, headers={"content-type": "application/json"}, timeout=20)
    assert refused_with(answer) == (400, "bad_request")
    assert page.poll().status_code == 404


@pytest.mark.parametrize("updated", ["5", -1, 1.5, True, [5], 2**52 + 1])
def test_a_version_that_is_none_is_refused(page: Page, updated: object) -> None:
    assert refused_with(requests.post(page.url, json={"updated": updated}, timeout=20)) == (422, "invalid_value")


def test_a_chat_may_be_larger_than_other_bodies_and_has_its_own_limit(page: Page, server: Platform) -> None:
    settings = server.api.settings
    assert page.send(1, title="x" * settings.json_limit).json()["stored"]
    assert len(page.poll().json()["title"]) == settings.json_limit
    assert refused_with(page.send(2, title="x" * settings.share_limit)) == (413, "payload_too_large")


@pytest.mark.parametrize("end", ["a b", "ä.ö", "..", ",+-_", '"<>', "\r\n", "%", "x" * 3_000, "x" * 3_000 + "y"])
def test_the_id_that_is_answered_works_again(server: Platform, end: str) -> None:
    page = Page(server.port, str(uuid7()) + end)
    answered = page.send(1, title=end).json()["share_id"]
    assert answered == page.id
    assert Page(server.port, answered).poll().json()["title"] == end


def test_a_revoked_share_is_gone(page: Page) -> None:
    page.send(5)
    bucket = f"{page.base_url}/files/{page.id}"
    assert requests.delete(bucket, timeout=20).json() == {"message": "Bucket deleted successfully"}
    assert refused_with(page.poll()) == (404, "not_found")
    assert refused_with(requests.delete(bucket, timeout=20)) == (404, "not_found")


def whole(answer: requests.Response) -> int:
    """Return the version of an answer whose every part belongs to it."""
    assert answer.status_code == 200, answer.text
    chat = answer.json()
    version: int = chat["updated"]
    assert [item["content"] for item in chat["items"]] == [f"{version} " * 2_000] * 5
    return version


def raced(ports: Sequence[int]) -> None:
    """Send as many versions as are read, all at once and to all ports: none is torn, refused, or replaced by an older one."""
    share_id, ring, lock = str(uuid7()), cycle(ports), threading.Lock()
    newest = 0

    def send(version: int) -> int:
        nonlocal newest
        answer = Page(next(ring), share_id).send(version, items=[{"content": f"{version} " * 2_000}] * 5)
        assert answer.status_code == 200, answer.text
        with lock:
            newest = max(newest, version)
        return int(answer.json()["updated"])

    def read(_: int) -> bool:
        least = newest
        return whole(Page(next(ring), share_id).poll()) >= least

    send(1)
    versions = random.Random(0).sample(range(2, TIMES + 2), TIMES)
    with ThreadPoolExecutor(2 * TIMES) as threads:
        sent = [threads.submit(send, version) for version in versions]
        seen = [threads.submit(read, number) for number in range(TIMES)]
        assert all(kept.result() >= version for kept, version in zip(sent, versions, strict=True))
        assert all(each.result() for each in seen)
    assert [whole(Page(port, share_id).poll()) for port in ports] == [TIMES + 1] * len(ports)


def test_104_requests_at_once_neither_tear_nor_lose_a_version(server: Platform) -> None:
    raced([server.port])
