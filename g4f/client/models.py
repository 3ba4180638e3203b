"""The models a client can name."""

from __future__ import annotations

from typing import Any, TypeVar

from g4f.client.request import Defaults
from g4f.models import AudioModel, ImageModel, Model, ModelUtils, VideoModel, VisionModel
from g4f.Provider import find_provider
from g4f.providers.base_provider import ProviderModelMixin

T = TypeVar("T")


class ClientModels:
    """List models: those of the client's provider, else those of the registry."""

    def __init__(self, defaults: Defaults) -> None:
        self._defaults = defaults

    def get(self, name: str, default: T | None = None) -> Model | T | None:
        """Return the model of the registry with this name, or ``default``."""
        return ModelUtils.convert.get(name, default)

    def get_all(self, **options: Any) -> list[str]:
        """Return every name; a provider without a list of its own asks its server, and this call waits."""
        provider = self._defaults.chosen(None)
        found = find_provider(provider) if isinstance(provider, str) else provider
        if isinstance(found, type) and issubclass(found, ProviderModelMixin):
            return found.get_models(**self._defaults.options(**options))
        return self._named(Model)

    def get_vision(self) -> list[str]:
        """Return the models that look at images."""
        return self._named(VisionModel)

    def get_image(self) -> list[str]:
        """Return the models that draw."""
        return self._named(ImageModel)

    def get_video(self) -> list[str]:
        """Return the models that film."""
        return self._named(VideoModel)

    def get_media(self) -> list[str]:
        """Return the models that draw, film or speak."""
        return self._named(ImageModel, VideoModel, AudioModel)

    @staticmethod
    def _named(*kinds: type[Model]) -> list[str]:
        return [name for name, model in ModelUtils.convert.items() if name and isinstance(model, kinds)]
