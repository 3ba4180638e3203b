"""Files one by one: their bytes, what a browser may do with them, and how a chat keeps and cites them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from uuid_utils.compat import uuid7

from tests.pictures import picture
from tests.reading.documents import pdf
from tests.server.test_buckets import TEXT
from tests.servers.openai import OpenaiServer
from tests.servers.platform import Platform, question
from tests.servers.raw import refused

V2 = "/backend-api/v2"
ACTIVE = {
    "page.html": b"<!doctype html><script>alert(1)</script>",
    "page.xhtml": b'<html xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></html>',
    "drawing.svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "feed.xml": b'<?xml version="1.0"?><?xml-stylesheet href="x.xsl"?><feed/>',
    "code.js": b"alert(1)",
    "style.css": b"body { background: url(//evil) }",
}


class Library:
    """One person's files on the platform."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self.url = f"{platform.base_url}{V2}/file"

    def add(self, name: str, data: bytes, claimed: str = "") -> dict[str, Any]:
        """Upload one file into a bucket of its own and return what it is once it is read."""
        bucket = uuid7()
        requests.post(f"{self._platform.base_url}{V2}/files/{bucket}", files={"files": (name, data, claimed)}, timeout=30)
        requests.get(f"{self._platform.base_url}{V2}/files/{bucket}", timeout=30)
        (file,) = self._platform.get(f"{V2}/buckets/{bucket}/files").json()["files"]
        return dict(file)

    def content(self, file: dict[str, Any], method: str = "GET", **headers: str) -> requests.Response:
        """Ask for the bytes of a file."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return requests.request(method, f"{self.url}/{file['id']}/content", headers=named, timeout=20)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with OpenaiServer() as upstream:
        settings = {"servers": {"scenario": {"base_url": upstream.base_url, "models": ["echo", "image"]}}}
        with Platform(tmp_path_factory.mktemp("files") / "data", **settings) as platform:
            yield platform


@pytest.fixture
def library(server: Platform) -> Library:
    return Library(server)


def ask_in_chat(server: Platform, *parts: Any, **fields: Any) -> tuple[str, list[dict[str, Any]]]:
    chat = server.post({}, f"{V2}/chats").json()["id"]
    body = question(chat_id=chat, **{"provider": "Offline", **fields})
    body["messages"][0]["content"] = list(parts)
    return chat, server.chunks(body)


@pytest.mark.parametrize("name", sorted(ACTIVE))
def test_what_a_browser_could_run_is_only_ever_saved(library: Library, name: str) -> None:
    headers = library.content(library.add(name, ACTIVE[name])).headers
    assert headers["Content-Disposition"].startswith("attachment")
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert not any(kind in headers["Content-Type"] for kind in ("html", "svg", "xml", "javascript", "css"))


def test_a_picture_is_shown_where_it_stands(library: Library) -> None:
    headers = library.content(library.add("p.png", picture())).headers
    assert (headers["Content-Type"], headers["Content-Disposition"]) == ("image/png", "inline; filename*=UTF-8''p.png")
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; img-src 'self'; media-src 'self'")
    assert "sandbox allow-same-origin;" in policy, "without scripts"


@pytest.mark.parametrize(
    ("asked", "status", "extent"), [("bytes=4-10", 206, "4-10"), ("bytes=-7", 206, "53-59"), ("bytes=50-", 206, "50-59")]
)
def test_a_range_is_answered_with_that_range(library: Library, asked: str, status: int, extent: str) -> None:
    file = library.add("a.txt", TEXT.encode())
    answer, (first, last) = library.content(file, Range=asked), map(int, extent.split("-"))
    assert (answer.status_code, answer.headers["Content-Range"]) == (206, f"bytes {extent}/60")
    assert answer.content == TEXT.encode()[first : last + 1]


def test_a_range_outside_is_refused_with_the_size(library: Library) -> None:
    answer = library.content(library.add("a.txt", TEXT.encode()), Range="bytes=60-")
    refused(answer.status_code, answer.content)
    assert (answer.status_code, answer.headers["Content-Range"]) == (416, "bytes */60")


def test_a_known_version_is_not_sent_again_and_a_range_of_another_one_is_sent_whole(library: Library) -> None:
    file = library.add("a.txt", TEXT.encode())
    tag = library.content(file).headers["ETag"]
    assert library.content(file, If_None_Match=tag).status_code == 304
    assert library.content(file, Range="bytes=0-3", If_Range=tag).status_code == 206
    assert library.content(file, Range="bytes=0-3", If_Range='"other"').content == TEXT.encode()


def test_head_tells_the_length_and_sends_nothing(library: Library) -> None:
    answer = library.content(library.add("a.txt", TEXT.encode()), "HEAD")
    assert (answer.headers["Content-Length"], answer.headers["Accept-Ranges"], answer.content) == ("60", "bytes", b"")


def test_a_deleted_file_is_gone_until_it_is_restored(library: Library) -> None:
    file = library.add("a.txt", TEXT.encode())
    requests.delete(f"{library.url}/{file['id']}", timeout=20)
    assert library.content(file).status_code == 404
    assert requests.post(f"{library.url}/{file['id']}/restore", timeout=20).json()["name"] == "a.txt"
    assert library.content(file).content == TEXT.encode()


def test_the_trash_names_what_is_in_it_and_until_when(library: Library, server: Platform) -> None:
    files = [library.add(name, name.encode()) for name in ("first.txt", "second.txt")]
    for file in files:
        requests.delete(f"{library.url}/{file['id']}", timeout=20)
    trash = server.get(f"{V2}/trash").json()
    assert [file["id"] for file in trash["files"][:2]] == [file["id"] for file in reversed(files)]
    newest = trash["files"][0]
    assert (newest["name"], newest["size"], newest["expires_at"] - newest["deleted_at"]) == ("second.txt", 10, 30 * 24 * 3_600_000)
    assert (trash["count"], trash["size"]) == (len(trash["files"]), sum(file["size"] for file in trash["files"]))
    assert len(server.get(f"{V2}/trash?limit=1").json()["files"]) == 1


def test_an_emptied_trash_is_empty_but_for_what_was_deleted_since_it_was_seen(library: Library, server: Platform) -> None:
    seen, later = (library.add(name, name.encode()) for name in ("seen.txt", "later.txt"))
    requests.delete(f"{library.url}/{seen['id']}", timeout=20)
    before = server.get(f"{V2}/trash").json()["files"][0]["deleted_at"] + 1
    while time.time() * 1000 <= before:
        time.sleep(0.001)
    requests.delete(f"{library.url}/{later['id']}", timeout=20)
    room = requests.delete(f"{server.base_url}{V2}/trash?before={before}", timeout=20).json()
    assert [file["id"] for file in server.get(f"{V2}/trash").json()["files"]] == [later["id"]]
    assert room == server.get(f"{V2}/storage").json()
    assert requests.delete(f"{server.base_url}{V2}/trash", timeout=20).json()["trash"] == 0
    assert server.get(f"{V2}/trash").json() == {"files": [], "count": 0, "size": 0}
    assert requests.post(f"{library.url}/{seen['id']}/restore", timeout=20).status_code == 404


def test_an_unreadable_file_says_why_in_a_sentence_and_in_a_word(library: Library) -> None:
    file = library.add("scan.pdf", pdf([""]))
    assert (file["state"], file["reason_code"], file["reason_about"]) == ("unreadable", "scan", None)
    assert file["reason"].startswith("The PDF is a scan")


def test_the_same_bytes_take_room_once(library: Library, server: Platform) -> None:
    library.add("a.txt", b"Some text of its own.")
    before = server.get(f"{V2}/storage").json()
    library.add("b.txt", b"Some text of its own.")
    after = server.get(f"{V2}/storage").json()
    assert (after["used"] - before["used"], after["files"] - before["files"]) == (0, 1)


def test_a_chat_keeps_its_files_and_what_its_answers_cite(library: Library, server: Platform) -> None:
    file = library.add("a.txt", TEXT.encode())
    chat, chunks = ask_in_chat(server, {"type": "text", "text": "What is the capital of Zanzor?"}, {"file_id": file["id"]})
    told = next(chunk["sources"] for chunk in chunks if chunk["type"] == "sources")
    asked, answer = server.get(f"{V2}/chats/{chat}").json()["messages"]
    assert [each["id"] for each in asked["files"]] == [file["id"]]
    assert (asked["content"], answer["citations"]) == ("What is the capital of Zanzor?", told)
    passage = requests.get(f"{library.url}/{file['id']}/passages/{told[0]['passage']}", timeout=20).json()
    assert passage["passage"] == TEXT


def test_a_later_question_still_knows_the_files_of_the_chat(library: Library, server: Platform) -> None:
    file = library.add("a.txt", TEXT.encode())
    chat, chunks = ask_in_chat(server, {"type": "text", "text": "What is the capital of Zanzor?"}, {"file_id": file["id"]})
    parent = next(chunk["run"]["message_id"] for chunk in chunks if chunk["type"] == "run")
    later = server.chunks(question("And on which river does it lie?", chat_id=chat, parent_id=parent, provider="Offline"))
    assert "Obb" in "".join(chunk.get("content", "") for chunk in later)


def test_a_model_is_given_the_passages_and_asked_to_cite_them(library: Library, server: Platform) -> None:
    file = library.add("a.txt", TEXT.encode())
    _, chunks = ask_in_chat(server, {"type": "text", "text": "Which capital?"}, {"file_id": file["id"]}, provider="scenario", model="echo")
    told = "".join(chunk["content"] for chunk in chunks if chunk["type"] == "content")
    assert f"<!-- File: [1] a.txt -->\n{TEXT}" in told
    assert told.endswith("Which capital?")


def test_a_file_that_cannot_be_read_is_said_and_the_answer_goes_on(library: Library, server: Platform) -> None:
    file = library.add("broken.pdf", b"%PDF-1.7 no more of it")
    _, chunks = ask_in_chat(server, {"type": "text", "text": "Well?"}, {"file_id": file["id"]})
    (said,) = [chunk for chunk in chunks if chunk["type"] == "message"]
    assert (said["error"], said["code"]) == ("UnreadableError", "unreadable_file")
    assert said["values"] == {"name": "broken.pdf", "reason": "broken", "about": None}
    assert chunks[-2]["finish"] == {"reason": "stop"}


def test_generated_pictures_are_kept_and_found(server: Platform) -> None:
    chunks = server.chunks(question("Draw a fox", provider="scenario", model="image"))
    (url,) = next(chunk["urls"] for chunk in chunks if chunk.get("urls"))
    assert url.startswith("/media/")
    assert server.get(url).headers["Content-Type"] == "image/png"
    found = server.get("/search/image+fox", allow_redirects=False)
    assert (found.status_code, found.headers["Location"]) == (302, url)


def test_a_generated_picture_keeps_its_address_on_request(server: Platform) -> None:
    chunks = server.chunks(question("Draw", provider="scenario", model="image", download_media=False))
    assert not any(url.startswith("/media/") for chunk in chunks for url in chunk.get("urls", ()))
