"""How many tokens a text has, for answers whose provider did not count: by OpenAI's tables, or by characters.

The tables take tens of megabytes of memory, so they are only ever loaded by a program of its own; see ``counter.py``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple

Encoding = Literal["cl100k_base", "o200k_base"]
Method = Literal["characters", Encoding]

CHARACTERS_PER_TOKEN = 4
TABLES = Path(__file__).parent / "tables"
"""Where the build packs the tables; a distribution built without npm has none."""


class Order(NamedTuple):
    """Ask for the tokens of texts, as this model would count them."""

    model: str
    texts: tuple[str, ...]


class Counts(NamedTuple):
    """Be the tokens of the texts of an order, by this encoding."""

    encoding: Encoding
    tokens: tuple[int, ...]


def by_characters(characters: int) -> int:
    """Return about how many tokens so many characters have."""
    return -(-characters // CHARACTERS_PER_TOKEN)
