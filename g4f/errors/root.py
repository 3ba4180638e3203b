"""The root of the tree, and what keeps the program from starting."""

from __future__ import annotations

from typing import ClassVar


class G4FError(Exception):
    """Be the root of every error this package raises."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    retryable: ClassVar[bool] = False


class ConfigError(G4FError):
    """Say in one line why the program cannot start as it is set up."""

    code = "bad_config"
    exit_code: ClassVar[int] = 78


class PortTakenError(ConfigError):
    """Say that another program listens on the address."""

    exit_code = 1
