"""Model lists in the shapes that servers give them."""

from __future__ import annotations

from typing import Any

import pytest

from g4f.errors import ResponseError
from g4f.Provider.template.openai_models import read_models
from g4f.providers.types import ModelInfo

OPENROUTER = {
    "id": "google/gemini",
    "name": "Google: Gemini",
    "context_length": 1000,
    "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["text", "image"]},
}


@pytest.mark.parametrize(
    ("entry", "model"),
    [
        ({"id": "gpt", "object": "model"}, ModelInfo(id="gpt")),
        ("llama", ModelInfo(id="llama")),
        ({"name": "llama3.2:latest", "model": "llama3.2:latest"}, ModelInfo(id="llama3.2:latest")),
        ({"name": "models/gemini"}, ModelInfo(id="gemini")),
        (OPENROUTER, ModelInfo(id="google/gemini", label="Google: Gemini", vision=True, image=True, context=1000)),
        ({"id": "flux", "type": "image", "display_name": "FLUX"}, ModelInfo(id="flux", label="FLUX", image=True)),
        ({"id": "pixtral", "capabilities": {"vision": True}, "max_context_length": 5}, ModelInfo(id="pixtral", vision=True, context=5)),
        ({"id": "qwen-vl", "type": "vlm"}, ModelInfo(id="qwen-vl", vision=True)),
        ({"id": "far", "vision": True, "audio": True, "image": False}, ModelInfo(id="far", vision=True, audio=True)),
    ],
)
def test_an_entry_says_what_its_model_can(entry: Any, model: ModelInfo) -> None:
    assert read_models({"data": [entry]}, "far") == [model]


@pytest.mark.parametrize("document", [{"data": [{"id": "a"}]}, {"models": [{"id": "a"}]}, [{"id": "a"}]])
def test_the_list_is_found_in_every_shape(document: Any) -> None:
    assert read_models(document, "far") == [ModelInfo(id="a")]


def test_an_entry_without_a_name_is_passed_over() -> None:
    assert read_models([{"object": "model"}, None, {"id": "a"}], "far") == [ModelInfo(id="a")]


def test_a_model_that_is_listed_twice_is_returned_once() -> None:
    assert read_models([{"id": "a"}, {"id": "b"}, {"name": "models/a"}], "far") == [ModelInfo(id="a"), ModelInfo(id="b")]


@pytest.mark.parametrize("document", [{}, None, "text", {"data": None}])
def test_anything_else_is_an_error(document: Any) -> None:
    with pytest.raises(ResponseError, match="no list of models"):
        read_models(document, "far")
