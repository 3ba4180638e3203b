"""The counter: a program that lives while it is needed, and whose end is no trouble."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from g4f.tokens import Counts, Order
from g4f.tokens.counter import Counter

ORDER = Order("gpt-4o", ("Hello, world!", "Привет, как дела?"))
SECONDS = 20


@pytest.fixture
def counter() -> Iterator[Counter]:
    """Give a counter that waits long for the next order."""
    made = Counter()
    yield made
    made.close()


def programs() -> list[psutil.Process]:
    """Return the programs that count for this process."""
    found = []
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):  # it has just ended
            found += [child] if "g4f.tokens" in child.cmdline() else []
    return found


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_texts_are_counted_by_one_program_that_loads_the_tables_once(counter: Counter) -> None:
    others = programs()
    answers = [counter.ask(ORDER) for _ in range(3)]
    assert [answer.result(SECONDS) for answer in answers] == [Counts("o200k_base", (4, 6))] * 3
    [program] = [program for program in programs() if program not in others]
    assert counter.ask(Order("gpt-4", ("Привет, как дела?",))).result(SECONDS) == Counts("cl100k_base", (8,))
    assert [each for each in programs() if each not in others] == [program]


def test_the_program_ends_when_idle_and_comes_back_when_needed() -> None:
    counter, others = Counter(idle_seconds=0.01), programs()
    for _ in range(2):
        assert counter.ask(ORDER).result(SECONDS) == Counts("o200k_base", (4, 6))
        wait_for(lambda: not {*programs()} - {*others} and not counter.running)


def test_a_cancelled_order_is_passed_over(counter: Counter) -> None:
    first, second, third = (counter.ask(ORDER) for _ in range(3))
    assert second.cancel()
    assert first.result(SECONDS) == third.result(SECONDS) == Counts("o200k_base", (4, 6))


@pytest.mark.parametrize(
    "program", [(sys.executable, "-c", ""), (sys.executable, "-c", "input(); print('?', flush=True); input()"), ("/nowhere/python",)]
)
def test_a_program_that_breaks_is_not_tried_again(program: tuple[str, ...]) -> None:
    counter = Counter(program)
    assert counter.ask(ORDER).result(SECONDS) is None
    wait_for(lambda: not counter.usable)
    assert counter.ask(ORDER).result(0) is None
    counter.close()


def test_without_tables_no_program_is_started(tmp_path: Path) -> None:
    counter = Counter(tables=tmp_path / "nowhere")
    assert counter.ask(ORDER).result(0) is None
    assert not counter.running


def test_a_closed_counter_leaves_no_program_behind() -> None:
    counter, others = Counter(), programs()
    answers = [counter.ask(ORDER) for _ in range(20)]
    counter.close()
    assert all(answer.done() for answer in answers)
    assert not {*programs()} - {*others}
    assert counter.ask(ORDER).result(0) is None
