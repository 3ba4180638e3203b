"""The registry of models."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from g4f import models
from g4f.errors import ModelNotFoundError
from g4f.models import ImageModel, Model, ModelRegistry, ModelUtils
from g4f.Provider import registered


@pytest.fixture
def registry() -> Iterator[dict[str, Model]]:
    """The registry, put back as it was afterwards."""
    before = dict(ModelUtils.convert)
    yield ModelUtils.convert
    ModelUtils.convert.clear()
    ModelUtils.convert.update(before)


def test_constructing_a_model_registers_it(registry: dict[str, Model]) -> None:
    mine = Model("mine", "me", "Ollama")
    assert ModelUtils.get_model("mine") is ModelRegistry.get("mine") is registry["mine"] is mine


def test_a_model_has_further_names(registry: dict[str, Model]) -> None:
    ModelUtils.register_alias("newest", "gpt-6-luna")
    assert registry["newest"] is models.gpt_6_luna


def test_an_unknown_model_is_refused() -> None:
    with pytest.raises(ModelNotFoundError):
        ModelUtils.get_model("nobody-knows")


def test_models_are_listed_by_provider() -> None:
    assert "llama3.2" in ModelRegistry.list_models_by_provider("Ollama")
    assert "gpt-4o" not in ModelRegistry.list_models_by_provider("Ollama")


def test_every_model_is_served_by_providers_that_exist() -> None:
    assert {name for model in ModelRegistry.all_models().values() for name in model.providers} <= set(registered())
    assert ModelRegistry.validate_all_models() == {}


def test_a_model_that_nobody_serves_is_reported(registry: dict[str, Model]) -> None:
    Model("lost", "nobody")
    assert ModelRegistry.validate_all_models() == {"lost": ["no provider serves it"]}


def test_the_module_lists_models_with_their_providers() -> None:
    assert models.__models__["gpt-4o"] == (models.gpt_4o, ("OpenaiChat",))
    assert isinstance(models.gpt_image, ImageModel)
