"""Fixtures: the outside world on real sockets, and the platform in front of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.openai import OpenaiServer
from tests.servers.platform import Platform

pytest_plugins = ["tests.database_option", "tests.proofs", "tests.store_option"]


@pytest.fixture
def upstream() -> Iterator[OpenaiServer]:
    """An OpenAI-compatible server."""
    with OpenaiServer() as server:
        yield server


@pytest.fixture
def platform(tmp_path: Path, upstream: OpenaiServer) -> Iterator[Platform]:
    """The platform with that server connected as the provider ``scenario``."""
    with Platform(tmp_path / "data", servers={"scenario": {"base_url": upstream.base_url, "models": ["plain", "slow"]}}) as server:
        yield server


@pytest.fixture(scope="session")
def lonely(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The platform with nothing connected, one for all tests that leave nothing behind."""
    with Platform(tmp_path_factory.mktemp("lonely") / "data", upload_limit=100_000, transcription_limit=100_000) as server:
        yield server


@pytest.fixture(scope="session")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The platform with nothing connected, and bodies of a few thousand bytes at most."""
    with Platform(tmp_path_factory.mktemp("narrow") / "data", json_limit=2_000, conversation_limit=3_000, upload_limit=3_000) as server:
        yield server
