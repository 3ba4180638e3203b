"""Files of any kind: dropped, read, asked about and cited, and what the page says of them meanwhile."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from tests.e2e.conftest import Browse
from tests.e2e.person import PHONE, ask, button, choose, ended, field
from tests.e2e.test_accessibility import SCHEMES, WIDE, violations
from tests.pictures import picture
from tests.reading.documents import pdf
from tests.servers.openai import OpenaiServer
from tests.servers.platform import Platform
from tests.servers.searxng import SearxngServer
from tests.servers.website import LAKES, Website

DROP = """([name, type, data]) => {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    const dropped = new DataTransfer();
    dropped.items.add(new File([bytes], name, { type }));
    for (const event of ["dragover", "drop"])
        document.querySelector("nav").dispatchEvent(new DragEvent(event, { bubbles: true, cancelable: true, dataTransfer: dropped }));
}"""
LAMP = "The lamp is lit at dusk.\n\nThe boat comes on Friday.\n"
TABLE = "place,keeper\nHead,Anna\nPoint,Boris\n"
ROAD = "The road to the lighthouse is closed in winter."
SOUND = b"RIFF\x24\x00\x00\x01WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x40\x1f\x00\x00\x01\x00\x08\x00data\x00\x00\x00\x01"
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def site() -> Iterator[Website]:
    """A web site to be found."""
    with Website() as website:
        yield website


@pytest.fixture(scope="module")
def engine(site: Website) -> Iterator[SearxngServer]:
    """A search engine that finds a page of it."""
    with SearxngServer([("Lakes", f"{site.origin}/lakes", "The deepest lake.")]) as searxng:
        yield searxng


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, upstream: OpenaiServer, site: Website, engine: SearxngServer) -> Iterator[Platform]:
    """The platform with a model that repeats what it is asked, and a web to search."""
    servers = {"scenario": {"base_url": upstream.base_url, "models": ["echo", "stall"]}}
    settings = {"servers": servers, "searxng_url": engine.origin, "web_allowed_hosts": [site.host]}
    with Platform(tmp_path_factory.mktemp("library") / "data", **settings) as platform:
        yield platform


@pytest.fixture
def desk(browse: Browse, library: Platform) -> Page:
    """Its page in English, where questions are answered with quotations."""
    page = browse(library)
    choose(page, "offline")
    return page


def drop(page: Page, name: str, data: bytes | str, media_type: str = "") -> Locator:
    """Drop a file, on the list of chats as well as anywhere, and return its chip."""
    bytes_of = data.encode() if isinstance(data, str) else data
    page.evaluate(DROP, [name, media_type, b64encode(bytes_of).decode()])
    return page.get_by_role("list", name="Files").get_by_role("listitem").filter(has_text=name)


def read(chip: Locator) -> None:
    """Wait until a file is read."""
    expect(chip).to_contain_text("ready")


def citation(answer: Locator, number: int) -> Locator:
    """Return the place where a text cites a source."""
    return answer.get_by_role("button", name=re.compile(rf"^Source {number}: "))


def sources(answer: Locator) -> Locator:
    """Return the list of what an answer cites."""
    return answer.get_by_role("region", name="Sources").get_by_role("listitem")


def slow(page: Page) -> None:
    """Let bytes leave this browser no faster than 4 MiB a second."""
    network = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 4 * MIB}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", network)


@pytest.mark.parametrize(
    ("name", "data", "question", "said", "place"),
    [
        ("lamp.txt", LAMP, "When is the lamp lit?", "The lamp is lit at dusk.", None),
        ("keepers.csv", TABLE, "Who keeps the Point?", "Boris", None),
        ("road.pdf", pdf(["The sea is grey.", ROAD]), "When is the road closed?", ROAD, "page 2"),
    ],
)
def test_a_dropped_document_is_read_and_quoted_and_its_citation_opens_the_passage(
    desk: Page, name: str, data: bytes | str, question: str, said: str, place: str | None
) -> None:
    read(drop(desk, name, data))
    answer = ended(ask(desk, question))
    expect(answer.locator("blockquote").filter(has_text=said)).to_be_visible()
    opener = citation(answer, 1).first if place is None else citation(answer.locator("p", has_text=place), 2)
    opener.click()
    dialog = desk.get_by_role("dialog", name=name)
    expect(dialog.locator("mark")).to_contain_text(said)
    expect(dialog.get_by_role("link", name=f"Save {name}")).to_have_attribute("download", name)
    if place is not None:
        expect(dialog).to_contain_text(place)
    desk.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(opener).to_be_focused()


def test_a_reload_keeps_the_files_of_a_question_and_what_its_answer_cites(desk: Page) -> None:
    read(drop(desk, "lamp.txt", LAMP))
    ended(ask(desk, "When is the lamp lit?"))
    desk.reload()
    question, answer = desk.locator("article").first, desk.locator("article").last
    with desk.expect_download() as saved:
        question.get_by_role("link", name="lamp.txt").click()
    assert saved.value.path().read_text() == LAMP
    sources(answer).get_by_role("button").first.click()
    expect(desk.get_by_role("dialog", name="lamp.txt").locator("mark")).to_contain_text("at dusk")


def test_a_picture_is_shown_small_and_leads_to_the_large_one(desk: Page) -> None:
    chip = drop(desk, "sea.png", picture(), "image/png")
    read(chip)
    expect(chip.locator("img")).to_have_js_property("complete", True)
    answer = ask(desk, "What is it?")
    question = desk.locator("article").first
    expect(question.locator("img")).to_be_visible()
    ended(answer)
    link = question.get_by_role("link", name="sea.png")
    expect(link).to_have_attribute("target", "_blank")
    assert desk.request.get(f"{desk.url.partition('/chat/')[0]}{link.get_attribute('href')}").body() == picture()


@pytest.mark.proof
def test_an_upload_that_is_cut_goes_on_where_it_was(desk: Page, library: Platform) -> None:
    data = SOUND + bytes(range(251)) * (16 * MIB // 251)
    asked: list[Request] = []
    desk.on("request", lambda request: asked.append(request))  # noqa: PLW0108  Playwright takes no built-in function
    slow(desk)
    chip = drop(desk, "waves.wav", data, "audio/wav")
    expect(chip).to_contain_text(re.compile(r"Uploading [1-9]\d%"))
    desk.context.set_offline(True)
    expect(chip).to_contain_text("No connection")
    desk.context.set_offline(False)
    read(chip)
    methods = [request.method for request in asked]
    assert (methods.count("POST"), "HEAD" in methods) == (1, True)
    uploaded = asked[methods.index("HEAD")].url.rpartition("/")[2]
    kept = library.get(f"/backend-api/v2/file/{uploaded}/content").content
    assert sha256(kept).digest() == sha256(data).digest()


def test_a_question_waits_for_its_files_to_be_there(desk: Page) -> None:
    slow(desk)
    chip = drop(desk, "waves.wav", SOUND + bytes(8 * MIB), "audio/wav")
    field(desk).fill("What is it?")
    field(desk).press("Enter")
    expect(desk.locator("main").get_by_role("status").filter(has_text="Files are on their way")).to_be_visible()
    expect(desk.locator("article")).to_have_count(0)
    expect(desk.get_by_role("button", name="Files are on their way")).to_have_attribute("aria-disabled", "true")
    read(chip)
    button(desk, "Send").click()
    expect(desk.locator("article")).to_have_count(2)


def test_a_file_is_taken_back_while_it_is_uploaded(desk: Page) -> None:
    slow(desk)
    chip = drop(desk, "waves.wav", SOUND + bytes(16 * MIB), "audio/wav")
    expect(chip).to_contain_text(re.compile(r"Uploading [1-9]"))
    with desk.expect_response(lambda response: response.request.method == "DELETE") as cancelled:
        button(desk, "Remove waves.wav").click()
    assert cancelled.value.status == 204
    expect(chip).to_have_count(0)
    expect(field(desk)).to_be_focused()


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [("scan.pdf", pdf(["", ""]), "scan"), ("tool.exe", b"MZ\x90\x00\x03" + bytes(range(256)), "Files of this kind")],
)
def test_a_file_that_is_of_no_use_says_why_and_is_not_sent(desk: Page, name: str, data: bytes, reason: str) -> None:
    chip = drop(desk, name, data)
    expect(chip).to_have_class(re.compile("failed"))
    expect(chip.locator("small")).to_contain_text(reason)
    ended(ask(desk, "What is it?"))
    expect(desk.locator("article").first).not_to_contain_text(name)


@pytest.mark.parametrize("width", [320, 390])
def test_on_a_phone_the_reason_on_a_chip_is_in_sight(browse: Browse, library: Platform, width: int) -> None:
    page = browse(library, **(PHONE | {"viewport": {"width": width, "height": 700}}))
    read(drop(page, "lamp.txt", LAMP))
    chip = drop(page, "tool.exe", b"MZ" + bytes(range(256)))
    expect(chip).to_have_class(re.compile("failed"))
    expect(chip.locator("small")).to_be_in_viewport(ratio=1)


def test_a_number_is_a_citation_only_where_it_means_a_source(browse: Browse, library: Platform) -> None:
    page = browse(library)
    read(drop(page, "lamp.txt", LAMP))
    choose(page, "echo")
    answer = ended(ask(page, "Known [1], `code [1]`, both [1, 1], unknown [7] and [a link [1]](https://example.com)"))
    said = answer.locator("p").last
    expect(citation(said, 1)).to_have_count(3)
    expect(said.locator("code")).to_have_text("code [1]")
    expect(said).to_contain_text("unknown [7] and a link [1]")


def test_a_wanted_search_of_the_web_is_cited_with_its_address(browse: Browse, library: Platform, site: Website) -> None:
    page = browse(library)
    choose(page, "echo")
    button(page, "Web search").click()
    expect(button(page, "Web search")).to_have_attribute("aria-pressed", "true")
    answer = ended(ask(page, "How deep is Lake Baikal? [1]"))
    citation(answer, 1).last.click()
    dialog = page.get_by_role("dialog", name="Lakes")
    expect(dialog).to_contain_text(LAKES)
    link = dialog.get_by_role("link", name=f"{site.origin}/lakes")
    expect(link).to_have_attribute("rel", re.compile("noopener noreferrer"))


def test_a_search_that_fails_is_one_quiet_line_and_the_answer_goes_on(browse: Browse, library: Platform) -> None:
    page = browse(library)
    choose(page, "echo")
    button(page, "Web search").click()
    answer = ended(ask(page, "busy"))
    expect(answer.locator(".notice")).to_have_count(1)
    expect(answer.locator(".notice")).not_to_contain_text("No answer from")
    expect(answer.locator(".markdown")).to_contain_text("busy")


def test_without_a_search_engine_the_button_says_so(page: Page) -> None:
    toggle = button(page, "Web search is not set up on this server")
    toggle.press("Enter")
    expect(toggle).to_have_attribute("aria-pressed", "false")


def test_settings_say_how_much_room_files_take(desk: Page) -> None:
    read(drop(desk, "lamp.txt", LAMP))
    desk.keyboard.press("Control+Period")
    expect(desk.get_by_role("dialog", name="Settings")).to_contain_text(re.compile(r"of 21.5 GB, \d+ files?"))


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("screen", [WIDE, PHONE | {"viewport": {"width": 360, "height": 740}}], ids=["wide", "phone"])
def test_files_and_citations_are_accessible_and_fit(browse: Browse, library: Platform, screen: dict[str, object], scheme: str) -> None:
    page = browse(library, color_scheme=scheme, reduced_motion="reduce", locale="ru-RU", **screen)
    page.evaluate(DROP, ["lamp.txt", "", b64encode(LAMP.encode()).decode()])
    page.evaluate(DROP, ["sea.png", "image/png", b64encode(picture()).decode()])
    page.evaluate(DROP, ["scan.pdf", "", b64encode(pdf([""])).decode()])
    expect(page.locator("small", has_text="готово")).to_have_count(2)
    expect(page.locator("li.failed")).to_have_count(1)
    found = {"chips": violations(page)}
    choose(page, "echo")
    answer = ended(ask(page, "Так [1]?"))
    expect(answer.get_by_role("region", name="Источники")).to_be_visible()
    found["thread"] = violations(page)
    answer.get_by_role("button", name="Источник 1: lamp.txt").last.click()
    expect(page.locator("mark")).to_be_visible()
    found["passage"] = violations(page)
    assert {state: each for state, each in found.items() if each} == {}
    assert page.evaluate("() => document.documentElement.scrollWidth") == page.evaluate("() => innerWidth")
