"""The wire form: every response kind has one, and says the same after a round trip."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

import g4f.providers.response as kinds
from g4f.errors import MissingAuthError, RateLimitError
from g4f.providers.chunks import error_chunk, to_chunk
from g4f.providers.response import Response
from g4f.providers.wire import Chunk, Source

EXAMPLES: list[tuple[str | Response, dict[str, Any]]] = [
    ("Hi \u2028 \U0001f600", {"type": "content", "content": "Hi \u2028 \U0001f600"}),
    (kinds.ImageResponse(["/a.png"], "cat"), {"type": "content", "content": "[![cat](/a.png)](/a.png)", "urls": ["/a.png"], "alt": "cat"}),
    (kinds.AudioResponse("/a.mp3"), {"type": "content", "content": '<audio controls src="/a.mp3"></audio>', "data": "/a.mp3"}),
    (kinds.Reasoning("hm", status=""), {"type": "reasoning", "token": "hm", "status": ""}),
    (kinds.Reasoning(is_thinking="<think>"), {"type": "reasoning", "is_thinking": "<think>"}),
    (kinds.ProviderInfo(name="A", model="m"), {"type": "provider", "provider": {"name": "A", "url": None, "label": None, "model": "m"}}),
    (kinds.FinishReason("length"), {"type": "finish", "finish": {"reason": "length"}}),
    (kinds.ToolCalls([{"id": "1"}]), {"type": "tool_calls", "tool_calls": [{"id": "1"}]}),
    (kinds.JsonConversation(id="c"), {"type": "conversation", "conversation": {"A": {"id": "c"}}}),
    (kinds.TitleGeneration("T"), {"type": "title", "title": "T"}),
    (kinds.PreviewResponse("P"), {"type": "preview", "preview": "P"}),
    (kinds.SynthesizeData("A", {"text": "x"}), {"type": "synthesize", "synthesize": {"provider": "A", "data": {"text": "x"}}}),
    (kinds.Notice(MissingAuthError("no")), {"type": "message", "message": "MissingAuthError: no", "error": "MissingAuthError"}),
    (
        kinds.Citable([Source(1, "a.txt")], 7),
        {
            "type": "sources",
            "sources": [{"number": 1, "title": "a.txt", "text": "", "page": None, "url": None, "file_id": None, "passage": None}],
        },
    ),
    (kinds.SuggestedFollowups(["a"]), {"type": "suggestions", "suggestions": ["a"]}),
    (kinds.VariantResponse("v"), {"type": "variant", "variant": "v"}),
    (kinds.ContinueResponse("c"), {"type": "continue", "continue": "c"}),
    (kinds.Parameters(seed=1), {"type": "parameters", "parameters": {"seed": 1}}),
    (kinds.JsonRequest(model="m"), {"type": "request", "request": {"model": "m"}}),
    (kinds.JsonResponse(id="r"), {"type": "response", "response": {"id": "r"}}),
    (kinds.HeadersResponse(x="y"), {"type": "headers", "headers": {"x": "y"}}),
    (kinds.DebugResponse("line"), {"type": "log", "log": "line"}),
    (
        kinds.AttemptFailed(RateLimitError("Slow down."), "A"),
        {"type": "message", "message": "RateLimitError: Slow down.", "error": "RateLimitError"},
    ),
    (kinds.RawResponse(type="content", content="far"), {"type": "content", "content": "far"}),
]


@pytest.mark.parametrize(("response", "expected"), EXAMPLES, ids=lambda value: type(value).__name__)
def test_a_response_becomes_this_object(response: str | Response, expected: dict[str, Any]) -> None:
    assert msgspec.json.decode(msgspec.json.encode(to_chunk(response, "A"))) == expected


@pytest.mark.parametrize(
    ("word", "reason"), [("STOP", "stop"), ("eos", "stop"), ("", "stop"), ("MAX_TOKENS", "length"), ("function_call", "tool_calls")]
)
def test_a_providers_own_word_for_the_end_becomes_one_that_clients_know(word: str, reason: str) -> None:
    assert msgspec.to_builtins(to_chunk(kinds.FinishReason(word))) == {"type": "finish", "finish": {"reason": reason}}


@pytest.mark.parametrize("response", [kinds.AuthResult(api_key="secret"), kinds.Fields(new=1), kinds.HiddenResponse()])
def test_what_is_hidden_and_unknown_to_the_wire_stays_off_it(response: Response) -> None:
    assert to_chunk(response) is None


@pytest.mark.parametrize(("response", "expected"), EXAMPLES, ids=lambda value: type(value).__name__)
def test_the_object_reads_back_as_a_chunk_that_writes_the_same(response: str | Response, expected: dict[str, Any]) -> None:
    chunk = msgspec.convert(expected, Chunk)
    assert msgspec.json.decode(msgspec.json.encode(chunk)) == expected


def test_every_type_of_chunk_has_an_example() -> None:
    tags = {member.__struct_config__.tag for member in Chunk.__args__}
    covered = {expected["type"] for _, expected in EXAMPLES}
    assert tags - covered == {"usage", "error", "auth", "run"}


def test_an_auth_error_says_so_under_both_names() -> None:
    chunk = error_chunk(MissingAuthError("Add a key."), "r1")
    assert msgspec.to_builtins(chunk) == {
        "type": "auth", "auth": "MissingAuthError", "error": "MissingAuthError", "message": "MissingAuthError: Add a key.",
        "code": "provider_auth", "request_id": "r1",
    }  # fmt: skip


def test_an_error_that_is_not_ours_keeps_its_words_to_itself() -> None:
    chunk = error_chunk(RuntimeError("the key is sk-123"), "r1")
    assert "sk-123" not in chunk.message
    assert (chunk.code, chunk.values) == ("internal_error", {"reason": "provider_failed"})


def test_a_refused_key_and_a_provider_passed_over_say_their_values_too() -> None:
    told = {"reason": "key_refused", "host": "h", "status": 401, "detail": "No."}
    error = MissingAuthError("h answered 401: No.", values=told)
    assert error_chunk(error, "r1").values == told
    message = msgspec.to_builtins(to_chunk(kinds.AttemptFailed(error, "A")))
    assert (message["code"], message["values"]) == ("provider_auth", told)
