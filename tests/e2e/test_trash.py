"""Deleted files on the page, files of a message that is being written, and media in a tab of its own."""

from __future__ import annotations

from base64 import b64decode

import pytest
import requests
from playwright.sync_api import Page, expect
from uuid_utils.compat import uuid7

from g4f.services.drafts import is_draft
from tests.e2e.person import button
from tests.e2e.test_files import LAMP, SOUND, drop, read
from tests.pictures import picture
from tests.servers.platform import Platform

V2 = "/backend-api/v2"
SILENCE = SOUND[:4] + (36 + 8000).to_bytes(4, "little") + SOUND[8:40] + (8000).to_bytes(4, "little") + bytes(8000)


def test_the_trash_is_looked_into_and_a_file_restored_and_the_rest_deleted_for_good(page: Page, platform: Platform) -> None:
    requests.delete(f"{platform.base_url}{V2}/trash", timeout=20).raise_for_status()
    for name in ("lamp.txt", "sea.txt"):
        read(drop(page, name, f"{LAMP} {name}"))
        with page.expect_response(lambda response: response.request.method == "DELETE"):
            button(page, f"Remove {name}").click()
    page.keyboard.press("Control+Period")
    settings = page.get_by_role("dialog", name="Settings")
    settings.get_by_text("Trash: 2 files").click()
    expect(settings.get_by_role("listitem").first).to_contain_text("30 days left")
    settings.get_by_role("button", name="Restore lamp.txt").click()
    saved = settings.get_by_role("link", name="Save lamp.txt")
    expect(saved).to_be_focused()
    assert LAMP in page.request.get(f"{platform.base_url}{saved.get_attribute('href')}").text()
    settings.get_by_role("button", name="Empty the trash").click()
    expect(settings).to_contain_text("1 file, 60 bytes, will be deleted for good.")
    settings.get_by_role("button", name="Delete for good").click()
    expect(settings.get_by_text("The trash is empty.")).to_be_focused()
    assert platform.get(f"{V2}/trash").json()["count"] == 0


def test_files_of_a_message_that_is_being_written_are_known_to_the_server_as_such(page: Page, platform: Platform) -> None:
    with page.expect_request(lambda request: request.method == "POST") as begun:
        read(drop(page, "lamp.txt", LAMP, "text/plain"))
    told = dict(pair.split(" ") for pair in begun.value.headers["upload-metadata"].split(","))
    assert is_draft(b64decode(told["bucket_id"]).decode())


@pytest.mark.parametrize(("name", "data", "tag"), [("sea.png", picture(), "img"), ("tone.wav", SILENCE, "video")])
def test_media_is_shown_in_a_tab_of_its_own_within_its_policy(page: Page, platform: Platform, name: str, data: bytes, tag: str) -> None:
    bucket = str(uuid7())
    requests.post(f"{platform.base_url}{V2}/files/{bucket}", files={"files": (name, data)}, timeout=20).raise_for_status()
    assert page.context.browser is not None
    with page.context.browser.new_context() as other:
        breaches: list[str] = []
        other.on("console", lambda message: breaches.append(message.text) if "Security Policy" in message.text else None)
        tab = other.new_page()
        tab.goto(f"{platform.base_url}/files/{bucket}/media/{name}")
        tab.wait_for_function(f"() => {{ const shown = document.querySelector('{tag}'); return shown.naturalWidth || shown.readyState; }}")
        assert breaches == []
