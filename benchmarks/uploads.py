"""What a large file costs the server: its memory while the file comes in and goes out, and how fast it does.

`python -m benchmarks.uploads 1024` sends 1024 MiB whole, then cut and resumed, and reads them back; no two files are equal.
"""

from __future__ import annotations

import http.client
import json
import random
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Self

from benchmarks import servers

MIB = 1024 * 1024
V2 = "/backend-api/v2"
TUS = {"Tus-Resumable": "1.0.0"}
CUTS = 20
"""How often the second file is cut."""


def main() -> None:
    """Print a line for each way in, and for the way out."""
    size = int(sys.argv[1] if len(sys.argv) > 1 else 1024) * MIB
    with servers.g4f(9, ("none",), servers.G4F) as target, closing(http.client.HTTPConnection("127.0.0.1", target.port)) as connection:
        ask(connection, "PUT", f"{V2}/files/b/a.txt", {"Content-Type": "text/plain"}, [b"The store is loaded."])
        print(f"{size // MIB} MiB{'':16}MB/s{'':4}memory, growth (MiB)")
        with measured("in, whole", size, target.pid):
            headers = {"Content-Type": "audio/mpeg", "Content-Length": str(size)}
            answer = ask(connection, "PUT", f"{V2}/files/b/a.mp3", headers, blocks(0, size))
        with measured(f"in, cut {CUTS} times", size, target.pid):
            send_cut(connection, size)
        with measured("out", size, target.pid):
            connection.request("GET", f"{V2}/file/{json.loads(answer)['file']['id']}/content")
            response = connection.getresponse()
            while response.read(MIB):
                pass


class Memory:
    """Watch a process's memory as long as the ``with`` block lasts: ``before`` it, and ``growth`` at most, in MiB."""

    def __init__(self, pid: int) -> None:
        self._pid, self._ended = pid, threading.Event()
        self._watcher = threading.Thread(target=self._watch)
        self.before = self._peak = resident(pid)

    def __enter__(self) -> Self:
        self._watcher.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._ended.set()
        self._watcher.join()

    @property
    def growth(self) -> float:
        """Return by how much it was larger at most."""
        return self._peak - self.before

    def _watch(self) -> None:
        while not self._ended.wait(0.01):
            self._peak = max(self._peak, resident(self._pid))


@contextmanager
def measured(name: str, size: int, pid: int) -> Iterator[None]:
    """Print how fast so many bytes went, and how much memory the server took for it at most."""
    with Memory(pid) as memory:
        began = time.monotonic()
        yield
        seconds = time.monotonic() - began
    print(f"{name:<24}{size / 1e6 / seconds:6.0f}{memory.before:10.1f}{memory.growth:+8.1f}", flush=True)


def send_cut(connection: http.client.HTTPConnection, size: int) -> None:
    """Send a file as a tus client does whose connection is cut time and again."""
    told = {"Upload-Length": str(size), "Upload-Metadata": "filename Yi5tcDM=,bucket_id Yg=="}
    connection.request("POST", f"{V2}/uploads", headers=TUS | told)
    answer = connection.getresponse()
    place = answer.headers["Location"]
    answer.read()
    step = -(-size // (CUTS + 1) // MIB) * MIB
    for start in range(0, size, step):
        part = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": str(start), "Content-Length": str(size - start)}
        connection.request("PATCH", place, blocks(start, min(start + step, size), b"b"), TUS | part)
        connection.close()
        wait_for(connection, place, min(start + step, size))


def wait_for(connection: http.client.HTTPConnection, place: str, offset: int) -> None:
    """Wait until an upload has come so far."""
    deadline, reached = time.monotonic() + 60, -1
    while reached != offset:
        assert time.monotonic() < deadline, f"{reached} instead of {offset}"
        connection.request("HEAD", place, headers=TUS)
        answer = connection.getresponse()
        reached = int(answer.headers["Upload-Offset"])
        answer.read()


def blocks(start: int, end: int, mark: bytes = b"a") -> Iterator[bytes]:
    """Yield the bytes of a file between two places, that are multiples of a MiB; each MiB differs."""
    noise = random.Random(0).randbytes(MIB)
    for at in range(start, end, MIB):
        yield (b"ID3\x03" + mark + at.to_bytes(8, "big") + noise)[:MIB]


def ask(
    connection: http.client.HTTPConnection, method: str, path: str, headers: Mapping[str, str], body: Iterator[bytes] | list[bytes]
) -> bytes:
    """Send a request and return the body of its answer."""
    connection.request(method, path, body, dict(headers))
    answer = connection.getresponse()
    data = answer.read()
    assert answer.status < 300, data
    return data


def resident(pid: int) -> float:
    """Return a process's memory in MiB."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as statm:  # noqa: PTH123 - Path would cost as much as what is watched
        return int(statm.read().split()[1]) * 4096 / MIB


if __name__ == "__main__":
    main()
