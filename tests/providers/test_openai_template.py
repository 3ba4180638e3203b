"""The OpenAI dialect against a real server."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from g4f.config import Secret
from g4f.errors import BadRequestError, MissingAuthError, ModelNotFoundError, NoMediaResponseError, ResponseError, ValidationError
from g4f.Provider import Custom, Ollama, OpenaiChat
from g4f.Provider.template import OpenaiTemplate, create_custom_provider
from g4f.providers.response import FinishReason, ImageResponse, JsonRequest, JsonResponse, Reasoning, Response, ToolCalls, Usage
from g4f.providers.retry_provider import IterListProvider
from g4f.typing import Messages
from tests.servers import transcripts
from tests.servers.openai import OpenaiServer

HI: Messages = [{"role": "user", "content": "Hi"}]
PIXEL = f"data:image/png;base64,{transcripts.PIXEL}"


def ask(provider: type[OpenaiTemplate] | IterListProvider, model: str, messages: Messages = HI, **options: Any) -> list[str | Response]:
    async def main() -> list[str | Response]:
        return [item async for batch in provider.create_batches(model, messages, **options) for item in batch]

    return asyncio.run(main())


def said(items: list[str | Response]) -> str:
    return "".join(item for item in items if isinstance(item, str))


@pytest.fixture
def scenario(upstream: OpenaiServer) -> type[OpenaiTemplate]:
    return create_custom_provider(upstream.base_url, name="Scenario")


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("model", ["plain", "reasoning", "think", "escape"])
def test_an_answer_is_the_same_streamed_and_whole(scenario: type[OpenaiTemplate], model: str, stream: bool) -> None:
    items = ask(scenario, model, stream=stream)
    assert said(items) == "".join(transcripts.ESCAPES if model == "escape" else transcripts.PLAIN)
    thoughts = "".join(item.token or "" for item in items if isinstance(item, Reasoning))
    assert thoughts == ("Let me think." if model in {"reasoning", "think"} else "")
    assert [type(item) for item in items[-2:]] == [FinishReason, Usage]


@pytest.mark.parametrize("stream", [True, False])
def test_tools_are_called_and_their_results_sent_back(scenario: type[OpenaiTemplate], stream: bool) -> None:
    items = ask(scenario, "tools", stream=stream)
    call = next(item for item in items if isinstance(item, ToolCalls)).get_list()[0]
    assert call["function"] == {"name": "get_weather", "arguments": "".join(transcripts.LOOKUP)}
    assert FinishReason("tool_calls") in items
    results: Messages = [*HI, {"role": "assistant", "tool_calls": [call]}, {"role": "tool", "tool_call_id": call["id"], "content": "sun"}]
    assert said(ask(scenario, "tools", results, stream=stream)) == "The tool said: sun"


@pytest.mark.parametrize("stream", [True, False])
def test_images_come_out(scenario: type[OpenaiTemplate], stream: bool) -> None:
    assert ImageResponse([PIXEL]) in ask(scenario, "image", stream=stream)


def test_images_go_in(scenario: type[OpenaiTemplate], upstream: OpenaiServer) -> None:
    ask(scenario, "plain", media=[(b"\x89PNG\r\n\x1a\n", "a.png")])
    assert [part["type"] for part in upstream.call().json["messages"][0]["content"]] == ["text", "image_url"]


def test_a_prompt_is_drawn(scenario: type[OpenaiTemplate], upstream: OpenaiServer) -> None:
    assert ask(scenario, "gpt-image", prompt="A cat", size="1024x1024", temperature=1)[0] == ImageResponse([PIXEL], "A cat")
    assert upstream.call().json == {"model": "gpt-image", "prompt": "A cat", "size": "1024x1024"}


def test_a_model_for_images_draws_the_question(upstream: OpenaiServer) -> None:
    artist = create_custom_provider(upstream.base_url, default_model="gpt-image", image_models=["gpt-image"])
    assert ask(artist, "")[0] == ImageResponse([PIXEL], "Hi")


def test_an_image_is_edited_in_a_form(scenario: type[OpenaiTemplate], upstream: OpenaiServer) -> None:
    with pytest.raises(ResponseError, match="images/edits"):
        ask(scenario, "gpt-image", prompt="Blue", media=[(b"\x89PNG\r\n\x1a\n", None)])
    call = upstream.call()
    assert call.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'name="prompt"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nBlue\r\n' in call.body
    assert b'name="image[]"; filename="image0.png"\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n\x1a\n\r\n' in call.body


def test_an_image_to_edit_needs_its_data(scenario: type[OpenaiTemplate]) -> None:
    with pytest.raises(BadRequestError, match="with its data"):
        ask(scenario, "gpt-image", prompt="Blue", media=[("http://x/a.png", None)])


def test_an_answer_without_an_image_is_an_error(scenario: type[OpenaiTemplate]) -> None:
    with pytest.raises(NoMediaResponseError):
        ask(scenario, "gpt-image", prompt="A cat", n=0)


def test_only_fields_of_the_api_and_extra_body_are_sent(scenario: type[OpenaiTemplate], upstream: OpenaiServer) -> None:
    ours: dict[str, Any] = {
        "conversation": 1,
        "download_media": True,
        "action": "next",
        "web_search": False,
        "ignored": [],
        "aspect_ratio": "1:1",
        "id": 1,
    }
    ask(scenario, "plain", temperature=0.5, user="ann", extra_body={"guided_json": {}}, **ours)
    assert upstream.call().json == {
        "model": "plain",
        "messages": HI,
        "temperature": 0.5,
        "user": "ann",
        "guided_json": {},
        "stream": True,
        "stream_options": {"include_usage": True},
    }


@pytest.mark.parametrize("model", ["plain", "gpt-image"])
def test_an_extra_body_that_is_no_object_is_refused(scenario: type[OpenaiTemplate], model: str) -> None:
    with pytest.raises(ValidationError, match="has to be an object") as caught:
        ask(scenario, model, extra_body="x", prompt="A cat" if model == "gpt-image" else None)
    assert caught.value.param == "extra_body"


def test_an_option_may_be_called_like_an_argument(scenario: type[OpenaiTemplate]) -> None:
    collision: dict[str, Any] = {"cls": 1, "self": 2, "options": 3}
    assert said(ask(scenario, "", **collision)) == "Hello, world!"
    assert said(ask(IterListProvider([scenario]), "plain", **collision)) == "Hello, world!"


def test_the_limit_is_called_what_the_api_calls_it(upstream: OpenaiServer) -> None:
    ask(OpenaiChat, "plain", base_url=upstream.base_url, api_key="k", max_tokens=5)
    assert "max_tokens" not in upstream.call().json
    assert upstream.call().json["max_completion_tokens"] == 5


def test_what_an_api_does_not_take_is_not_sent(upstream: OpenaiServer) -> None:
    plain = create_custom_provider(upstream.base_url, add_user=False, stream_usage=False, max_tokens=7)
    ask(plain, "plain", user="ann")
    assert upstream.call().json == {"model": "plain", "messages": HI, "stream": True, "max_tokens": 7}


def test_a_chat_api_at_another_path_is_asked_there_but_not_for_a_callers_address(upstream: OpenaiServer) -> None:
    own = create_custom_provider("http://127.0.0.1:9/v1", api_endpoint=f"{upstream.base_url}/chat/completions")
    assert said(ask(own, "plain")) == "Hello, world!"
    elsewhere = create_custom_provider("http://127.0.0.1:9/v1", api_endpoint="http://127.0.0.1:9/chat")
    assert said(ask(elsewhere, "plain", base_url=upstream.base_url)) == "Hello, world!"


def test_debugging_shows_the_request_without_key_and_media(scenario: type[OpenaiTemplate]) -> None:
    items = ask(scenario, "plain", debug_mode=True, api_key="sk-secret", media=[(b"\x89PNG\r\n\x1a\n" * 99, None)])
    assert isinstance(items[0], JsonRequest)
    assert "sk-secret" not in repr(items)
    assert len(repr(items[0])) < 500
    assert any(isinstance(item, JsonResponse) for item in items)


def test_without_a_model_the_first_listed_is_asked(scenario: type[OpenaiTemplate], upstream: OpenaiServer) -> None:
    assert said(ask(scenario, "")) == "Hello, world!"
    assert [call.path for call in upstream.calls] == ["/v1/models", "/v1/chat/completions"]


def test_models_are_listed(scenario: type[OpenaiTemplate]) -> None:
    assert [model.id for model in asyncio.run(scenario.fetch_models())] == scenario.get_models() == ["plain", "reasoning", "tools"]


def test_a_refused_key_is_no_reason_for_fallback_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert [model.id for model in asyncio.run(OpenaiChat.fetch_models())] == list(OpenaiChat.models)
    with OpenaiServer(api_key="right") as server, pytest.raises(MissingAuthError):
        asyncio.run(OpenaiChat.fetch_models("wrong", server.base_url))


def test_a_server_that_does_not_list_has_its_fallback_models() -> None:
    lost = create_custom_provider("http://127.0.0.1:9/v1", fallback_models=["a"], vision_models=["a"])
    assert [(model.id, model.vision) for model in asyncio.run(lost.fetch_models())] == [("a", True)]


@pytest.mark.parametrize(
    ("model", "sentence"), [("garbage", "OpenAI's form"), ("html", "web page"), ("bodyless", "empty"), ("noise", "HTTP")]
)
def test_what_is_no_answer_is_an_error(scenario: type[OpenaiTemplate], model: str, sentence: str) -> None:
    with pytest.raises(ResponseError, match=sentence):
        ask(scenario, model)


@pytest.mark.parametrize(("model", "shown"), [("cut", "Hello, "), ("short", "Hello, "), ("error-midway", "Hel")])
def test_what_came_before_a_break_is_shown(scenario: type[OpenaiTemplate], model: str, shown: str) -> None:
    items: list[str | Response] = []

    async def main() -> None:
        async for batch in scenario.create_batches(model, HI):
            items.extend(batch)

    with pytest.raises(ResponseError):
        asyncio.run(main())
    assert said(items) == shown


def test_closing_the_answer_ends_the_call_of_a_silent_server(scenario: type[OpenaiTemplate], upstream: OpenaiServer) -> None:
    async def main() -> None:
        answer = scenario.create_batches("stall", HI)
        await anext(answer)
        await answer.aclose()

    asyncio.run(main())
    assert upstream.call().wait().aborted_at is not None


def test_the_time_limit_of_a_call_can_be_set(scenario: type[OpenaiTemplate]) -> None:
    begun = time.monotonic()
    with pytest.raises(Exception, match=r"0\.1 seconds"):
        ask(scenario, "hang", timeout=0.1)
    assert time.monotonic() - begun < 5


# Keys


def test_a_key_is_sent_as_authorization(upstream: OpenaiServer) -> None:
    ask(create_custom_provider(upstream.base_url, Secret("sk-1")), "plain")
    assert upstream.call().headers["authorization"] == "Bearer sk-1"


def test_a_key_is_taken_from_a_map_by_the_providers_name(scenario: type[OpenaiTemplate], upstream: OpenaiServer) -> None:
    ask(scenario, "plain", api_key={"Scenario": "sk-mine", "Other": "sk-other"})
    assert upstream.call().headers["authorization"] == "Bearer sk-mine"


def test_our_own_key_never_goes_to_an_address_of_the_caller(upstream: OpenaiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = create_custom_provider("https://api.example.com/v1", "sk-ours")
    ask(ours, "plain", base_url=upstream.base_url)
    assert "authorization" not in upstream.call().headers
    monkeypatch.setenv("OPENAI_API_KEY", "sk-ours")
    with pytest.raises(MissingAuthError):
        ask(OpenaiChat, "plain", base_url=upstream.base_url)


def test_a_missing_key_is_said_before_anything_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(MissingAuthError, match="set OPENAI_API_KEY"):
        ask(OpenaiChat, "")


def test_openai_is_asked_where_the_environment_says(upstream: OpenaiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", upstream.base_url)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-env")
    assert said(ask(OpenaiChat, "plain")) == "Hello, world!"
    assert upstream.call().headers["authorization"] == "Bearer sk-env"


# Addresses


@pytest.mark.parametrize("base_url", [None, "", "ftp://x", "example.com/v1"])
def test_custom_has_no_address_of_its_own(base_url: str | None) -> None:
    with pytest.raises(BadRequestError, match="needs base_url"):
        ask(Custom, "m", base_url=base_url)


def test_an_address_may_end_in_a_slash_or_name_the_chat_api(upstream: OpenaiServer) -> None:
    for end in ("/", "/chat/completions"):
        assert said(ask(Custom, "plain", base_url=upstream.base_url + end)) == "Hello, world!"


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("", "http://127.0.0.1:11434/v1"),
        ("0.0.0.0", "http://127.0.0.1:11434/v1"),  # what Ollama listens on is not what one asks
        (":8000", "http://127.0.0.1:8000/v1"),
        ("gpu.lan:8000", "http://gpu.lan:8000/v1"),
        ("https://gpu.lan", "https://gpu.lan:11434/v1"),
    ],
)
def test_ollama_is_where_its_own_variable_says(host: str, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", host)
    assert Ollama.get_base_url() == address


def test_a_server_without_models_says_so() -> None:
    with OpenaiServer(models=()) as server, pytest.raises(ModelNotFoundError, match="name one"):
        ask(Custom, "", base_url=server.base_url)
