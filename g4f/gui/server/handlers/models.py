"""Which providers and models can be asked."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, Literal

from flask import Request
from msgspec import Struct

from g4f.gui.server.api import Api
from g4f.services.catalog import ModelEntry, ProviderEntry

ModelMap = dict[str, list[str]]


class ModelQuery(Struct, frozen=True):
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


def get_models(api: Api, query: ModelQuery) -> ModelMap | list[ListedModel] | Coroutine[Any, Any, ModelMap | list[ListedModel]]:
    """List the models by provider."""
    return _models(api, query) if api.catalog.fresh else _refreshed(api, query)


def get_demo_models(api: Api) -> list[ListedModel]:
    """List the models that demo mode shows: those that are set, or each provider's first."""
    shown = set(api.settings.demo_models) or {names[0] for names in api.catalog.models().values() if names}
    return [entry for entry in _listed(api, demo=True) if entry.name in shown]


def get_provider_models(api: Api, provider: str, request: Request) -> list[ModelEntry] | Coroutine[Any, Any, list[ModelEntry]]:
    """List the models of one provider; an unknown provider has none."""
    return api.catalog.models_of(provider, request.headers.get("x-api-key"), request.headers.get("x-api-base"))


def get_providers(api: Api) -> list[ProviderEntry]:
    """List the providers."""
    return api.catalog.entries()


async def _refreshed(api: Api, query: ModelQuery) -> ModelMap | list[ListedModel]:
    await api.catalog.refresh()
    return _models(api, query)


def _models(api: Api, query: ModelQuery) -> ModelMap | list[ListedModel]:
    if api.settings.demo:
        return get_demo_models(api)
    return _listed(api) if query.format == "list" else api.catalog.models()


def _listed(api: Api, demo: bool = False) -> list[ListedModel]:
    providers: dict[str, list[str]] = {}
    for provider, models in api.catalog.models().items():
        for model in models:
            providers.setdefault(model, []).append(provider)
    return [ListedModel(name, serving, demo=demo) for name, serving in providers.items()]
