"""A server with OpenAI's embeddings API: the meaning of a text is which of a few things it is about, whatever the words."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from tests.servers.http import Answer, Call, HttpServer

THINGS = (r"car|vehicle|автомобил|машин", r"kite|toy in the wind|змей", r"pump|moves water|насос", r"frost|cold|мороз")


def meaning(text: str, dimensions: int) -> list[float]:
    """Return a vector that points to the things a text is about, and a little to its length, so that no two texts are quite alike."""
    about = [float(len(re.findall(thing, text.lower()))) for thing in THINGS]
    return [*about, math.log(len(text) + 1) / 100, *[0.0] * dimensions][:dimensions]


class EmbeddingsServer(HttpServer):
    """Serve ``/v1/embeddings``; ``trouble`` is a status to fail with, and some names of models get what nobody can use."""

    def __init__(self) -> None:
        super().__init__(self._route)
        self.trouble = 0
        self.dimensions = len(THINGS) + 1

    @property
    def base_url(self) -> str:
        """The address to configure, with ``/v1``."""
        return f"{self.origin}/v1"

    @property
    def asked(self) -> list[str]:
        """Every text that was asked for."""
        return [text for call in self.calls for text in call.json["input"]]

    async def _route(self, call: Call, answer: Answer) -> None:
        if self.trouble:
            await answer.reply_json({"error": {"message": "No."}}, self.trouble)
            return
        match call.json["model"]:
            case "html":
                await answer.reply(200, b"<!doctype html>", "text/html")
            case "fewer":
                await answer.reply_json(vectors([[1.0]] * (len(call.json["input"]) - 1)))
            case "empty":
                await answer.reply_json(vectors([[]] * len(call.json["input"])))
            case "other":
                await answer.reply_json(vectors([turned(meaning(text, self.dimensions)) for text in call.json["input"]]))
            case _:
                await answer.reply_json(vectors([meaning(text, self.dimensions) for text in call.json["input"]]))


def turned(vector: list[float]) -> list[float]:
    """Return a vector whose numbers mean something else."""
    return vector[-1:] + vector[:-1]


def vectors(found: Sequence[Sequence[float]]) -> dict[str, object]:
    """Return vectors as the API sends them, the last one first: their order is in ``index`` alone."""
    data = [{"object": "embedding", "index": index, "embedding": vector} for index, vector in enumerate(found)]
    return {"object": "list", "data": data[::-1], "model": "m", "usage": {"prompt_tokens": 1, "total_tokens": 1}}
