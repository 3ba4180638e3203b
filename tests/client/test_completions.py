"""The client's chat completions, over real servers."""

from __future__ import annotations

import asyncio
import base64
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from g4f.client import AsyncClient, Client, ClientFactory
from g4f.client.cut import StopWords, without_fence
from g4f.client.request import Defaults, make_request
from g4f.client.stubs import Audio, ChatCompletionMessage
from g4f.errors import MissingAuthError, ResponseError
from g4f.Provider.template import BackendApi
from g4f.providers.response import AudioResponse, FinishReason, ImageResponse, JsonConversation, ProviderInfo, Usage
from tests.playing import playing
from tests.proofs import proof
from tests.servers import transcripts
from tests.servers.backend_api import BackendApiServer
from tests.servers.openai import OpenaiServer
from tests.servers.proxy import HttpProxy


def contents(chunks: Any) -> list[str | None]:
    return [chunk.choices[0].delta.content for chunk in chunks]


@pytest.fixture
def client(upstream: OpenaiServer) -> Client:
    return Client(base_url=upstream.base_url)


def test_a_whole_answer_has_openais_form(client: Client) -> None:
    answer = client.chat.completions.create([{"role": "user", "content": "Hi"}], "plain")
    assert answer.id.startswith("chatcmpl-")
    assert (answer.object, answer.model, answer.provider) == ("chat.completion", "plain", "CustomProvider")
    assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == ("Hello, world!", "stop")
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens == 5


def test_a_stream_ends_with_the_reason_and_the_usage(client: Client) -> None:
    chunks = list(client.chat.completions.create("Hi", "plain", stream=True))
    assert contents(chunks) == ["Hello", ", ", "world", "!", None]
    assert [chunk.choices[0].finish_reason for chunk in chunks] == [None] * 4 + ["stop"]
    assert chunks[-1].usage.completion_tokens == 4


def test_thinking_and_tool_calls_stand_beside_the_text(client: Client) -> None:
    assert client.chat.completions.create("Hi", "reasoning").choices[0].message.reasoning == "Let me think."
    calls = client.chat.completions.create("Hi", "tools").choices[0].message.tool_calls
    assert calls is not None
    assert (calls[0].function.name, calls[0].function.arguments) == ("get_weather", "".join(transcripts.LOOKUP))


@pytest.mark.parametrize(("limit", "pieces"), [(2, ["Hello", ", "]), (0, ["Hello"]), (1, ["Hello"])])
def test_the_limit_counts_chunks_and_the_first_always_comes(client: Client, upstream: OpenaiServer, limit: int, pieces: list[str]) -> None:
    chunks = list(client.chat.completions.create("Hi", "plain", stream=True, max_tokens=limit))
    assert contents(chunks) == [*pieces, None]
    assert chunks[-1].choices[0].finish_reason == "length"
    assert upstream.call().json.get("max_tokens") == (limit or None)


def test_a_stop_word_cuts_the_text_wherever_its_pieces_are_cut(client: Client) -> None:
    answer = client.chat.completions.create("Hi", "plain", stop=["o, w"])
    assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == ("Hell", "stop")


def test_a_cut_ends_the_upstream_call(client: Client, upstream: OpenaiServer) -> None:
    list(client.chat.completions.create("Hi", "slow", stream=True, max_tokens=1))
    assert upstream.call().wait().aborted_at is not None


def test_leaving_a_stream_ends_the_upstream_call(client: Client, upstream: OpenaiServer) -> None:
    chunks = client.chat.completions.stream("Hi", "stall")
    next(chunks)
    del chunks
    assert upstream.call().wait().aborted_at is not None


def test_json_is_taken_out_of_its_fence() -> None:
    fenced = playing("```json\n", '{"a": 1}', "\n```")
    answer = Client(fenced).chat.completions.create("Hi", response_format={"type": "json_object"})
    assert answer.choices[0].message.content == '{"a": 1}'


def test_raw_gives_the_providers_own_responses() -> None:
    items = list(Client(playing("Hi", FinishReason("stop"))).chat.completions.create("Hi", stream=True, raw=True))
    assert [type(item) for item in items] == [ProviderInfo, str, FinishReason]


def test_missing_usage_is_estimated_and_says_so() -> None:
    usage = Client(playing("12345")).chat.completions.create("1234").usage
    assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens, usage.estimated) == (1, 2, 3, True)


def test_media_and_state_are_in_the_answer() -> None:
    provider = playing(ImageResponse("http://x/a.png", "cat"), AudioResponse("data:audio/wav;base64,QQ==", "Hi"), JsonConversation(id=7))
    answer = Client(provider).chat.completions.create("Hi")
    assert answer.choices[0].message.content == "[![cat](http://x/a.png)](http://x/a.png)Hi"
    assert answer.choices[0].message.audio == Audio(data="data:audio/wav;base64,QQ==", transcript="Hi")
    assert answer.conversation == JsonConversation(id=7)
    assert answer.model_dump()["conversation"] == {"id": 7}


