"""The first minutes: nothing is connected, or something is."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Browse
from tests.e2e.person import ask, attach, button, ended, field
from tests.servers.openai import OpenaiServer
from tests.servers.platform import Platform


def test_a_first_run_shows_three_ways_to_begin(browse: Browse, lonely: Platform) -> None:
    page = browse(lonely)
    ways = page.get_by_role("heading", level=3)
    expect(ways).to_have_text(["Without a model", "A model on this computer", "Your own key"])
    button(page, "Check again").click()
    button(page, "Add").click()
    expect(page.get_by_role("dialog", name="Connect a model")).to_be_visible()


def test_offline_says_that_no_model_is_connected(browse: Browse, lonely: Platform) -> None:
    answer = ended(ask(browse(lonely), "Who was the first person on the Moon?"))
    expect(answer).to_contain_text("No language model is connected")
    expect(answer).to_contain_text("OPENAI_API_KEY")
    expect(answer.get_by_text("Offline", exact=True)).to_be_visible()


def test_offline_quotes_an_attached_file_and_names_the_line(browse: Browse, lonely: Platform, tmp_path: Path) -> None:
    notes = tmp_path / "lighthouse.txt"
    notes.write_text("The keeper is called Anna.\n\nThe lamp is lit at dusk.\n\nThe boat comes on Friday.\n")
    page = browse(lonely)
    attach(page, notes)
    answer = ended(ask(page, "When is the lamp lit?"))
    expect(answer.locator("blockquote")).to_have_text("The lamp is lit at dusk.")
    expect(answer).to_contain_text("lighthouse.txt, line 3")


def test_a_file_of_no_known_kind_is_refused_on_its_chip(browse: Browse, lonely: Platform, tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(bytes(range(256)))
    page = browse(lonely)
    attach(page, picture)
    expect(page.get_by_role("listitem").filter(has_text="picture.png")).to_contain_text("Files of this kind are not taken here")
    button(page, "Remove picture.png").click()
    expect(page.get_by_text("picture.png")).to_have_count(0)


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_a_file_can_be_dropped_or_pasted(browse: Browse, lonely: Platform, way: str) -> None:
    page = browse(lonely)
    files = page.evaluate_handle(
        "() => { const data = new DataTransfer(); data.items.add(new File(['At dusk.'], 'lamp.txt')); return data; }"
    )
    if way == "drop":
        page.locator("main").dispatch_event("dragover", {"dataTransfer": files})
        expect(page.get_by_text("Drop files here")).to_be_visible()
        page.locator("main").dispatch_event("drop", {"dataTransfer": files})
    else:
        field(page).evaluate("(field, data) => field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data }))", files)
    expect(page.get_by_role("listitem").filter(has_text="lamp.txt")).to_contain_text("8 bytes")


def test_a_model_server_on_this_computer_is_found_and_used(
    browse: Browse, upstream: OpenaiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", upstream.origin)
    with Platform(tmp_path, ollama=True) as platform:
        page = browse(platform)
        button(page, "Use it").click()
        answer = ended(ask(page, "Hello"))
        expect(answer).to_contain_text("Hello, world!")
        expect(answer.get_by_text("Ollama", exact=True)).to_be_visible()
        page.close()


def test_connected_models_are_the_first_way(page: Page) -> None:
    first = page.get_by_role("heading", level=3).first
    expect(first).to_have_text("Models of this server")
    button(page, "Start chatting").click()
    expect(field(page)).to_be_focused()
