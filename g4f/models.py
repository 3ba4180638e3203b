"""Models that have a name of their own, and which providers serve them; providers are named, never imported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from g4f.errors import ModelNotFoundError

Served = str | tuple[str, ...] | Any
"""Names of providers in the order they are asked, or a provider itself."""


class ModelRegistry:
    """Know every model by its names."""

    _models: ClassVar[dict[str, Model]] = {}

    @classmethod
    def register(cls, model: Model, aliases: Iterable[str] = ()) -> None:
        """Make a model known under its name and its aliases."""
        cls._models.update(dict.fromkeys([model.name, *aliases], model))

    @classmethod
    def get(cls, name: str) -> Model | None:
        """Return the model of this name, or None."""
        return cls._models.get(name)

    @classmethod
    def all_models(cls) -> dict[str, Model]:
        """Return every model by its names."""
        return dict(cls._models)

    @classmethod
    def list_models_by_provider(cls, provider: str) -> list[str]:
        """Return the names of the models that a provider serves."""
        return [name for name, model in cls._models.items() if provider in model.providers]

    @classmethod
    def validate_all_models(cls) -> dict[str, list[str]]:
        """Return what is wrong with each model; empty when nothing is."""
        return {name: ["no provider serves it"] for name, model in cls._models.items() if not model.providers}


@dataclass(frozen=True)
class Model:
    """Name a model, its maker and the providers that serve it.

    Constructing one registers it: a heirloom, because gpt4free programs add models so.
    """

    name: str
    base_provider: str
    best_provider: Served = None
    long_name: str | None = None

    def __post_init__(self) -> None:
        ModelRegistry.register(self)

    @property
    def providers(self) -> tuple[str, ...]:
        """Return the names of the providers that serve the model, the first asked first."""
        match self.best_provider:
            case None:
                return ()
            case tuple() | list():
                return tuple(self.best_provider)
            case str(name):
                return (name,)
            case provider:
                return (provider.__name__,)


class ImageModel(Model):
    """Draw."""


class AudioModel(Model):
    """Speak or listen."""


class VideoModel(Model):
    """Film."""


class VisionModel(Model):
    """Look at images."""


class ModelUtils:
    """Find models under the names gpt4free programs use; ``convert`` is the map itself and may be written."""

    convert: ClassVar[dict[str, Model]] = ModelRegistry._models  # noqa: SLF001  the same map under two names, as programs expect

    @classmethod
    def get_model(cls, name: str) -> Model:
        """Return the model of this name; raises ModelNotFoundError."""
        if (model := cls.convert.get(name)) is None:
            raise ModelNotFoundError(f"There is no model named {name[:64]!r} in the registry; name a provider beside it.")
        return model

    @classmethod
    def register_alias(cls, alias: str, name: str) -> None:
        """Make a model known under one more name; raises ModelNotFoundError."""
        cls.convert[alias] = cls.get_model(name)

    @classmethod
    def refresh(cls) -> None:
        """Do nothing: the map is the registry itself and cannot be behind it."""


_OPENAI, _OLLAMA = "OpenaiChat", "Ollama"

default_vision = VisionModel("", "", (_OPENAI, _OLLAMA, "Offline"))
default = Model("", "", (_OPENAI, _OLLAMA, "Offline"))
"""Whatever answers: OpenAI when there is a key, Ollama when it runs, else Offline, which says how to connect a model."""

gpt_6_astra = VisionModel("gpt-6-astra", "OpenAI", _OPENAI)
gpt_6_1_sol = VisionModel("gpt-6.1-sol", "OpenAI", _OPENAI)
gpt_6_luna = VisionModel("gpt-6-luna", "OpenAI", _OPENAI)
gpt_4o = VisionModel("gpt-4o", "OpenAI", _OPENAI)
gpt_4o_mini = VisionModel("gpt-4o-mini", "OpenAI", _OPENAI)
gpt_image = ImageModel("gpt-image-2.5-flare", "OpenAI", _OPENAI)

# OpenAI itself retired these two in October 2026; programs of 2023 ask for them, and servers behind OPENAI_BASE_URL may know them.
gpt_4 = Model("gpt-4", "OpenAI", _OPENAI)
gpt_35_turbo = Model("gpt-3.5-turbo", "OpenAI", _OPENAI)

gpt_oss = Model("gpt-oss:20b", "OpenAI", _OLLAMA)
llama_3_2 = Model("llama3.2", "Meta", _OLLAMA)
qwen_3 = Model("qwen3", "Qwen", _OLLAMA)
gemma_3 = VisionModel("gemma3", "Google", _OLLAMA)
deepseek_r1 = Model("deepseek-r1", "DeepSeek", _OLLAMA)

__models__: Mapping[str, tuple[Model, tuple[str, ...]]]
"""Name -> the model and the names of its providers, as the registry stands when this name is read."""


def __getattr__(name: str) -> Any:
    if name == "__models__":
        return {name: (model, model.providers) for name, model in ModelRegistry.all_models().items() if name}
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
