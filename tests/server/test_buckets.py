"""Buckets as gpt4free's pages and clients use them: upload, progress, text, media, delete."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from PIL import Image
from sqlalchemy import update
from uuid_utils.compat import uuid7

from g4f.db.models import File
from tests.pictures import picture
from tests.servers.platform import Platform, question, said
from tests.servers.raw import refused
from tests.servers.website import Website

V2 = "/backend-api/v2"
TEXT = "The capital of Zanzor is Quillon. It lies on the river Obb.\n"


class Bucket:
    """A bucket as a page of gpt4free's knows it, under an id of its own."""

    def __init__(self, platform: Platform) -> None:
        self.id, self._base_url = str(uuid7()), platform.base_url
        self.url = f"{platform.base_url}{V2}/files/{self.id}"

    def upload(self, *files: tuple[str, bytes, str], field: str = "files") -> dict[str, Any]:
        """Send files in one form and return what is answered."""
        answer = requests.post(self.url, files=[(field, file) for file in files], timeout=60)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def text(self) -> str:
        """Return the text of the bucket."""
        return requests.get(self.url, timeout=60).text

    def events(self, **headers: str) -> list[dict[str, Any]]:
        """Return the progress events up to the last one."""
        answer = requests.get(self.url if headers else f"{self.url}/stream", headers=headers, timeout=60)
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        return [json.loads(line.removeprefix("data: ")) for line in answer.text.split("\n\n") if line]

    def shown(self, kind: str, name: str) -> requests.Response:
        """Open a picture of the bucket."""
        return requests.get(f"{self._base_url}/files/{self.id}/{kind}/{name}", timeout=20)


@pytest.fixture(scope="module")
def site() -> Iterator[Website]:
    with Website() as website:
        yield website


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, site: Website) -> Iterator[Platform]:
    allowed = site.origin.partition("//")[2]
    with Platform(tmp_path_factory.mktemp("buckets") / "data", web_allowed_hosts=[allowed], upload_limit=2_000_000) as platform:
        yield platform


@pytest.fixture
def bucket(server: Platform) -> Bucket:
    return Bucket(server)


@pytest.mark.parametrize("field", ["files", "files[]"])
def test_an_upload_names_documents_media_and_what_was_skipped(bucket: Bucket, field: str) -> None:
    answer = bucket.upload(
        ("a.txt", TEXT.encode(), "text/plain"),
        ("my pic (1).png", picture(), "image/png"),
        ("x.bin", bytes(range(256)) * 9, ""),
        field=field,
    )
    assert (answer["bucket_id"], answer["files"]) == (bucket.id, ["a.txt.md"])
    assert answer["media"] == [{"name": "my_pic_1_.png", "width": 900, "height": 600}]
    assert [skipped["name"] for skipped in answer["skipped"]] == ["x.bin"]
    assert "x.bin" in answer["skipped"][0]["reason"]
    assert answer["skipped"][0]["code"] == "unsupported_media_type"


def test_a_field_of_another_name_is_skipped_and_said(bucket: Bucket) -> None:
    answer = bucket.upload(("a.txt", TEXT.encode(), "text/plain"), field="upload")
    assert (answer["files"], answer["skipped"][0]["name"]) == ([], "a.txt")


def test_the_text_of_a_bucket_is_framed_as_gpt4free_frames_it(bucket: Bucket) -> None:
    bucket.upload(("a.txt", TEXT.encode(), "text/plain"), ("data.json", b'{"capital": "Quillon"}', "application/json"))
    assert bucket.text().startswith(f"<!-- File: a.txt.md -->\n{TEXT}\n<-- End -->\n\n<!-- File: data.json -->\n")


def test_reading_changes_nothing_and_a_second_upload_adds(bucket: Bucket) -> None:
    bucket.upload(("a.txt", TEXT.encode(), "text/plain"))
    before = bucket.text()
    requests.get(bucket.url, params={"delete_files": "true"}, timeout=20)
    bucket.upload(("b.txt", b"A second file.", "text/plain"))
    assert bucket.text().startswith(before)
    assert "A second file." in bucket.text()


@pytest.mark.parametrize("accept", ["text/event-stream", ""])
def test_progress_ends_with_the_size_of_the_text(bucket: Bucket, accept: str) -> None:
    bucket.upload(("a.txt", TEXT.encode(), "text/plain"), ("p.png", picture(), "image/png"))
    events = bucket.events(**({"Accept": accept} if accept else {}))
    assert events[0] == {"action": "media", "filename": "p.png"}
    assert events[-1] == {"action": "done", "size": len(TEXT)}
    assert {event["action"] for event in events} == {"media", "load", "done"}


def test_progress_goes_on_when_a_file_is_deleted_meanwhile(bucket: Bucket, server: Platform) -> None:
    bucket.upload(("a.txt", TEXT.encode(), "text/plain"))
    bucket.events()
    waits = update(File).values(state="waiting")
    server.api._open_writer().act(lambda connection: connection.execute(waits).rowcount).result(5)  # noqa: SLF001
    with requests.get(f"{bucket.url}/stream", stream=True, timeout=20) as progress:
        lines = progress.iter_lines()
        next(lines)
        requests.delete(bucket.url, timeout=20)
        assert b'"done"' in b"".join(lines)


