"""Events of an OpenAI-compatible server become responses, whatever dialect they are in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from g4f.errors import BadRequestError, G4FError, MissingAuthError, ModelNotFoundError, PaymentRequiredError, RateLimitError, ResponseError
from g4f.Provider.template.openai_answer import Answer
from g4f.providers.base_provider import Batch
from g4f.providers.response import AudioResponse, FinishReason, ImageResponse, JsonResponse, Reasoning, Response, ToolCalls, Usage

DONE = b"[DONE]"


def event(delta: dict[str, Any] | None = None, **fields: Any) -> bytes:
    choice = {"index": 0, "delta": delta or {}, "finish_reason": fields.pop("finish_reason", None)}
    return json.dumps({"choices": [choice], **fields}).encode()


def batches(answer: Answer, *events: bytes) -> Iterator[Batch]:
    """Read events that came together."""
    return answer.batches(lambda batch: answer.read(batch, [*events]))


def read(*events: bytes, debug: bool = False) -> list[str | Response]:
    answer = Answer("far", debug=debug)
    return [item for each in events for batch in batches(answer, each) for item in batch] + answer.end()


def called(*deltas: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return id, name and arguments of the calls that pieces make."""
    found = next(item for item in read(*[event({"tool_calls": [delta]}) for delta in deltas], DONE) if isinstance(item, ToolCalls))
    return [(call["id"], call["function"]["name"], call["function"]["arguments"]) for call in found.get_list()]


def test_one_read_becomes_one_list() -> None:
    answer = Answer("far")
    list(batches(answer, event({"content": "a"})))
    assert list(batches(answer, *[event({"content": piece}) for piece in "bcd"])) == [["b", "c", "d"]]


def test_text_that_stands_before_a_fault_is_shown() -> None:
    given = batches(Answer("far"), event({"content": "a"}), b"not json")
    assert next(given) == ["a"]
    with pytest.raises(ResponseError, match="OpenAI-compatible"):
        next(given)


def test_two_objects_in_one_event_are_a_fault_also_among_others() -> None:
    a, b, c = (event({"content": piece}) for piece in "abc")
    given = batches(Answer("far"), a, b + b"," + c, a)
    assert next(given) == ["a"]
    with pytest.raises(ResponseError, match="OpenAI's form"):
        next(given)


def test_the_end_may_come_in_the_same_read_as_the_text() -> None:
    answer = Answer("far")
    assert list(batches(answer, event({"content": "a"}), event({"content": "b"}), DONE)) == [["a", "b", FinishReason("stop")]]
    assert answer.complete


def test_the_end_gives_calls_reason_and_usage_once_and_in_order() -> None:
    call = {"index": 0, "id": "1", "function": {"name": "f", "arguments": "{}"}}
    first = event({"tool_calls": [call]}, usage={"prompt_tokens": 1, "completion_tokens": 1})
    last = event(finish_reason="tool_calls", usage={"prompt_tokens": 1, "completion_tokens": 2})
    items = read(first, last, DONE)
    assert [type(item) for item in items] == [ToolCalls, FinishReason, Usage]
    assert isinstance(items[-1], Usage)
    assert items[-1].total_tokens == 3


def test_calls_are_put_together_by_their_index() -> None:
    pieces = [
        {"index": 0, "id": "a", "function": {"name": "f", "arguments": '{"x'}},
        {"index": 1, "id": "b", "function": {"name": "g", "arguments": "{}"}},
        {"index": 0, "function": {"arguments": '": 1}'}},
    ]
    assert called(*pieces) == [("a", "f", '{"x": 1}'), ("b", "g", "{}")]


def test_calls_without_index_are_told_apart_by_their_ids() -> None:
    assert called({"id": "a", "function": {"name": "f"}}, {"id": "b", "function": {"name": "g"}}) == [("a", "f", "{}"), ("b", "g", "{}")]


def test_calls_that_all_have_the_index_0_are_told_apart_by_their_ids() -> None:
    pieces = [{"index": 0, "id": name, "function": {"name": name, "arguments": "{}"}} for name in "fg"]
    assert called(*pieces) == [("f", "f", "{}"), ("g", "g", "{}")]


def test_arguments_may_come_as_an_object_and_the_id_may_be_missing() -> None:
    assert called({"index": 0, "function": {"name": "f", "arguments": {"x": 1}}}) == [("call_0", "f", '{"x":1}')]


@pytest.mark.parametrize(
    "delta",
    [
        {"reasoning_content": "hm"},
        {"reasoning": "hm", "reasoning_details": [{"type": "reasoning.text", "text": "hm"}]},
        {"content": "", "reasoning_details": [{"type": "reasoning.summary", "summary": "hm"}]},
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}]},
        {"content": "<think>hm</think>"},
    ],
)
def test_thinking_is_found_in_every_dialect(delta: dict[str, Any]) -> None:
    items = read(event(delta), event({"content": "Hi"}), DONE)
    assert [item.token for item in items if isinstance(item, Reasoning)] == [None, "hm", None]
    assert [item for item in items if isinstance(item, str)] == ["Hi"]


