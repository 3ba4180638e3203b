"""The providers: a file each, found by its name; other distributions add theirs by the entry point group ``g4f.providers``."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from g4f.providers.base_provider import AbstractProvider, AsyncGeneratorProvider, AsyncProvider, ProviderModelMixin
from g4f.providers.registry import Plugin, find, providers
from g4f.providers.retry_provider import IterListProvider, RetryProvider, RotatedProvider

if TYPE_CHECKING:
    from g4f.Provider.Custom import Custom as Custom
    from g4f.Provider.Offline import Offline as Offline
    from g4f.Provider.Ollama import Ollama as Ollama
    from g4f.Provider.OpenaiChat import OpenaiChat as OpenaiChat

__all__ = [
    "AbstractProvider",
    "AsyncGeneratorProvider",
    "AsyncProvider",
    "Custom",
    "IterListProvider",
    "Offline",
    "Ollama",
    "OpenaiChat",
    "ProviderModelMixin",
    "ProviderUtils",
    "RetryProvider",
    "RotatedProvider",
    "find_provider",
    "registered",
]

__map__ = providers
"""Name -> class; writable."""

__providers__: list[Plugin]
"""Every provider class, loaded when this name is read."""


def registered() -> dict[str, Plugin]:
    """Return every provider by name, loaded."""
    return dict(providers)


def find_provider(name: str, among: Mapping[str, Plugin] = providers) -> Plugin:
    """Return the provider of this name, whatever its case, the only one whose name begins so, or one made for a base URL.

    Raises ProviderNotFoundError, which suggests the nearest names.
    """
    if name.startswith(("http://", "https://")):
        return import_module(f"{__name__}.template").create_custom_provider(name)
    return find(name, among)


class ProviderUtils:
    """Find providers under the names gpt4free programs use."""

    convert = providers

    @staticmethod
    def get_by_label(label: str) -> Plugin:
        """Return the provider people know by this label or name; raises ProviderNotFoundError."""
        return next((each for each in providers.values() if each.get_dict()["label"] == label), None) or find(label)


class _ClassesForModules(ModuleType):
    """Show a plug-in's class where the import system would leave its module of the same name."""

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, getattr(value, name, value) if isinstance(value, ModuleType) else value)


def __getattr__(name: str) -> Any:
    match name:
        case "__providers__":
            return list(providers.values())
        case "template":
            return import_module(f"{__name__}.template")
        case _ if not name.startswith("_") and name in providers:
            return providers[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


sys.modules[__name__].__class__ = _ClassesForModules
