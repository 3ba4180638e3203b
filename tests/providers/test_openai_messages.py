"""Messages and media on their way to an OpenAI-compatible server."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import Any

import pytest

from g4f.errors import BadRequestError
from g4f.Provider.template.media import to_data_uri
from g4f.Provider.template.openai_messages import last_question, to_wire
from g4f.typing import ImageType, Messages

PNG = b"\x89PNG\r\n\x1a\n"
PNG_URI = "data:image/png;base64,iVBORw0KGgo="


def parts(content: Any, media: Any = None) -> Any:
    return asyncio.run(to_wire([{"role": "user", "content": content}], media))[0]["content"]


def test_a_text_stays_a_text() -> None:
    assert parts("Hi") == "Hi"


@pytest.mark.parametrize(
    ("part", "wire"),
    [
        ("Hi", {"type": "text", "text": "Hi"}),
        ({"text": "Hi"}, {"type": "text", "text": "Hi"}),
        ({"image_url": "http://x/a.png"}, {"type": "image_url", "image_url": {"url": "http://x/a.png"}}),
        ({"input_audio": {"data": "QQ==", "format": "wav"}}, {"type": "input_audio", "input_audio": {"data": "QQ==", "format": "wav"}}),
        ({"type": "anything", "x": 1}, {"type": "anything", "x": 1}),
    ],
)
def test_a_part_is_brought_into_openais_form(part: Any, wire: dict[str, Any]) -> None:
    assert parts([part]) == [wire]


def test_a_named_text_is_wrapped_as_a_file() -> None:
    wire = parts([{"type": "text", "text": "milk", "name": "list.txt"}])
    assert wire == [{"type": "text", "text": "<!-- File: list.txt -->\nmilk\n<-- End -->\n"}]


def test_a_part_without_a_form_is_refused() -> None:
    with pytest.raises(BadRequestError, match="bucket_id"):
        parts([{"bucket_id": "b1"}])


def test_only_what_the_api_knows_is_sent_of_a_message() -> None:
    message: Any = {"role": "user", "content": "Hi", "id": 7, "provider": {"name": "X"}}
    assert asyncio.run(to_wire([message])) == [{"role": "user", "content": "Hi"}]


def test_tool_calls_of_earlier_turns_are_kept() -> None:
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    messages: Messages = [{"role": "assistant", "tool_calls": [call]}, {"role": "tool", "tool_call_id": "1", "content": "7"}]
    assert asyncio.run(to_wire(messages)) == [
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "content": "7", "tool_call_id": "1"},
    ]


def test_media_join_the_newest_question() -> None:
    messages: Messages = [{"role": "user", "content": "What is this?"}, {"role": "assistant", "content": "?"}]
    wire = asyncio.run(to_wire(messages, [(PNG, "a.png"), (b"RIFF....WAVE", "a.wav"), (b"%PDF-1.7", "a.pdf")]))
    assert wire[1]["content"] == "?"
    assert [part["type"] for part in wire[0]["content"]] == ["text", "image_url", "input_audio", "file"]
    assert wire[0]["content"][2]["input_audio"]["format"] == "wav"


def test_the_question_is_the_text_of_the_users_newest_message() -> None:
    messages: Messages = [{"role": "user", "content": [{"type": "text", "text": "A cat"}]}, {"role": "assistant", "content": "No"}]
    assert last_question(messages) == "A cat"


@pytest.mark.parametrize("media", [PNG, io.BytesIO(PNG), PNG_URI])
def test_media_become_data_uris(media: ImageType) -> None:
    assert asyncio.run(to_data_uri(media, "x")) == PNG_URI


def test_a_file_is_read_from_its_path(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_text("Hi")
    assert asyncio.run(to_data_uri(path)) == "data:text/plain;base64,SGk="


@pytest.mark.parametrize("text", ["/etc/passwd", "file:///etc/passwd", "note.txt", ""])
def test_a_text_is_never_read_as_a_path(text: str) -> None:
    with pytest.raises(BadRequestError, match=r"pathlib\.Path"):
        asyncio.run(to_data_uri(text))
