"""What schemathesis checks of every answer beside its own checks: the one error shape, and chunks as the document has them."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import schemathesis
from schemathesis import Case, Response
from schemathesis.checks import CheckContext
from schemathesis.hooks import HookContext

from g4f.gui.server.refusals import ErrorAnswer
from g4f.providers.wire import Chunk, FinishChunk, UsageChunk


@schemathesis.hook
def filter_body(context: HookContext, body: Any) -> bool:
    """Leave out what is meant to be wrong and cannot be: in a form a single file and a list of one are the same bytes."""
    return not isinstance(body, dict) or isinstance(body.get("files", []), list)


@schemathesis.check
def the_one_error_shape(context: CheckContext, response: Response, case: Case[Any]) -> None:
    """Every refusal is the same object, whether or not the document names its status."""
    if response.status_code >= 400:
        msgspec.convert(json.loads(response.content), ErrorAnswer)
        assert response.headers["content-type"] == ["application/json"]


@schemathesis.check
def a_stream_holds_chunks_and_ends_once(context: CheckContext, response: Response, case: Case[Any]) -> None:
    """Every line or event of a stream is a chunk; the last two say why it ended and what it cost."""
    if response.status_code == 200 and case.operation.path.endswith("/conversation"):
        lines = [line.removeprefix(b"data: ") for line in response.content.split(b"\n") if line.startswith((b"{", b"data: "))]
        chunks: list[object] = [msgspec.json.decode(line, type=Chunk) for line in lines]
        ends = [index for index, chunk in enumerate(chunks) if isinstance(chunk, FinishChunk)]
        assert not chunks or (ends == [len(chunks) - 2] and isinstance(chunks[-1], UsageChunk))
