"""The choice of a store for files on the command line: ``--store folder`` or ``--store s3``."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import pytest

from tests.servers.swift import Swift
from tests.stores import VARIABLE


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the command line choose."""
    parser.addoption("--store", choices=("folder", "s3"), default="folder", help="where the platform and the tests of files keep bytes")


@pytest.fixture(scope="session")
def swift() -> Iterator[Swift]:
    """The S3 server of the session."""
    with Swift() as server:
        os.environ[VARIABLE] = json.dumps(server.settings)
        yield server


@pytest.fixture(scope="session", autouse=True)
def _store(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--store") == "s3":
        request.getfixturevalue("swift")
