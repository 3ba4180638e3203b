"""The calls of 2023, and the names the package shows."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

import pytest

import g4f
from g4f.client import Client
from g4f.providers.response import FinishReason, ProviderInfo
from tests.playing import playing
from tests.servers.openai import OpenaiServer

HI: Any = [{"role": "user", "content": "Hi"}]


def test_an_answer_is_a_text() -> None:
    assert g4f.ChatCompletion.create("m", HI, playing("Hel", "lo")) == "Hello"


@pytest.mark.parametrize("how", ["stream", "ignore_stream"])
def test_a_stream_holds_everything_the_provider_yields(how: str) -> None:
    items = list(g4f.ChatCompletion.create("m", HI, playing("Hi", FinishReason("stop")), **{how: True}))
    assert [type(item) for item in items] == [ProviderInfo, str, FinishReason]


def test_async_code_awaits_a_text_and_iterates_a_stream() -> None:
    async def main() -> tuple[str, str]:
        whole: Any = g4f.ChatCompletion.create_async("m", HI, playing("Hi"))
        stream: Any = g4f.ChatCompletion.create_async("m", HI, playing("H", "i"), stream=True)
        return await whole, await g4f.async_concat_chunks(stream)

    assert asyncio.run(main()) == ("Hi", "Hi")


def test_without_any_model_connected_the_answer_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")  # nobody listens there
    assert "No language model is connected" in str(g4f.ChatCompletion.create("", HI))


def test_models_are_those_of_the_provider_else_of_the_registry(upstream: OpenaiServer) -> None:
    assert Client(base_url=upstream.base_url).models.get_all() == ["plain", "reasoning", "tools"]
    assert "gpt-4o" in Client().models.get_all()
    assert "gpt-image-2.5-flare" in Client().models.get_image()
    assert Client().models.get("gpt-4o") is g4f.models.gpt_4o


def test_every_public_name_is_there() -> None:
    assert [name for name in g4f.__all__ if getattr(g4f, name, None) is None] == []


def test_importing_the_package_loads_nothing_of_it() -> None:
    program = "import sys, g4f; print(*sorted(name for name in sys.modules if name.startswith('g4f')))"
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.split()
    assert loaded == ["g4f", "g4f.version"]
