"""g4f: a chat platform of one's own. The names here load what they need when they are first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from g4f.version import __version__

if TYPE_CHECKING:
    from g4f import Provider, debug, errors, models, typing, version
    from g4f.client import AsyncClient, Client, ClientFactory, create_custom_provider
    from g4f.client.chat_completion import ChatCompletion, async_concat_chunks, concat_chunks
    from g4f.completion import get_model_and_provider
    from g4f.models import Model
    from g4f.typing import AsyncResult, CreateResult, ImageType, Messages

__all__ = [
    "AsyncClient",
    "AsyncResult",
    "ChatCompletion",
    "Client",
    "ClientFactory",
    "CreateResult",
    "ImageType",
    "Messages",
    "Model",
    "Provider",
    "__version__",
    "async_concat_chunks",
    "concat_chunks",
    "create_custom_provider",
    "debug",
    "errors",
    "get_model_and_provider",
    "models",
    "typing",
    "version",
]


def __getattr__(name: str) -> Any:
    match name:
        case "Provider" | "debug" | "errors" | "models" | "typing" | "version":
            return import_module(f"g4f.{name}")
        case "AsyncClient" | "Client" | "ClientFactory" | "create_custom_provider":
            home = "g4f.client"
        case "ChatCompletion" | "async_concat_chunks" | "concat_chunks":
            home = "g4f.client.chat_completion"
        case "get_model_and_provider":
            home = "g4f.completion"
        case "Model":
            home = "g4f.models"
        case "AsyncResult" | "CreateResult" | "ImageType" | "Messages":
            home = "g4f.typing"
        case _:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(home), name)
