"""Speech over HTTP: texts, answers that are still being written, recordings, and what is refused."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import psutil
import pytest
import requests

from tests.servers.openai import OpenaiServer
from tests.servers.platform import Platform, question
from tests.servers.raw import connected, refused
from tests.servers.speech import SAID, AudioServer

V2 = "/backend-api/v2"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The platform with a server for speech and one for answers."""
    with AudioServer() as voices, OpenaiServer(pace=0.05) as upstream:
        speech = {"base_url": voices.base_url, "transcription_model": "plain"}
        settings = {"servers": {"scenario": {"base_url": upstream.base_url, "models": ["slow"]}}, "speech_servers": {"box": speech}}
        with Platform(tmp_path_factory.mktemp("speech") / "data", **settings) as platform:
            yield platform


def seconds_of(sound: bytes) -> float:
    """Return how long a wav is; its header may not know."""
    with wave.open(io.BytesIO(sound)) as file:
        second: int = file.getframerate() * file.getnchannels() * file.getsampwidth()
    return (len(sound) - 44) / second


def until(condition: Callable[[], object]) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def spoken(server: Platform, text: str, engine: str = "espeak", **asked: str) -> requests.Response:
    return server.get(f"{V2}/synthesize/{engine}", params={"text": text, "format": "wav", **asked})


def test_a_text_is_read_aloud_without_any_network(server: Platform) -> None:
    answer = spoken(server, "Good morning.")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "audio/wav")
    assert answer.headers["Cache-Control"] == "private, max-age=604800"
    assert seconds_of(spoken(server, "Good morning. Доброе утро всем, кто нас слышит.").content) > seconds_of(answer.content) > 0.3


def test_a_long_text_may_be_posted(server: Platform) -> None:
    answer = server.post({"text": "One sentence after the other. " * 20, "format": "wav"}, f"{V2}/synthesize/espeak")
    assert seconds_of(answer.content) > 10


def test_a_range_of_the_sound_is_given(server: Platform) -> None:
    whole = spoken(server, "Good morning.").content
    part = server.get(f"{V2}/synthesize/espeak", params={"text": "Good morning.", "format": "wav"}, headers={"Range": "bytes=0-43"})
    assert (part.status_code, part.content) == (206, whole[:44])


def ask(server: Platform, method: str = "GET", **headers: str) -> requests.Response:
    """Ask for the same sound with some headers."""
    asked = {"text": "Good morning.", "format": "wav"}
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.request(method, f"{server.base_url}{V2}/synthesize/espeak", params=asked, headers=headers, timeout=20)


def test_a_player_goes_on_with_the_sound_it_began(server: Platform) -> None:
    whole, first = spoken(server, "Good morning.").content, ask(server, Range="bytes=0-99")
    rest = ask(server, Range="bytes=100-", If_Range=first.headers["ETag"])
    assert (rest.status_code, first.content + rest.content) == (206, whole)
    assert rest.headers["Content-Range"] == f"bytes 100-{len(whole) - 1}/{len(whole)}"
    assert ask(server, Range="bytes=-10").content == whole[-10:]


def test_a_player_that_began_another_sound_gets_all_of_this_one(server: Platform) -> None:
    answer = ask(server, Range="bytes=100-", If_Range='"another"')
    assert (answer.status_code, answer.content) == (200, spoken(server, "Good morning.").content)


def test_a_range_outside_is_refused_with_the_length(server: Platform) -> None:
    answer = ask(server, Range="bytes=10000000-")
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(spoken(server, 'Good morning.').content)}"


def test_the_head_tells_what_the_sound_is_without_it(server: Platform) -> None:
    answer = ask(server, "HEAD")
    assert (answer.status_code, answer.content, answer.headers["Accept-Ranges"]) == (200, b"", "bytes")
    assert int(answer.headers["Content-Length"]) == len(spoken(server, "Good morning.").content)
    assert ask(server, "HEAD", If_None_Match=answer.headers["ETag"]).status_code == 304
    assert ask(server, Range="bytes=0-9", If_Range=answer.headers["ETag"]).status_code == 206


