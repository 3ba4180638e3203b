"""pgvector: used where PostgreSQL has it, and done without where it has not."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest

from g4f.config import EmbeddingServer
from g4f.db.models import LOCAL_OWNER
from g4f.db.session import Database
from g4f.db.storage import Storage
from g4f.db.writer import Writer
from g4f.errors import ConfigError
from g4f.services.embeddings import Embeddings
from g4f.services.passages import Passages
from g4f.services.vectors import Vectors
from tests.databases import database_url
from tests.servers.embeddings import EmbeddingsServer
from tests.services.test_passages import add
from tests.services.test_vectors import CAR, KITE, Meaning


@pytest.fixture
def server() -> Iterator[EmbeddingsServer]:
    with EmbeddingsServer() as embeddings:
        yield embeddings


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Storage]:
    """A storage on a PostgreSQL that has no extensions."""
    address = f"{database_url(tmp_path)}?options=-c extension_control_path=/nowhere"
    with closing(Database(address)) as database, closing(Writer(database)) as writer:
        yield Storage(database, writer)


def meaning(server: EmbeddingsServer, storage: Storage) -> Meaning:
    vectors = Vectors(lambda: storage, Embeddings(EmbeddingServer(base_url=server.base_url, model="m")), "m")
    return Meaning(server, Passages(lambda: storage, vectors), vectors)


def test_pgvector_compares_and_numpy_is_not_needed(
    server: EmbeddingsServer, storage: Storage, owner_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "numpy", None)
    model = meaning(server, storage)
    model.vectors.open(storage.database)
    file_id = add(storage, owner_id, KITE, CAR)
    model.complete()
    assert model.texts(owner_id, [file_id], "vehicle")[0] == CAR.text


def test_without_the_extension_one_line_says_so_and_numpy_compares(
    server: EmbeddingsServer, bare: Storage, caplog: pytest.LogCaptureFixture
) -> None:
    model = meaning(server, bare)
    with caplog.at_level(logging.ERROR, "g4f"):
        model.vectors.open(bare.database)
    (said,) = caplog.messages
    assert 'PostgreSQL has no pgvector (extension "vector" is not available), so numpy compares' in said
    file_id = add(bare, LOCAL_OWNER, KITE, CAR)
    model.complete()
    assert model.texts(LOCAL_OWNER, [file_id], "vehicle")[0] == CAR.text


def test_without_either_the_setting_is_refused(server: EmbeddingsServer, bare: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(ConfigError, match="needs numpy"):
        meaning(server, bare).vectors.open(bare.database)
