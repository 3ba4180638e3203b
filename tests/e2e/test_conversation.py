"""A conversation with a model."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Browse
from tests.e2e.person import ask, button, choose, copied, ended, visit
from tests.servers import transcripts
from tests.servers.openai import OpenaiServer
from tests.servers.platform import Platform

MARKDOWN = """### A heading

Some *slanted* and **bold** words, `code`, 漢字 and 🧠👩‍👩‍👧.

- one
- two

| a | b |
|---|--:|
| 1 | 2 |

```python
def double(x):
    return 2 * x
```
"""
LONG = "\n\n".join(f"Paragraph {number}" for number in range(60))


def long_chat(count: int) -> dict[str, object]:
    """Return a chat of so many questions with their answers, as the server tells of it."""
    message: dict[str, object] = {"created_at": 1, "run": None, "files": [], "citations": []}
    messages = [
        message | {"id": f"m{n}", "parent_id": f"m{n - 1}" if n else None, "role": ("user", "assistant")[n % 2], "content": f"Message {n}"}
        for n in range(2 * count)
    ]
    return {"id": "long", "title": "Long", "created_at": 1, "updated_at": 1, "run_id": None, "messages": messages}


@pytest.mark.parametrize(("model", "pieces"), [("plain", transcripts.PLAIN), ("escape", transcripts.ESCAPES)])
def test_an_answer_ends_equal_to_what_the_model_sent(page: Page, model: str, pieces: list[str]) -> None:
    choose(page, model)
    answer = ended(ask(page, "Hello"))
    assert copied(page, answer) == "".join(pieces)


def test_an_answer_names_who_gave_it_how_long_it_took_and_its_tokens(page: Page) -> None:
    choose(page, "plain")
    answer = ended(ask(page, "Hello"))
    expect(answer).to_contain_text(re.compile(r"plain.*scenario.*[\d.]+ sec.*4 tokens"))
    expect(page.locator("p[role=status]")).to_have_text("Answer ready, 2 words")


def test_an_answer_appears_while_it_is_written(page: Page, upstream: OpenaiServer) -> None:
    choose(page, "stall")
    answer = ask(page, "Hello")
    expect(answer.get_by_text("Hello,")).to_be_visible()
    expect(answer).to_have_attribute("aria-busy", "true")
    assert upstream.calls[-1].aborted_at is None


def test_markdown_becomes_headings_lists_tables_and_coloured_code(page: Page) -> None:
    choose(page, "echo")
    answer = ended(ask(page, MARKDOWN))
    expect(answer.get_by_role("heading", name="A heading", level=3)).to_be_visible()
    expect(answer.get_by_role("listitem")).to_have_text(["one", "two"])
    expect(answer.get_by_role("cell", name="2", exact=True)).to_have_css("text-align", "right")
    expect(answer.locator(".hljs-keyword").first).to_have_text("def")
    expect(answer.locator("em, strong, p code")).to_have_text(["slanted", "bold", "code"])


@pytest.mark.parametrize("model", ["reasoning", "think"])
def test_reasoning_is_kept_in_closed_details(page: Page, model: str) -> None:
    choose(page, model)
    answer = ended(ask(page, "Hello"))
    thought = answer.get_by_text("Let me think.")
    expect(thought).to_be_hidden()
    answer.get_by_text("Thought for 1 second").click()
    expect(thought).to_be_visible()
    assert copied(page, answer) == "Hello, world!"
    page.reload()
    expect(answer.get_by_text("Thoughts", exact=True)).to_be_visible()


def test_an_answer_that_asks_for_a_tool_says_so(page: Page) -> None:
    choose(page, "tools")
    expect(ended(ask(page, "Hello"))).to_contain_text("asked for a tool")


def test_a_picture_in_an_answer_is_shown(page: Page) -> None:
    choose(page, "image")
    picture = ended(ask(page, "Draw")).locator("img")
    expect(picture).to_have_js_property("naturalWidth", 1)


def test_stop_ends_the_upstream_call_and_keeps_the_text(page: Page, upstream: OpenaiServer) -> None:
    choose(page, "stall")
    answer = ask(page, "Hello")
    expect(answer).to_contain_text("Hello, ")
    button(page, "Stop").click()
    assert upstream.calls[-1].wait().aborted_at is not None
    expect(ended(answer)).to_contain_text("stopped")
    assert copied(page, answer) == "Hello, "
    expect(button(page, "Send")).to_be_visible()


def test_a_chosen_model_answers_also_after_a_reload(page: Page, upstream: OpenaiServer) -> None:
    choose(page, "usage-less")
    page.reload()
    expect(button(page, "Model: usage-less, scenario")).to_be_visible()
    ended(ask(page, "Hello"))
    assert upstream.calls[-1].json["model"] == "usage-less"


def test_a_model_is_looked_for_by_its_name_or_its_provider(page: Page) -> None:
    page.keyboard.press("Control+Shift+KeyM")
    options = page.get_by_role("option")
    page.get_by_role("combobox").fill("scenario")
    expect(options.first).to_have_text("plain")
    page.get_by_role("combobox").fill("fail-4")
    expect(options).to_have_text(["fail-401", "fail-429"])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(button(page, "Model: fail-429, scenario")).to_be_visible()


def test_a_second_question_carries_the_first_and_its_answer(page: Page, upstream: OpenaiServer) -> None:
    choose(page, "plain")
    ended(ask(page, "One?"))
    ended(ask(page, "Two?"))
    said = [(message["role"], message["content"]) for message in upstream.calls[-1].json["messages"]]
    assert said == [("user", "One?"), ("assistant", "Hello, world!"), ("user", "Two?")]


def test_a_long_answer_is_followed_until_the_person_scrolls_up(page: Page) -> None:
    choose(page, "echo")
    ended(ask(page, LONG))
    expect(page.get_by_text("Paragraph 59").last).to_be_in_viewport()
    page.get_by_role("region", name="Conversation").hover()
    page.mouse.wheel(0, -3000)
    button(page, "To latest").click()
    expect(page.get_by_text("Paragraph 59").last).to_be_in_viewport()


def test_another_version_stands_where_the_person_reads(page: Page) -> None:
    choose(page, "echo")
    ended(ask(page, "Hello"))
    ended(ask(page, LONG))
    page.get_by_role("region", name="Conversation").press("Home")
    button(page, "Answer again").first.click()
    expect(page.get_by_role("group", name="Version 2 of 2")).to_be_visible()
    button(page, "Previous version").click()
    expect(page.get_by_text("Paragraph 59").last).to_be_attached()
    expect(button(page, "Next version")).to_be_in_viewport()


def test_a_question_of_another_tab_leaves_a_reader_where_they_are_and_ones_own_is_shown(page: Page) -> None:
    choose(page, "echo")
    ended(ask(page, LONG))
    other = page.context.new_page()
    visit(other, page.url)
    other.get_by_role("region", name="Conversation").press("Home")
    ended(ask(page, "And now?"))
    expect(other.locator("article")).to_have_count(4)
    expect(other.locator("article").first).to_be_in_viewport()
    expect(ask(other, "Mine?")).to_be_in_viewport()


def test_a_provider_that_did_not_answer_is_one_quiet_line(browse: Browse, upstream: OpenaiServer, tmp_path: Path) -> None:
    servers = {
        "nobody": {"base_url": "http://127.0.0.1:9/v1", "models": ["plain"]},
        "scenario": {"base_url": upstream.base_url, "models": ["plain"]},
    }
    with Platform(tmp_path, servers=servers) as platform:
        page = browse(platform)
        answer = ended(ask(page, "Hello"))
        expect(answer.get_by_text("No answer from nobody")).to_have_count(1)
        expect(answer.get_by_role("alert")).to_have_count(0)
        assert copied(page, answer) == "Hello, world!"
        page.close()


def test_what_did_not_fit_the_window_is_said_now_and_after_a_reload(browse: Browse, upstream: OpenaiServer, tmp_path: Path) -> None:
    servers = {"scenario": {"base_url": upstream.base_url, "models": ["echo"]}}
    with Platform(tmp_path, context_window=200, servers=servers) as platform:
        page = browse(platform)
        ended(ask(page, "x" * 400))
        expect(ended(ask(page, "y" * 300))).to_contain_text("2 earlier messages did not fit the model's window")
        page.reload()
        expect(page.locator("article").last).to_contain_text("2 earlier messages did not fit the model's window")
        page.close()


def test_a_browser_that_refuses_to_copy_is_told_of(page: Page) -> None:
    choose(page, "plain")
    answer = ended(ask(page, "Hello"))
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new DOMException('no', 'NotAllowedError')); }")
    answer.get_by_role("button", name="Copy answer").click()
    expect(page.get_by_text("The browser does not allow copying.")).to_be_visible()


def test_a_long_chat_begins_with_its_end_and_the_rest_comes_without_a_jump(page: Page, platform: Platform) -> None:
    page.route("**/backend-api/v2/chats/long", lambda route: route.fulfill(json=long_chat(50)))
    visit(page, f"{platform.base_url}/chat/long")
    turns, thread = page.locator("article"), page.get_by_role("region", name="Conversation")
    expect(turns).to_have_count(40)
    expect(page.get_by_text("Message 99")).to_be_in_viewport()
    for shown, first in ((80, 60), (100, 20)):
        thread.press("Home")
        expect(turns).to_have_count(shown)
        expect(page.get_by_text(f"Message {first}", exact=True)).to_be_in_viewport()
    expect(button(page, "Show older messages")).to_have_count(0)
