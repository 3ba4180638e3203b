"""The body of a conversation request, in each of the three shapes clients send."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

import msgspec
from msgspec import Meta, Struct, field

from g4f.services.presets import instruction
from g4f.typing import Message, Messages

MAX_MESSAGES = 2000

Name = Annotated[str, Meta(max_length=512, pattern=r"^[^\r\n\x00]*$")]
Part = dict[str, Any]


class Turn(Struct, frozen=True, omit_defaults=True):
    """Be one message; ``content`` is text or a list of parts in OpenAI's form."""

    role: Annotated[str, Meta(min_length=1, max_length=64)]
    content: str | list[str | Part] | None = None
    name: Name | None = None
    tool_calls: list[Part] | None = None
    tool_call_id: Name | None = None

    def message(self) -> Message:
        """Return the message as providers take it."""
        message: Message = msgspec.to_builtins(self)
        return message


class Conversation(Struct, frozen=True, kw_only=True):
    """Ask for an answer; fields that are not named here are handed to the provider as they come."""

    internal: ClassVar[frozenset[str]] = frozenset({"extra", "wire"})
    """Fields that ``from_wire`` fills; nobody sends them."""

    messages: Annotated[list[Turn], Meta(max_length=MAX_MESSAGES)] = []
    model: Name = ""
    provider: Name | None = None
    prompt: str | None = None
    id: Name | int | None = None
    conversation_id: Name | int | None = None
    conversation: dict[str, Any] | None = None
    chat_id: UUID | None = None
    parent_id: UUID | None = None
    message_id: UUID | None = None
    action: Name | None = None
    stream: bool | None = None
    streaming: bool | None = None
    jailbreak: Any = None
    debug_mode: bool = False
    api_key: str | dict[str, str] | None = None
    base_url: Annotated[str, Meta(max_length=2048, pattern=r"^(https?://[^\s]+)?$")] | None = None
    ignored: list[Name] | None = None
    media: list[tuple[str, str | None]] | None = None
    web_search: bool | str | None = None
    tool_calls: list[Part] | None = None
    download_media: bool = True
    extra: dict[str, Any] = field(default_factory=dict)
    wire: dict[str, Any] = field(default_factory=dict)

    @staticmethod
    def is_legacy(fields: dict[str, Any]) -> bool:
        """Return whether a body is one of 2023, whose clients read raw text and errors of another shape."""
        return _has_parts(fields) or ("jailbreak" in fields and "id" not in fields)

    @classmethod
    def from_wire(cls, fields: dict[str, Any]) -> Self:
        """Read any of the three shapes; raises msgspec.ValidationError."""
        fields = {name: value for name, value in fields.items() if name not in cls.internal | {"proxy"}}
        translated = _from_2023(fields) if _has_parts(fields) else fields
        known = {name: value for name, value in translated.items() if name in cls.__struct_fields__}
        extra = {name: value for name, value in translated.items() if name not in cls.__struct_fields__}
        parsed = msgspec.convert(known, cls)
        return msgspec.structs.replace(parsed, extra=extra, wire=fields)

    @property
    def streamed(self) -> bool:
        """Return whether the answer may come in pieces; missing means yes."""
        return (self.stream if self.stream is not None else self.streaming) is not False

    def history(self) -> Messages:
        """Return the messages, a preset's instruction first."""
        messages = [turn.message() for turn in self.messages]
        preset = instruction(self.jailbreak) if isinstance(self.jailbreak, str) else None
        return [Message(role="system", content=preset), *messages] if preset else messages


def _has_parts(fields: dict[str, Any]) -> bool:
    match fields:
        case {"meta": {"content": {"parts": list()}}}:
            return True
        case _:
            return False


def _from_2023(fields: dict[str, Any]) -> dict[str, Any]:
    """Bring ``{"meta": {"content": {"conversation": [...], "parts": [{"role", "content"}]}}}`` into today's shape."""
    content = fields["meta"]["content"]
    history = content.get("conversation") or []
    if not isinstance(history, list):
        raise msgspec.ValidationError("Expected `array` - at `$.meta.content.conversation`")
    rest = {name: value for name, value in fields.items() if name not in ("meta", "action", "conversation_id")}
    return {**rest, "messages": [*history, *content["parts"][:1]]}
