"""What a provider is: a class with facts as attributes and one function that answers."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from typing import Any, ClassVar, cast

from msgspec.structs import replace

from g4f import aio
from g4f.errors import ModelNotFoundError
from g4f.providers.response import Parameters, Response
from g4f.providers.types import ModelInfo
from g4f.typing import AsyncResult, CreateResult, Messages

Batch = list["str | Response"]
"""Everything one read of the network brought."""

_END: Any = object()


class AbstractProvider:
    """Be asked for answers; subclasses say how in one of three ways.

    ``create_completion`` yields from ordinary code, ``create_async`` gives the answer in one piece, and
    ``create_async_generator`` (or ``create_batches``, a list at a time) yields from asynchronous code. Whichever a
    subclass writes, the others follow from it.
    """

    url: ClassVar[str | None] = None
    label: ClassVar[str | None] = None
    parent: ClassVar[str | None] = None
    login_url: ClassVar[str | None] = None
    working: ClassVar[bool] = True
    active_by_default: ClassVar[bool] = False
    needs_auth: ClassVar[bool] = False
    supports_stream: ClassVar[bool] = True
    supports_message_history: ClassVar[bool] = True
    supports_system_message: ClassVar[bool] = True
    use_nodriver: ClassVar[bool] = False
    hf_space: ClassVar[bool] = False
    live: ClassVar[int] = 0
    params: ClassVar[tuple[str, ...]] = ("model", "messages", "stream", "proxy", "timeout")

    @classmethod
    def create_completion(cls, /, model: str, messages: Messages, stream: bool = False, **kwargs: Any) -> CreateResult:
        """Yield the answer from ordinary code."""
        return aio.iterate(aio.flatten(cls.create_batches(model, messages, stream=stream, **kwargs)))

    @classmethod
    async def create_batches(cls, /, model: str, messages: Messages, **kwargs: Any) -> AsyncGenerator[Batch]:
        """Yield the answer, everything one read brought at a time; ordinary code runs in a thread."""
        answer = iter(cls.create_completion(model, messages, **kwargs))
        try:
            while (item := await asyncio.to_thread(next, answer, _END)) is not _END:
                if item is not None:
                    yield [item]
        finally:
            if close := getattr(answer, "close", None):
                with suppress(ValueError):  # it still runs in its thread, and ends there with its next item
                    close()

    @classmethod
    def get_dict(cls) -> dict[str, Any]:
        """Return the name, page and label people know the provider by."""
        return {"name": cls.__name__, "url": cls.url, "label": cls.label or cls.__name__}

    @classmethod
    def get_parent(cls) -> str:
        """Return the name of the provider this one is a part of, or its own."""
        return cls.parent or cls.__name__

    @classmethod
    def get_parameters(cls, as_json: bool = False) -> dict[str, Any]:
        """Return example values of the arguments the provider takes."""
        return Parameters(**dict.fromkeys(cls.params)).get_dict() if as_json else dict.fromkeys(cls.params)


class AsyncProvider(AbstractProvider):
    """Answer in one piece."""

    supports_stream = False

    @classmethod
    async def create_async(cls, /, model: str, messages: Messages, **kwargs: Any) -> str:
        """Return the whole answer as text; whatever is not text is left out."""
        return "".join([str(item) async for batch in cls.create_batches(model, messages, **kwargs) for item in batch])

    @classmethod
    async def create_batches(cls, /, model: str, messages: Messages, **kwargs: Any) -> AsyncGenerator[Batch]:
        """Yield the one piece."""
        yield [await cls.create_async(model, messages, **kwargs)]

    @classmethod
    def create_completion(cls, /, model: str, messages: Messages, stream: bool = False, **kwargs: Any) -> CreateResult:
        """Yield the one piece from ordinary code."""
        return aio.iterate(aio.flatten(cls.create_batches(model, messages, **kwargs)))


class AsyncGeneratorProvider(AbstractProvider):
    """Answer as an asynchronous stream; a subclass writes one of the two functions."""

    @classmethod
    def create_async_generator(cls, /, model: str, messages: Messages, **kwargs: Any) -> AsyncResult:
        """Return the answer as a stream that may also be awaited first, which gives itself."""
        return cast(AsyncResult, aio.AsyncStream(aio.flatten(cls.create_batches(model, messages, **kwargs))))

    @classmethod
    async def create_batches(cls, /, model: str, messages: Messages, **kwargs: Any) -> AsyncGenerator[Batch]:
        """Yield the answer, everything one read brought at a time."""
        answer = cls.create_async_generator(model, messages, **kwargs)
        try:
            async for item in answer:
                if item is not None:  # gpt4free providers may yield it for nothing
                    yield [item]
        finally:
            await aio.close(answer)

    @classmethod
    async def create_async(cls, /, model: str, messages: Messages, **kwargs: Any) -> str:
        """Return the whole answer as text; whatever is not text is left out."""
        return "".join([str(item) async for batch in cls.create_batches(model, messages, **kwargs) for item in batch])


class ProviderModelMixin:
    """Know models by name: a default, aliases, and lists of what each can do."""

    default_model: ClassVar[str] = ""
    default_vision_model: ClassVar[str] = ""
    models: ClassVar[Sequence[str]] = ()
    model_aliases: ClassVar[dict[str, str | list[str]]] = {}
    vision_models: ClassVar[Sequence[str]] = ()
    image_models: ClassVar[Sequence[str]] = ()
    audio_models: ClassVar[Sequence[str]] = ()
    video_models: ClassVar[Sequence[str]] = ()

    @classmethod
    def get_models(cls, /, **kwargs: Any) -> list[str]:
        """Return the names of the models, the default first where no list is known."""
        return list(cls.models) or ([cls.default_model] if cls.default_model else [])

    @classmethod
    async def fetch_models(cls, /, api_key: str | None = None, base_url: str | None = None, **kwargs: Any) -> list[ModelInfo]:
        """Return what is known of each model; subclasses ask their server here."""
        return [cls._described(ModelInfo(id=name)) for name in cls.get_models()]

    @classmethod
    def get_model(cls, /, model: str, **kwargs: Any) -> str:
        """Return the name the provider's server knows: the default for none, what an alias stands for, one of several at random.

        Raises ModelNotFoundError for none where there is no default.
        """
        match cls.model_aliases.get(model, model) or cls.default_model:
            case list(names):
                return random.choice(names)  # noqa: S311  not for secrets
            case str(name) if name:
                return name
            case _:
                message = f"{cls.__name__} has no default model; name one."
                raise ModelNotFoundError(message, values={"reason": "model_unnamed", "provider": cls.__name__})

    @classmethod
    def _described(cls, model: ModelInfo) -> ModelInfo:
        """Add what the class knows of a model to what is said of it."""
        return replace(
            model,
            vision=model.vision or model.id in cls.vision_models,
            image=model.image or model.id in cls.image_models,
            audio=model.audio or model.id in cls.audio_models,
            video=model.video or model.id in cls.video_models,
        )
