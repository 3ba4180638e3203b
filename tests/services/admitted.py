"""Answers that are admitted: what tests of limits need to read them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from g4f.providers.wire import FinishChunk, Wire
from g4f.services.admission import Admission
from g4f.services.budgets import Budgets
from g4f.services.turns import Limits, Turns


def admission(budgets: Budgets, **limits: int) -> Admission:
    """Return the admission with these budgets and limits."""
    return Admission(Turns(Limits(**limits)), budgets)


async def read(chunks: AsyncIterator[Sequence[Wire]]) -> str:
    """Read an answer to its end, and return why it ended."""
    whole = [chunk async for batch in chunks for chunk in batch]
    [reason] = [chunk.finish.reason for chunk in whole if isinstance(chunk, FinishChunk)]
    return reason