def test_an_answer_becomes_json() -> None:
    assert '"content":"Hi"' in Client(playing("Hi", Usage(total_tokens=3))).chat.completions.create("Hi").model_dump_json()


def test_a_message_is_saved_as_text_or_speech(tmp_path: Path) -> None:
    ChatCompletionMessage(content="Hé").save(tmp_path / "text")
    ChatCompletionMessage(audio=Audio(data=f"data:audio/wav;base64,{base64.b64encode(b'A').decode()}")).save(tmp_path / "speech")
    assert ((tmp_path / "text").read_text("utf-8"), (tmp_path / "speech").read_bytes()) == ("Hé", b"A")


def test_the_key_and_images_of_a_call_reach_the_provider(upstream: OpenaiServer) -> None:
    client = Client("Custom", base_url=upstream.base_url, api_key="sk-1")
    client.chat.completions.create("Hi", "plain", image=b"\x89PNG\r\n\x1a\n", images=[(b"\x89PNG\r\n\x1a\n", "b.png")])
    assert upstream.call().headers["authorization"] == "Bearer sk-1"
    assert [part["type"] for part in upstream.call().json["messages"][0]["content"]] == ["text", "image_url", "image_url"]


def test_proxies_are_one_address_or_a_map(upstream: OpenaiServer) -> None:
    with HttpProxy() as proxy:
        for proxies in (proxy.url, {"all": proxy.url}, {"https": proxy.url}):
            Client(base_url=upstream.base_url, proxies=proxies).chat.completions.create("Hi", "plain")
        assert len(proxy.targets) == 3


def test_the_proxy_of_the_environment_counts_without_another(upstream: OpenaiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with HttpProxy() as proxy:
        monkeypatch.setenv("G4F_PROXY", proxy.url)
        Client(base_url=upstream.base_url).chat.completions.create("Hi", "plain")
        assert len(proxy.targets) == 1


@pytest.mark.parametrize("framing", ["ndjson", "sse"])
def test_a_far_gpt4free_server_answers_like_any_provider(framing: str) -> None:
    with BackendApiServer(framing) as server:
        answer = Client(type("Friend", (BackendApi,), {"url": server.origin})).chat.completions.create("Hi", "plain")
        assert (answer.choices[0].message.content, answer.choices[0].message.reasoning) == ("Hello, мир 🧠\n", "Hm.")
        assert (answer.provider, answer.usage.total_tokens) == ("Far", 3)
        with pytest.raises(ResponseError, match="slow down"):
            Client(type("Friend", (BackendApi,), {"url": server.origin})).chat.completions.create("Hi", "fail")


def test_async_code_awaits_a_whole_answer_and_iterates_a_stream(upstream: OpenaiServer) -> None:
    async def main() -> tuple[str, list[str | None]]:
        completions = AsyncClient(base_url=upstream.base_url).chat.completions
        whole = await completions.create("Hi", "plain")
        return whole.choices[0].message.content, contents([chunk async for chunk in completions.create("Hi", "plain", stream=True)])

    assert asyncio.run(main()) == ("Hello, world!", ["Hello", ", ", "world", "!", None])


def test_a_sync_client_works_inside_a_running_loop(client: Client) -> None:
    async def main() -> str:
        return client.chat.completions.create("Hi", "plain").choices[0].message.content

    assert asyncio.run(main()) == "Hello, world!"


def test_a_key_is_in_no_representation() -> None:
    defaults = Defaults(provider="Custom", base_url="http://127.0.0.1:9/v1", api_key="sk-very-secret")
    assert "sk-very-secret" not in repr(defaults) + repr(make_request(defaults, "Hi", "m"))


def test_the_factory_makes_both_clients(upstream: OpenaiServer) -> None:
    assert isinstance(ClientFactory.create_client(base_url=upstream.base_url), Client)
    assert isinstance(ClientFactory.create_async_client(base_url=upstream.base_url), AsyncClient)


def test_a_missing_key_is_the_providers_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(MissingAuthError):
        Client().chat.completions.create("Hi", "gpt-4o")


@proof("stop words cut anywhere", 100, 5_000)
@given(st.text("abc", max_size=12), st.lists(st.text("abc", min_size=1, max_size=3), max_size=2), st.lists(st.integers(0, 12), max_size=5))
def test_stop_words_cut_at_the_first_of_them_however_the_text_comes(text: str, words: list[str], cuts: list[int]) -> None:
    stop, shown = StopWords(words), ""
    places = [0, *sorted(cuts), len(text)]
    for start, end in pairwise(places):
        if not stop.found:
            shown += stop.feed(text[start:end])
    shown += stop.end()
    found = [text.find(word) for word in words if word in text]
    assert text.startswith(shown)
    assert len(shown) == len(text) if not found else not any(word in shown for word in words)


@pytest.mark.parametrize(
    ("text", "json"), [('```json\n{"a": 1}\n```', '{"a": 1}'), ("Here:\n```\n{}\n```\nDone.", "{}"), ('{"a": 1}', '{"a": 1}')]
)
def test_a_fence_is_taken_off(text: str, json: str) -> None:
    assert without_fence(text) == json
