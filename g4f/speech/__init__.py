"""Speech engines: a file each, found by its name; they know nothing of one another.

A module of this package gives the engines that can be used here from ``engines(settings)``, and may give from
``transcribers(settings)`` those that write down what is said. What they need beyond the standard library they import
when they are asked.
"""

from __future__ import annotations

import pkgutil
import secrets
from collections.abc import AsyncGenerator, Iterator, Sequence
from importlib import import_module
from types import ModuleType
from typing import Literal, Protocol

from msgspec import Struct

from g4f.config import Settings

Format = Literal["mp3", "wav"]


class Voice(Struct, frozen=True):
    """Be one voice of an engine; ``language`` is a BCP 47 tag, empty for a voice that speaks any."""

    id: str
    label: str
    language: str = ""


class Engine(Protocol):
    """Read text aloud; ``formats`` are those it gives, ``needs_network`` says that the text leaves this machine.

    ``model`` tells one sound of the engine from another: what was made with a different one is not taken for its own.
    """

    name: str
    label: str
    model: str
    needs_network: bool
    formats: tuple[Format, ...]

    async def voices(self) -> Sequence[Voice]:
        """Return the voices, for each language the usual one first; raises errors of ``g4f.errors``."""
        ...

    def synthesize(self, text: str, voice: Voice, speed: float, format: Format) -> AsyncGenerator[bytes]:  # noqa: A002  the wire's word
        """Yield one sentence as a whole mp3 or wav file; 1.0 is the usual speed.

        The text is read as it stands, whatever markup it looks like. Closing the iterator ends the work at once. Raises errors of
        ``g4f.errors``.
        """
        ...


class Transcriber(Protocol):
    """Write down what is said."""

    name: str
    label: str

    async def transcribe(self, audio: bytes, filename: str, language: str) -> str:
        """Return the words of a recording; the name's ending tells its format, an empty language is found out."""
        ...


def engines(settings: Settings) -> dict[str, Engine]:
    """Return the engines that can be used here by name, those that need no network first."""
    found: list[Engine] = [each for module in _modules() for each in module.engines(settings)]
    return {each.name: each for each in sorted(found, key=lambda engine: engine.needs_network)}


def transcribers(settings: Settings) -> dict[str, Transcriber]:
    """Return by name what can write down speech."""
    makers = [module.transcribers for module in _modules() if hasattr(module, "transcribers")]
    return {each.name: each for make in makers for each in make(settings)}


def proxy_of(settings: Settings) -> str | None:
    """Return the administrator's proxy for one request."""
    pool = settings.proxies if settings.use_auto_proxy else ()
    return (secrets.choice(pool) if pool else settings.proxy).reveal() or None


def _modules() -> Iterator[ModuleType]:
    return (import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__) if not module.ispkg)
