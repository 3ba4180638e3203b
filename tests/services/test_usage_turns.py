"""Turns: how many answers run at once, who waits where, and who is sent away."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, strategies as st
from uuid_utils.compat import uuid7

from g4f.errors import TooManyRunsError
from g4f.providers.base_provider import Batch
from g4f.providers.response import RawResponse
from g4f.services.admission import Admission
from g4f.services.tally import Asked
from g4f.services.turns import Limits, Turn, Turns
from tests.proofs import proof

ME, YOU, THEY = (uuid7() for _ in range(3))
ACTIONS = st.lists(st.tuples(st.sampled_from([ME, YOU, THEY]), st.booleans()), max_size=40)


class Unbudgeted:
    """Budgets that nobody has set."""

    def applying(self, _: Asked) -> list[Any]:
        return []

    async def check(self, _: Asked) -> None: ...

    async def reserve(self, _: Asked) -> list[str]:
        return []


def turns(**limits: int) -> Turns:
    return Turns(Limits(**limits))


def begun(*of: Turn) -> list[bool]:
    return [turn.begun for turn in of]


def test_the_next_begins_when_one_leaves() -> None:
    line = turns(at_once=1)
    first, second, third = (line.enter(ME) for _ in range(3))
    assert begun(first, second, third) == [True, False, False]
    first.leave()
    assert begun(second, third) == [True, False]


def test_people_take_turns_whoever_came_first() -> None:
    line = turns(in_all=1)
    running, *mine = [line.enter(ME) for _ in range(4)]
    yours = [line.enter(YOU) for _ in range(2)]
    assert [line.place(turn) for turn in (*mine, *yours)] == [1, 3, 5, 2, 4]
    order = []
    waiting = [*mine, *yours]
    while waiting:
        running.leave()
        [running] = [turn for turn in waiting if turn.begun]
        waiting.remove(running)
        order.append(running.owner_id)
    assert order == [ME, YOU, ME, YOU, ME]


def test_who_is_alone_in_line_passes_those_whose_own_limit_is_reached() -> None:
    line = turns(at_once=1, in_all=5)
    mine = [line.enter(ME) for _ in range(10)]
    assert begun(*mine).count(True) == 1
    assert line.enter(YOU).begun


def test_leaving_the_line_moves_the_others_up() -> None:
    line = turns(at_once=1)
    running, second, third = (line.enter(ME) for _ in range(3))
    second.leave()
    assert line.place(third) == 1
    running.leave()
    assert third.begun


@proof("lines of three people in any order", 100, 5_000)
@given(actions=ACTIONS, at_once=st.integers(0, 3), in_all=st.integers(0, 4))
def test_limits_hold_and_nobody_waits_for_nothing(actions: list[tuple[UUID, bool]], at_once: int, in_all: int) -> None:
    line, there = turns(at_once=at_once, in_all=in_all), list[Turn]()
    for owner_id, leaves in actions:
        mine = [turn for turn in there if turn.owner_id == owner_id]
        if leaves and mine:
            there.remove(mine[0])
            mine[0].leave()
        else:
            there.append(line.enter(owner_id))
        running = Counter(turn.owner_id for turn in there if turn.begun)
        waiting = [turn for turn in there if not turn.begun]
        assert not in_all or running.total() <= in_all
        assert not at_once or max(running.values(), default=0) <= at_once
        full = in_all and running.total() == in_all
        assert full or all(at_once and running[turn.owner_id] == at_once for turn in waiting)
        assert sorted(line.place(turn) for turn in waiting) == list(range(1, len(waiting) + 1))


def test_a_minute_has_its_limit_and_the_refusal_says_how_long_to_wait() -> None:
    time = 100.0
    line = Turns(Limits(a_minute=2), lambda: time)
    line.enter(ME).leave()
    time = 130.0
    line.enter(ME).leave()
    time = 140.0
    with pytest.raises(TooManyRunsError, match="2 answers a minute are allowed; ask again in 20 seconds") as refusal:
        line.enter(ME)
    assert refusal.value.headers == (("Retry-After", "20"),)
    assert refusal.value.values == {"a_minute": 2, "seconds": 20}
    line.enter(YOU)
    time = 160.0
    line.enter(ME)


def test_a_line_has_its_length() -> None:
    line = turns(at_once=1, in_line=2)
    for _ in range(3):
        line.enter(ME)
    with pytest.raises(TooManyRunsError, match="2 of your answers wait in line already"):
        line.check(ME)
    assert line.enter(YOU).begun


def test_nobody_is_counted_who_left() -> None:
    line = turns(at_once=1, in_all=1)
    there = [line.enter(owner_id) for owner_id in (ME, YOU, THEY, ME)]
    for turn in there:
        turn.leave()
    assert (line.running, line.waiting) == (0, 0)


async def answer(*batches: Batch, closed: list[bool]) -> AsyncIterator[Batch]:
    try:
        for batch in batches:
            yield batch
    finally:
        closed.append(True)


def test_an_answer_in_line_tells_its_place_and_then_begins() -> None:
    line, closed = turns(at_once=1), list[bool]()
    admission = Admission(line, Unbudgeted())  # type: ignore[arg-type]  # all that is asked of them

    async def wait_in_line() -> list[Any]:
        first, second = line.enter(ME), line.enter(ME)
        asked = Asked(ME, "r", "m", "P", 0)
        said: list[Any] = []
        async for batch in admission.admit(asked, answer(["Hello"], closed=closed)):
            said += [item.get_dict()["message"] if isinstance(item, RawResponse) else item for item in batch]
            (first if first.begun and len(said) == 1 else second).leave() if len(said) < 3 else None
        return said

    said = asyncio.run(wait_in_line())
    assert said == ["Number 2 in line; the answer begins by itself.", "Number 1 in line; the answer begins by itself.", "Hello"]
    assert (closed, line.running) == ([True], 0)


def test_not_everybody_in_a_long_line_is_told_of_every_step() -> None:
    line, told = turns(at_once=1), list[int]()

    async def wait(turn: Turn) -> None:
        async for place in turn.places():
            told.append(place)

    async def go_on() -> None:
        waiting = [line.enter(ME) for _ in range(100)]
        readers = [asyncio.create_task(wait(turn)) for turn in waiting]
        for turn in waiting:
            await asyncio.sleep(0)
            turn.leave()
        await asyncio.gather(*readers)

    asyncio.run(go_on())
    assert 99 <= len(told) < 1000


def test_whoever_leaves_the_line_closes_the_answer_and_the_place() -> None:
    line, closed = turns(at_once=1), list[bool]()
    admission = Admission(line, Unbudgeted())  # type: ignore[arg-type]  # all that is asked of them

    async def leave() -> None:
        line.enter(ME)
        waiting: Any = admission.admit(Asked(ME, "r", "m", "P", 0), answer(["Hello"], closed=closed))
        await anext(waiting)
        await waiting.aclose()

    asyncio.run(leave())
    assert (line.running, line.waiting) == (1, 0)


def test_without_limits_the_answer_itself_is_returned() -> None:
    whole = answer(closed=[])
    assert Admission(turns(), Unbudgeted()).admit(Asked(ME, "r", "m", "P", 0), whole) is whole  # type: ignore[arg-type]  # as above
