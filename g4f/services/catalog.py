"""The catalog: which providers and models can be asked, and who answers when a request names neither."""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import Any

from msgspec import Struct

from g4f.config import Server as ServerSettings, Settings
from g4f.errors import ConfigError, G4FError, ProviderNotFoundError, TimeoutError as ProviderTimeoutError
from g4f.Provider import find_provider, registered
from g4f.Provider.Offline import Offline
from g4f.Provider.template.BackendApi import BackendApi
from g4f.Provider.template.OpenaiTemplate import create_custom_provider
from g4f.providers.registry import Plugin
from g4f.providers.retry_provider import IterListProvider
from g4f.providers.types import ModelInfo
from g4f.requests import Timeouts

AUTOMATIC = "AnyProvider"
"""The name gpt4free clients have for the automatic choice."""
RETRY_SECONDS = 10.0
"""Seconds after which a server that did not answer is asked for its models again."""


class ProviderEntry(Struct, frozen=True):
    """Describe one provider as gpt4free pages read it; ``live`` counts the models that can be asked now."""

    name: str
    label: str
    parent: str | None
    image: int
    audio: int
    video: int
    vision: bool
    nodriver: bool
    hf_space: bool
    active_by_default: bool
    auth: bool
    login_url: str | None
    live: int
    login: bool


class ModelEntry(Struct, frozen=True):
    """Describe one model; ``id`` and ``model`` are the same name in the spellings of newer and older pages."""

    id: str
    model: str
    label: str
    default: bool
    vision: bool
    audio: bool
    video: bool
    image: bool
    count: int | None = None
    tags: tuple[str, ...] = ()


class Listed(Struct, frozen=True):
    """Be what one provider's server said of its models, and when (monotonic seconds)."""

    models: tuple[ModelInfo, ...]
    at: float


