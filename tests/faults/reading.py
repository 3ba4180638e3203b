"""Clients: plain ones, and one that loses nothing because it goes on from the last event however often it is cut off."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import requests
from uuid_utils.compat import uuid7

from tests.faults.checker import Shown

V2 = "/backend-api/v2"
TROUBLE = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)


def events(answer: requests.Response) -> Iterator[tuple[int, str]]:
    """Yield number and data of each whole event of a stream, which is closed with the iterator."""
    number, data = 0, ""
    with answer:
        for line in answer.iter_lines(chunk_size=1, decode_unicode=False):
            name, _, value = line.decode().partition(": ")
            match name:
                case "id":
                    number = int(value)
                case "data":
                    data = value
                case "" if data:
                    yield number, data
                    number, data = 0, ""


def new_chat(base_url: str) -> str:
    """Make a chat."""
    return str(requests.post(f"{base_url}{V2}/chats", json={}, timeout=20).json()["id"])


def question(chat_id: str, model: str, text: str = "Go on.") -> dict[str, Any]:
    """Return the body of a question, under an id of ours, so that asking again does no harm."""
    said = [{"role": "user", "content": text}]
    return {"provider": "s", "model": model, "chat_id": chat_id, "message_id": str(uuid7()), "messages": said}


def ask(base_url: str, body: dict[str, Any], timeout: float = 30) -> requests.Response:
    """Ask, and return the answer to be read; a refusal is read already."""
    headers = {"Accept": "text/event-stream"}
    answer = requests.post(f"{base_url}{V2}/conversation", json=body, headers=headers, stream=True, timeout=timeout)
    assert answer.status_code == 200 or answer.content
    return answer


def status(base_url: str, body: dict[str, Any], timeout: float = 30) -> int:
    """Ask, and return the status of the answer, which is left unread."""
    with ask(base_url, body, timeout) as answer:
        return answer.status_code


def follow(base_url: str, run_id: str, after: int = 0) -> Iterator[tuple[int, str]]:
    """Yield the events of a run until it has ended."""
    with requests.get(f"{base_url}{V2}/runs/{run_id}/events", params={"after": after}, stream=True, timeout=30) as answer:
        assert answer.status_code == 200, answer.text
        yield from events(answer)


def texts(log: Iterable[tuple[int, str]]) -> str:
    """Return what events say."""
    return "".join(chunk["content"] for _, data in log if (chunk := json.loads(data))["type"] == "content")


def reason(log: Sequence[tuple[int, str]]) -> str:
    """Return why a run ended."""
    [finish] = [chunk["finish"]["reason"] for _, data in log if (chunk := json.loads(data))["type"] == "finish"]
    return str(finish)


class Reader:
    """Ask one question after another of the servers that ``address`` names, and note everything that was shown."""

    def __init__(self, address: Callable[[], str], model: str) -> None:
        self.shown: Shown = {}
        self.answers = 0
        self.away = 0.0
        """The longest time for which nobody answered, in seconds."""
        self._address, self._model = address, model
        self._session = requests.Session()

    def chat(self) -> str:
        """Make a chat, under an id of ours, so that asking again does no harm."""
        wanted = str(uuid7())
        self._until_answered("POST", f"{V2}/chats", json={"id": wanted}).close()
        return wanted

    def ask(self, chat_id: str) -> str:
        """Ask a question, read its answer to the end, and return the run."""
        body = question(chat_id, self._model)
        answer = self._until_answered("POST", f"{V2}/conversation", json=body, headers={"Accept": "text/event-stream"})
        run_id = answer.headers["X-Run-Id"]
        seen = self.shown.setdefault(run_id, {})
        while not self._read(answer, seen):
            path = f"{V2}/runs/{run_id}/events"
            answer = self._until_answered("GET", path, headers={"Last-Event-ID": str(max(seen, default=0))})
        self.answers += 1
        return run_id

    def run(self, stop: threading.Event) -> None:
        """Ask again and again."""
        chat_id = self.chat()
        while not stop.is_set():
            self.ask(chat_id)

    def _until_answered(self, method: str, path: str, **options: Any) -> requests.Response:
        began = time.monotonic()
        while True:
            try:
                answer = self._session.request(method, self._address() + path, stream=True, timeout=30, **options)
                if answer.status_code == 200:
                    self.away = max(self.away, time.monotonic() - began)
                    return answer
                assert answer.status_code in (503, 507), answer.text
            except TROUBLE:
                pass
            time.sleep(0.02)

    def _read(self, answer: requests.Response, seen: dict[int, str]) -> bool:
        """Note what comes, and return whether it was the end."""
        with answer:
            try:
                for number, data in events(answer):
                    if number == 0:
                        return False  # the server could not store the rest; the log will have an end
                    assert number == max(seen, default=0) + 1, f"event {number} after {max(seen, default=0)}"
                    seen[number] = data
                    if json.loads(data)["type"] == "usage":
                        return True
            except TROUBLE:
                pass
        return False
