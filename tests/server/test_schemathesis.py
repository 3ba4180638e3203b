"""The API document held against the running server: every answer is one that the document names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.proofs import FULL, SEED, counted, proof
from tests.servers.process import Process

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = 200 if FULL else 5
"""For each operation; most have no more than a few different requests."""
WAIT = "--request-timeout=40"
"""The text of a bucket is waited for, 30 s at most, while its files are read; hundreds of others stand in line here."""

# A server error is one the document does not name, which status_code_conformance sees to. What the schema of a
# conversation allows may still mean nothing, such as no message at all or a file that is no text: 415 and 422 say so. What
# stands in an address may be no day (400), and who uploads in parts has to name the protocol's version (412).
CONFIGURATION = """
hooks = "tests.server.openapi_checks"
max-stream-events = 1_000_000
[checks]
not_a_server_error.expected-statuses = ["2xx", "3xx", "4xx", 501, 502, 503, 504]
positive_data_acceptance.expected-statuses = ["2xx", "3xx", 400, 404, 412, 415, 422, 501, 502]
negative_data_rejection.expected-statuses = ["4xx", "5xx"]
"""


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Process]:
    """The program in a process of its own: the tests' has other tests' memory to look through."""
    with Process(tmp_path, upload_limit="100000", transcription_limit="100000") as server:
        yield server


@pytest.mark.long
@proof("requests made from the API document", 500, 5_000, seconds=2_700)
def test_every_answer_is_one_the_document_names(program: Process, tmp_path: Path) -> None:
    configuration, report = tmp_path / "schemathesis.toml", tmp_path / "report.json"
    configuration.write_text(CONFIGURATION)
    address = f"{program.base_url}/openapi.json"
    command = [sys.executable, "-m", "schemathesis.cli", f"--config-file={configuration}", "run", address, f"--report-json-path={report}"]
    options = [f"--seed={SEED}", f"--max-examples={EXAMPLES}", "--phases=coverage,fuzzing", "--continue-on-failure", WAIT]
    run = subprocess.run(
        [*command, *options], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr + program.printed()
    told = json.loads(report.read_bytes())
    assert told["operations"]["tested"] == told["operations"]["total"]
    assert len(list(counted(range(told["test_cases"]["generated"])))) > 0
