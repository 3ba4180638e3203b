"""Who is measured: nginx, the practical limit, and g4f. How each is asked and how its answer reads."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from typing import ClassVar

import msgspec
from typing_extensions import override

from benchmarks import cpu


class Target(ABC):
    """A running server under test: how it is asked and how its answer reads."""

    name: ClassVar[str]
    chat_path: ClassVar[str]
    models_path: ClassVar[str]
    version_path: ClassVar[str]

    def __init__(self, port: int, pid: int) -> None:
        self.port = port
        self.pid = pid
        self.idle_bytes = cpu.pss_bytes(pid)

    @abstractmethod
    def question(self, model: str, text: str) -> dict[str, object]:
        """Return the body of a conversation request."""

    @abstractmethod
    def content(self, line: bytes) -> str:
        """Return the content one line of the answer carries, often none; raise ValueError for a reported failure."""

    def chat(self, model: str, text: str = "Please answer.") -> bytes:
        """Return a whole conversation request."""
        body = json.dumps(self.question(model, text)).encode()
        return self._head("POST", self.chat_path, "Content-Type: application/json", f"Content-Length: {len(body)}") + body

    def get(self, path: str) -> bytes:
        """Return a whole GET request."""
        return self._head("GET", path)

    def _head(self, method: str, path: str, *headers: str) -> bytes:
        return "\r\n".join((f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", *headers, "\r\n")).encode()


class _Delta(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    delta: _Delta


class _Chunk(msgspec.Struct):
    choices: list[_Choice]


class Nginx(Target):
    """nginx that hands the upstream's own stream through."""

    name = "nginx"
    chat_path = "/v1/chat/completions"
    models_path = version_path = "/v1/models"

    _decoder = msgspec.json.Decoder(_Chunk)

    @override
    def question(self, model: str, text: str) -> dict[str, object]:
        return {"model": model, "stream": True, "messages": [{"role": "user", "content": text}]}

    @override
    def content(self, line: bytes) -> str:
        if not line or line == b"data: [DONE]":
            return ""
        return "".join(choice.delta.content or "" for choice in self._decoder.decode(line.removeprefix(b"data: ")).choices)


class LiteLlm(Nginx):
    """LiteLLM's proxy, whose answers read as the upstream's."""

    name = "litellm"
    version_path = "/health/liveliness"


class _Line(msgspec.Struct):
    type: str
    content: str = ""


class G4f(Target):
    """g4f with the upstream as its provider `bench`."""

    name = "g4f"
    chat_path = "/backend-api/v2/conversation?framing=ndjson"
    models_path = "/backend-api/v2/models"
    version_path = "/backend-api/v2/version"

    _decoder = msgspec.json.Decoder(_Line)

    @override
    def question(self, model: str, text: str) -> dict[str, object]:
        return {"model": model, "provider": "bench", "messages": [{"role": "user", "content": text}]}

    @override
    def content(self, line: bytes) -> str:
        if not line:
            return ""
        said = self._decoder.decode(line)
        if said.type in ("error", "auth"):
            raise ValueError("the answer ends in an error")
        return said.content if said.type == "content" else ""


class Durable(G4f):
    """g4f asked in a chat of the server: every event is committed before it is shown."""

    name = "durable"

    def __init__(self, port: int, pid: int, chat_id: str) -> None:
        super().__init__(port, pid)
        self._chat_id = chat_id

    @override
    def question(self, model: str, text: str) -> dict[str, object]:
        return {**super().question(model, text), "chat_id": self._chat_id}
