"""Prices: exact to the millionth, as the list has them and as the administrator says."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import pytest
from genai_prices import Usage
from genai_prices.data_snapshot import get_snapshot
from hypothesis import given, strategies as st

from g4f.config import ModelPrice
from g4f.db.models import now
from g4f.errors import ProviderNotFoundError
from g4f.Provider.template.OpenaiTemplate import create_custom_provider
from g4f.services.prices import Counts, Price, Prices, from_list
from tests.proofs import proof

ADDRESSES = {
    "OpenAI": "https://api.openai.com/v1",
    "Gemini": "https://generativelanguage.googleapis.com/v1beta/openai",
    "Here": "http://127.0.0.1:9/v1",
}
ON_LIST = [(provider, model) for provider in get_snapshot().providers for model in provider.models]
NOON = int(datetime(2025, 11, 20, 12, tzinfo=UTC).timestamp() * 1000)


def provider_of(name: str) -> Any:
    if name not in ADDRESSES:
        raise ProviderNotFoundError(f"There is no {name}.")
    return create_custom_provider(ADDRESSES[name])


def prices(**settings: ModelPrice) -> Prices:
    return Prices(settings, provider_of)


def cost(price: Price | None, **counts: int) -> int | None:
    assert price is not None
    return price.cost_micros(Counts(**counts))


def test_a_listed_price_is_charged_to_the_millionth() -> None:
    price = prices().find("OpenAI", "gpt-4o", NOON)  # $2.50 in, $1.25 cached, $10 out
    assert cost(price, prompt=1000, cached=100, completion=100) == 900 * 2.5 + 100 * 1.25 + 100 * 10
    assert price is not None
    assert price.currency == "USD"
    assert price.source.startswith("genai-prices ")
    assert price.source.endswith(" openai/gpt-4o")


def test_thinking_and_sound_are_charged_once() -> None:
    own = ModelPrice(input=Decimal(1), output=Decimal(2), reasoning=Decimal(7))
    price = prices(m=own).find("Anybody", "m", NOON)
    assert cost(price, completion=10, reasoning=4) == 6 * 2 + 4 * 7
    assert cost(price, prompt=10, prompt_audio=4, completion=5, completion_audio=5) == 10 * 1 + 5 * 2


@pytest.mark.parametrize(("tokens", "micros"), [(0, 0), (1, 0), (2, 1), (3, 2), (4, 2), (5, 2), (7, 4)])
def test_the_sum_is_rounded_once_and_a_half_to_the_even(tokens: int, micros: int) -> None:
    own = ModelPrice(input=Decimal("0.5"), output=Decimal("0.25"))
    assert cost(prices(m=own).find("Anybody", "m", NOON), prompt=tokens) == micros
    assert cost(prices(m=own).find("Anybody", "m", NOON), prompt=tokens, completion=2) == round(Decimal("0.5") * tokens + Decimal("0.5"))


def test_a_long_prompt_is_charged_at_its_step() -> None:
    price = prices().find("Gemini", "gemini-2.5-pro", NOON)  # $1.25 up to 200,000 tokens, then $2.50
    assert cost(price, prompt=200_000) == 250_000
    assert cost(price, prompt=200_001) == 500_002  # 500,002.5


def test_what_the_administrator_says_goes_first_from_its_day_on() -> None:
    own = ModelPrice(input=Decimal(9), output=Decimal(9), currency="EUR", since=date(2025, 11, 20))
    known = Prices({"gpt-4o": own}, provider_of)
    today = known.find("OpenAI", "gpt-4o", NOON)
    assert today is not None
    assert (today.currency, today.source, cost(today, prompt=1)) == ("EUR", "settings since 2025-11-20", 9)
    before = known.find("OpenAI", "gpt-4o", NOON - 24 * 3600 * 1000)
    assert before is not None
    assert before.currency == "USD"


@pytest.mark.parametrize(("provider", "model"), [("OpenAI", "no-such-model"), ("Here", "gpt-4o"), ("Nobody", "gpt-4o")])
def test_what_nobody_knows_has_no_price(provider: str, model: str) -> None:
    assert prices().find(provider, model, NOON) is None


def test_pictures_are_not_charged_by_tokens() -> None:
    own = ModelPrice(input=Decimal(1), output=Decimal(1))
    assert cost(prices(m=own).find("Anybody", "m", NOON), prompt=5, images=1) is None


@proof("answers priced as genai-prices does", 100, 5_000)
@given(which=st.integers(0, len(ON_LIST) - 1), prompt=st.integers(0, 10**6), completion=st.integers(0, 10**6), cached=st.integers(0, 10**6))
def test_every_listed_model_costs_what_the_list_says(which: int, prompt: int, completion: int, cached: int) -> None:
    provider, model = ON_LIST[which]
    rates = model.get_prices(datetime.fromtimestamp(NOON / 1000, UTC))
    if rates.input_mtok is None or rates.output_mtok is None or any(unit.endswith(("hours", "mchars")) for unit in rates.__dict__):
        return
    cached = min(cached, prompt)
    theirs = model.calc_price(
        Usage(input_tokens=prompt, output_tokens=completion, cache_read_tokens=cached), provider,
        genai_request_timestamp=datetime.fromtimestamp(NOON / 1000, UTC),
    )  # fmt: skip
    exact = (theirs.total_price * 10**6).to_integral_value(ROUND_HALF_EVEN)
    assert cost(from_list(model.id, rates), prompt=prompt, completion=completion, cached=cached) == exact


def test_the_list_is_not_loaded_for_a_provider_on_this_machine() -> None:
    program = (
        "import sys; from g4f.services.prices import Prices; from g4f.Provider.template.OpenaiTemplate import create_custom_provider;"
        "known = Prices({}, lambda _: create_custom_provider('http://192.168.1.2:11434/v1')); known.expect('x');"
        "print(known.find('x', 'gpt-4o', 0), 'genai_prices' in sys.modules, 'pydantic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["None", "False", "False"]


def test_a_price_that_is_expected_is_there_when_it_is_wanted() -> None:
    known = prices()
    known.expect("OpenAI")
    assert known.find("OpenAI", "gpt-4o", now()) is not None
