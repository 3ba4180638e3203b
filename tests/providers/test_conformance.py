"""What every registered provider keeps, whoever wrote it."""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest

from g4f.errors import G4FError, MissingAuthError, RateLimitError, ResponseError
from g4f.Provider import registered
from g4f.Provider.template import BackendApi, OpenaiTemplate
from g4f.providers.base_provider import AbstractProvider
from g4f.providers.response import Response, is_content
from g4f.providers.types import ModelInfo
from tests.servers.openai import OpenaiServer

PROVIDERS = sorted(registered().items())
EVERY = pytest.mark.parametrize("provider", [provider for _, provider in PROVIDERS], ids=[name for name, _ in PROVIDERS])
REMOTE = pytest.mark.parametrize(
    "provider", [each for _, each in PROVIDERS if issubclass(each, OpenaiTemplate)], ids=lambda each: each.__name__
)
"""The providers that talk to a server; each is pointed at ours by ``base_url``."""


def ask(provider: type[AbstractProvider], model: str, **options: Any) -> list[str | Response]:
    async def main() -> list[str | Response]:
        return [item async for batch in provider.create_batches(model, [{"role": "user", "content": "Hi"}], **options) for item in batch]

    return asyncio.run(main())


def imported(provider: type[AbstractProvider]) -> Iterator[str]:
    for node in ast.walk(ast.parse(inspect.getsource(inspect.getmodule(provider) or provider))):
        match node:
            case ast.ImportFrom(module=str(module)):
                yield module
            case ast.Import(names=names):
                yield from (name.name for name in names)


@EVERY
def test_it_stands_under_its_own_name(provider: type[AbstractProvider]) -> None:
    assert registered()[provider.__name__] is provider
    assert provider.get_dict()["name"] == provider.__name__


@EVERY
def test_it_says_what_it_is_and_where_its_facts_come_from(provider: type[AbstractProvider]) -> None:
    assert re.search(r"https://|this file", provider.__doc__ or "")


@EVERY
def test_it_imports_no_other_plugin(provider: type[AbstractProvider]) -> None:
    others = [
        module for module in imported(provider) if module.startswith("g4f.Provider") and not module.startswith("g4f.Provider.template")
    ]
    assert others == []


@EVERY
def test_its_default_model_is_among_its_models(provider: Any) -> None:
    assert provider.default_model in provider.models or not provider.default_model


@EVERY
def test_it_yields_only_known_responses_and_shows_something(provider: type[AbstractProvider], upstream: OpenaiServer) -> None:
    items = ask(provider, "plain", base_url=upstream.base_url, api_key="k")
    assert all(isinstance(item, str | Response) for item in items)
    assert any(map(is_content, items))


@EVERY
def test_its_models_are_described(provider: Any, upstream: OpenaiServer) -> None:
    models = asyncio.run(provider.fetch_models(base_url=upstream.base_url, api_key="k"))
    assert models
    assert all(isinstance(model, ModelInfo) for model in models)


@REMOTE
@pytest.mark.parametrize(
    ("status", "kind"), [(401, MissingAuthError), (403, MissingAuthError), (429, RateLimitError), (500, ResponseError)]
)
def test_a_refusal_becomes_our_error(provider: type[AbstractProvider], status: int, kind: type[G4FError], upstream: OpenaiServer) -> None:
    with pytest.raises(kind):
        ask(provider, f"fail-{status}", base_url=upstream.base_url, api_key="k")


@REMOTE
def test_a_key_is_in_no_error(provider: type[AbstractProvider], upstream: OpenaiServer) -> None:
    with pytest.raises(MissingAuthError) as caught:
        ask(provider, "fail-401", base_url=upstream.base_url, api_key="sk-very-secret")
    assert "sk-very-secret" not in str(caught.value) + repr(caught.value)


@REMOTE
def test_closing_its_stream_ends_the_upstream_call(provider: type[AbstractProvider], upstream: OpenaiServer) -> None:
    async def main() -> None:
        answer = provider.create_batches("stall", [{"role": "user", "content": "Hi"}], base_url=upstream.base_url, api_key="k")
        await anext(answer)
        await answer.aclose()

    asyncio.run(main())
    assert upstream.call().wait().aborted_at is not None


def test_templates_are_no_providers_themselves() -> None:
    assert not {OpenaiTemplate, BackendApi} & set(registered().values())
