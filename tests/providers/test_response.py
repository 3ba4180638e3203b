"""Response kinds: what a reader of text sees, and what counts as content."""

from __future__ import annotations

import pytest

from g4f.providers.response import (
    AttemptFailed,
    AudioResponse,
    AuthResult,
    FinishReason,
    ImagePreview,
    ImageResponse,
    JsonConversation,
    ProviderInfo,
    RawResponse,
    Reasoning,
    RequestLogin,
    Response,
    Sources,
    ToolCalls,
    Usage,
    VideoResponse,
    is_content,
)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"prompt_tokens": 3, "completion_tokens": 2}, (3, 2, 5)),
        ({"input_tokens": 3, "output_tokens": 2, "total_tokens": 9}, (3, 2, 9)),
        ({"promptTokenCount": 3, "candidatesTokenCount": 2, "totalTokenCount": 5}, (3, 2, 5)),
        ({"promptTokens": 3}, (3, None, 3)),
        ({}, (None, None, None)),
    ],
)
def test_usage_reads_every_vendor_s_spelling(counts: dict[str, int], expected: tuple[int | None, ...]) -> None:
    usage = Usage(**counts)
    assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == expected


def test_usage_keeps_what_it_does_not_know() -> None:
    assert Usage(prompt_tokens=1, cost=0.5).get_dict() == {"prompt_tokens": 1, "total_tokens": 1, "cost": 0.5}


@pytest.mark.parametrize(
    ("response", "text"),
    [
        (ImageResponse("http://x/a b.png", "a [cat]"), "[![a cat](http://x/a%20b.png)](http://x/a%20b.png)"),
        (ImagePreview("http://x/a.png", "cat"), ""),
        (VideoResponse("http://x/a.mp4"), '<video src="http://x/a.mp4" controls></video>'),
        (AudioResponse("/media/a.mp3", "Hi"), '<audio controls src="/media/a.mp3"></audio>\n\nHi'),
        (Sources([{"url": "http://x/?utm_source=a&b=1", "title": "X"}, {"url": "http://x/?b=1"}]), "\n\n> [0] [x](http://x/?b=1)"),
        (RequestLogin("Site", "http://x/"), "[Sign in: Site](http://x/)\n"),
        (Reasoning("thinking"), ""),
        (FinishReason("stop"), ""),
        (JsonConversation(id=1), ""),
    ],
)
def test_a_reader_of_text_sees(response: Response, text: str) -> None:
    assert str(response) == text


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://x/?id&q=&k=a%20b&utm_source=z", "http://x/?id&q=&k=a%20b"),
        ("http://x/?utm_source=a&utm_source=b&k=+1#part", "http://x/?k=+1#part"),
        ("http://x/?utm_source=a#utm_source=b", "http://x/#utm_source=b"),
        ("http://x/?", "http://x/?"),
        ("http://[x/?utm_source_id=1", "http://[x/?utm_source_id=1"),
    ],
)
def test_a_source_keeps_every_byte_of_its_address_but_the_tracking_mark(url: str, shown: str) -> None:
    assert str(Sources([{"url": url, "title": "X"}])) == f"\n\n> [0] [X]({shown})"


@pytest.mark.parametrize(
    "response", ["text", Reasoning("token"), ToolCalls([{}]), ImageResponse("u"), RawResponse(type="content", content="x")]
)
def test_content_ends_the_search_for_a_provider(response: str | Response) -> None:
    assert is_content(response)


@pytest.mark.parametrize(
    "response", ["", Reasoning(status=""), FinishReason("stop"), Usage(), ProviderInfo(name="x"), None, RawResponse(type="log")]
)
def test_everything_else_is_not_content(response: str | Response | None) -> None:
    assert not is_content(response)


def test_values_are_frozen_and_equal_by_content() -> None:
    info = ProviderInfo(name="x")
    with pytest.raises(AttributeError, match="frozen"):
        info.name = "y"
    assert info == ProviderInfo(name="x") != ProviderInfo(name="y")
    assert info != RawResponse(name="x")


def test_a_sign_in_never_prints() -> None:
    assert "secret" not in repr(AuthResult(api_key="secret")) + str(AuthResult(api_key="secret"))


def test_a_failed_attempt_is_hidden_from_readers_of_text() -> None:
    assert str(AttemptFailed(ValueError("x"), "A")) == ""
