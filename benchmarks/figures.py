"""A figure, what we aim at, and the table of figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import median

Value = float | None  # None: void, because an answer was wrong


@dataclass(frozen=True)
class Aim:
    """The most that g4f's value, or its multiple of nginx's value, should be."""

    most: float
    times_nginx: bool = False

    def __str__(self) -> str:
        return f"<= {self.most:g}{' x' if self.times_nginx else ''}"


@dataclass(frozen=True)
class Figure:
    """One value that a bar measures."""

    title: str
    unit: str
    aim: Aim | None = None


@dataclass(frozen=True)
class Result:
    """A figure's values of each round, by target."""

    bar: str
    figure: Figure
    ours: str
    rounds: dict[str, list[Value]]

    def value(self, target: str) -> Value:
        """Return the median over the rounds; None when the figure is void or the target was not there."""
        values = self.rounds.get(target, [])
        sound = [value for value in values if value is not None]
        return median(sound) if sound and len(sound) == len(values) else None

    def ratio(self) -> Value:
        """Return the median of the rounds' ours / nginx: neighbours on the machine disturb both halves of a round alike."""
        if self.value(self.ours) is None or self.value("nginx") is None:
            return None
        pairs = zip(self.rounds[self.ours], self.rounds["nginx"], strict=True)
        ratios = [ours / theirs for ours, theirs in pairs if ours is not None and theirs is not None and theirs > 0]
        return median(ratios) if ratios else None

    def verdict(self) -> str:
        """Return ok or MISS for a figure with an aim, void for one whose answers were wrong."""
        if any(value is None for values in self.rounds.values() for value in values):
            return "void"
        compared = self.ratio() if self.figure.aim and self.figure.aim.times_nginx else self.value(self.ours)
        if self.figure.aim is None or compared is None:
            return ""
        return "ok" if compared <= self.figure.aim.most else "MISS"

    def as_dict(self) -> dict[str, object]:
        """Return all that is known of the figure, for JSON."""
        values = {target: self.value(target) for target in self.rounds}
        named = {"bar": self.bar, "figure": self.figure.title.strip(), "unit": self.figure.unit, "aim": str(self.figure.aim or "")}
        return {**named, "median": values, "ratio": self.ratio(), "verdict": self.verdict(), "rounds": self.rounds}


def table(results: Iterable[Result]) -> Iterator[str]:
    """Yield the lines of the table."""
    yield f"{'':58} {'unit':4} {'nginx':>9} {'ours':>9} {'ratio':>9}  {'aim':8}"
    for result in results:
        figure = result.figure
        values = f"{_text(result.value('nginx')):>9} {_text(result.value(result.ours)):>9} {_text(result.ratio()):>9}"
        yield f"{figure.title:58} {figure.unit:4} {values}  {figure.aim or ''!s:8} {result.verdict()}".rstrip()


def _text(value: Value) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