def test_a_text_that_was_read_is_not_read_again_after_a_restart(tmp_path: Path) -> None:
    with AudioServer() as voices:
        settings = {"speech_servers": {"box": {"base_url": voices.base_url, "model": "plain"}}}
        heard = []
        for _ in range(2):
            with Platform(tmp_path / "data", **settings) as platform:
                heard.append(spoken(platform, "Good morning.", "box").content)
                until(lambda: platform.get(f"{V2}/storage").json()["sounds"] > 0)
        assert heard[0] == heard[1] != b""
        assert len(voices.calls) == 1


def readers() -> list[psutil.Process]:
    """Return the processes that read aloud."""
    found = list[psutil.Process]()
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):
            found += [child] if "espeak.py" in "".join(child.cmdline()) else []
    return found


def frozen() -> bool:
    """Freeze a process that reads aloud, which then never comes to its end; return whether one is."""
    for each in readers():
        with suppress(psutil.NoSuchProcess):
            each.suspend()
            return bool(each.status() == psutil.STATUS_STOPPED)
    return False


@pytest.mark.parametrize(("header", "heard"), [("Accept: */*", 0), ("Accept: */*", 1), ("Range: bytes=0-9", 0)])
def test_whoever_leaves_ends_the_synthesis(server: Platform, header: str, heard: int) -> None:
    text = " ".join(f"This is sentence number {number} of {uuid4().int}." for number in range(200))
    body = json.dumps({"text": text, "format": "wav"})
    head = f"POST {V2}/synthesize/espeak HTTP/1.1\r\nHost: localhost:{server.port}\r\n{header}\r\nContent-Type: application/json\r\n"
    with connected(server.port) as connection:
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        until(lambda: len(connection.recv(65536 * heard)) >= heard and frozen())
    until(lambda: not readers())


def test_an_answer_is_read_aloud_while_it_is_written(server: Platform) -> None:
    chat = server.post({}, f"{V2}/chats").json()["id"]
    body = question(chat_id=chat, provider="scenario", model="slow")
    with requests.post(f"{server.base_url}{V2}/conversation", json=body, stream=True, timeout=20) as answer:
        run = answer.headers["X-Run-Id"]
        sound = server.get(f"{V2}/runs/{run}/speech", params={"engine": "espeak", "format": "wav"})
    assert sound.headers["Content-Type"] == "audio/wav"
    assert seconds_of(sound.content) > 0.5


def test_engines_and_voices_are_listed(server: Platform) -> None:
    listed = server.get(f"{V2}/speech").json()
    assert {"espeak", "gtts", "box"} <= {engine["name"] for engine in listed["engines"]}
    assert listed["transcribers"] == ["box"]
    languages = {voice["language"] for voice in server.get(f"{V2}/speech/espeak/voices").json()}
    assert {"en", "ru"} <= {language.partition("-")[0] for language in languages}


def test_a_recording_is_written_down(server: Platform) -> None:
    sound = spoken(server, "Good morning.").content
    answer = requests.post(f"{server.base_url}{V2}/transcribe", files={"file": ("a.wav", sound, "audio/wav")}, timeout=20)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"text": SAID}


@pytest.mark.parametrize(("engine", "text", "status"), [
    ("espeak", "", 422), ("espeak", "?!...", 422), ("espeak", "a" * 5000 + "🦊", 200), ("nobody", "Hello", 404),
])  # fmt: skip
def test_what_cannot_be_read_is_refused_with_the_reason(server: Platform, engine: str, text: str, status: int) -> None:
    answer = server.post({"text": text, "format": "wav"}, f"{V2}/synthesize/{engine}")
    assert answer.status_code == status
    if status != 200:
        refused(answer.status_code, answer.content)


def test_a_text_that_is_too_long_is_refused(server: Platform) -> None:
    assert server.post({"text": "a " * 50_001}, f"{V2}/synthesize/espeak").status_code == 413


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_link_on_another_page_has_nothing_read_aloud(server: Platform, site: str) -> None:
    headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate"}
    answer = server.get(f"{V2}/synthesize/espeak", params={"text": "Hello"}, headers=headers)
    assert answer.status_code == 403


def test_the_command_writes_a_file(tmp_path: Path) -> None:
    out = tmp_path / "hello.wav"
    subprocess.run([sys.executable, "-m", "g4f", "say", "Good morning.", "-o", out, "--engine", "espeak"], check=True, timeout=30)
    assert seconds_of(out.read_bytes()) > 0.3
