"""The settings that are tables of their own: servers, prices, budgets."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta, Struct

from g4f.config.values import Secret, require_proxies

Amount = Annotated[int, Meta(ge=1)]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$")]


class Server(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One server with models that the administrator connected; the table's name becomes a provider's name."""

    base_url: Annotated[
        str, Meta(pattern=r"^https?://[^\s@]+$", description="Address up to and including /v1; of a gpt4free server, without a path.")
    ]
    api_key: Annotated[Secret, Meta(description="Key sent with each request; empty for none.")] = Secret()
    models: Annotated[tuple[str, ...], Meta(description="Model names; empty asks the server for its list.")] = ()
    kind: Annotated[
        Literal["openai", "g4f"], Meta(description="`openai` for any OpenAI-compatible API, `g4f` for another gpt4free server.")
    ] = "openai"
    label: Annotated[str, Meta(description="Name shown to people.")] = ""
    proxy: Annotated[Secret, Meta(description="Proxy for this server alone.")] = Secret()

    def __post_init__(self) -> None:
        require_proxies("proxy", self.proxy)


class SpeechServer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One server that speaks or understands speech through OpenAI's audio API; the table's name becomes an engine's name."""

    base_url: Annotated[str, Meta(pattern=r"^https?://[^\s@]+$", description="Address up to and including /v1.")]
    api_key: Annotated[Secret, Meta(description="Key sent with each request; empty for none.")] = Secret()
    model: Annotated[str, Meta(description="Model that reads text aloud; empty if the server does not.")] = "tts-1"
    voices: Annotated[tuple[str, ...], Meta(description="Names of its voices; the first is used when none is asked for.")] = ("alloy",)
    transcription_model: Annotated[str, Meta(description="Model that writes down what is said; empty if the server does not.")] = ""
    label: Annotated[str, Meta(description="Name shown to people.")] = ""
    proxy: Annotated[Secret, Meta(description="Proxy for this server alone.")] = Secret()

    def __post_init__(self) -> None:
        if self.model and not self.voices:
            raise ValueError("voices is empty; name at least one, or set model to an empty text")
        require_proxies("proxy", self.proxy)


class EmbeddingServer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The server that turns passages into vectors through OpenAI's embeddings API; without one files are searched by words alone."""

    base_url: Annotated[str, Meta(pattern=r"^https?://[^\s@]+$", description="Address up to and including /v1.")]
    model: Annotated[str, Meta(description="Model of embeddings; when it changes, all vectors are made anew.")]
    api_key: Annotated[Secret, Meta(description="Key sent with each request; empty for none.")] = Secret()


class ModelPrice(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the administrator says a model costs, per million tokens; it goes before every other price from ``since`` on."""

    input: Annotated[Decimal, Meta(description="Price of a million tokens of the prompt.")]
    output: Annotated[Decimal, Meta(description="Price of a million tokens of the answer.")]
    cached: Annotated[Decimal | None, Meta(description="Price of those of the prompt that came from a cache; `input` if absent.")] = None
    reasoning: Annotated[Decimal | None, Meta(description="Price of those of the answer that are thinking; `output` if absent.")] = None
    currency: Annotated[Currency, Meta(description="Currency of the prices.")] = "USD"
    since: Annotated[date | None, Meta(description="Day, in UTC, from which on they hold; absent is always.")] = None

    def __post_init__(self) -> None:
        if not all(
            price.is_finite() and price >= 0 for price in (self.input, self.output, self.cached, self.reasoning) if price is not None
        ):
            raise ValueError("a price should be 0 or more")


class Budget(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much may be used in a day or a month of UTC: ``tokens``, or ``cost_micros``, millionths of the currency."""

    scope: Annotated[Literal["owner", "model"], Meta(description="`owner` gives it to each person, `model` to all people together.")]
    period: Annotated[Literal["day", "month"], Meta(description="What it is for; it begins anew with the next one.")]
    model: Annotated[str, Meta(description="Model that it is for; empty, which only `owner` may be, is all of them.")] = ""
    tokens: Annotated[Amount | None, Meta(description="Tokens of prompts and answers.")] = None
    cost_micros: Annotated[Amount | None, Meta(description="Money in millionths; what has no price counts as nothing.")] = None
    currency: Annotated[Currency, Meta(description="Currency of `cost_micros`; what costs another one is not counted.")] = "USD"
    warn: Annotated[float, Meta(ge=0, le=1, description="Share after which people are warned.")] = 0.8

    def __post_init__(self) -> None:
        if (self.tokens is None) == (self.cost_micros is None):
            raise ValueError("a budget needs either tokens or cost_micros")
        if self.scope == "model" and not self.model:
            raise ValueError("a budget of scope model needs the name of the model")
