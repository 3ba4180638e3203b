"""Bombs, archives and damage: each file gets its answer, and nothing in the folder changes."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from g4f.reading.reasons import SENTENCES
from tests.proofs import FULL, SEED, counted, proof
from tests.reading.archives import ARCHIVES
from tests.reading.asking import outcome, tree
from tests.reading.bombs import BOMBS
from tests.reading.documents import DOCUMENTS

SAMPLED_BOMBS = {"zeros.zip", "members.gz", "laughs.docx", "wide.xlsx", "itself.pdf", "square.png", "frames.gif", "laughs.svg"}
SAMPLED_ARCHIVES = {"absolute", "parent, backslash", "symbolic link", "encrypted", "one more", "archive inside", "overlapping"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder to read from and to stand in, where nothing else may appear or change."""
    (tmp_path / "in").mkdir()
    (tmp_path / "bystander").write_text("as it was")
    monkeypatch.chdir(tmp_path)
    yield tmp_path / "in"
    assert tree(tmp_path) == {
        "bystander": tree(tmp_path)["bystander"],
        **{f"in/{name}": digest for name, digest in tree(tmp_path / "in").items()},
    }
    assert (tmp_path / "bystander").read_text() == "as it was"


def read_once(folder: Path, name: str, data: bytes) -> str:
    """Read a file, see that it is unchanged and alone, and remove it."""
    path = folder / name
    result = outcome(path, data)
    assert [each.name for each in folder.iterdir()] == [name]
    assert path.read_bytes() == data
    path.unlink()
    return result


@proof("bombs that harm nothing", len(SAMPLED_BOMBS), len(BOMBS))
def test_a_bomb_is_refused_or_read_without_going_off(folder: Path) -> None:
    bombs = [bomb for bomb in BOMBS if FULL or bomb.name in SAMPLED_BOMBS]
    results = {bomb.name: read_once(folder, bomb.name, bomb.make()) for bomb in counted(bombs)}
    assert results == {bomb.name: bomb.expected for bomb in bombs}


@proof("archives that mean harm", len(SAMPLED_ARCHIVES), len(ARCHIVES))
def test_an_archive_is_read_or_refused_for_what_is_wrong_with_it(folder: Path) -> None:
    archives = [archive for archive in ARCHIVES if FULL or archive.label in SAMPLED_ARCHIVES]
    results = {archive.label: read_once(folder, "a.zip", archive.make()) for archive in counted(archives)}
    assert results == {archive.label: archive.expected for archive in archives}


def damaged(make: Callable[[], bytes], chance: random.Random) -> bytes:
    """Return a file that is cut, or has some bits turned over."""
    data = bytearray(make())
    if chance.random() < 0.4:
        return bytes(data[: chance.randrange(len(data))])
    for _ in range(chance.choice((1, 5, 50))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)


@pytest.mark.parametrize("name", DOCUMENTS)
@proof("damaged files", 1, 50)
def test_a_damaged_file_is_read_or_named_unreadable(folder: Path, name: str) -> None:
    chance = random.Random(f"{SEED} {name}")
    for _ in counted(range(50 if FULL else 1)):
        result = read_once(folder, name, damaged(DOCUMENTS[name], chance))
        assert result == "read" or result in SENTENCES.keys() - {"crashed", "slow", "memory"}
