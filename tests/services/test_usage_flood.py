"""A flood: however many answers one person asks for, another's begin."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from g4f.completion import complete
from g4f.config import Settings
from g4f.db.storage import Storage
from g4f.Provider.template.OpenaiTemplate import create_custom_provider
from g4f.services.budgets import Budgets
from g4f.services.metrics import Metrics
from g4f.services.prices import Prices
from g4f.services.relays import Relays
from g4f.services.tally import Asked
from g4f.typing import Message
from tests.servers.counting import CountingServer, Step
from tests.services.admitted import admission, read

CLIENTS, AT_ONCE, ANSWERS = 500, 3, 5


@pytest.fixture
def server() -> Iterator[CountingServer]:
    with CountingServer() as running:
        yield running


def test_while_one_person_floods_with_answers_that_never_end_another_is_answered(
    storage: Storage, owner_id: UUID, other_id: UUID, server: CountingServer
) -> None:
    provider = create_custom_provider(server.base_url, name="One", models=["m"])
    relays = Relays(lambda: storage.writer, Metrics())

    async def ask_all() -> list[str]:
        admitted = admission(Budgets(Settings(), lambda: storage, Prices(), uuid7), at_once=AT_ONCE, in_line=CLIENTS)

        def ask(who: UUID, step: Step) -> asyncio.Task[str]:
            name = str(uuid7())
            server.expect(name, [step])
            answer = complete([Message(role="user", content=name)], "m", provider)
            asked = Asked(who, name, "m", "One", len(name))
            return asyncio.create_task(read(relays.relay(asked, admitted.admit(asked, answer))))

        flood = [ask(owner_id, Step(1, "silence")) for _ in range(CLIENTS)]
        async with asyncio.timeout(20):
            while len(server.sent) < AT_ONCE:  # noqa: ASYNC110  a test may look again and again
                await asyncio.sleep(0.005)
            ends = [await ask(other_id, Step(3, "done")) for _ in range(ANSWERS)]
        for task in flood:
            task.cancel()
        await asyncio.gather(*flood, return_exceptions=True)
        return ends

    assert asyncio.run(ask_all()) == ["stop"] * ANSWERS
    assert len(server.sent) == AT_ONCE + ANSWERS