class Catalog:
    """Know the providers of this server, and ask each for its models no more often than set."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._providers = _providers(settings)
        self._listed: dict[str, Listed] = {}
        self._refreshing: asyncio.Task[None] | None = None
        self.timeouts = Timeouts(settings.connect_timeout, settings.first_byte_timeout, settings.idle_timeout, settings.total_timeout)
        if settings.default_provider and settings.default_provider not in self._providers:
            raise ConfigError(f"default_provider names {settings.default_provider!r}, which is no provider of this server.")

    def proxy(self, provider: Plugin) -> str | None:
        """Return the proxy to ask a provider through: its server's own, one of the pool, the one for all, or none."""
        settings = self._settings
        pool = settings.proxies if settings.use_auto_proxy else ()
        own = getattr(provider, "proxy", None) or (secrets.choice(pool) if pool else settings.proxy)
        return own.reveal() or None

    @property
    def connected(self) -> list[str]:
        """Return the names of the providers that have models to ask now, Offline aside."""
        return [name for name in self._providers if name != Offline.__name__ and self._models(name)]

    def provider(self, name: str) -> Plugin:
        """Return the provider with this name, whatever its case, an unambiguous beginning of it, or a base URL.

        Raises ProviderNotFoundError.
        """
        if name in self._settings.ignored_providers:
            message = f"The provider {name[:64]} is switched off on this server."
            raise ProviderNotFoundError(message, values={"reason": "provider_off", "provider": name[:64]})
        return find_provider(name, self._providers)

    def choose(self, name: str, model: str, ignored: tuple[str, ...] = ()) -> Plugin:
        """Return who answers: the provider named, else those that serve the model in turn, else the default, else Offline."""
        if name and name != AUTOMATIC:
            return self.provider(name)
        default = self._settings.default_provider
        able = [able for able in self._serving(model) if able not in ignored]
        if default and default not in ignored and not (model and able):
            return self.provider(default)
        if len(able) > 1:
            return IterListProvider([self._providers[name] for name in able], shuffle=False)
        return self._providers[able[0]] if able else Offline

    def window(self, provider: str, model: str) -> int:
        """Return how many tokens a model takes, or the one that is asked when none is named; the default where its server does not say."""
        known = self._listed[provider].models if provider in self._listed else ()  # models that were only named have no window
        asked = model or getattr(self._providers.get(provider), "default_model", "") or next((each.id for each in known), "")
        return next((each.context for each in known if each.id == asked and each.context), self._settings.context_window)

    def knows(self, name: str) -> bool:
        """Return whether a provider has exactly this name."""
        return name in self._providers

    def entries(self) -> list[ProviderEntry]:
        """Return every provider."""
        return [self._entry(name, provider) for name, provider in self._providers.items()]

    def models(self) -> dict[str, list[str]]:
        """Return the models of every provider, by its name."""
        return {name: [model.id for model in self._models(name)] for name in self._providers}

    @property
    def fresh(self) -> bool:
        """Return whether every list is younger than the age at which it is asked for again."""
        now = time.monotonic()
        return all((found := self._listed.get(name)) and now - found.at < self._settings.catalog_age for name in self._asked())

    async def freshen(self) -> None:
        """Wait for lists nobody has asked for yet; lists that are only old are asked for again without waiting."""
        if all(name in self._listed for name in self._asked()):
            self._begin()
        else:
            await self.refresh()

    async def refresh(self) -> None:
        """Ask every provider whose list is old, all at once; callers at the same time share one round."""
        await asyncio.shield(self._begin())

    def _begin(self) -> asyncio.Task[None]:
        if self._refreshing is None or self._refreshing.done() or self._refreshing.get_loop() is not asyncio.get_running_loop():
            self._refreshing = asyncio.create_task(self._refresh())
        return self._refreshing

    async def models_of(self, name: str, api_key: str | None = None, base_url: str | None = None) -> list[ModelEntry]:
        """Return the models of one provider, asked of its server now when the caller brings a key or an address.

        Unknown providers have none. Lists made with a caller's own key or address are never kept.
        """
        try:
            provider = self.provider(name)
        except ProviderNotFoundError:
            return []
        if not api_key and not base_url and name in self._listed:
            return _entries(provider, self._listed[name].models)
        return _entries(provider, await self._fetch(provider, api_key=api_key, base_url=base_url))

    async def _refresh(self) -> None:
        await asyncio.gather(*(self._relist(name) for name in self._asked()))

    async def _relist(self, name: str) -> None:
        """Keep what the provider says; one that does not answer keeps its last list, and is asked again soon."""
        now, age = time.monotonic(), self._settings.catalog_age
        if (found := self._listed.get(name)) and now - found.at < age:
            return
        try:
            self._listed[name] = Listed(tuple(await self._fetch(self._providers[name])), now)
        except G4FError:
            self._listed[name] = Listed(found.models if found else (), now - max(age - RETRY_SECONDS, 0))

    async def _fetch(self, provider: Plugin, **asked: str | None) -> list[ModelInfo]:
        if not hasattr(provider, "fetch_models"):
            return []
        limit = self._settings.catalog_timeout
        try:
            async with asyncio.timeout(limit):
                found: list[ModelInfo] = await provider.fetch_models(**asked, proxy=self.proxy(provider), timeouts=self.timeouts)
                return found
        except TimeoutError:
            values = {"reason": "list_slow", "provider": provider.__name__, "seconds": limit}
            raise ProviderTimeoutError(f"{provider.__name__} did not list its models within {limit:g} s.", values=values) from None

    def _asked(self) -> list[str]:
        """Return the providers whose models only their server knows: connected ones, and Ollama."""
        named = [name for name, server in self._settings.servers.items() if not server.models]
        return [*named, "Ollama"] if "Ollama" in self._providers else named

    def _serving(self, model: str) -> list[str]:
        found = [name for name in self._providers if any(known.id == model for known in self._models(name))]
        return found if model else self.connected

    def _models(self, name: str) -> tuple[ModelInfo, ...]:
        if name in self._listed:
            return self._listed[name].models
        provider = self._providers[name]
        if name in self._asked() or (provider.needs_auth and not _has_key(provider)):
            return ()
        return tuple(ModelInfo(id=model) for model in getattr(provider, "models", ()))

    def _entry(self, name: str, provider: Plugin) -> ProviderEntry:
        image, audio, video, vision = (len(getattr(provider, f"{kind}_models", ())) for kind in ("image", "audio", "video", "vision"))
        return ProviderEntry(
            name, provider.label or name, provider.parent, image, audio, video, bool(vision), provider.use_nodriver, provider.hf_space,
            provider.active_by_default, provider.needs_auth, provider.login_url, len(self._models(name)), False,
        )  # fmt: skip


def _providers(settings: Settings) -> dict[str, Plugin]:
    """Return the servers the administrator connected, then the plug-ins."""
    connected = {name: _connect(name, server) for name, server in settings.servers.items()}
    plugins = {name: plugin for name, plugin in registered().items() if plugin.working and (name != "Ollama" or settings.ollama)}
    found = connected | {name: plugin for name, plugin in plugins.items() if name not in connected}
    return {name: provider for name, provider in found.items() if name not in settings.ignored_providers}


def _connect(name: str, server: ServerSettings) -> Plugin:
    attributes: dict[str, Any] = {
        "label": server.label or name,
        "active_by_default": True,
        "models": list(server.models),
        "proxy": server.proxy,
    }
    if server.kind == "g4f":
        return type(name, (BackendApi,), {**attributes, "url": server.base_url.rstrip("/"), "api_key": server.api_key})
    return create_custom_provider(server.base_url, server.api_key, name=name, **attributes)


def _has_key(provider: Plugin) -> bool:
    return bool(provider.get_api_key()) if hasattr(provider, "get_api_key") else False


def _entries(provider: Plugin, models: list[ModelInfo] | tuple[ModelInfo, ...]) -> list[ModelEntry]:
    default = getattr(provider, "default_model", "")
    return [ModelEntry(m.id, m.id, m.label or m.id, m.id == default, m.vision, m.audio, m.video, m.image) for m in models]
