"""Proofs: tests over many cases, which count what really ran; the summary prints it, and too few fail the session.

`make test` runs a part with a fixed seed, `make proof` all of it with a seed that it prints; ``PROOF_SEED`` repeats such a run.
"""

from __future__ import annotations

import functools
import itertools
import os
import random
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from contextvars import ContextVar
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, core, is_hypothesis_test, settings

T = TypeVar("T")
FULL = os.environ.get("G4F_PROOF") == "full"
SEED = int(os.environ.setdefault("PROOF_SEED", str(random.randrange(2**32) if FULL else 0)))  # the workers inherit it
UNHURRIED = (HealthCheck.too_slow, HealthCheck.function_scoped_fixture)
_running: ContextVar[Iterator[int]] = ContextVar("running")


def proof(name: str, part: int, full: int | None = None, *, seconds: int = 900) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Say what a test shows, how many cases each of its items runs, in part and in full, and how long the full count may take.

    Hypothesis obeys the number; any other test takes its cases from ``counted``.
    """
    cases = full if FULL and full is not None else part

    def declare(test: Any) -> Callable[..., None]:
        if is_hypothesis_test(test):
            test.hypothesis.inner_test = _counting(test.hypothesis.inner_test)
            test = settings(max_examples=cases)(test)
        if FULL:
            test = pytest.mark.timeout(seconds)(test)
        return pytest.mark.cases(name, cases)(test)  # type: ignore[no-any-return]  # a mark gives back what it marks

    return declare


def counted(cases: Iterable[T]) -> Iterator[T]:
    """Yield the cases, and count each once the running test is done with it."""
    for case in cases:
        yield case
        next(_running.get())


def _counting(test: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(test)
    def counting(*given: Any, **named: Any) -> None:
        for _ in counted([given]):
            test(*given, **named)

    return counting


def results(config: pytest.Config) -> dict[str, tuple[int, int]]:
    """Return for each proof how many cases ran and how many should have, whichever worker ran them."""
    reporter, ran, floor = config.pluginmanager.get_plugin("terminalreporter"), Counter[str](), Counter[str]()
    reports = itertools.chain(*reporter.stats.values()) if reporter else ()
    for report in (report for report in reports if getattr(report, "when", None) == "call"):
        for name, cases, count in (value for key, value in report.user_properties if key == "proof"):
            ran[name] += count
            floor[name] += cases
    return {name: (ran[name], floor[name]) for name in sorted(floor)}


def pytest_configure(config: pytest.Config) -> None:
    """Let everything be drawn from the seed."""
    config.addinivalue_line("markers", "cases(name, count): set by tests.proofs.proof")
    config.addinivalue_line("markers", "long: begun first, so that no worker is left alone with it at the end")
    settings.register_profile("proof", deadline=None, database=None, derandomize=not FULL, suppress_health_check=UNHURRIED)
    settings.load_profile("proof")
    if FULL:
        core.global_force_seed = SEED  # type: ignore[assignment]  # untyped there; it is what --hypothesis-seed sets


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Count while the test of a proof runs, and put the count into its report."""
    if (mark := item.get_closest_marker("cases")) is None:
        return (yield)
    token = _running.set(counter := itertools.count())
    try:
        return (yield)
    finally:
        _running.reset(token)
        item.user_properties.append(("proof", (*mark.args, next(counter))))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a session in which a proof ran too few cases."""
    if session.exitstatus == pytest.ExitCode.OK and any(ran < floor for ran, floor in results(session.config).values()):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print a line for each proof."""
    if proofs := results(terminalreporter.config):
        terminalreporter.section(f"proofs, PROOF_SEED={SEED}")
    for name, (ran, floor) in proofs.items():
        terminalreporter.line(f"proof  {name}: {ran} of {floor}", red=ran < floor)
