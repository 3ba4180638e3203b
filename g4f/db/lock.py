"""The lock that keeps a second server, and migrations, off a SQLite data folder; the system lets go of it however the process ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import IO, Self

from g4f.errors import ConfigError

if sys.platform == "win32":
    import msvcrt

    def lock_file(file: IO[str], *, wait: bool) -> None:
        """Lock a file for this process; raises OSError when another holds it and we do not wait."""
        file.seek(1 << 30)  # past the text, which others may then still read
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def lock_file(file: IO[str], *, wait: bool) -> None:
        """Lock a file for this process; raises OSError when another holds it and we do not wait."""
        fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)


def open_lock(path: Path) -> IO[str]:
    """Open a lock file for reading and writing, made when missing, its text kept; raises ConfigError."""
    try:
        return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="ascii", errors="replace")
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be opened: {error.strerror}. Correct its permissions or set G4F_DATA_DIR to another folder."
        ) from None


def make_folder(folder: Path) -> None:
    """Make a folder for this user alone where there is none; raises ConfigError unless it can be written to."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        reason = "it is not a folder" if isinstance(error, FileExistsError | NotADirectoryError) else error.strerror
        raise ConfigError(f"The data folder {folder} cannot be made: {reason}. Set G4F_DATA_DIR to another folder.") from None
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise ConfigError(f"The data folder {folder} cannot be written to. Correct its permissions or set G4F_DATA_DIR to another folder.")


class FolderLock:
    """Hold a data folder for one process, from ``acquire`` until ``release`` or the end of the process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: IO[str] | None = None

    def acquire(self) -> None:
        """Take the lock and write our process id beside it; raises ConfigError, and has changed nothing, when it is taken."""
        make_folder(self._folder)
        file = open_lock(self._folder / "g4f.lock")
        try:
            lock_file(file, wait=False)
        except OSError:
            holder = file.read(20).strip() or "unknown"
            file.close()
            raise ConfigError(f"Another g4f process ({holder}) uses the data folder {self._folder}; stop it or set G4F_DATA_DIR.") from None
        file.seek(0)
        file.truncate()
        file.write(f"{os.getpid()}\n")
        file.flush()
        self._file = file

    def release(self) -> None:
        """Let go of the folder."""
        if self._file:
            self._file.close()
            self._file = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.release()
