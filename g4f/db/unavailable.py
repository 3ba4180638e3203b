"""Why nothing can be kept now, where it is refused in more than one place."""

from __future__ import annotations

from g4f.errors import UnavailableError


def stopping(wait: int = 1) -> UnavailableError:
    """Say that the server ends; another one may be there in ``wait`` seconds."""
    headers = [("Retry-After", str(wait))]
    return UnavailableError("The server is stopping; try again in a moment.", headers=headers, values={"reason": "stopping"})


def crowded() -> UnavailableError:
    """Say that more waits to be stored than may."""
    message = "The server cannot keep up with storing answers; try again in a moment."
    return UnavailableError(message, headers=[("Retry-After", "1")], values={"reason": "crowded"})
