"""What a process and its children use, from /proc (https://man7.org/linux/man-pages/man5/proc.5.html)."""

import os
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> list[int]:
    """Return `pid` and all its living descendants."""
    children = (child for task in Path(f"/proc/{pid}/task").glob("*/children") for child in _read(task).split())
    return [pid, *(descendant for child in children for descendant in tree(int(child)))]


def cpu_seconds(pid: int) -> float:
    """Return the user and system time of the tree under `pid`, children already waited for included. Its grain is a clock tick."""
    return sum(_ticks(member) for member in tree(pid)) / _TICK


def pss_bytes(pid: int) -> int:
    """Return the proportional set size of the tree under `pid`: pages shared by several processes count once."""
    return sum(_pss(member) for member in tree(pid))


def _ticks(pid: int) -> int:
    # The command's name, in brackets, may hold blanks: count from its end. utime, stime, cutime, cstime are fields 14 to 17.
    return sum(int(field) for field in _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()[11:15])


def _pss(pid: int) -> int:
    lines = _read(Path(f"/proc/{pid}/smaps_rollup")).splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError):  # it has just ended; its time is in its parent's
        return ""
