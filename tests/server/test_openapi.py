"""The API document: committed, complete, and true of the running server."""

from __future__ import annotations

import json
import re
from pathlib import Path

from g4f.gui.server.backend_api import Backend_Api
from g4f.gui.server.conversation import Conversation
from g4f.gui.server.openapi import document
from g4f.providers.wire import Chunk
from tests.servers.platform import Platform

COMMITTED = Path(__file__).resolve().parent.parent / "openapi.json"


def test_the_committed_document_is_the_one_the_table_writes() -> None:
    assert COMMITTED.read_bytes() == document(Backend_Api.table), "run: make types"


def test_the_server_serves_the_committed_document(lonely: Platform) -> None:
    assert lonely.get("/openapi.json").content == COMMITTED.read_bytes()


def test_every_shown_row_is_described_with_a_summary() -> None:
    paths = json.loads(COMMITTED.read_bytes())["paths"]
    described = {
        (method.upper(), path.replace("{", "<").replace("}", ">")): row for path, rows in paths.items() for method, row in rows.items()
    }
    shown = {(route.method, re.sub(r"<\w+:", "<", route.path)) for route in Backend_Api.table if not route.hidden}
    assert described.keys() == shown
    assert all(row["summary"].endswith((".", ":")) or row["summary"] for row in described.values())


def test_a_conversation_takes_fields_it_does_not_know_and_shows_none_that_nobody_sends() -> None:
    schema = json.loads(COMMITTED.read_bytes())["components"]["schemas"]["Conversation"]
    assert schema["additionalProperties"] is True
    assert not schema["properties"].keys() & Conversation.internal
    assert set(Conversation.__struct_fields__) == schema["properties"].keys() | Conversation.internal


def test_chunks_are_told_apart_by_their_type() -> None:
    schema = json.loads(COMMITTED.read_bytes())["components"]["schemas"]["Chunk"]
    tags = {member.__struct_config__.tag for member in Chunk.__args__}
    assert set(schema["discriminator"]["mapping"]) == tags
