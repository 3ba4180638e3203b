"""A tap: what follows of an answer handed on as it is read, instead of a task woken for each word."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")
Take = Callable[[Item], bool]
"""Takes an item at once and returns True, or leaves it, with nothing done, and returns False."""


class Tap(list[Any], Generic[Item]):
    """Be an empty batch that offers to hand on what follows as it is read.

    From when it is opened each item is first offered to the function that ``open`` is given; what that leaves comes in a batch, in its
    turn. Whoever looks into batches and changes them passes no tap on, or a tap of its own; whoever knows none sees an empty batch.
    """

    __slots__ = ("_opened",)

    def __init__(self, opened: Callable[[Take[Item]], None]) -> None:
        super().__init__()
        self._opened: Callable[[Take[Item]], None] | None = opened

    def open(self, take: Take[Item]) -> None:
        """Offer what follows to ``take`` first; a tap is opened once, and keeps nothing after that."""
        opened, self._opened = self._opened, None
        if opened is not None:
            opened(take)
