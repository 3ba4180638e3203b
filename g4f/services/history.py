"""The history of a chat, fitted to the window of a model."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from g4f.errors import ValidationError
from g4f.typing import Message, Messages

BYTES_PER_TOKEN = 4
"""The estimate of a text's tokens: its bytes in UTF-8, which is closer for alphabets other than Latin than its characters."""
ANSWER_SHARE = 4
"""A quarter of the window is kept free for the answer."""


class Fitted(Struct, frozen=True):
    """Be the messages that are sent, and what was left out of them: how many messages and about how many tokens."""

    messages: Messages
    left_out: int = 0
    left_out_tokens: int = 0
    window: int = 0


def fit(messages: Sequence[Message], window: int, newest: int = 1) -> Fitted:
    """Keep system messages and the newest turns, leave out the oldest whole; a window of 0 is unknown and holds everything.

    The history that is kept begins with a question. Raises ValidationError when the ``newest`` messages alone are too large.
    """
    room = room_of(window)
    always = [message for message in messages if message.get("role") == "system"]
    turns = [message for message in messages if message.get("role") != "system"]
    left = room - sum(map(tokens, always))
    if window and turns and (needed := sum(map(tokens, turns[-newest:]))) > left:
        raise _too_large(needed, max(left, 0), window)
    first = _first_kept(turns, left) if window else 0
    gone = turns[:first]
    return Fitted([*always, *turns[first:]], len(gone), sum(map(tokens, gone)), window)


def _too_large(size: int, room: int, window: int) -> ValidationError:
    return ValidationError(
        f"The message has about {size} tokens and the model takes {room} here: its window of {window} "
        "less a quarter for the answer. Shorten it or choose a model with a larger window.",
        "messages",
        values={"reason": "too_large", "tokens": size, "room": room, "window": window},
    )


def room_of(window: int) -> int:
    """Return how many tokens of a window are there for what is asked."""
    return window - window // ANSWER_SHARE


def tokens(message: Message) -> int:
    """Return about how many tokens the text of a message has."""
    match message.get("content"):
        case str(text):
            return -(-len(text.encode()) // BYTES_PER_TOKEN)
        case [*parts]:
            return sum(tokens(Message(content=part["text"])) for part in parts if isinstance(part.get("text"), str))
        case _:
            return 0


def _first_kept(turns: Sequence[Message], room: int) -> int:
    """Return the index of the oldest turn that fits; the newest is there in any case."""
    first = len(turns)
    while first and (room := room - tokens(turns[first - 1])) >= 0:
        first -= 1
    while first < len(turns) - 1 and turns[first].get("role") != "user":
        first += 1
    return min(first, max(len(turns) - 1, 0))
