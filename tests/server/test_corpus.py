"""The corpus through a running server: each file gets its answer, and nothing outside the data folder changes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.corpus import corpus, outcomes
from tests.proofs import FULL, counted, proof
from tests.reading.asking import tree
from tests.servers.process import Process

FEW = {"zeros.zip", "a.docx", "itself.pdf", "square.png", "parent, far", "absolute", "symbolic link", "50% of a.docx"}
"""Those of the slow groups that are sent when not all are."""
SENT = [sample for sample in corpus() if FULL or sample.group in {"active", "name"} or sample.label in FEW]
OUTSIDE = ("work", "home", "temporary")


@pytest.fixture
def around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one for data, where a server stands and is at home; each holds what the corpus would like to overwrite."""
    for name in OUTSIDE:
        for file in (tmp_path / name / "a.txt", tmp_path / name / "etc" / "passwd"):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("as it was")
    (tmp_path / "a.txt").write_text("as it was")
    (tmp_path / "data").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    return tmp_path


def outside(folder: Path) -> dict[str, str]:
    """Return what lies around the data."""
    return {name: digest for name, digest in tree(folder).items() if not name.startswith("data/")}


@proof("files of the corpus through a running server", len(SENT))
def test_each_file_gets_its_answer_and_nothing_outside_the_data_changes(around: Path) -> None:
    before = outside(around)
    with Process(around / "data") as server:
        became = outcomes(server.base_url, counted(SENT))
    assert {sample.label: became[sample.label] for sample in SENT} == {sample.label: sample.expected for sample in SENT}
    assert outside(around) == before


def test_the_corpus_is_as_large_as_is_said() -> None:
    counts = Counter(sample.group for sample in corpus())
    assert counts >= Counter(active=60, bomb=40, archive=30, name=40, truncated=50)
    assert len({sample.label for sample in corpus()}) == counts.total()
