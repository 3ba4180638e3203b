"""The lock of a data folder."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from g4f.db.lock import FolderLock
from g4f.errors import ConfigError

# Permissions do not bind root, unless it gives that power up.
BOUND = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
HOLDER = """
import sys, time
from pathlib import Path
from g4f.db.lock import FolderLock
with FolderLock(Path(sys.argv[1])):
    print(flush=True)
    time.sleep(60)
"""


@contextmanager
def holder(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run another process that holds the folder."""
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(folder)], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        child.stdout.readline()
        try:
            yield child
        finally:
            child.send_signal(signal.SIGKILL)


def test_a_missing_folder_is_made_for_this_user_alone(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "data"
    with FolderLock(folder):
        assert folder.stat().st_mode & 0o777 == 0o700
        assert (folder / "g4f.lock").read_text() == f"{os.getpid()}\n"


def test_a_second_lock_is_refused_and_names_the_holder(tmp_path: Path) -> None:
    with holder(tmp_path) as child:
        before = (tmp_path / "g4f.lock").stat()
        with pytest.raises(ConfigError, match=rf"Another g4f process \({child.pid}\) uses .*; stop it or set G4F_DATA_DIR"):
            FolderLock(tmp_path).acquire()
        after = (tmp_path / "g4f.lock").stat()
    assert (after.st_mtime_ns, after.st_size) == (before.st_mtime_ns, before.st_size)


def test_a_killed_holder_lets_go(tmp_path: Path) -> None:
    with holder(tmp_path):
        pass
    with FolderLock(tmp_path):
        assert (tmp_path / "g4f.lock").read_text() == f"{os.getpid()}\n"


def test_a_released_lock_can_be_taken_again_even_by_the_same_process(tmp_path: Path) -> None:
    first = FolderLock(tmp_path)
    first.acquire()
    with pytest.raises(ConfigError, match="Another g4f process"):
        FolderLock(tmp_path).acquire()
    first.release()
    with FolderLock(tmp_path):
        pass


@pytest.mark.parametrize("inside", ["", "data"])
def test_a_path_that_is_or_leads_through_a_file_is_refused(tmp_path: Path, inside: str) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    with pytest.raises(ConfigError, match=r"not a folder\. Set G4F_DATA_DIR"):
        FolderLock(file / inside).acquire()
    assert file.read_text() == "mine"


def test_a_lock_file_that_cannot_be_opened_is_explained(tmp_path: Path) -> None:
    (tmp_path / "g4f.lock").mkdir()
    with pytest.raises(ConfigError, match=r"g4f.lock cannot be opened: Is a directory"):
        FolderLock(tmp_path).acquire()


def test_a_folder_that_cannot_be_written_to_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "g4f.lock").write_text("7\n")
    tmp_path.chmod(0o555)
    program = "import sys, pathlib; from g4f.db.lock import FolderLock; FolderLock(pathlib.Path(sys.argv[1])).acquire()"
    result = subprocess.run([*BOUND, sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=False)
    assert re.search(r"ConfigError: The data folder .* cannot be written to\. .* G4F_DATA_DIR", result.stderr.splitlines()[-1])
    assert [path.name for path in tmp_path.iterdir()] == ["g4f.lock"]
    assert (tmp_path / "g4f.lock").read_text() == "7\n"
