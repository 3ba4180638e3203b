"""One call of one provider, as it goes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from g4f.providers.response import Usage
from g4f.tokens import Method

SAMPLE = 20_000
"""Characters at the beginning of a text by which the tokens of all of it are estimated."""
PIECES, LONG_PIECE = 128, 256
"""Pieces of an answer that are kept apart at most, for in one they take a tenth of the memory; and when one is long enough to end that."""


class Estimate(NamedTuple):
    """Be the tokens we counted ourselves, and how."""

    prompt: int
    completion: int
    by: Method


@dataclass(slots=True)
class Attempt:
    """One call of one provider: when it said what, how it ended and what it used."""

    provider: str
    model: str
    started_at: int
    first_token_at: int | None = None
    finished_at: int | None = None
    error: str | None = None
    outcome: str = "running"
    images: int = 0
    usage: Usage | None = None
    estimate: Estimate | None = None
    """What was counted here, once it was, where the provider did not count."""
    used: dict[str, Any] | None = None
    """What its entry says, once that is asked for."""
    announced: bool = True
    pieces: list[str] = field(default_factory=list)
    """What was said last. All that is done with each is to keep it, for most providers count themselves; see ``join``."""
    _beginning: str = ""
    _joined: int = 0

    @property
    def made(self) -> bool:
        """Say whether a provider was called at all: a run may end while it waits in line, or be refused there."""
        return self.announced or self.outcome == "done" or self.first_token_at is not None or self.usage is not None

    @property
    def counted(self) -> bool:
        """Say whether the provider counted the tokens itself."""
        return self.usage is not None and self.usage.total_tokens is not None

    @property
    def characters(self) -> int:
        """Return how many characters were said."""
        self.join()
        return self._joined

    @property
    def sample(self) -> str:
        """Return the beginning of what was said."""
        self.join()
        return self._beginning

    def join(self) -> None:
        """Keep of the pieces their length and what belongs to the beginning."""
        self._joined += sum(map(len, self.pieces))
        if (room := SAMPLE - len(self._beginning)) > 0:
            self._beginning += "".join(self.pieces)[:room]
        self.pieces.clear()
