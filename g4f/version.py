"""The version of this package, written once, and whether it is the only one of its name."""

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


def conflict() -> str:
    """Return what is wrong when PyPI's g4f is installed too: it has the same import name, and one would break the other."""
    from importlib.metadata import PackageNotFoundError, distribution  # noqa: PLC0415 - slow to load, and `import g4f` loads this module

    try:
        distribution("g4f")
    except PackageNotFoundError:
        return ""
    return "The package g4f from PyPI is installed here too and has the same import name. Use a virtual environment of its own."


utils = Version(__version__, __version__)
