"""Connections to PostgreSQL that give up on a server which says nothing more: one that froze, or whose disk hangs."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any, TypeVar

SILENCE_SECONDS = 15
"""How long the server may take for anything; its own limits are shorter, so it has then ceased to answer."""

T = TypeVar("T")
Steps = Generator[Any, Any, T]


def connection_class(psycopg: Any) -> Any:
    """Return psycopg's Connection with a limit of time; the driver is given because it is an extra and may not be there."""

    class Connection(psycopg.Connection):  # type: ignore[misc]  # mypy cannot know what it is
        """Be closed when the server does not answer in time; ``limited`` can be switched off."""

        limited = True

        def wait(self, gen: Steps[T], *options: Any, **named: Any) -> Any:
            """Do what psycopg does whenever it waits for the server; raises OperationalError when that takes too long."""
            return super().wait(self._within_limit(gen) if self.limited else gen, *options, **named)

        def _within_limit(self, steps: Steps[T]) -> Steps[T]:
            """Take the steps of an exchange with the server; psycopg says several times a second that nothing came."""
            end = time.monotonic() + SILENCE_SECONDS
            try:
                wanted = next(steps)
                while True:
                    came = yield wanted
                    if not came and time.monotonic() > end:
                        self.pgconn.finish()
                        raise psycopg.OperationalError("the server does not answer any more")
                    wanted = steps.send(came)
            except StopIteration as done:
                answer: T = done.value
                return answer

    return Connection
