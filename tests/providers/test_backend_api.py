"""Another gpt4free server as a provider, in both framings."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from g4f.config import Secret
from g4f.errors import BadRequestError, G4FError, ResponseError
from g4f.Provider.template import BackendApi
from g4f.providers.response import JsonConversation, RawResponse, Response
from g4f.requests import Timeouts
from g4f.typing import Messages
from tests.servers.backend_api import CHUNKS, FAILURE, BackendApiServer

HI: Messages = [{"role": "user", "content": "Hi"}]


@pytest.fixture(params=["ndjson", "sse"])
def far(request: pytest.FixtureRequest) -> Iterator[BackendApiServer]:
    with BackendApiServer(request.param) as server:
        yield server


@pytest.fixture
def friend(far: BackendApiServer) -> type[BackendApi]:
    return type("Friend", (BackendApi,), {"url": f"{far.origin}/"})


def ask(provider: type[BackendApi], model: str, **options: Any) -> list[str | Response]:
    async def main() -> list[str | Response]:
        return [item async for batch in provider.create_batches(model, HI, **options) for item in batch]

    return asyncio.run(main())


def test_every_chunk_is_passed_on_as_it_came(friend: type[BackendApi]) -> None:
    assert ask(friend, "plain") == [RawResponse(**chunk) for chunk in CHUNKS]


def test_readers_of_text_see_the_text(friend: type[BackendApi]) -> None:
    assert "".join(map(str, ask(friend, "plain"))) == "Hello, мир 🧠\n"


def test_an_error_of_the_far_server_is_passed_on_too(friend: type[BackendApi]) -> None:
    assert ask(friend, "fail")[-1] == RawResponse(**FAILURE)


@pytest.mark.parametrize(("model", "sentence"), [("refuse", "Provider not found"), ("oops", "It broke"), ("garbage", "not JSON")])
def test_a_refusal_becomes_our_error(friend: type[BackendApi], model: str, sentence: str) -> None:
    with pytest.raises(G4FError, match=sentence):
        ask(friend, model)


@pytest.mark.parametrize(
    ("api_key", "sent"), [("k", "k"), (Secret("k"), "k"), ({"Friend": "k", "Other": "x"}, "k"), ({"Other": "x"}, None)]
)
def test_the_far_server_gets_its_own_key_and_no_other(
    friend: type[BackendApi], far: BackendApiServer, api_key: Any, sent: str | None
) -> None:
    ask(friend, "plain", api_key=api_key)
    assert far.call().json["api_key"] == sent


def test_everything_else_travels_in_the_body(friend: type[BackendApi], far: BackendApiServer) -> None:
    ask(friend, "plain", media=[(b"\x89PNG\r\n\x1a\n", "a.png")], conversation=JsonConversation(id=7), temperature=1, timeouts=Timeouts())
    body = far.call().json
    assert body["media"] == [["data:image/png;base64,iVBORw0KGgo=", "a.png"]]
    assert body["conversation"] == {"id": 7}
    assert set(body) == {"model", "messages", "media", "api_key", "conversation", "temperature"}


def test_the_key_of_the_server_itself_is_sent_as_authorization(far: BackendApiServer) -> None:
    ask(type("Friend", (BackendApi,), {"url": far.origin, "api_key": "k"}), "plain", api_key="sk-of-its-provider")
    assert far.call().headers["authorization"] == "Bearer k"
    assert far.call().json["api_key"] == "sk-of-its-provider"


def test_no_key_is_written_to_the_log(friend: type[BackendApi], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    ask(friend, "plain", api_key="sk-very-secret")
    assert "sk-very-secret" not in caplog.text


def test_models_are_listed_once(friend: type[BackendApi]) -> None:
    assert [model.id for model in asyncio.run(friend.fetch_models())] == ["plain", "fail", "llama3.2"]


def test_closing_the_answer_ends_the_far_call(friend: type[BackendApi], far: BackendApiServer) -> None:
    async def main() -> None:
        answer = friend.create_batches("silent", HI)
        await anext(answer)
        await answer.aclose()

    asyncio.run(main())
    assert far.call().wait().aborted_at is not None


def test_without_an_address_it_says_what_to_set() -> None:
    with pytest.raises(BadRequestError, match=r"set BackendApi\.url"):
        ask(BackendApi, "plain")


def test_a_far_server_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ResponseError):
        ask(type("Lost", (BackendApi,), {"url": "http://127.0.0.1:9"}), "plain")
