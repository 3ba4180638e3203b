"""Answers read aloud sentence by sentence, and words dictated."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Browse
from tests.e2e.person import PHONE, ask, button, choose, ended, field, visit
from tests.e2e.test_accessibility import SCHEMES, WIDE, violations
from tests.servers.http import Answer, Call, HttpServer
from tests.servers.openai import OpenaiServer, event
from tests.servers.platform import Platform
from tests.servers.speech import SAID, AudioServer

FIRST, SECOND = "The lamp is lit at dusk.", "The boat comes on Friday."
STORY = f"{FIRST} {SECOND}\n\n```python\nprint(1)\n```\n\nThe end."
HEARD = """() => {
    window.heard = [];
    const play = HTMLMediaElement.prototype.play;
    HTMLMediaElement.prototype.play = function () {
        if (this.src.startsWith("blob:")) window.heard.push(this);
        return play.call(this);
    };
}"""
MARKED = """() => [...(CSS.highlights.get("spoken") ?? [])].map((place) => {
    const range = new Range();
    range.setStart(place.startContainer, place.startOffset);
    range.setEnd(place.endContainer, place.endOffset);
    return range.toString();
}).join("")"""


VOICE = """() => {
    window.said = [];
    const speak = (words) => {
        window.said.push([words.text, words.lang]);
        setTimeout(() => words.dispatchEvent(new Event("end")));
    };
    const voice = { getVoices: () => [{}], speak, cancel() {}, pause() {}, resume() {} };
    Object.defineProperty(window, "speechSynthesis", { value: voice });
}"""
RECOGNISER = """() => {
    window.SpeechRecognition = window.webkitSpeechRecognition = class extends EventTarget {
        start() {}
        stop() {
            this.dispatchEvent(Object.assign(new Event("result"), { results: [[{ transcript: "Good morning" }]] }));
            this.dispatchEvent(new Event("end"));
        }
    };
}"""


class Teller(HttpServer):
    """A model that says a sentence and a half, and the rest when it is told to."""

    def __init__(self) -> None:
        super().__init__(self._tell)
        self.go_on = threading.Event()

    async def _tell(self, call: Call, answer: Answer) -> None:
        await answer.start(headers={"content-type": "text/event-stream"})
        await answer.send(event({"choices": [{"index": 0, "delta": {"content": f"{FIRST} The boat"}}]}))
        while not self.go_on.is_set():  # noqa: ASYNC110  the event is one of threads
            await asyncio.sleep(0.01)
        delta = {"index": 0, "delta": {"content": " comes on Friday."}, "finish_reason": "stop"}
        await answer.send(event({"choices": [delta]}) + b"data: [DONE]\n\n")
        await answer.finish()


@pytest.fixture(scope="module")
def teller() -> Iterator[Teller]:
    """A model that waits in the middle."""
    with Teller() as server:
        yield server


@pytest.fixture(scope="module")
def audio() -> Iterator[AudioServer]:
    """A server that speaks and listens."""
    with AudioServer() as server:
        yield server


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory, upstream: OpenaiServer, teller: Teller, audio: AudioServer) -> Iterator[Platform]:
    """The platform with eSpeak NG, a server that speaks and one that cannot."""
    servers = {
        "scenario": {"base_url": upstream.base_url, "models": ["echo"]},
        "teller": {"base_url": f"{teller.origin}/v1", "models": ["story"]},
    }
    speakers = {
        "kokoro": {"base_url": audio.base_url, "model": "plain", "voices": ["anna"], "transcription_model": "plain"},
        "mute": {"base_url": audio.base_url, "model": "fail-500", "voices": ["anna"]},
    }
    settings = {"servers": servers, "speech_servers": speakers, "speech_engine": "espeak"}
    with Platform(tmp_path_factory.mktemp("reader") / "data", **settings) as platform:
        yield platform


@pytest.fixture
def room(browse: Browse, reader: Platform) -> Page:
    """Its page in English, where it is noted what plays."""
    return listening(browse(reader))


def listening(page: Page) -> Page:
    """Note what plays on a page."""
    page.evaluate(HEARD)
    return page


def told(page: Page, text: str = STORY) -> Locator:
    """Have a text as an answer."""
    choose(page, "echo")
    return ended(ask(page, text))


def line(page: Page) -> Locator:
    """Return the line of the player."""
    return page.get_by_role("region", name="Reading aloud")


def marked(page: Page, text: str) -> None:
    """Wait until this is what is marked as spoken."""
    page.wait_for_function(f"(text) => ({MARKED})() === text", arg=text)


def prefer(page: Page, engine: str) -> None:
    """Choose in the settings who reads aloud."""
    page.keyboard.press("Control+Period")
    page.get_by_label("Reads aloud").select_option(engine)
    page.keyboard.press("Escape")


def test_an_answer_is_heard_to_its_end_and_each_sentence_is_marked_in_its_turn(room: Page) -> None:
    answer = told(room)
    answer.get_by_role("button", name="Read aloud").click()
    marked(room, FIRST)
    expect(line(room)).to_contain_text(FIRST)
    room.wait_for_function("() => window.heard[0].currentTime > 0 && !window.heard[0].paused")
    assert room.evaluate("() => window.heard[0].duration") > 1
    room.get_by_label("Speed").select_option("2")
    marked(room, SECOND)
    marked(room, "print(1)")
    marked(room, "The end.")
    expect(line(room)).to_have_count(0)
    marked(room, "")
    assert room.evaluate("() => [window.heard.length, window.heard[0].defaultPlaybackRate]") == [4, 2]


def test_reading_is_halted_taken_up_and_stopped(room: Page) -> None:
    answer = told(room)
    answer.get_by_role("button", name="Read aloud").click()
    room.wait_for_function("() => window.heard[0]?.currentTime > 0.1")
    button(room, "Pause").click()
    at = room.evaluate("() => window.heard[0].currentTime")
    assert room.evaluate("() => window.heard[0].paused")
    button(room, "Go on").click()
    room.wait_for_function("(at) => window.heard[0].currentTime > at", arg=at)
    line(room).get_by_role("button", name="Stop reading").click()
    expect(line(room)).to_have_count(0)
    assert room.evaluate("() => window.heard[0].paused")
    expect(field(room)).to_be_focused()


def test_the_first_sentence_is_heard_while_the_answer_is_still_written(room: Page, teller: Teller) -> None:
    choose(room, "story")
    answer = ask(room, "Tell me")
    answer.get_by_role("button", name="Read aloud").click()
    marked(room, FIRST)
    room.wait_for_function("() => window.heard[0]?.currentTime > 0")
    expect(answer).to_have_attribute("aria-busy", "true")
    room.wait_for_function("() => window.heard[0].ended")
    assert room.evaluate("() => window.heard.length") == 1
    teller.go_on.set()
    marked(room, SECOND)


def test_an_answer_that_leaves_the_page_is_not_read_any_more(room: Page) -> None:
    told(room).get_by_role("button", name="Read aloud").click()
    marked(room, FIRST)
    button(room, "New chat").click()
    expect(line(room)).to_have_count(0)
    assert room.evaluate("() => window.heard.every(({ paused }) => paused)")


def test_an_engine_that_fails_says_why_and_another_reads_on(room: Page) -> None:
    prefer(room, "mute")
    told(room).get_by_role("button", name="Read aloud").click()
    alert = line(room).get_by_role("alert")
    expect(alert).to_contain_text("answered 500")
    alert.get_by_role("button", name="Read with: eSpeak").click()
    marked(room, FIRST)
    room.wait_for_function("() => window.heard[0]?.currentTime > 0")


def test_the_voice_of_the_browser_is_the_last_resort(room: Page) -> None:
    room.evaluate(VOICE)
    prefer(room, "mute")
    told(room, f"{FIRST} Привет!").get_by_role("button", name="Read aloud").click()
    button(room, "Read with: eSpeak NG").wait_for()
    prefer(room, "browser")
    line(room).get_by_role("button", name="Stop reading").click()
    button(room, "Read aloud").click()
    room.wait_for_function("() => window.said.length === 2")
    assert room.evaluate("() => window.said") == [[FIRST, "en"], ["Привет!", "ru"]]
    expect(line(room)).to_have_count(0)


def test_the_chosen_engine_and_voice_are_asked_and_the_network_is_named(room: Page, audio: AudioServer) -> None:
    room.keyboard.press("Control+Period")
    dialog = room.get_by_role("dialog", name="Settings")
    expect(dialog).to_contain_text("Over the network, where the text is sent: ")
    expect(dialog).to_contain_text("The text stays on this server with: eSpeak")
    room.get_by_label("Reads aloud").select_option("kokoro")
    room.get_by_label("Voice").select_option("anna")
    visit(room, room.url)
    told(room, FIRST).get_by_role("button", name="Read aloud").click()
    expect(line(room)).to_contain_text("over the network")
    marked(room, FIRST)
    asked = audio.calls[-1].json
    assert (asked["input"], asked["voice"]) == (FIRST, "anna")


@pytest.mark.parametrize("screen", [WIDE, PHONE | {"viewport": {"width": 360, "height": 700}}], ids=["wide", "phone"])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_player_is_accessible_and_narrow(browse: Browse, reader: Platform, screen: dict[str, object], scheme: str) -> None:
    page = browse(reader, color_scheme=scheme, reduced_motion="reduce", **screen)
    prefer(page, "mute")
    told(page).get_by_role("button", name="Read aloud").click()
    expect(line(page).get_by_role("alert")).to_be_visible()
    found = {"broken": violations(page)}
    page.get_by_role("button", name="Read with: eSpeak").click()
    button(page, "Pause").click()
    found["reading"] = violations(page)
    page.keyboard.press("Control+Period")
    found["settings"] = violations(page)
    assert {state: each for state, each in found.items() if each} == {}
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_what_is_dictated_stands_at_the_caret(browse: Browse, reader: Platform, audio: AudioServer) -> None:
    page = browse(reader, permissions=["microphone"])
    page.evaluate(MICROPHONE)
    field(page).fill("He said: Really?")
    page.evaluate("() => document.querySelector('#composer').setSelectionRange(8, 8)")
    button(page, "Dictate").click()
    button(page, "Stop recording").click()
    expect(field(page)).to_have_value(f"He said: {SAID} Really?")
    expect(field(page)).to_be_focused()
    assert b'filename="speech.webm"' in audio.calls[-1].body


MICROPHONE = """() => {
    const sound = new AudioContext();
    const tone = sound.createOscillator();
    const end = sound.createMediaStreamDestination();
    tone.connect(end);
    tone.start();
    navigator.mediaDevices.getUserMedia = async () => end.stream;
}"""


def test_nobody_dictates_where_nothing_is_set_up(page: Page) -> None:
    expect(button(page, "Attach files")).to_be_visible()
    expect(button(page, "Dictate")).to_have_count(0)


def test_a_microphone_that_is_refused_is_explained(room: Page) -> None:
    room.evaluate("() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError')); }")
    button(room, "Dictate").click()
    expect(room.get_by_text("This page may not use the microphone.")).to_be_visible()
    expect(button(room, "Dictate")).to_be_visible()


def test_the_recogniser_of_the_browser_listens_only_to_those_who_chose_it(page: Page) -> None:
    page.evaluate(RECOGNISER)
    page.evaluate(MICROPHONE)
    expect(button(page, "Dictate")).to_have_count(0)
    page.keyboard.press("Control+Period")
    page.get_by_label("Dictate with the recogniser of this browser").check()
    page.keyboard.press("Escape")
    button(page, "Dictate").click()
    button(page, "Stop recording").click()
    expect(field(page)).to_have_value("Good morning")
