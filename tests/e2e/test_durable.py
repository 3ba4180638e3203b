"""Answers belong to the server: whatever happens to the page, the connection or the server, none of their words is lost or doubled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Browse
from tests.e2e.person import ask, attach, button, choose, copied, ended, visit
from tests.proofs import FULL, counted, proof
from tests.servers import transcripts
from tests.servers.openai import OpenaiServer
from tests.servers.platform import Platform
from tests.servers.process import Process

LONG, SHORT = 200, 40
PACE, HURRY = 0.04, 0.002


def words(count: int) -> str:
    """Return what a model of so many words says."""
    return "".join(piece["content"] for piece in transcripts.many(count))


@pytest.fixture(scope="module")
def pacing() -> Iterator[OpenaiServer]:
    """An OpenAI-compatible server that takes its time."""
    with OpenaiServer(pace=PACE) as server:
        yield server


@pytest.fixture
def paced(tmp_path: Path, pacing: OpenaiServer) -> Iterator[Platform]:
    """The platform with that server connected."""
    pacing.pace = PACE
    models = [f"paced-{count}" for count in (LONG, SHORT)]
    with Platform(tmp_path, servers={"pacing": {"base_url": pacing.base_url, "models": models}}) as server:
        yield server


def begin(page: Page, count: int) -> Locator:
    """Ask for so many words, and return the answer once the first of them are there."""
    choose(page, f"paced-{count}")
    answer = ask(page, "Count")
    expect(answer).to_contain_text("0 1 2")
    return answer


def last(page: Page) -> Locator:
    """Return the answer that stands last."""
    return page.locator("article").last


def hide(page: Page, state: str) -> None:
    """Let the tab be out of sight, or in sight again."""
    page.evaluate(
        """(state) => {
            Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        state,
    )


@proof("reloads amid one answer", 6, 20)
def test_an_answer_survives_reloads(browse: Browse, paced: Platform, pacing: OpenaiServer) -> None:
    page, before = browse(paced), len(pacing.calls)
    begin(page, LONG)
    pacing.pace = 0.2
    for _ in counted(range(20 if FULL else 6)):
        page.reload()
        expect(last(page)).to_contain_text("0 1 2")
        expect(last(page)).to_have_attribute("aria-busy", "true")
    pacing.pace = HURRY
    assert copied(page, ended(last(page))) == words(LONG)
    assert len(pacing.calls) == before + 1


def test_an_answer_goes_on_when_the_network_is_back(browse: Browse, paced: Platform, pacing: OpenaiServer) -> None:
    page = browse(paced)
    answer = begin(page, LONG)
    page.context.set_offline(True)
    expect(answer).to_contain_text("Connection lost, reconnecting…")
    page.context.set_offline(False)
    expect(answer).not_to_contain_text("Connection lost")
    pacing.pace = HURRY
    assert copied(page, ended(answer)) == words(LONG)
    expect(answer).not_to_contain_text("Connection lost")


def test_a_question_asked_without_a_network_is_sent_once_it_is_back(browse: Browse, paced: Platform, pacing: OpenaiServer) -> None:
    page = browse(paced)
    ended(begin(page, SHORT))
    before = len(pacing.calls)
    page.context.set_offline(True)
    answer = ask(page, "Count")
    expect(answer).to_contain_text("Connection lost, reconnecting…")
    page.context.set_offline(False)
    assert copied(page, ended(answer)) == words(SHORT)
    assert len(pacing.calls) == before + 1


def test_an_answer_that_a_kill_of_the_server_cut_is_continued(browse: Browse, tmp_path: Path, pacing: OpenaiServer) -> None:
    settings = {"servers__pacing__base_url": pacing.base_url, "servers__pacing__models": f"paced-{SHORT}"}
    with Process(tmp_path, **settings) as server:
        page = browse(server)
        answer = begin(page, SHORT)
        server.kill()
        expect(answer).to_contain_text("Connection lost, reconnecting…")
        server.start()
        cut = copied(page, ended(answer))
        assert words(SHORT).startswith(cut)
        button(page, "Continue").click()
        assert copied(page, ended(answer)) == cut + words(SHORT)
        page.reload()
        assert copied(page, ended(last(page))) == cut + words(SHORT)
        page.close()


