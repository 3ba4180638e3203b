"""Prices: what an answer cost, exactly, in millionths of a currency.

A price per million tokens is as many millionths per token, so costs are sums of whole tokens times exact decimals. The sum of
an attempt is rounded once, to the nearest millionth, and a half to the even one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from g4f import debug
from g4f.config import ModelPrice
from g4f.db.models import Moment
from g4f.errors import G4FError
from g4f.Provider.template.OpenaiTemplate import OpenaiTemplate
from g4f.requests.guard import is_public

QUARTER_MS = 15 * 60 * 1000
"""Prices may depend on the time of day; they are looked up anew so often."""


class Counts(NamedTuple):
    """What one attempt used, in the ledger's units.

    ``cached`` and ``prompt_audio`` are part of ``prompt``, ``reasoning`` and ``completion_audio`` of ``completion``;
    ``images`` is in addition.
    """

    prompt: int = 0
    completion: int = 0
    reasoning: int = 0
    cached: int = 0
    prompt_audio: int = 0
    completion_audio: int = 0
    images: int = 0


class Rates(NamedTuple):
    """What a million of each costs, which is the same number of millionths for one; ``request`` is for a million requests."""

    prompt: Decimal
    completion: Decimal
    cached: Decimal
    reasoning: Decimal
    prompt_audio: Decimal
    completion_audio: Decimal
    request: Decimal = Decimal(0)


class Price(NamedTuple):
    """What a model costs, and who says so; the rates that hold for a prompt are the last of those for fewer tokens than it has."""

    source: str
    currency: str
    steps: tuple[tuple[int, Rates], ...]

    def cost_micros(self, counts: Counts) -> int | None:
        """Return the cost in millionths; None for pictures, whose price is not one of tokens."""
        if counts.images:
            return None
        rates = [rates for start, rates in self.steps if counts.prompt > start][-1:] or [self.steps[0][1]]
        [rate] = rates
        prompt = max(counts.prompt - counts.cached - counts.prompt_audio, 0) * rate.prompt
        completion = max(counts.completion - counts.reasoning - counts.completion_audio, 0) * rate.completion
        parts = counts.cached * rate.cached + counts.reasoning * rate.reasoning
        audio = counts.prompt_audio * rate.prompt_audio + counts.completion_audio * rate.completion_audio
        total = prompt + completion + parts + audio + rate.request
        return int(total.to_integral_value(ROUND_HALF_EVEN))


class Prices:
    """Know the price of a model at a provider: the administrator's, or else the one genai-prices has for the provider's address.

    A provider on this machine or a private network, and one that genai-prices does not know, has no price. ``provider_of``
    gives the provider of a name, or raises G4FError. https://github.com/pydantic/genai-prices
    """

    def __init__(self, settings: Mapping[str, ModelPrice] | None = None, provider_of: Callable[[str], Any] | None = None) -> None:
        self._settings = settings or {}
        self._provider_of = provider_of
        self._known: Future[Any] | None = None
        self._address = lru_cache(256)(self._find_address)
        self._listed = lru_cache(256)(self._find_listed)

    def expect(self, provider: str) -> None:
        """Begin to load prices if those of this provider will be wanted: that takes longer than an answer may wait."""
        if self._known is None and self._address(provider):
            self._load()

    def find(self, provider: str, model: str, moment: Moment) -> Price | None:
        """Return the price of a model at a moment, None if it is unknown; waits for what ``expect`` began."""
        if own := self._settings.get(model):
            since = own.since
            if since is None or datetime.fromtimestamp(moment / 1000, UTC).date() >= since:
                return _from_settings(own)
        address = self._address(provider)
        return self._listed(address, model, moment // QUARTER_MS) if address else None

    def _find_address(self, name: str) -> str:
        """Return the address of a provider on the internet, else the empty text."""
        if self._provider_of is None:
            return ""
        try:
            provider = self._provider_of(name)
            address: str = provider.get_base_url() if isinstance(provider, type) and issubclass(provider, OpenaiTemplate) else ""
        except G4FError:
            return ""
        return address if _is_on_the_internet(address) else ""

    def _find_listed(self, address: str, model: str, quarter: int) -> Price | None:
        known = self._load().result()
        try:
            provider, info = known.find_provider_model(model, None, None, address)
        except LookupError:
            return None
        return from_list(f"{provider.id}/{info.id}", info.get_prices(datetime.fromtimestamp(quarter * QUARTER_MS / 1000, UTC)))

    def _load(self) -> Future[Any]:
        if self._known is None:
            self._known = Future()
            Thread(target=_load_into, args=(self._known,), name="g4f-prices", daemon=True).start()
        return self._known


NO_PRICES = Prices()
"""Knows none."""


class _Nothing:
    """Be the list of prices when there is none."""

    def find_provider_model(self, *_: object) -> Any:
        raise LookupError


def _load_into(known: Future[Any]) -> None:
    try:
        from genai_prices.data_snapshot import get_snapshot  # noqa: PLC0415 - a second and 30 MB, which most servers never need

        known.set_result(get_snapshot())
    except Exception as error:  # noqa: BLE001 - without prices answers go on; whoever waits must be told in any case
        debug.failed("The list of prices cannot be read, so costs are unknown", error)
        known.set_result(_Nothing())


def _is_on_the_internet(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    if host.replace(".", "").isdigit() or ":" in host:
        return is_public(host)
    return "." in host and not host.endswith((".local", ".localhost", ".internal"))


def _from_settings(price: ModelPrice) -> Price:
    cached = price.input if price.cached is None else price.cached
    reasoning = price.output if price.reasoning is None else price.reasoning
    rates = Rates(price.input, price.output, cached, reasoning, price.input, price.output)
    return Price(f"settings{f' since {price.since}' if price.since else ''}", price.currency, ((-1, rates),))


def from_list(name: str, prices: Any) -> Price | None:
    """Return a model's prices of genai-prices, which are in dollars; None where it has none of tokens."""
    from genai_prices import __version__  # noqa: PLC0415 - loaded by now, and only then

    if prices.input_mtok is None or prices.output_mtok is None:
        return None
    starts = {tier.start for unit in prices.__dict__.values() for tier in getattr(unit, "tiers", ())}
    steps = tuple((start, _rates_above(prices, start)) for start in (-1, *sorted(starts)))
    return Price(f"genai-prices {__version__} {name}", "USD", steps)


def _rates_above(prices: Any, start: int) -> Rates:
    def rate(unit: Any, otherwise: Decimal = Decimal(0)) -> Decimal:
        tiers = [tier.price for tier in getattr(unit, "tiers", ()) if tier.start <= start]
        found: Decimal = otherwise if unit is None else tiers[-1] if tiers else getattr(unit, "base", unit)
        return found

    prompt, completion = rate(prices.input_mtok), rate(prices.output_mtok)
    return Rates(
        prompt, completion,
        cached=rate(prices.cache_read_mtok, prompt),
        reasoning=rate(prices.output_reasoning_mtok, completion),
        prompt_audio=rate(prices.input_audio_mtok, prompt),
        completion_audio=rate(prices.output_audio_mtok, completion),
        request=rate(prices.requests_kcount) * 1000,
    )  # fmt: skip
