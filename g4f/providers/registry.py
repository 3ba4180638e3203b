"""The registry of plug-ins: found by file name and entry point, loaded when they are first asked for."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from difflib import get_close_matches
from functools import partial
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import Any

from g4f import debug
from g4f.errors import ProviderNotFoundError

Plugin = Any
"""A provider class, or an instance that answers like one."""


class Registry(MutableMapping[str, Plugin]):
    """Map names to the plug-ins of one package and one entry point group; what is written in stays on top.

    A module of the package whose name begins with a capital holds one plug-in of the same name. Looking a name up loads
    that plug-in alone, going through the registry loads all; one that cannot be loaded is logged and left out.
    """

    def __init__(self, package: str, group: str) -> None:
        self._package = package
        self._group = group
        self._plugins: dict[str, Plugin] = {}
        self._loaders: dict[str, Callable[[], Plugin]] | None = None

    def __getitem__(self, name: str) -> Plugin:
        if name not in self._plugins:
            self._plugins[name] = self._load(name)
        return self._plugins[name]

    def __setitem__(self, name: str, plugin: Plugin) -> None:
        self._plugins[name] = plugin

    def __delitem__(self, name: str) -> None:
        self[name]
        del self._plugins[name]
        self._found().pop(name, None)

    def __iter__(self) -> Iterator[str]:
        names = {*self._found(), *self._plugins}
        return (name for name in sorted(names, key=str.lower) if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _found(self) -> dict[str, Callable[[], Plugin]]:
        if self._loaders is None:
            spec = find_spec(self._package)
            folders = spec.submodule_search_locations if spec else None
            own = [module.name for module in pkgutil.iter_modules(folders) if module.name[0].isupper()]
            others = {entry.name: entry.load for entry in entry_points(group=self._group)}
            self._loaders = others | {name: partial(self._import, name) for name in own}
        return self._loaders

    def _import(self, name: str) -> Plugin:
        return getattr(import_module(f"{self._package}.{name}"), name)

    def _load(self, name: str) -> Plugin:
        load = self._found()[name]
        try:
            return load()
        except Exception as error:
            del self._found()[name]
            debug.failed(f"The provider {name} cannot be loaded and is left out", error)
            raise KeyError(name) from error


providers = Registry("g4f.Provider", "g4f.providers")
"""Every provider by name: the map that gpt4free programs read and write, and the only state that a module keeps."""


def find(name: str, among: Mapping[str, Plugin] = providers) -> Plugin:
    """Return the provider of this name, whatever its case, or the only one whose name begins so.

    Raises ProviderNotFoundError, which suggests the nearest names.
    """
    if name in among:
        return among[name]
    known = {each.lower(): each for each in among}
    wanted = name.lower()
    if wanted in known:
        return among[known[wanted]]
    begun = [each for each in known if wanted and each.startswith(wanted)]
    if len(begun) == 1:
        return among[known[begun[0]]]
    near = " or ".join(known[each] for each in begun or get_close_matches(wanted, known, 1, 0.4))
    hint = f"Did you mean {near}?" if near else f"There are {', '.join(known.values())}."
    message = f"There is no provider named {name[:64]!r}. {hint}"
    raise ProviderNotFoundError(message, values={"reason": "no_provider", "provider": name[:64]})
