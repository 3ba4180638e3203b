"""Any OpenAI-compatible API as a provider; a subclass gives an address and facts."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlsplit

from g4f import aio
from g4f.config import Secret
from g4f.errors import BadRequestError, MissingAuthError, ModelNotFoundError, ResponseError, TimeoutError
from g4f.Provider.template.openai_answer import Answer
from g4f.Provider.template.openai_images import edit_form, read_images
from g4f.Provider.template.openai_messages import last_question, to_wire
from g4f.Provider.template.openai_models import read_models
from g4f.Provider.template.openai_request import CHAT_FIELDS, IMAGE_FIELDS, extra_body_of, fields_of, timeouts_of, without_media
from g4f.Provider.template.openai_stream import AnswerStream
from g4f.providers.base_provider import AsyncGeneratorProvider, Batch, ProviderModelMixin
from g4f.providers.response import JsonRequest
from g4f.providers.types import ModelInfo
from g4f.requests import Response, StreamSession, raise_for_status
from g4f.requests.request import Tls
from g4f.typing import Messages

Options = Mapping[str, Any]
Key = str | Secret | Mapping[str, str] | None

SHORT, SLOW = 1024, 3
"""Bytes of a block that holds a word or two; and so many of those make an answer that comes word by word."""


class OpenaiTemplate(AsyncGeneratorProvider, ProviderModelMixin):
    """Speak OpenAI's chat, images and models API; a plug-in is a subclass with an address.

        class Groq(OpenaiTemplate):
            \"\"\"https://console.groq.com/docs/openai\"\"\"

            base_url = "https://api.groq.com/openai/v1"
            api_key_variable = "GROQ_API_KEY"
            needs_auth = True

    The key goes as Authorization to ``base_url`` alone: a caller who names another origin has to bring a key of its own.
    """

    base_url: ClassVar[str] = ""
    base_url_variable: ClassVar[str] = ""
    """Environment variable that overrides ``base_url``."""
    api_key: ClassVar[str | Secret | None] = None
    api_key_variable: ClassVar[str] = ""
    """Environment variable read when there is no ``api_key``."""
    api_endpoint: ClassVar[str | None] = None
    """Full address of the chat API where it is not ``{base_url}/chat/completions``."""
    headers: ClassVar[Mapping[str, str]] = {}
    fallback_models: ClassVar[Sequence[str]] = ()
    """Models named when the server gives no list."""
    models_needs_auth: ClassVar[bool] = False
    ssl: ClassVar[Tls] = None
    add_user: ClassVar[bool] = True
    """Whether the API takes ``user``."""
    stream_usage: ClassVar[bool] = True
    """Whether the API takes ``stream_options``, with which it counts the tokens of a stream."""
    max_tokens: ClassVar[int | None] = None
    """Sent when the caller sets no limit."""
    max_tokens_field: ClassVar[str] = "max_tokens"
    """What the API calls ``max_tokens``."""

    @classmethod
    def create_batches(cls, /, model: str, messages: Messages, **options: Any) -> AsyncGenerator[Batch]:
        """Yield the answer, everything one read brought at a time.

        Takes the fields of OpenAI's API as they are and more in ``extra_body``; besides ``api_key``, ``base_url``, ``headers``,
        ``proxy``, ``timeout`` (seconds) or ``timeouts``, ``media``, and ``prompt``, which asks for an image. ``debug_mode`` shows the
        request, without the key, and every event.
        """
        if options.get("prompt") is not None or (model or cls.default_model) in cls.image_models:
            return cls._draw(model, messages, options)
        return cls._chat(model, messages, options)

    @classmethod
    async def fetch_models(cls, /, api_key: Key = None, base_url: str | None = None, **options: Any) -> list[ModelInfo]:
        """Return the models the server lists, or ``fallback_models`` where it lists none; a key it refuses is an error all the same."""
        base = cls.get_base_url(base_url)
        fallback = [cls._described(ModelInfo(id=name)) for name in cls.fallback_models]
        if cls.models_needs_auth and not cls.get_api_key(api_key, base):
            return fallback
        try:
            session = cls._session(base, {**options, "api_key": api_key})
            async with session, session.get(f"{base}/models", ssl=cls.ssl) as response:
                await raise_for_status(response)
                return [cls._described(model) for model in read_models(await response.json(), response.host)]
        except (ResponseError, TimeoutError):
            if not fallback:
                raise
            return fallback

    @classmethod
    def get_models(cls, /, api_key: Key = None, **options: Any) -> list[str]:
        """Return the names of the models; where the class names none its server is asked, and this call waits."""
        return list(cls.models) or [model.id for model in aio.run(cls.fetch_models(api_key, **options))]

    @classmethod
    def get_base_url(cls, base_url: str | None = None) -> str:
        """Return the address in use, without a slash at its end; raises BadRequestError when there is none."""
        address = base_url or cls._own_base_url()
        if not address.startswith(("http://", "https://")):
            raise BadRequestError(
                f"{cls.__name__} needs base_url, the http(s) address of an OpenAI-compatible API up to and including /v1.",
                values={"reason": "no_address", "provider": cls.__name__},
            )
        return address.rstrip("/").removesuffix("/chat/completions")

    @classmethod
    def get_api_key(cls, api_key: Key = None, base_url: str | None = None) -> str:
        """Return the key to send to this address, or the empty text.

        ``api_key`` is the caller's: one key, or a map from provider name to key. Our own is for our own address only.
        """
        given = api_key.get(cls.__name__) if isinstance(api_key, Mapping) else api_key
        if not given and (base_url is None or _origin(base_url) == _origin(cls._own_base_url())):
            given = cls.api_key or (cls.api_key_variable and os.environ.get(cls.api_key_variable))
        return given.reveal() if isinstance(given, Secret) else given or ""

    @classmethod
    def _own_base_url(cls) -> str:
        return (cls.base_url_variable and os.environ.get(cls.base_url_variable)) or cls.base_url

    @classmethod
    async def _chat(cls, model: str, messages: Messages, options: Options) -> AsyncGenerator[Batch]:
        base = cls.get_base_url(options.get("base_url"))
        session = cls._session(base, options)
        name = await cls._model(model, options)
        body = {"model": name, "messages": await to_wire(messages, options.get("media")), **cls._fields(options)}
        debug = bool(options.get("debug_mode"))
        if debug:
            yield [JsonRequest(**without_media(body))]
        async with session, session.post(cls._endpoint(base), json=body, ssl=cls.ssl) as response:
            await raise_for_status(response)
            answer = Answer(response.host, debug=debug)
            if _kind(response) == "application/json":
                for batch in answer.read_whole(await response.read()):
                    yield batch
            else:
                stream, words = AnswerStream(answer), 0
                while not answer.complete and (block := await response.read_block()):
                    for batch in stream.read(block):
                        yield batch
                        if len(block) < SHORT and batch[-1].__class__ is str:  # once text was shown, no other attempt follows
                            words += 1
                            if words == SLOW:
                                yield stream.tap(response)
                if answer.complete:
                    response.satisfy()
            yield answer.end()

    @classmethod
    async def _draw(cls, model: str, messages: Messages, options: Options) -> AsyncGenerator[Batch]:
        base = cls.get_base_url(options.get("base_url"))
        session = cls._session(base, options)
        prompt = options.get("prompt") or last_question(messages)
        fields = {
            "model": await cls._model(model or next(iter(cls.image_models), ""), options),
            "prompt": prompt,
            **fields_of(options, IMAGE_FIELDS),
            **extra_body_of(options),
        }
        if options.get("debug_mode"):
            yield [JsonRequest(**without_media(fields))]
        if media := options.get("media"):
            form, kind = await edit_form(fields, media)
            request = session.post(f"{base}/images/edits", data=form, headers={"Content-Type": kind}, ssl=cls.ssl)
        else:
            request = session.post(f"{base}/images/generations", json=fields, ssl=cls.ssl)
        async with session, request as response:
            await raise_for_status(response)
            yield read_images(await response.json(), prompt, response.host)

    @classmethod
    async def _model(cls, model: str, options: Options) -> str:
        """Return the model to ask: the caller's, the default, else the first the server lists."""
        if model or cls.default_model:
            return cls.get_model(model)
        listed = await cls.fetch_models(**options)
        if not listed:
            raise ModelNotFoundError(
                f"{cls.__name__} lists no model; name one.", values={"reason": "model_unnamed", "provider": cls.__name__}
            )
        return listed[0].id

    @classmethod
    def _fields(cls, options: Options) -> dict[str, Any]:
        """Return the fields of the request beside model and messages."""
        stream = options.get("stream") is not False
        fields = {"max_tokens": cls.max_tokens, **fields_of(options, CHAT_FIELDS), "stream": stream}
        if stream and cls.stream_usage:
            fields["stream_options"] = {"include_usage": True}
        if cls.add_user:
            fields["user"] = options.get("user")
        fields.setdefault(cls.max_tokens_field, fields.pop("max_tokens"))
        return {name: value for name, value in fields.items() if value is not None} | extra_body_of(options)

    @classmethod
    def _session(cls, base: str, options: Options) -> StreamSession:
        key = cls.get_api_key(options.get("api_key"), base)
        if cls.needs_auth and not key:
            where = f"set {cls.api_key_variable}, or " if cls.api_key_variable else ""
            message = f"{cls.__name__} needs an API key: {where}pass api_key."
            raise MissingAuthError(message, values={"reason": "no_key", "provider": cls.__name__})
        headers = {"Accept": "text/event-stream, application/json", **cls.headers, **(options.get("headers") or {})}
        return StreamSession(
            {**headers, "Authorization": f"Bearer {key}"} if key else headers,
            proxy=options.get("proxy"),
            timeouts=timeouts_of(options),
            ssl=cls.ssl,
            public_only=bool(options.get("public_only")),
        )

    @classmethod
    def _endpoint(cls, base: str) -> str:
        """Return the address of the chat API; the subclass's own one is not for an address the caller named."""
        return cls.api_endpoint if cls.api_endpoint and base == cls._own_base_url().rstrip("/") else f"{base}/chat/completions"


