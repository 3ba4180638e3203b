"""Which providers and models can be asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Coroutine
from functools import partial
from typing import Any, Literal, TypeVar

from flask import Request
from msgspec import Struct
from msgspec.structs import replace

from g4f.errors import ForbiddenError, ProviderNotFoundError, ValidationError
from g4f.gui.server.api import Api
from g4f.requests.guard import parse_url
from g4f.services.catalog import ModelEntry, ProviderEntry

T = TypeVar("T")
ModelMap = dict[str, list[str]]


class ProviderQuery(Struct, frozen=True):
    """Leave providers out: their names with spaces between them. The header ``x-ignored`` says the same, and comes first."""

    ignored: str = ""

    def leaves_out(self, request: Request) -> frozenset[str]:
        """Return the names of the providers that a request does not want to see."""
        return frozenset((request.headers.get("x-ignored") or self.ignored).split())


class ModelQuery(ProviderQuery, frozen=True):
    """Choose the shape: an object by provider, or the list that pages before version 0.6 read."""

    format: Literal["map", "list"] = "map"


class ListedModel(Struct, frozen=True):
    """Be one model in the old list, with the providers that serve it."""

    name: str
    providers: list[str]
    image: bool = False
    vision: bool = False
    audio: bool = False
    video: bool = False
    demo: bool = False


class ModelGroup(Struct, frozen=True):
    """Be the models of one provider under the label people know it by."""

    group: str
    models: list[ModelEntry]


def get_models(
    api: Api, query: ModelQuery, request: Request
) -> ModelMap | list[ListedModel] | Coroutine[Any, Any, ModelMap | list[ListedModel]]:
    """List the models by provider."""
    return _fresh(api, partial(_models, api, query, query.leaves_out(request)))


def get_demo_models(api: Api, ignored: Collection[str] = ()) -> list[ListedModel]:
    """List the models that demo mode shows: those that are set, or each provider's first."""
    models = _shown(api, ignored)
    shown = set(api.settings.demo_models) or {names[0] for names in models.values() if names}
    return [entry for entry in _listed(models, demo=True) if entry.name in shown]


def get_model_groups(api: Api, query: ProviderQuery, request: Request) -> list[ModelGroup] | Coroutine[Any, Any, list[ModelGroup]]:
    """List the models of the automatic choice in groups: those of all providers, by the provider's label."""
    return _fresh(api, partial(_groups, api, query.leaves_out(request)))


def get_provider_models(api: Api, provider: str, request: Request) -> Coroutine[Any, Any, list[ModelEntry]]:
    """List the models of one provider; an unknown provider has none.

    Custom is the server at the address in the header ``x-api-base``; without an address there is no server to ask, which is 422.
    """
    return _entries(api, provider, request.headers.get("x-api-key"), _base(api, provider, request))


def get_providers(api: Api, query: ProviderQuery, request: Request) -> list[ProviderEntry]:
    """List the providers."""
    ignored = query.leaves_out(request)
    return [entry for entry in api.catalog.entries() if entry.name not in ignored]


def _fresh(api: Api, make: Callable[[], T]) -> T | Coroutine[Any, Any, T]:
    """Return what is made of the catalog, at once where no list in it is old."""
    return make() if api.catalog.fresh else _refreshed(api, make)


async def _refreshed(api: Api, make: Callable[[], T]) -> T:
    await api.catalog.refresh()
    return make()


def _models(api: Api, query: ModelQuery, ignored: Collection[str]) -> ModelMap | list[ListedModel]:
    if api.settings.demo:
        return get_demo_models(api, ignored)
    models = _shown(api, ignored)
    return _listed(models) if query.format == "list" else models


def _shown(api: Api, ignored: Collection[str]) -> ModelMap:
    return {name: models for name, models in api.catalog.models().items() if name not in ignored}


def _listed(models: ModelMap, demo: bool = False) -> list[ListedModel]:
    return [ListedModel(name, serving, demo=demo) for name, serving in _serving(models).items()]


def _serving(models: ModelMap) -> dict[str, list[str]]:
    """Return the names of the providers that serve each model."""
    serving: dict[str, list[str]] = {}
    for provider, names in models.items():
        for name in names:
            serving.setdefault(name, []).append(provider)
    return serving


def _groups(api: Api, ignored: Collection[str]) -> list[ModelGroup]:
    models = _shown(api, ignored)
    serving, labels = _serving(models), {entry.name: entry.label for entry in api.catalog.entries()}
    return [
        ModelGroup(labels[provider], [_entry(api.catalog.provider(provider), name, len(serving[name])) for name in names])
        for provider, names in models.items()
        if names
    ]


def _entry(provider: Any, name: str, count: int) -> ModelEntry:
    vision, audio, video, image = (name in getattr(provider, f"{kind}_models", ()) for kind in ("vision", "audio", "video", "image"))
    return ModelEntry(name, name, name, name == getattr(provider, "default_model", ""), vision, audio, video, image, count)


async def _entries(api: Api, provider: str, api_key: str | None, base_url: str | None) -> list[ModelEntry]:
    """Return the models of one provider, each with the number of providers that serve it, this one among them."""
    serving = _serving(api.catalog.models())
    entries = await api.catalog.models_of(provider, api_key, base_url)
    return [replace(entry, count=len({provider, *serving.get(entry.id, ())})) for entry in entries]


def _base(api: Api, provider: str, request: Request) -> str | None:
    """Return the address to ask, None for the provider's own; raises ValidationError where Custom is given none."""
    try:
        if api.catalog.provider(provider).__name__ != "Custom":
            return None
    except ProviderNotFoundError:
        return None
    base = request.headers.get("x-api-base", "")
    if not _is_address(base):
        message = "Custom needs the http(s) address of an OpenAI-compatible API in the header x-api-base."
        raise ValidationError(message, "x-api-base", values={"reason": "no_address", "provider": "Custom"})
    return base


def _is_address(text: str) -> bool:
    try:
        parse_url(text)
    except ForbiddenError:
        return False
    return re.search(r"\s", text) is None
