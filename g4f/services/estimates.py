"""Estimates of what was used where the provider does not say: by the tables of g4f.tokens, else by characters."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from g4f.db.storage import storable
from g4f.services.attempt import SAMPLE, Attempt, Estimate
from g4f.services.tally import Tally, texts_of
from g4f.tokens import Counts, Order, by_characters
from g4f.tokens.counter import Counter

PATIENCE_SECONDS = 2.0
"""How long the end of an answer waits for its tokens; the first after a while waits until the tables are loaded."""
_LINE = 1000
"""Answers that wait to be counted at most."""


class Estimates:
    """Count what answers used; without a ``counter``, or when that takes too long, four characters are a token."""

    def __init__(self, counter: Counter | None, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._counter, self._patience_seconds = counter, patience_seconds

    async def complete(self, tally: Tally) -> None:
        """Count each attempt of a tally that its provider did not; a server that stops leaves it at the characters."""
        if self._counter is None or not self._counter.usable or tally.state == "interrupted":
            return
        for attempt in tally.uncounted():
            sample = _beginning(texts_of(tally.asked.messages))
            if counts := await self._count(Order(storable(attempt.model), (storable(sample), storable(attempt.sample)))):
                attempt.estimate = _estimate(tally, attempt, sample, counts)

    def close(self) -> None:
        """Give back what counting takes."""
        if self._counter:
            self._counter.close()

    async def _count(self, order: Order) -> Counts | None:
        if self._counter is None or self._counter.waiting > _LINE:
            return None
        try:
            return await asyncio.wait_for(asyncio.wrap_future(self._counter.ask(order)), self._patience_seconds)
        except TimeoutError:
            return None


ROUGH = Estimates(None)
"""By characters alone."""


def _estimate(tally: Tally, attempt: Attempt, sample: str, counts: Counts) -> Estimate:
    prompt, completion = counts.tokens
    asked, said = tally.asked.prompt_characters, attempt.characters
    return Estimate(_scaled(prompt, len(sample), asked), _scaled(completion, len(attempt.sample), said), counts.encoding)


def _scaled(tokens: int, counted: int, characters: int) -> int:
    """Return the tokens of a text by those of its beginning."""
    return -(-tokens * characters // counted) if counted else by_characters(characters)


def _beginning(texts: Iterable[str]) -> str:
    parts: list[str] = []
    left = SAMPLE
    for text in texts:
        parts.append(text[:left])
        left -= len(text)
        if left <= 0:
            break
    return "".join(parts)