def create_custom_provider(
    base_url: str,
    api_key: str | Secret | None = None,
    name: str = "CustomProvider",
    working: bool = True,
    default_model: str = "",
    models: Sequence[str] = (),
    **attributes: Any,
) -> type[OpenaiTemplate]:
    """Return a provider for an OpenAI-compatible API; ``attributes`` become attributes of the class."""
    listed = tuple(models)
    facts = {
        "__doc__": f"{base_url}, connected by its address.",
        "__module__": __name__,
        "base_url": base_url,
        "api_key": api_key,
        "working": working,
        "default_model": default_model or next(iter(listed), ""),
        "models": listed,
    }
    return type(name, (OpenaiTemplate,), {**facts, **attributes})


def _origin(address: str) -> tuple[str, str]:
    try:
        parts = urlsplit(address)
    except ValueError:
        return "", address  # no address at all, which the session will say when it is asked to go there
    return parts.scheme.lower(), parts.netloc.lower()


def _kind(response: Response) -> str:
    """Return the content type; raises ResponseError for a web page, which a wrong address is most often answered with."""
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind == "text/html":
        message = f"{response.host} answered with a web page. Check base_url: it ends in /v1 at most servers."
        raise ResponseError(message, values={"reason": "web_page", "host": response.host})
    return kind