def test_another_tab_shows_the_question_and_its_answer_as_it_is_written(browse: Browse, paced: Platform) -> None:
    page = browse(paced)
    ended(begin(page, SHORT))
    other = page.context.new_page()
    visit(other, page.url)
    expect(other.locator("article")).to_have_count(2)
    ask(page, "Again")
    expect(other.locator("article")).to_have_count(4)
    expect(last(other)).to_have_attribute("aria-busy", "true")
    for tab in (page, other):
        assert copied(tab, ended(last(tab))) == words(SHORT)


def test_another_device_shows_an_answer_as_it_is_written_and_may_stop_it(browse: Browse, paced: Platform, pacing: OpenaiServer) -> None:
    page = browse(paced)
    answer = begin(page, LONG)
    other = browse(paced, page.url.removeprefix(f"{paced.base_url}/"))
    expect(last(other)).to_contain_text("3 4 5")
    button(other, "Stop").click()
    for shown in (answer, last(other)):
        expect(ended(shown)).to_contain_text("stopped")
    assert pacing.calls[-1].wait().aborted_at is not None


def test_a_tab_out_of_sight_has_no_connection_and_misses_nothing(browse: Browse, paced: Platform, pacing: OpenaiServer) -> None:
    page = browse(paced)
    answer = begin(page, LONG)
    hide(page, "hidden")
    page.wait_for_timeout(200)
    shown = answer.text_content()
    page.wait_for_timeout(300)
    assert answer.text_content() == shown
    pacing.pace = HURRY
    hide(page, "visible")
    assert copied(page, ended(answer)) == words(LONG)


@pytest.mark.proof
def test_eight_tabs_with_four_answers_are_all_usable(browse: Browse, paced: Platform) -> None:
    page = browse(paced)
    tabs = [page, *(page.context.new_page() for _ in range(7))]
    for tab in tabs[1:]:
        visit(tab, f"{paced.base_url}/")
    for tab in tabs[:4]:
        begin(tab, LONG)
        hide(tab, "hidden")
    for tab in tabs[4:]:
        assert copied(tab, ended(begin(tab, SHORT))) == words(SHORT)
    for tab in tabs[:4]:
        hide(tab, "visible")
        assert copied(tab, ended(last(tab))) == words(LONG)


def test_an_answer_given_anew_is_another_version(page: Page) -> None:
    choose(page, "plain")
    ended(ask(page, "Hello"))
    choose(page, "escape")
    button(page, "Answer again").click()
    expect(page.get_by_role("group", name="Version 2 of 2")).to_be_visible()
    button(page, "Previous version").click()
    assert copied(page, last(page)) == "Hello, world!"
    page.reload()
    expect(page.get_by_role("group", name="Version 2 of 2")).to_be_visible()


def test_a_stopped_answer_is_continued_in_its_place(page: Page) -> None:
    choose(page, "stall")
    answer = ask(page, "Hello")
    expect(answer).to_contain_text("Hello, ")
    button(page, "Stop").click()
    choose(page, "plain")
    button(page, "Continue").click()
    assert copied(page, ended(answer)) == "Hello, Hello, world!"


def test_a_reload_tells_again_why_there_is_no_answer(page: Page) -> None:
    choose(page, "fail-401")
    ended(ask(page, "Hello"))
    page.reload()
    expect(last(page)).to_contain_text("Incorrect API key provided.")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_reload_keeps_the_names_of_the_files_of_a_question(page: Page, tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("At dusk.")
    attach(page, notes)
    ended(ask(page, "When?"))
    page.reload()
    question = page.locator("article").first
    expect(question).to_contain_text("notes.txt")
    expect(question.get_by_text("When?", exact=True)).to_be_visible()
    expect(question).not_to_contain_text("At dusk.")
