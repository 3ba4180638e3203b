"""The version of this package, written once."""

from __future__ import annotations

from dataclasses import dataclass

__version__ = "0.1.0"


@dataclass(frozen=True, slots=True)
class Version:
    """Tell which version runs, under the names gpt4free clients ask for."""

    current_version: str
    latest_version: str

    def check_version(self) -> bool:
        """Return whether the running version is the newest one known; no network is asked."""
        return self.current_version == self.latest_version


utils = Version(__version__, __version__)
