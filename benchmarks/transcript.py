"""What the mock upstream says, and how to tell that it was repeated word for word."""

import hashlib
import random

SHORT = 200
LONG = 2_000

# Whatever a careless relay breaks: escapes, quotes, line ends, surrogate pairs, joined emoji, markup, leading and trailing blanks.
_PIECES = (
    *("The ", "answer ", "is ", "as ", "follows", ": ", " it's ", "1.5 ", " ", "é", "naïve "),
    *('he said "yes"', '{"k": [1]}', "C:\\new\\table ", "\\u0041", "line\n", "\n\n", "\r\n", "\ttab ", "\u0007", "\u2028"),
    *("a < b && c > d ", "</p>", "`code` ", "data: x\n\n", "[DONE]"),
    *("Привет, ", "世界，", "日本語 ", "안녕 ", "שלום ", "🙂", "👩‍👩‍👧 ", "🇪🇺"),
)


def pieces(count: int) -> tuple[str, ...]:
    """Return the `count` content chunks of an answer, always the same for the same count."""
    return tuple(random.Random(count).choices(_PIECES, k=count))


def digest(text: str) -> str:
    """Return the SHA-256 of `text` in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def token(index: int, sent: int) -> str:
    """Return the text of a paced token: its number and the monotonic clock, in nanoseconds, when it was sent."""
    return f"{index}:{sent} "


def paced(tokens: int, pace_ms: int) -> str:
    """Return the name of the model that answers with `tokens` tokens, one each `pace_ms` milliseconds."""
    return f"paced-{tokens}-{pace_ms}"


def tagged(tag: str) -> str:
    """Return a question by which the upstream recognises the conversation `tag`."""
    return f"Please answer. tag:{tag}."
