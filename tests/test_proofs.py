"""Proofs count what really ran, and a session in which too little ran fails."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TESTS = """
from hypothesis import given, strategies as st
from tests.proofs import counted, proof

@proof("numbers", 30)
@given(st.integers())
def test_numbers(number):
    pass

@proof("letters", 3)
def test_letters():
    for letter in counted("{letters}"):
        pass
"""


def run(folder: Path, letters: str, *options: str) -> tuple[int, str]:
    """Run both tests in a process of their own; return its exit code and what it said."""
    (folder / "test_it.py").write_text(TESTS.format(letters=letters))
    command = [sys.executable, "-m", "pytest", "-p", "tests.proofs", f"--rootdir={folder}", "-c", "/dev/null", *options, str(folder)]
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    told = subprocess.run(command, cwd=ROOT, env=alone, capture_output=True, text=True, check=False, timeout=60)
    return told.returncode, told.stdout


def test_a_session_prints_every_proof_and_passes_when_enough_ran(tmp_path: Path) -> None:
    code, said = run(tmp_path, "abc")
    assert code == 0, said
    assert "proof  letters: 3 of 3" in said
    assert "proof  numbers: 30 of 30" in said


def test_a_session_fails_when_a_proof_ran_too_few_cases_in_its_workers(tmp_path: Path) -> None:
    code, said = run(tmp_path, "ab", "-p", "xdist.plugin", "-n", "2")
    assert code == 1, said
    assert "proof  letters: 2 of 3" in said
    assert "proof  numbers: 30 of 30" in said


def test_a_proof_that_was_not_selected_is_not_missed(tmp_path: Path) -> None:
    code, said = run(tmp_path, "ab", "-k", "numbers")
    assert code == 0, said
    assert "letters" not in said