@pytest.mark.parametrize(
    ("delta", "fields", "kind"),
    [
        ({"tool_calls": [{"index": 0, "id": "1", "function": {"name": "f"}}]}, {}, ToolCalls),
        ({"reasoning": "hm"}, {}, Reasoning),
        ({"reasoning_content": "hm"}, {}, Reasoning),
        ({"images": ["data:x"]}, {}, ImageResponse),
        ({"audio": {"data": "QQ=="}}, {}, AudioResponse),
        ({}, {"usage": {"total_tokens": 3}}, Usage),
    ],
)
def test_nothing_that_comes_beside_text_is_lost(delta: dict[str, Any], fields: dict[str, Any], kind: type[Response]) -> None:
    items = read(event({"content": "a"}), event({"content": "b", **delta}, **fields), DONE)
    assert [item for item in items if isinstance(item, str)] == ["a", "b"]
    assert any(isinstance(item, kind) for item in items)


def test_a_reason_that_comes_with_the_last_text_counts() -> None:
    assert read(event({"content": "a"}), event({"content": "b"}, finish_reason="length"), DONE)[-2:] == ["b", FinishReason("length")]


def test_an_error_that_comes_beside_text_is_raised() -> None:
    with pytest.raises(ResponseError, match="no"):
        read(event({"content": "a"}), event({"content": "b"}, error="no"))


def test_text_may_come_in_parts_and_as_a_refusal() -> None:
    assert read(event({"content": [{"type": "text", "text": "a"}]}), event({"refusal": "b"}), DONE)[:2] == ["a", "b"]


@pytest.mark.parametrize("image", [{"type": "image_url", "image_url": {"url": "data:x"}}, {"url": "data:x"}, "data:x"])
def test_images_come_out_in_every_dialect(image: Any) -> None:
    assert read(event({"images": [image]}), DONE)[0] == ImageResponse(["data:x"])


def test_speech_becomes_a_data_uri() -> None:
    assert read(event({"audio": {"data": "QQ==", "transcript": "A"}}), DONE)[0] == AudioResponse("data:audio/wav;base64,QQ==", "A")


@pytest.mark.parametrize(
    ("given", "reason"), [("stop", "stop"), ("MAX_TOKENS", "length"), ("eos", "stop"), ("function_call", "tool_calls")]
)
def test_the_reason_is_said_in_openais_words(given: str, reason: str) -> None:
    assert read(event({"content": "a"}, finish_reason=given))[-1] == FinishReason(reason)


def test_an_end_that_was_announced_without_a_reason_is_a_stop() -> None:
    assert read(event({"content": "a"}), DONE)[-1] == FinishReason("stop")


def test_an_end_that_nothing_announced_is_an_interruption() -> None:
    assert read(event({"content": "a"}))[-1] == FinishReason("interrupted")


def test_an_answer_without_anything_in_it_is_an_error() -> None:
    with pytest.raises(ResponseError, match="empty"):
        read(DONE)


def test_other_events_are_passed_over() -> None:
    assert read(b'{"type": "ping"}', event({"content": "a"}), DONE)[0] == "a"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"message": "no", "code": 401}, MissingAuthError),
        ({"message": "no", "type": "authentication_error"}, MissingAuthError),
        ({"message": "no", "code": "insufficient_quota"}, PaymentRequiredError),
        ({"message": "no", "code": "rate_limit_exceeded"}, RateLimitError),
        ({"message": "no", "code": "model_not_found"}, ModelNotFoundError),
        ({"message": "no", "type": "invalid_request_error"}, BadRequestError),
        ({"message": "no", "code": 502}, ResponseError),
        ("no", ResponseError),
    ],
)
def test_an_error_in_the_stream_becomes_ours(error: Any, kind: type[G4FError]) -> None:
    with pytest.raises(kind, match="far broke the answer off: no"):
        read(json.dumps({"error": error}).encode())


def test_a_whole_answer_is_read_like_a_stream() -> None:
    message = {"role": "assistant", "content": "Hi", "reasoning_content": "hm"}
    answer = Answer("far")
    items = [item for batch in answer.read_whole(json.dumps({"choices": [{"message": message}]}).encode()) for item in batch]
    assert [item for item in items if isinstance(item, str)] == ["Hi"]
    assert items[-1] == FinishReason("stop")


def test_the_end_is_given_once() -> None:
    answer = Answer("far")
    assert list(batches(answer, event({"content": "a"}), DONE))[-1][-1] == FinishReason("stop")
    assert answer.end() == []


def test_debugging_shows_every_event() -> None:
    items = read(event({"content": "a"}), event({"content": "b"}), DONE, debug=True)
    assert [type(item) for item in items] == [JsonResponse, str, JsonResponse, str, FinishReason]
