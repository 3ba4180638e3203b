"""What the scenario server's models say: every transcript is a list of OpenAI deltas, the same for streamed and whole answers."""

from __future__ import annotations

from typing import Any

Delta = dict[str, Any]

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
"""One PNG pixel in base64."""

PLAIN = ["Hello", ", ", "world", "!"]
ESCAPES = [
    '"quoted"',
    " back\\slash",
    "\n\ttab",
    " 漢字",
    " 🧠👩‍👩‍👧",
    " line\u2028paragraph\u2029",
    " </script>",
    " nul:\x01",
    " é ",
    "data: x\n\n",
]
THOUGHTS = ["Let me ", "think."]
LOOKUP = ('{"city', '": "Par', 'is"}')


def text(*pieces: str) -> list[Delta]:
    """Make deltas of text."""
    return [{"content": piece} for piece in pieces]


def many(count: int) -> list[Delta]:
    """Make ``count`` deltas, each its own number and a space."""
    return text(*(f"{number} " for number in range(count)))


def reasoning() -> list[Delta]:
    """Think in the field of DeepSeek and vLLM, then answer."""
    return [{"content": None, "reasoning_content": thought} for thought in THOUGHTS] + text(*PLAIN)


def think() -> list[Delta]:
    """Think in the text itself, with the tags split across deltas."""
    return text("<th", "ink>", *THOUGHTS, "</thi", "nk>", *PLAIN)


def tools() -> list[Delta]:
    """Call one tool, its arguments in pieces."""
    first = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": ""}}
    return [{"content": None, "tool_calls": [first]}] + [
        {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]} for piece in LOOKUP
    ]


def image() -> list[Delta]:
    """Say a word and show a picture, in the form of OpenRouter."""
    picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}}
    return [*text("A pixel:"), {"content": "", "images": [picture]}]


def whole(deltas: list[Delta]) -> Delta:
    """Join deltas to the message of an answer that is not streamed."""
    message: Delta = {"role": "assistant", "content": "".join(delta.get("content") or "" for delta in deltas)}
    if thoughts := "".join(delta.get("reasoning_content", "") for delta in deltas):
        message["reasoning_content"] = thoughts
    if images := [one for delta in deltas for one in delta.get("images", [])]:
        message["images"] = images
    if any("tool_calls" in delta for delta in deltas):
        function = {"name": "get_weather", "arguments": "".join(LOOKUP)}
        message |= {"content": None, "tool_calls": [{"id": "call_1", "type": "function", "function": function}]}
    return message
