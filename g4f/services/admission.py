"""Admission: an answer begins when its turn has come and its budgets have room; its reader is told what it waits for."""

from __future__ import annotations

from collections.abc import AsyncIterator

from g4f import aio
from g4f.providers.base_provider import Batch
from g4f.providers.response import RawResponse
from g4f.services.budgets import Budgets
from g4f.services.tally import Asked
from g4f.services.turns import Turns


class Admission:
    """Let answers begin within the limits that are set; where none is, this costs nothing."""

    def __init__(self, turns: Turns, budgets: Budgets) -> None:
        self._turns, self._budgets = turns, budgets

    @property
    def limited(self) -> bool:
        """Say whether any limit is set at all."""
        return bool(self._turns.limits or self._budgets)

    def concerns(self, asked: Asked) -> bool:
        """Return whether any limit is set for an answer."""
        return bool(self._turns.limits or self._budgets.applying(asked))

    async def check(self, asked: Asked) -> None:
        """Raise TooManyRunsError or BudgetSpentError for an answer that could not begin; nothing is taken yet."""
        if self._turns.limits:
            self._turns.check(asked.owner_id)
        await self._budgets.check(asked)

    def admit(self, asked: Asked, answer: AsyncIterator[Batch]) -> AsyncIterator[Batch]:
        """Return the answer, which is begun in its turn and with its reservation made, after what its reader should know.

        ``asked.run_id`` has to be the run whose end ends the reservation. Reading raises what ``check`` raises.
        """
        return self._admitted(asked, answer) if self.concerns(asked) else answer

    async def _admitted(self, asked: Asked, answer: AsyncIterator[Batch]) -> AsyncIterator[Batch]:
        turn = self._turns.enter(asked.owner_id)
        try:
            async for place in turn.places():
                yield [_message(f"Number {place} in line; the answer begins by itself.", "InLine", "in_line", place=place)]
            for warning in await self._budgets.reserve(asked):
                yield [_message(warning.message, "BudgetWarning", "budget_warning", **warning.values)]
            async for batch in answer:
                yield batch
        finally:
            turn.leave()
            await aio.close(answer)


def _message(words: str, kind: str, code: str, **values: object) -> RawResponse:
    return RawResponse(type="message", message=words, error=kind, code=code, values=values)
