"""What answers used: beside each of them, and summed up."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Browse
from tests.e2e.person import PHONE, ask, button, choose, ended, field
from tests.e2e.test_accessibility import SCHEMES, WIDE, violations
from tests.servers.openai import OpenaiServer
from tests.servers.platform import Platform
from tests.servers.website import RIVERS, Website

NARROW = PHONE | {"viewport": {"width": 360, "height": 740}}


@pytest.fixture(scope="module")
def site() -> Iterator[Website]:
    """A web site to be read."""
    with Website() as website:
        yield website


@pytest.fixture
def shop(tmp_path: Path, upstream: OpenaiServer, site: Website) -> Iterator[Platform]:
    """The platform with a model whose price is known, and which may read a web site."""
    servers = {"scenario": {"base_url": upstream.base_url, "models": ["plain", "fail-401", "echo"]}}
    prices = {"plain": {"input": 1_000_000, "output": 2_000_000}}
    with Platform(tmp_path, servers=servers, prices=prices, web_allowed_hosts=[site.host]) as platform:
        yield platform


def used(page: Page) -> Page:
    """Have three answers, of which one fails: 3 tokens are sent to ``plain`` and come back as 4."""
    for model, question in (("plain", "Hello you there"), ("offline", "Hello"), ("fail-401", "Hello")):
        button(page, "New chat").click()
        choose(page, model)
        ended(ask(page, question))
    return page


def panel(page: Page) -> Locator:
    """Open the panel of what was used."""
    if page.get_by_role("button", name="Open menu").is_visible():
        button(page, "Open menu").click()
    button(page, "Usage").click()
    return page.get_by_role("dialog", name="Usage")


def cells(sums: Locator, name: str) -> list[str]:
    """Return a row of the table."""
    row = sums.get_by_role("row").filter(has=sums.page.get_by_role("rowheader", name=name, exact=True))
    return row.get_by_role("cell").all_inner_texts()


def test_an_answer_tells_its_tokens_and_those_of_the_question_also_after_a_reload(browse: Browse, shop: Platform) -> None:
    page = browse(shop)
    choose(page, "plain")
    answer = ended(ask(page, "Hello you there"))
    expect(answer).to_contain_text(re.compile(r"4 tokens\s*prompt: 3"))
    page.reload()
    expect(page.locator("article").last).to_contain_text(re.compile(r"4 tokens\s*prompt: 3"))


def test_the_sums_are_those_of_the_answers(browse: Browse, shop: Platform) -> None:
    page = used(browse(shop))
    sums = panel(page)
    expect(sums.locator("dl")).to_contain_text(re.compile(r"Requests\s*3"))
    sums.get_by_text("Models").click()
    expect(sums.get_by_role("rowheader", name="plain")).to_be_visible()
    count, sent, received, cost, first, errors = cells(sums, "plain")
    assert (count, sent, received, cost, errors) == ("1", "3", "4", "$11.00", "0")
    assert first.endswith("sec")
    assert cells(sums, "fail-401")[5] == "1"
    expect(sums.get_by_role("region", name="Errors by kind")).to_contain_text("MissingAuthError 1")
    sums.get_by_text("Providers").click()
    expect(sums.get_by_role("rowheader", name="Offline")).to_be_visible()


def test_the_day_is_drawn_and_named(browse: Browse, shop: Platform) -> None:
    page = used(browse(shop))
    sums = panel(page)
    chart = sums.get_by_role("img")
    expect(chart).to_have_accessible_name(re.compile(r"Tokens by day, most of them on \w+ \d+: \d+"))
    expect(chart.locator("rect")).to_have_count(60)
    sums.get_by_text("7 days").click()
    expect(chart.locator("rect")).to_have_count(14)
    assert chart.locator("rect").last.evaluate("(bar) => bar.getBBox().height > 0")


def test_the_sums_are_saved_as_csv(browse: Browse, shop: Platform) -> None:
    page = used(browse(shop))
    sums = panel(page)
    sums.get_by_text("Models").click()
    expect(sums.get_by_role("rowheader", name="plain")).to_be_visible()
    with page.expect_download() as saved:
        sums.get_by_role("link", name="Save as CSV").click()
    rows = {row["model"]: row for row in csv.DictReader(io.StringIO(saved.value.path().read_text()))}
    assert (rows["plain"]["prompt_tokens"], rows["plain"]["cost_micros USD"]) == ("3", "11000000")


def test_a_budget_is_warned_of_then_spent_and_drawn_in_the_language_of_the_person(
    browse: Browse, tmp_path: Path, upstream: OpenaiServer
) -> None:
    servers = {"scenario": {"base_url": upstream.base_url, "models": ["plain"]}}
    budgets = ({"scope": "owner", "period": "month", "tokens": 9}, {"scope": "owner", "period": "day", "tokens": 700, "warn": 0.01})
    with Platform(tmp_path, servers=servers, budgets=budgets) as server:
        page = browse(server, locale="ru-RU")
        choose(page, "plain")
        first, second, third = (ended(ask(page, "Hello you there")) for _ in range(3))
        expect(first.get_by_role("alert")).to_have_count(0)
        expect(second.locator(".notice").last).to_contain_text(
            re.compile(r"Израсходовано 1.% бюджета: 700 токенов в день\. Новый начнётся")
        )
        expect(third.get_by_role("alert")).to_contain_text(re.compile(r"Бюджет исчерпан: 9 токенов в месяц\. Новый начнётся 1 "))
        button(page, "Статистика").click()
        bars = page.get_by_role("region", name="Бюджеты").get_by_role("listitem")
        expect(bars.nth(0)).to_contain_text("исчерпан")
        expect(bars.nth(0)).to_have_class(re.compile("over"))
        expect(bars.nth(1)).to_contain_text(re.compile(r"700 токенов в день.*израсходовано [12].%"))
        assert bars.nth(0).locator("rect").first.get_attribute("width") == "100"


def test_before_the_first_answer_there_is_nothing_to_sum_up(browse: Browse, shop: Platform) -> None:
    page = browse(shop)
    expect(panel(page)).to_contain_text("Numbers appear here after the first answer.")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(button(page, "Usage")).to_be_focused()


@pytest.mark.parametrize("screen", [WIDE, NARROW], ids=["wide", "phone"])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_sums_are_accessible_and_narrow(browse: Browse, shop: Platform, screen: dict[str, Any], scheme: str) -> None:
    page = browse(shop, color_scheme=scheme, reduced_motion="reduce", **screen)
    choose(page, "plain")
    ended(ask(page, "Hello"))
    sums = panel(page)
    expect(sums.get_by_role("img")).to_be_visible()
    found = {"days": violations(page)}
    sums.get_by_text("Models").click()
    expect(sums.get_by_role("rowheader", name="plain")).to_be_visible()
    found["models"] = violations(page)
    assert {state: each for state, each in found.items() if each} == {}
    assert sums.evaluate("(dialog) => dialog.scrollWidth <= dialog.clientWidth")


def test_a_page_whose_address_is_written_is_read_and_attached(browse: Browse, shop: Platform, site: Website) -> None:
    page = browse(shop)
    choose(page, "echo")
    field(page).fill(f"How long is the Volga? {site.origin}/rivers")
    page.get_by_role("button", name="Read this page: ").click()
    chip = page.get_by_role("list", name="Files").get_by_role("listitem")
    expect(chip).to_contain_text("ready")
    expect(page.get_by_role("button", name="Read this page: ")).to_have_count(0)
    field(page).press("Enter")
    answer = page.locator("article").last
    expect(answer).to_contain_text(RIVERS)
    expect(page.locator("article").first).to_contain_text("Rivers")


def test_a_page_that_cannot_be_had_says_why_on_its_chip(browse: Browse, shop: Platform, site: Website) -> None:
    page = browse(shop)
    field(page).fill(f"{site.origin}/nowhere")
    page.get_by_role("button", name="Read this page: ").click()
    chip = page.get_by_role("list", name="Files").get_by_role("listitem")
    expect(chip).to_have_class(re.compile("failed"))
    expect(chip).to_contain_text("404")
    chip.get_by_role("button", name="Remove ").click()
    expect(page.get_by_role("button", name="Read this page: ")).to_be_visible()


def test_sums_that_cannot_be_fetched_leave_the_page_as_it_was(browse: Browse, shop: Platform) -> None:
    page = browse(shop)
    page.context.set_offline(True)
    button(page, "Usage").click()
    expect(page.get_by_text("No connection to the server")).to_be_visible()
    page.context.set_offline(False)
    button(page, "Usage").click()
    expect(page.get_by_role("dialog", name="Usage")).to_be_visible()
    page.context.set_offline(True)
    page.get_by_text("7 days").click()
    expect(page.get_by_role("alert")).to_have_text("The sums did not load: No connection to the server")
