"""Tool calls that come in pieces, put together."""

from __future__ import annotations

from typing import Any

import msgspec

from g4f.Provider.template.openai_wire import ToolDelta


class ToolAssembly:
    """Collect the pieces of the calls of one answer."""

    def __init__(self) -> None:
        self._calls: dict[int, dict[str, Any]] = {}

    def add(self, pieces: list[ToolDelta]) -> None:
        """Take pieces, each for the call of its index; without one, a new id begins a new call."""
        for piece in pieces:
            call = self._call_of(piece)
            function = call["function"]
            call["id"] = call["id"] or piece.id
            if piece.function is not None:
                function["name"] = function["name"] or piece.function.name
                function["arguments"] += _text(piece.function.arguments)

    def calls(self) -> list[dict[str, Any]]:
        """Return the calls in OpenAI's form; one that came without an id gets its number as id."""
        named = [(index, call) for index, call in sorted(self._calls.items()) if call["function"]["name"]]
        return [_finished(call, f"call_{index}") for index, call in named]

    def _call_of(self, piece: ToolDelta) -> dict[str, Any]:
        last = max(self._calls, default=-1)
        index = piece.index if piece.index is not None else last
        # Gemini gives every call the index 0, and Ollama sent none for long: there the id tells calls apart.
        if (piece.index is None and (last < 0 or piece.id)) or self._belongs_to_another(index, piece):
            index = last + 1
        return self._calls.setdefault(index, {"id": None, "type": "function", "function": {"name": None, "arguments": ""}})

    def _belongs_to_another(self, index: int, piece: ToolDelta) -> bool:
        known = self._calls.get(index)
        return bool(known and piece.id and known["id"] and piece.id != known["id"] and piece.function and piece.function.name)


def _finished(call: dict[str, Any], name: str) -> dict[str, Any]:
    function = {**call["function"], "arguments": call["function"]["arguments"] or "{}"}
    return {**call, "id": call["id"] or name, "function": function}


def _text(arguments: str | dict[str, Any] | None) -> str:
    return msgspec.json.encode(arguments).decode() if isinstance(arguments, dict) else arguments or ""
