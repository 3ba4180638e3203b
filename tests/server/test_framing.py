"""Framing: which one a client gets, and that no byte of an answer breaks it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from g4f.errors import ValidationError
from g4f.gui.server.framing import encoder, negotiate
from g4f.Provider import __map__
from g4f.providers.response import JsonConversation
from g4f.providers.wire import ContentChunk, Wire
from tests.playing import playing
from tests.servers.platform import Platform, question, said

SSE = "text/event-stream"
BACKEND_API: dict[str, Any] = {"model": "m", "messages": [], "media": None, "api_key": None}
LINE_ENDS = "a\u2028b\u2029c\u0085d"


@pytest.mark.parametrize(
    ("body", "asked", "accept", "default", "framing"),
    [
        ({}, "sse", "", "auto", "sse"),
        ({"id": "x"}, "text", SSE, "sse", "text"),
        ({}, None, "application/x-ndjson", "sse", "ndjson"),
        ({"id": "x"}, None, "text/plain", "auto", "text"),
        ({"id": "x"}, None, "application/json, text/plain, */*", "auto", "ndjson"),
        (BACKEND_API, None, SSE, "auto", "ndjson"),
        ({"conversation_id": "x"}, None, SSE, "sse", "ndjson"),
        ({"messages": []}, None, SSE, "ndjson", "sse"),
        ({"messages": []}, None, "*/*", "auto", "ndjson"),
        ({"messages": []}, None, "", "sse", "sse"),
    ],
)
def test_the_first_sign_chooses_the_framing(body: dict[str, Any], asked: str | None, accept: str, default: str, framing: str) -> None:
    assert negotiate(body, asked, accept, default) == framing


def test_a_body_of_2023_is_answered_as_raw_text() -> None:
    assert negotiate({"jailbreak": "Default"}, None, SSE, "auto", legacy=True) == "text"


def test_a_framing_nobody_knows_is_refused() -> None:
    with pytest.raises(ValidationError):
        negotiate({}, "xml", "", "auto")


@pytest.mark.parametrize("framing", ["ndjson", "sse"])
def test_characters_that_end_lines_elsewhere_are_escaped(framing: Any) -> None:
    lines = [line for line in encoder(framing)([ContentChunk(LINE_ENDS)]).decode().splitlines() if "content" in line and "{" in line]
    assert [json.loads(line.removeprefix("data: "))["content"] for line in lines] == [LINE_ENDS]


@pytest.mark.parametrize("kind", ["x\nevent: y", "a\r\nb", "", "ü", 5])
def test_another_server_s_type_cannot_begin_a_line(kind: Any) -> None:
    far: Wire = {"type": kind, "content": "x"}
    event = encoder("sse")([far]).decode()
    assert event.count("\n") == 3
    assert event.startswith(("event: message\n", "event: 5\n"))


@pytest.mark.parametrize("item", ["\ud800", JsonConversation(x=object())])
def test_what_json_cannot_hold_costs_only_itself(tmp_path: Path, item: Any) -> None:
    __map__["Odd"] = playing("before ", item, "after", name="Odd")
    try:
        with Platform(tmp_path) as server:
            chunks = server.chunks(question(provider="Odd"))
    finally:
        del __map__["Odd"]
    assert said(chunks) == "before after"
    assert [chunk["type"] for chunk in chunks[-2:]] == ["finish", "usage"]