def test_a_picture_is_shown_whole_and_small(bucket: Bucket) -> None:
    bucket.upload(("p.png", picture(), "image/png"))
    whole, small = bucket.shown("media", "p.png"), bucket.shown("thumbnail", "p.png")
    assert Image.open(io.BytesIO(whole.content)).size == (900, 600)
    assert Image.open(io.BytesIO(small.content)).size == (400, 267)
    assert bucket.shown("other", "p.png").status_code == 400


def test_a_file_that_cannot_be_read_says_so_and_harms_nobody(bucket: Bucket, server: Platform) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.txt", bytes(200_000_000))
    bucket.upload(("bomb.zip", bomb.getvalue(), "application/zip"), ("a.txt", TEXT.encode(), "text/plain"))
    assert TEXT in bucket.text()
    listed = server.get(f"{V2}/buckets/{bucket.id}/files").json()["files"]
    assert [(file["name"], file["state"]) for file in listed] == [("bomb.zip", "unreadable"), ("a.txt", "ready")]
    assert "unpacked" in listed[0]["reason"]


def test_a_file_over_the_limit_is_refused(bucket: Bucket) -> None:
    answer = requests.post(bucket.url, files={"files": ("big.txt", b"a" * 2_000_001, "text/plain")}, timeout=60)
    refused(answer.status_code, answer.content)
    assert answer.status_code == 413
    assert requests.get(bucket.url, timeout=20).status_code == 404


def test_one_file_may_be_put(bucket: Bucket, server: Platform) -> None:
    answer = requests.put(f"{bucket.url}/notes.txt", data=TEXT.encode(), headers={"Content-Type": "text/plain"}, timeout=20)
    assert (answer.status_code, answer.json()["file"]["name"]) == (201, "notes.txt")
    assert TEXT in bucket.text()
    assert bucket.id in server.get(f"{V2}/buckets").json()


def test_a_deleted_bucket_is_gone_and_its_name_free(bucket: Bucket) -> None:
    bucket.upload(("a.txt", TEXT.encode(), "text/plain"))
    assert requests.delete(bucket.url, timeout=20).json() == {"message": "Bucket deleted successfully"}
    assert requests.get(bucket.url, timeout=20).status_code == 404
    bucket.upload(("b.txt", b"Anew.", "text/plain"))
    assert "Zanzor" not in bucket.text()


def test_an_id_of_dots_touches_nothing(bucket: Bucket, server: Platform) -> None:
    bucket.upload(("a.txt", TEXT.encode(), "text/plain"))
    assert requests.delete(f"{server.base_url}{V2}/files/...", timeout=20).status_code == 404
    assert TEXT in bucket.text()


def test_downloads_are_fetched_and_named_as_sources(bucket: Bucket, site: Website) -> None:
    spec = json.dumps([{"url": f"{site.origin}/rivers"}, {"url": f"{site.origin}/missing"}]).encode()
    answer = bucket.upload(("downloads.json", spec, "application/json"))
    assert answer["files"] == ["Rivers_seas.md"]
    assert answer["skipped"][0]["name"] == f"{site.origin}/missing"
    assert f"Source: {site.origin}/rivers" in bucket.text()


def test_a_page_may_be_added_by_its_address(bucket: Bucket, server: Platform, site: Website) -> None:
    added = server.post({"url": f"{site.origin}/lakes"}, f"{V2}/buckets/{bucket.id}/pages")
    assert added.json()["name"] == "Lakes.md"
    assert "Baikal" in bucket.text()
    refused_page = server.post({"url": f"{site.origin}/missing"}, f"{V2}/buckets/{bucket.id}/pages")
    assert (refused_page.status_code, refused_page.json()["error"]["code"]) == (502, "web_search_failed")


def test_a_conversation_answers_from_a_bucket_and_names_what_it_cites(bucket: Bucket, server: Platform) -> None:
    bucket.upload(("a.txt", TEXT.encode(), "text/plain"))
    body = question(provider="Offline")
    body["messages"][0]["content"] = [{"type": "text", "text": "What is the capital of Zanzor?"}, {"bucket_id": bucket.id}]
    chunks = server.chunks(body)
    sources = next(chunk["sources"] for chunk in chunks if chunk["type"] == "sources")
    assert [(source["number"], source["title"], source["passage"]) for source in sources] == [(1, "a.txt", 1)]
    assert "[1]" in said(chunks)
    assert "Quillon" in said(chunks)


def test_the_old_form_inside_a_text_is_understood(bucket: Bucket, server: Platform) -> None:
    bucket.upload(("a.txt", TEXT.encode(), "text/plain"))
    text = said(server.chunks(question(f'What is the capital of Zanzor? {{"bucket_id": "{bucket.id}"}}', provider="Offline")))
    assert "Quillon" in text


def test_a_reference_to_nothing_is_an_error_in_the_answer(server: Platform) -> None:
    body = question(provider="Offline")
    body["messages"][0]["content"] = [{"type": "text", "text": "Well?"}, {"file_id": str(uuid7())}]
    chunks = server.chunks(body)
    assert [chunk["error"] for chunk in chunks if chunk["type"] == "error"] == ["NotFoundError"]
