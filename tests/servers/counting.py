"""An OpenAI-compatible server that does what a question's script says, call after call, and keeps books of what it sent."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from tests.servers.http import Answer, Call, HttpServer
from tests.servers.openai import event

WORD = "word "
"""What a delta says."""


@dataclass(frozen=True)
class Step:
    """What one call is answered with: a refusal, or so many words and then an end; ``reported`` says whether it counts its tokens."""

    words: int
    end: Literal["done", "cut", "silence", "refusal"]
    reported: bool = False


@dataclass
class Sent:
    """What one call was sent: the characters, and the tokens of prompt and answer if it was told them."""

    prompt: int
    characters: int = 0
    told: tuple[int, int] | None = None


class CountingServer(HttpServer):
    """Answer every question, which is the first word of its message, by the next step of its script.

    ``sent`` has what each call of each question was sent, refusals included.
    """

    def __init__(self) -> None:
        super().__init__(self._chat)
        self._scripts: dict[str, deque[Step]] = {}
        self.sent: dict[str, list[Sent]] = {}

    @property
    def base_url(self) -> str:
        """The address to configure in a client, with ``/v1``."""
        return f"{self.origin}/v1"

    def expect(self, question: str, steps: Iterable[Step]) -> None:
        """Say how the calls of a question are answered."""
        self._scripts[question] = deque(steps)

    def forget(self) -> None:
        """Begin the books anew."""
        self.calls.clear()
        self._scripts.clear()
        self.sent.clear()

    async def _chat(self, call: Call, answer: Answer) -> None:
        asked: str = call.json["messages"][-1]["content"]
        question = asked.partition(" ")[0]
        step, sent = self._scripts[question].popleft(), Sent(len(asked))
        self.sent.setdefault(question, []).append(sent)
        if step.end == "refusal":
            await answer.reply_json({"error": {"message": "Slow down."}}, 429, {"retry-after": "0"})
            return
        await answer.start(headers={"content-type": "text/event-stream"})
        for _ in range(step.words):
            sent.characters += len(WORD)  # before it goes out: whoever has read it may leave at once
            await answer.send(event({"choices": [{"index": 0, "delta": {"content": WORD}, "finish_reason": None}]}))
        if step.end == "silence":
            await asyncio.Event().wait()
        elif step.end == "cut":
            answer.close()
        else:
            await self._finish(step, sent, answer)

    async def _finish(self, step: Step, sent: Sent, answer: Answer) -> None:
        if step.reported:
            sent.told = (sent.prompt // 5, step.words)
            counts = {"prompt_tokens": sent.told[0], "completion_tokens": sent.told[1], "total_tokens": sum(sent.told)}
            await answer.send(event({"choices": [], "usage": counts}))
        await answer.send(event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}))
        await answer.send(b"data: [DONE]\n\n")
        await answer.finish()
