"""What the answers said: every one is read after the run and must repeat the upstream word for word, or the figure is void."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from benchmarks.transcript import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from benchmarks.load import Exchange
    from benchmarks.targets import Target


class WrongAnswerError(Exception):
    """An answer is not what the upstream said, so what was measured does not count; the message quotes the answer."""


@dataclass(frozen=True)
class Times:
    """When the tokens of one paced answer came: milliseconds."""

    first: float  # from the request to the line with the first token
    delays: tuple[float, ...]  # of each token, from the upstream's write to our read


def check(exchange: Exchange) -> None:
    """Raise `WrongAnswerError` unless the answer is a complete 200."""
    if exchange.error or exchange.status != 200 or not exchange.complete:
        raise WrongAnswerError(f"{exchange.error or exchange.status or 'no answer'}: {exchange.body[:200]!r}")


def texts(target: Target, exchange: Exchange) -> Iterator[tuple[int, str]]:
    """Yield each line's content and when the line was complete."""
    check(exchange)
    rest = b""
    for when, data in exchange.reads:
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            if text := _content(target, line):
                yield when, text
    if rest:
        raise WrongAnswerError(f"an unfinished line: {rest[:200]!r}")


def _content(target: Target, line: bytes) -> str:
    try:
        return target.content(line)
    except (msgspec.MsgspecError, ValueError) as error:
        raise WrongAnswerError(f"{error}: {line[:200]!r}") from error


def check_texts(target: Target, exchanges: Iterable[Exchange], expected: str) -> None:
    """Raise `WrongAnswerError` unless each answer's text is `expected`, by its SHA-256."""
    wanted = digest(expected)
    for exchange in exchanges:
        text = "".join(text for _, text in texts(target, exchange))
        if digest(text) != wanted:
            raise WrongAnswerError(f"{len(text)} characters instead of {len(expected)}, or others: {exchange.body[:200]!r}")


def times(target: Target, exchange: Exchange, tokens: int) -> Times:
    """Return when the tokens of a paced answer came; raise `WrongAnswerError` unless they are 0 to `tokens` - 1 in order."""
    arrivals = [(when, word.partition(":")) for when, text in texts(target, exchange) for word in text.split()]
    if [index for _, (index, _, _) in arrivals] != [str(index) for index in range(tokens)]:
        raise WrongAnswerError(f"{len(arrivals)} tokens that are not the {tokens} in order")
    delays = tuple((when - int(sent)) / 1e6 for when, (_, _, sent) in arrivals)
    return Times((arrivals[0][0] - exchange.sent) / 1e6, delays)


def percentiles(answers: Sequence[Times]) -> tuple[float, float, float, float]:
    """Return p50 and p99 of the first tokens, then p50 and p99 of all tokens' delays: milliseconds."""
    firsts = sorted(one.first for one in answers)
    delays = sorted(delay for one in answers for delay in one.delays)
    return _at(firsts, 0.5), _at(firsts, 0.99), _at(delays, 0.5), _at(delays, 0.99)


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
