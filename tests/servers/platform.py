"""The platform itself on a real socket, in a background thread."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import requests
from flask import Flask

from g4f.gui.server.app import create_app
from g4f.gui.server.backend_api import Backend_Api
from g4f.gui.server.hosting import Server, bridge, configuration
from g4f.gui.server.protocol import Protocol
from tests.databases import database_url
from tests.stores import store_settings

CONVERSATION = "/backend-api/v2/conversation"


class Platform:
    """Serve the platform with these settings, on the database and the store the tests run on; ``base_url`` is where.

    No Ollama is looked for unless asked, because one may run on the machine; nor are tokens counted, which takes a process.
    """

    factory: Callable[[dict[str, Any]], Flask] = staticmethod(create_app)
    protocol: type[Protocol] = Protocol

    def __init__(self, data_dir: Path, **settings: Any) -> None:
        own = {"data_dir": str(data_dir), "database_url": database_url(data_dir), **store_settings(data_dir)}
        self.app = self.factory({**own, "ollama": False, "count_tokens": False, "stop_timeout": 1, **settings})
        self.api: Backend_Api = self.app.extensions["g4f"]
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.base_url = f"http://127.0.0.1:{self.port}"
        configured = configuration(bridge(self.app, self.api))
        configured.http = self.protocol
        self._server = Server(configured, self.api)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._listener]}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        deadline = time.monotonic() + 10
        while not self._server.started:
            assert self._thread.is_alive(), "the server did not start"
            assert time.monotonic() < deadline, "the server did not start within 10 s"
            time.sleep(0.005)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()
        self.api.close()

    @property
    def alive(self) -> bool:
        """Return whether the server runs."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """End the server as a signal does."""
        self._server.should_exit = True
        self._thread.join(15)

    def post(self, body: Any, path: str = CONVERSATION, **options: Any) -> requests.Response:
        """Post JSON and return the whole answer."""
        return requests.post(self.base_url + path, json=body, timeout=20, **options)

    def get(self, path: str, **options: Any) -> requests.Response:
        """Get a path."""
        return requests.get(self.base_url + path, timeout=20, **options)

    def chunks(self, body: Any, **options: Any) -> list[dict[str, Any]]:
        """Post a conversation and return its chunks, read as JSON lines."""
        answer = self.post(body, params={"framing": "ndjson"}, **options)
        assert answer.status_code == 200, answer.text
        return [json.loads(line) for line in answer.iter_lines()]


def said(chunks: list[dict[str, Any]]) -> str:
    """Return the text of an answer."""
    return "".join(chunk["content"] for chunk in chunks if chunk["type"] == "content")


def question(text: str = "Hello", **fields: Any) -> dict[str, Any]:
    """Return the body that asks one question."""
    return {"messages": [{"role": "user", "content": text}], **fields}
