"""Lists of providers: the first that shows something answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from g4f.errors import RateLimitError, ResponseError, RetryNoProviderError, RetryProviderError
from g4f.providers.base_provider import AsyncGeneratorProvider, Batch
from g4f.providers.response import AttemptFailed, FinishReason, JsonConversation, ProviderInfo, Reasoning, Response
from g4f.providers.retry_provider import IterListProvider, RetryProvider, RotatedProvider
from g4f.typing import Messages
from tests.playing import playing

HI: Messages = [{"role": "user", "content": "Hi"}]


def ask(provider: IterListProvider, **options: Any) -> list[str | Response]:
    async def main() -> list[str | Response]:
        return [item async for batch in provider.create_batches("m", HI, **options) for item in batch]

    return asyncio.run(main())


def said(provider: IterListProvider, **options: Any) -> str:
    return "".join(map(str, ask(provider, **options)))


FAILING = playing(RateLimitError("slow down"), name="Failing")
SILENT = playing("", Reasoning(status="thinking"), FinishReason("stop"), name="Silent")
SPEAKING = playing("Hello", name="Speaking")


def test_the_first_provider_that_shows_something_answers() -> None:
    assert said(IterListProvider([FAILING, SPEAKING, playing("no")], shuffle=False)) == "Hello"


def test_each_attempt_is_announced_and_its_failure_told() -> None:
    items = ask(IterListProvider([FAILING, SPEAKING], shuffle=False))
    assert [type(item) for item in items] == [ProviderInfo, AttemptFailed, ProviderInfo, str]
    assert isinstance(items[0], ProviderInfo)
    assert items[0].get_dict() == {"name": "Failing", "label": "Failing", "model": "m"}


def test_an_answer_without_content_goes_on_to_the_next_and_does_not_finish() -> None:
    items = ask(IterListProvider([SILENT, SPEAKING], shuffle=False))
    assert items[-1] == "Hello"
    assert FinishReason("stop") not in items


def test_one_error_is_raised_as_it_is() -> None:
    with pytest.raises(RateLimitError, match="slow down"):
        ask(IterListProvider([FAILING]))


def test_several_errors_become_one_that_lists_them() -> None:
    other = playing(ResponseError("broken"), name="Other")
    with pytest.raises(RetryProviderError, match=r"(?s)Failing: RateLimitError: slow down.*Other: ResponseError: broken"):
        ask(IterListProvider([FAILING, other], shuffle=False))


def test_what_an_error_of_somebody_else_says_is_not_repeated() -> None:
    other = playing(ValueError("connect to https://h/?key=AIzaSECRET refused"), name="Other")
    with pytest.raises(RetryProviderError, match="Other: ValueError: the provider failed") as caught:
        ask(IterListProvider([FAILING, other], shuffle=False))
    assert "AIzaSECRET" not in str(caught.value)


def test_what_an_error_of_somebody_else_says_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    ask(IterListProvider([playing(ValueError("its own words"), name="Other"), SPEAKING], shuffle=False))
    assert "its own words" in caplog.text


class Asked(AsyncGeneratorProvider):
    """Say with which options it is asked."""

    @classmethod
    async def create_batches(cls, /, model: str, messages: Messages, **options: Any) -> AsyncGenerator[Batch]:
        state = options.get("conversation")
        yield [f"{options.get('api_key')} {state and state.get_dict()}"]


@pytest.mark.parametrize("nested", [False, True])
def test_each_provider_gets_its_own_key_and_state_alone(nested: bool) -> None:
    asked = IterListProvider([Asked]) if nested else Asked
    maps = {"api_key": {"Asked": "k", "Other": "x"}, "conversation": JsonConversation(Asked={"id": 1}, Other={"id": 2})}
    assert said(IterListProvider([asked]), **maps) == "k {'id': 1}"
    assert said(IterListProvider([asked]), api_key={"Other": "x"}, conversation=JsonConversation(Other={"id": 2})) == "None None"


def test_a_key_for_everybody_goes_to_everybody() -> None:
    assert said(IterListProvider([Asked]), api_key="k") == "k None"


def test_nobody_to_ask_is_an_error_of_its_own() -> None:
    with pytest.raises(RetryNoProviderError):
        ask(IterListProvider([SPEAKING]), ignored=["Speaking"])


def test_an_error_after_content_is_raised() -> None:
    with pytest.raises(ResponseError, match="midway"):
        ask(IterListProvider([playing("Hel", ResponseError("midway")), SPEAKING], shuffle=False))


def test_an_error_that_is_not_ours_leads_to_the_next_provider_too() -> None:
    assert said(IterListProvider([playing(KeyError("x")), SPEAKING], shuffle=False)) == "Hello"


def test_members_may_be_names() -> None:
    assert "No language model is connected" in said(IterListProvider(["Offline"]))


def test_one_provider_is_asked_again_as_often_as_set() -> None:
    retry = RetryProvider([FAILING, SPEAKING], single_provider_retry=True, max_retries=3)
    with pytest.raises(RetryProviderError) as caught:
        ask(retry)
    assert str(caught.value).count("Failing: ") == 3


def test_a_shuffled_list_asks_everybody_once() -> None:
    names = [playing(ResponseError(name), name=name) for name in "ABCDE"]
    with pytest.raises(RetryProviderError) as caught:
        ask(IterListProvider(names))
    assert sorted(line.split(": ")[0][-1] for line in str(caught.value).splitlines()[1:]) == list("ABCDE")


def test_a_rotated_list_begins_one_further_at_each_call() -> None:
    rotated = RotatedProvider([playing(name, name=name) for name in "ABC"], shuffle=False)
    assert [said(rotated) for _ in range(4)] == ["A", "B", "C", "A"]


def test_a_rotated_list_must_not_be_empty() -> None:
    with pytest.raises(ValueError, match="at least one"):
        RotatedProvider([])


def test_a_list_answers_ordinary_code_too() -> None:
    assert "".join(map(str, IterListProvider([SPEAKING]).create_completion("m", HI))) == "Hello"


def test_closing_a_list_closes_the_provider_it_asks() -> None:
    closed: list[bool] = []

    class Endless(AsyncGeneratorProvider):
        @classmethod
        async def create_batches(cls, model: str, messages: Messages, **kwargs: Any) -> AsyncGenerator[Batch]:
            try:
                while True:
                    yield ["more "]
            finally:
                closed.append(True)

    async def main() -> None:
        answer = IterListProvider([Endless]).create_batches("m", HI)
        await anext(answer)
        await anext(answer)
        await answer.aclose()

    asyncio.run(main())
    assert closed == [True]
