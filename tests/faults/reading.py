"""A client that loses nothing: it asks, reads events, and goes on from the last one however often it is cut off."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import requests
from uuid_utils.compat import uuid7

from tests.faults.checker import Shown

V2 = "/backend-api/v2"
TROUBLE = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)


def events(answer: requests.Response) -> Iterator[tuple[int, str]]:
    """Yield number and data of each whole event of a stream."""
    number, data = 0, ""
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


class Reader:
    """Ask one question after another of the servers that ``address`` names, and note everything that was shown."""

    def __init__(self, address: Callable[[], str], body: dict[str, Any]) -> None:
        self.shown: Shown = {}
        self.answers = 0
        self._address, self._body = address, body
        self._session = requests.Session()

    def chat(self) -> str:
        """Make a chat, under an id of ours, so that asking again does no harm."""
        wanted = str(uuid7())
        self._until_answered("POST", f"{V2}/chats", json={"id": wanted}).close()
        return wanted

    def ask(self, chat_id: str) -> str:
        """Ask a question, read its answer to the end, and return the run."""
        body = self._body | {"chat_id": chat_id, "message_id": str(uuid7()), "messages": [{"role": "user", "content": "Go on."}]}
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
        while True:
            try:
                answer = self._session.request(method, self._address() + path, stream=True, timeout=30, **options)
                if answer.status_code == 200:
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
