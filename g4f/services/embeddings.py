"""Vectors of text, from any server with OpenAI's embeddings API.

https://platform.openai.com/docs/api-reference/embeddings/create
"""

from __future__ import annotations

import math

import msgspec
from msgspec import Struct

from g4f.config import EmbeddingServer
from g4f.errors import ResponseError
from g4f.requests import StreamSession, raise_for_status

MOST_DIMENSIONS = 16_000
"""As pgvector has them."""


class _Vector(Struct):
    index: int
    embedding: list[float]


class _Answer(Struct):
    data: list[_Vector]


class Embeddings:
    """Ask one server; raises ResponseError and what a connection that fails raises."""

    def __init__(self, server: EmbeddingServer) -> None:
        self._server = server

    async def __call__(self, texts: list[str]) -> list[list[float]]:
        """Return the vectors of texts, in their order."""
        key = self._server.api_key.reveal()
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        asked = {"model": self._server.model, "input": texts, "encoding_format": "float"}
        url = f"{self._server.base_url.rstrip('/')}/embeddings"
        async with StreamSession(headers=headers) as session, session.post(url, json=asked) as response:
            await raise_for_status(response)
            body = await response.read()
        try:
            vectors = msgspec.json.decode(body, type=_Answer).data
        except msgspec.DecodeError:
            raise ResponseError("The server of embeddings answered something else.") from None
        if sorted(vector.index for vector in vectors) != list(range(len(texts))):
            raise ResponseError("The server of embeddings answered for other texts than it was asked for.")
        if not all(1 <= len(vector.embedding) <= MOST_DIMENSIONS and all(map(math.isfinite, vector.embedding)) for vector in vectors):
            raise ResponseError("The server of embeddings answered with vectors that cannot be compared.")
        return [vector.embedding for vector in sorted(vectors, key=lambda vector: vector.index)]
