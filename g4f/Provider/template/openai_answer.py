"""One answer of an OpenAI-compatible server, from its events to responses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from msgspec import DecodeError

from g4f.errors import ResponseError
from g4f.Provider.template.openai_wire import Chunk, Delta, Part, decode_any, decode_chunk, decode_chunks, error_of, plain_text
from g4f.Provider.template.thinking import Stage, Thinking
from g4f.Provider.template.tools import ToolAssembly
from g4f.providers.base_provider import Batch
from g4f.providers.response import AudioResponse, FinishReason, ImageResponse, JsonResponse, ToolCalls, Usage

REASONS = {
    "eos": "stop",
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_length": "length",
    "function_call": "tool_calls",
}
"""What other servers call OpenAI's reasons to finish."""
DONE = b"[DONE]"
"""What stands for an event behind the last one."""


class Answer:
    """Turn the events of one stream, or one whole answer, into responses.

    Tool calls, the finish reason and the usage are given by ``end``, each once and in this order, whenever they came.
    ``speaker`` names the server in errors; with ``debug`` every event is shown as JsonResponse too. ``complete`` says whether
    the server has said that nothing more follows.
    """

    def __init__(self, speaker: str, *, debug: bool = False) -> None:
        self._speaker = speaker
        self._debug = debug
        self._thinking = Thinking()
        self._tools = ToolAssembly()
        self._reason: str | None = None
        self._usage: dict[str, Any] | None = None
        self._heard = False
        self.complete = False
        self._ended = False

    @property
    def plain(self) -> bool:
        """Say whether a text is part of the answer as it is."""
        return self._thinking.stage is Stage.ANSWER and not self._debug

    @property
    def thinking(self) -> bool:
        """Say whether the newest was thinking."""
        return self._thinking.stage in (Stage.IN_FIELD, Stage.IN_TAGS)

    def batches(self, fill: Callable[[Batch], None]) -> Iterator[Batch]:
        """Yield what is filled into a batch; what stands before a fault is yielded first.

        The batch holds what ``end`` gives as well, when the server says that it is the last.

        Raises ResponseError when an event is not of OpenAI's form, and what an error object among them means.
        """
        batch: Batch = []
        try:
            fill(batch)
            if self.complete:
                batch += self.end()
        finally:
            if batch:
                yield batch

    def read_whole(self, body: bytes) -> Iterator[Batch]:
        """Yield what an answer in one piece brings."""
        self.complete = True
        return self.batches(lambda batch: self.read(batch, [body]))

    def end(self) -> Batch:
        """Give what is known only at the end, once; raises ResponseError for an answer without anything in it."""
        if self._ended:
            return []
        self._ended = True
        if not self._heard:
            raise ResponseError(f"{self._speaker} sent an empty answer.", values={"reason": "empty_answer", "host": self._speaker})
        batch: Batch = list(self._thinking.end())
        calls = self._tools.calls()
        if calls:
            batch.append(ToolCalls(calls))
        batch.append(FinishReason(self._reason or ("tool_calls" if calls else "stop" if self.complete else "interrupted")))
        if self._usage:
            batch.append(Usage(**self._usage))
        return batch

    def read(self, batch: Batch, payloads: list[bytes]) -> None:
        """Put into the batch what events bring."""
        plain = self.plain
        for chunk, payload in self._decoded(payloads):
            if plain and (text := plain_text(chunk)):  # nearly every event
                batch.append(text)
            else:
                batch += self._read(chunk, payload)
                plain = self.plain

    def _decoded(self, payloads: list[bytes]) -> Iterable[tuple[Chunk, bytes]]:
        """Return the chunks; many are decoded as one list, which costs half, unless something else is among them."""
        try:
            if len(payloads) == 1:  # most tokens come alone
                return ((decode_chunk(payloads[0]), payloads[0]),)
            if payloads[-1:] == [DONE]:
                self.complete = True
                payloads = payloads[:-1]
            chunks = decode_chunks(b"[%b]" % b",".join(payloads))
        except (DecodeError, UnicodeDecodeError):
            return self._decoded_singly(payloads)
        # One more chunk than events: an event holds a comma between two objects, and is not of OpenAI's form.
        return zip(chunks, payloads, strict=True) if len(chunks) == len(payloads) else self._decoded_singly(payloads)

    def _decoded_singly(self, payloads: list[bytes]) -> Iterator[tuple[Chunk, bytes]]:
        for payload in payloads:
            try:
                yield decode_chunk(payload), payload
            except (DecodeError, UnicodeDecodeError) as error:
                if payload.strip() != DONE:
                    raise self._not_ours(error) from None
                self.complete = True

    def _not_ours(self, error: Exception) -> ResponseError:
        message = f"{self._speaker} sent an event that is not of OpenAI's form ({error}). Is its API OpenAI-compatible?"
        return ResponseError(message, values={"reason": "odd_event", "host": self._speaker, "detail": str(error)})

    def _read(self, chunk: Chunk, payload: bytes) -> Batch:
        if chunk.error is not None:
            raise error_of(chunk.error, self._speaker)
        batch: Batch = [JsonResponse(**decode_any(payload))] if self._debug else []
        self._usage = chunk.usage or self._usage
        if chunk.choices:
            choice = chunk.choices[0]
            self._heard = True
            for delta in (choice.delta, choice.message):
                batch += [] if delta is None else self._read_delta(delta)
            if choice.finish_reason:
                self._reason = REASONS.get(choice.finish_reason.lower(), choice.finish_reason.lower())
        return batch

    def _read_delta(self, delta: Delta) -> Batch:
        batch: Batch = []
        thought, texts = _told(delta.content)
        if token := delta.reasoning_content or delta.reasoning or _detailed(delta.reasoning_details) or thought:
            batch += self._thinking.token(token)
        for text in texts:
            batch += self._thinking.text(text)
        if delta.refusal:
            batch += self._thinking.text(delta.refusal)
        if delta.images and (images := [url for part in delta.images if (url := _image(part))]):
            batch += [*self._thinking.end(), ImageResponse(images)]
        if delta.audio is not None and delta.audio.data:
            batch.append(AudioResponse(f"data:audio/wav;base64,{delta.audio.data}", delta.audio.transcript))
        if delta.tool_calls:
            self._tools.add(delta.tool_calls)
        return batch


def _told(content: str | list[Part] | None) -> tuple[str, list[str]]:
    """Return the thinking and the texts of a message's content; Mistral gives a list of parts."""
    match content:
        case list(parts):
            thought = "".join([_detailed(part["thinking"]) for part in parts if isinstance(part.get("thinking"), list)])
            return thought, [part["text"] for part in parts if isinstance(part.get("text"), str) and part["text"]]
        case str(text) if text:
            return "", [text]
        case _:
            return "", []


def _detailed(details: list[Part] | None) -> str:
    """Return the thinking in OpenRouter's details, be it whole or a summary."""
    return "".join([str(part.get("text") or part.get("summary") or "") for part in details]) if details else ""


def _image(part: Part | str) -> str | None:
    match part:
        case str(url):
            return url
        case {"image_url": {"url": str(url)}} | {"image_url": str(url)} | {"url": str(url)}:
            return url
        case {"b64_json": str(data)}:
            return f"data:image/png;base64,{data}"
        case _:
            return None
