"""The tally of a run: responses fold into the chunks that are shown and into the rows that are kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Table
from uuid_utils.compat import uuid7

from g4f import debug
from g4f.db.models import Attempt as AttemptRow, Base, Moment, Run as RunRow, State, UsageEntry, now
from g4f.db.writer import Row
from g4f.errors import G4FError
from g4f.providers.base_provider import Batch
from g4f.providers.chunks import error_chunk, to_chunk
from g4f.providers.response import (
    AttemptFailed,
    BaseConversation,
    Citable,
    FinishReason,
    ImagePreview,
    ImageResponse,
    ProviderInfo,
    RawResponse,
    Response,
    Usage,
    is_content,
    known_reason,
)
from g4f.providers.wire import DEBUG_CHUNKS, ContentChunk, Ending, Finish, FinishChunk, UsageChunk, Wire
from g4f.services.attempt import LONG_PIECE, PIECES, Attempt, Estimate
from g4f.services.prices import NO_PRICES, Counts, Prices
from g4f.services.references import parts_of
from g4f.tokens import by_characters
from g4f.typing import Messages

MAX_TOKENS = 2**53
"""The largest count that is believed, and that every database and page can hold."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for: by whom, of which model, with how many characters of prompt.

    ``run_id`` is the run's, made here for a relayed answer; ``message_id`` is the name a client knows the answer by;
    ``max_tokens`` is how long it may be; ``messages`` are the prompt, where it is at hand.
    """

    owner_id: UUID
    request_id: str
    model: str
    provider: str
    prompt_characters: int
    debug_mode: bool = False
    message_id: str | None = None
    max_tokens: int | None = None
    run_id: UUID = field(default_factory=uuid7)
    messages: Messages = field(default_factory=list, repr=False)


def characters_of(messages: Messages) -> int:
    """Return how many characters of text messages hold."""
    return sum(map(len, texts_of(messages)))


def texts_of(messages: Messages) -> Iterator[str]:
    """Yield the texts of messages, those of messages in parts too."""
    for part in (part for message in messages for part in parts_of(message)):
        text = part if isinstance(part, str) else part.get("text")
        if isinstance(text, str):
            yield text


@dataclass(slots=True)
class Tally:
    """Fold the responses of a run into wire chunks and into what is kept: attempts, usage, the way it ended."""

    asked: Asked
    prices: Prices = NO_PRICES
    attempts: list[Attempt] = field(default_factory=list)
    reason: str = "stop"
    said: bool = False
    """Whether text was shown, which is all that some readers see."""
    finished: bool = False
    state: State = "done"
    started_at: int = field(default_factory=now)
    ended: bool = False

    def take(self, batch: Batch) -> list[Wire]:
        """Return the chunks to show for a batch, neighbouring texts in one; what ends a stream is held back for ``ending``."""
        if len(batch) == 1 and batch[0].__class__ is str:  # most batches by far; the rest would be paid for once a token
            self.say(text := batch[0])
            return [ContentChunk(text)]
        chunks: list[Wire] = []
        for kind, items in groupby(batch, type):
            if kind is str:
                self.say(text := "".join(items))  # type: ignore[arg-type]  # texts, as just seen
                chunks.append(ContentChunk(text))
            else:
                chunks += filter(None, map(self._note, items))
        return chunks

    def say(self, text: str) -> None:
        """Note a text that is shown."""
        self.said = True
        self._count(text)

    def fail(self, error: Exception) -> list[Wire]:
        """Note what ended the run and return the chunk that says so."""
        if not isinstance(error, G4FError):
            debug.failed(f"Request {self.asked.request_id}: a provider failed with an error of its own", error)
        self.reason, self.state = "error", "failed"
        self._close("failed", error)
        return [error_chunk(error, self.asked.request_id)]

    def leave(self, state: Literal["stopped", "interrupted"]) -> None:
        """Note that the reader left or stopped the run, unless it had ended already."""
        if not self.ended:
            self.reason = self.state = state
            self._close(state)

    def ending(self, *before: Wire) -> Ending[Wire]:
        """Return what every stream ends with: what is still to show, why it ended, and what it cost."""
        self.ended = True
        self._close(self.state)
        last = self._last()
        cost = self._used(last)
        told = self._usage(last) | ({} if cost["cost_micros"] is None else {name: cost[name] for name in ("cost_micros", "currency")})
        usage = UsageChunk(told, last.model or None, last.provider or None)
        return Ending([*before, FinishChunk(Finish(known_reason(self.reason))), usage])

    def uncounted(self) -> list[Attempt]:
        """Return the attempts with an answer whose tokens nobody counted yet."""
        return [attempt for attempt in self.attempts if not attempt.counted and attempt.estimate is None and attempt.characters]

    def rows(self) -> list[Row]:
        """Return the rows that are kept of a relayed run: the run, its attempts and a usage entry for each."""
        run = {
            "id": self.asked.run_id, "owner_id": self.asked.owner_id, "kind": "relayed", "state": self.state,
            "request_id": self.asked.request_id, "model": self.asked.model, "provider": self.asked.provider,
            "started_at": self.started_at, "finished_at": now(),
        }  # fmt: skip
        return [(_table(RunRow), run), *self.attempt_rows(self.asked.run_id)]

    def attempt_rows(self, run_id: UUID) -> list[Row]:
        """Return the rows of a run's attempts and their usage."""
        made = [attempt for attempt in self.attempts if attempt.made]
        return [row for number, attempt in enumerate(made, 1) for row in self._attempt_rows(run_id, number, attempt)]

    def _attempt_rows(self, run_id: UUID, number: int, attempt: Attempt) -> list[Row]:
        attempt_id, owner, finished_at = uuid7(), self.asked.owner_id, attempt.finished_at or now()
        kept = {
            "id": attempt_id, "owner_id": owner, "run_id": run_id, "number": number, "provider": attempt.provider, "model": attempt.model,
            "outcome": attempt.outcome, "error_name": attempt.error, "started_at": attempt.started_at,
            "first_token_at": attempt.first_token_at, "finished_at": finished_at,
        }  # fmt: skip
        entry = {"id": uuid7(), "owner_id": owner, "attempt_id": attempt_id, "created_at": finished_at, "message_id": self.asked.message_id}
        return [(_table(AttemptRow), kept), (_table(UsageEntry), entry | self._used(attempt))]

    def _used(self, attempt: Attempt) -> dict[str, Any]:
        """Return what an entry says of an attempt: its counts, and what they cost by the price of its end."""
        if attempt.used is None:
            attempt.used = self._count_up(attempt, attempt.finished_at or now())
        return attempt.used

    def _count_up(self, attempt: Attempt, moment: Moment) -> dict[str, Any]:
        usage = self._usage(attempt)
        counts = Counts(
            _tokens(usage["prompt_tokens"]),
            _tokens(usage["completion_tokens"]),
            _detail(usage, "completion_tokens_details", "reasoning_tokens"),
            _detail(usage, "prompt_tokens_details", "cached_tokens"),
            _detail(usage, "prompt_tokens_details", "audio_tokens"),
            _detail(usage, "completion_tokens_details", "audio_tokens"),
            attempt.images,
        )
        price = self.prices.find(attempt.provider, attempt.model, moment)
        cost = price.cost_micros(counts) if price else None
        known = cost is not None and cost <= MAX_TOKENS
        return {
            "prompt_tokens": counts.prompt, "completion_tokens": counts.completion, "reasoning_tokens": counts.reasoning,
            "cached_tokens": counts.cached, "prompt_audio_tokens": counts.prompt_audio,
            "completion_audio_tokens": counts.completion_audio, "images": counts.images, "estimated": bool(usage.get("estimated")),
            "cost_micros": cost if known else None, "currency": price.currency if price and known else None,
            "price_source": price.source if price and known else None,
        }  # fmt: skip

    def _note(self, item: str | Response) -> Wire | None:
        match item:
            case Usage():
                self._last().usage = item
                return None
            case FinishReason(reason):
                self.reason, self.finished = reason, True
                self.state = "interrupted" if reason == "interrupted" else self.state
                return None
            case ProviderInfo():
                self._announce(item)
            case AttemptFailed(error):
                self._close("failed", error)
            case Citable():
                self.asked = replace(self.asked, prompt_characters=self.asked.prompt_characters + item.characters)
            case RawResponse():
                return self._note_raw(item.get_dict())
            case ImagePreview():
                self._count("")
            case ImageResponse():
                self._count("")  # what pictures are written as says nothing of tokens
                self.attempts[-1].images += len(item.get_list())
            case _ if is_content(item):
                self._count(str(item) or getattr(item, "token", None) or "")
        chunk = to_chunk(item, self._last().provider if isinstance(item, BaseConversation) else "")
        return None if isinstance(chunk, DEBUG_CHUNKS) and not self.asked.debug_mode else chunk

    def _note_raw(self, chunk: dict[str, Any]) -> Wire | None:
        """Read what another gpt4free server said about the answer; its chunk is passed on as it came."""
        match chunk:
            case {"type": "usage", "usage": dict(counts)}:
                self._last().usage = Usage(**counts)
                return None
            case {"type": "finish", "finish": {"reason": str(reason)}}:
                self.reason = reason
                return None
            case {"type": "error" | "auth"}:
                self.reason, self.state = "error", "failed"
                self._close("failed")
            case {"type": "content", "content": str(text)}:
                self._count(text)
            case {"type": "request" | "response" | "headers" | "log"} if not self.asked.debug_mode:
                return None
        return chunk

    def _announce(self, info: ProviderInfo) -> None:
        known = info.get_dict()
        name, model = known.get("name", ""), known.get("model") or self.asked.model
        self.reason, self.finished = "stop", False
        self.prices.expect(name)
        if self.attempts and self.attempts[-1].outcome == "running":
            if self.attempts[-1].first_token_at is not None:  # nobody else goes on with an answer: the same one names itself better
                self.attempts[-1].provider, self.attempts[-1].model = name, model
                return
            self._close("failed")  # it ended without a word
        self.attempts.append(Attempt(name, model, now()))

    def _last(self) -> Attempt:
        if not self.attempts:
            self.attempts.append(Attempt(self.asked.provider, self.asked.model, self.started_at, announced=False))
        return self.attempts[-1]

    def _count(self, text: str) -> None:
        attempt = self.attempts[-1] if self.attempts else self._last()
        if attempt.first_token_at is None:
            attempt.first_token_at = now()
        pieces = attempt.pieces
        pieces.append(text)
        if len(pieces) > PIECES or len(text) > LONG_PIECE:
            attempt.join()

    def _close(self, outcome: str, error: Exception | None = None) -> None:
        attempt = self._last()
        if attempt.outcome == "running":
            attempt.outcome, attempt.finished_at = outcome, now()
            attempt.error = type(error).__name__ if error else None

    def _usage(self, attempt: Attempt) -> dict[str, Any]:
        """Return the provider's own counts, or an estimate that says it is one and by what."""
        if attempt.usage is not None and attempt.counted:
            return {"prompt_tokens": 0, "completion_tokens": 0, **attempt.usage.get_dict()}
        prompt, completion, by = attempt.estimate or self._rough(attempt)
        total = prompt + completion
        return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": total, "estimated": True, "estimated_by": by}

    def _rough(self, attempt: Attempt) -> Estimate:
        prompt = by_characters(self.asked.prompt_characters) if _answered(attempt) else 0
        return Estimate(prompt, by_characters(attempt.characters), "characters")


def _answered(attempt: Attempt) -> bool:
    """Return whether an attempt came far enough to have used the prompt."""
    return attempt.characters > 0 or attempt.outcome == "done"


def _table(kind: type[Base]) -> Table:
    table = kind.__table__
    assert isinstance(table, Table)
    return table


def _detail(usage: dict[str, Any], group: str, name: str) -> int:
    inside = usage.get(group)
    return _tokens(inside.get(name)) if isinstance(inside, dict) else 0


def _tokens(count: object) -> int:
    """Return a count a ledger can hold, whatever the provider said."""
    return min(max(int(count), 0), MAX_TOKENS) if isinstance(count, (int, float)) else 0
