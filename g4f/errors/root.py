"""The root of the tree, and what keeps the program from starting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class G4FError(Exception):
    """Be the root of every error this package raises.

    ``values`` are those in the message, by name, for who says it in another language; ``reason`` among them names the sentence
    where one code has several.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    retryable: ClassVar[bool] = False

    def __init__(self, *args: object, values: Mapping[str, Any] | None = None) -> None:
        super().__init__(*args)
        self.values = dict(values or {})

    @property
    def said(self) -> dict[str, Any]:
        """Return what this error says, as a value of another whose message it is part of."""
        return {"message": str(self), "code": self.code, "values": self.values}


class ConfigError(G4FError):
    """Say in one line why the program cannot start as it is set up."""

    code = "bad_config"
    exit_code: ClassVar[int] = 78


class PortTakenError(ConfigError):
    """Say that another program listens on the address."""

    exit_code = 1
