"""The child: whatever it does, the server says why the file cannot be read, and nothing is left behind."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import time
from contextlib import aclosing, suppress
from pathlib import Path

import psutil
import pytest

from g4f.errors import UnreadableError
from g4f.reading.pieces import Limits, Picture, Piece, Progress, Section
from g4f.reading.readers import Readers
from tests.reading.asking import outcome, pieces_of, sections_of, text_of
from tests.reading.documents import RUSSIAN, image, pdf

SHORT = Limits(cpu=1, wall=3)


def children() -> list[psutil.Process]:
    """Return the programs of this process, but for one that counts tokens for another test."""
    found = []
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):  # it has just ended
            found += [] if "g4f.tokens" in child.cmdline() else [child]
    return found


def doing(deed: str, target: object = "") -> tuple[str, ...]:
    """Return the program whose reader does a deed."""
    return (sys.executable, "-I", "-B", str(Path(__file__).with_name("misbehaving.py")), deed, str(target))


@pytest.mark.parametrize(
    ("deed", "reason"),
    [
        ("crash", "crashed"), ("abort", "crashed"), ("leave", "crashed"), ("killed", "memory"), ("loop", "slow"), ("sleep", "slow"),
        ("allocate", "memory"), ("hoard", "memory"), ("spawn", "broken"), ("connect", "broken"), ("write", "broken"),
    ],
)  # fmt: skip
def test_a_misbehaving_child_ends_with_its_reason_and_harms_nothing(tmp_path: Path, deed: str, reason: str) -> None:
    path, target = tmp_path / "a.txt", tmp_path / "written"
    limits = SHORT if reason == "slow" else Limits()
    assert outcome(path, b"text", limits, doing(deed, 9 if deed == "connect" else target)) == reason
    assert (children(), target.exists()) == ([], False)
    assert text_of(path, RUSSIAN.encode()) == RUSSIAN


def test_a_reader_cannot_write_a_byte_even_past_python(tmp_path: Path) -> None:
    pieces = pieces_of(tmp_path / "a.txt", b"text", program=doing("grow", tmp_path / "written"))
    assert pieces[-1] == Section("write gave -1")


def test_a_reader_reaches_no_listener_even_past_python(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        pieces = pieces_of(tmp_path / "a.txt", b"text", program=doing("reach", listener.getsockname()[1]))
    assert pieces[-1] == Section("connect gave -1")


def test_what_a_library_prints_is_no_part_of_the_answer(tmp_path: Path) -> None:
    assert pieces_of(tmp_path / "a.txt", b"text", program=doing("noise")) == [Progress(1, 2), Section("quiet text")]


def test_the_child_is_told_nothing_of_the_servers_environment(tmp_path: Path) -> None:
    os.environ["G4F_TEST_SECRET"] = "secret"
    try:
        pieces = pieces_of(tmp_path / "a.txt", b"text", program=doing("environment"))
    finally:
        del os.environ["G4F_TEST_SECRET"]
    assert isinstance(pieces[-1], Section)
    assert set(pieces[-1].text.split()) <= {"LC_CTYPE", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT"}


@pytest.mark.parametrize("bytes_kept", [len(RUSSIAN.encode()) - 1, len(RUSSIAN.encode()), len(RUSSIAN.encode()) + 1])
def test_text_is_taken_up_to_its_limit_exactly(tmp_path: Path, bytes_kept: int) -> None:
    expected = "read" if bytes_kept >= len(RUSSIAN.encode()) else "long"
    assert outcome(tmp_path / "a.txt", RUSSIAN.encode(), Limits(text=bytes_kept)) == expected


def test_a_long_text_comes_in_pieces_that_joined_are_the_text(tmp_path: Path) -> None:
    text = "".join(f"строка {number}\n" for number in range(30_000)) + "\x01" * 100_000
    sections = sections_of(tmp_path / "a.txt", text.encode())
    assert len(sections) > 2
    assert "".join(section.text for section in sections) == text


def test_a_stopped_reader_leaves_no_child(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"text")
    readers = Readers(program=doing("sleep"))

    async def begin_and_cancel() -> None:
        pieces = readers.read(tmp_path / "a.txt", "a.txt")
        assert await anext(pieces) == Progress(1, 2)
        waiting = asyncio.ensure_future(anext(pieces))
        await asyncio.sleep(0.1)
        waiting.cancel()
        await asyncio.wait([waiting])
        assert children() == []

    asyncio.run(begin_and_cancel())


def test_a_reader_closed_between_two_pieces_leaves_no_child(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf(["page " * 500] * 300))

    async def read_two() -> None:
        async with aclosing(Readers().read(tmp_path / "a.pdf", "a.pdf")) as pieces:
            assert await anext(pieces) == Progress(1, 300)
            assert len(children()) == 1
        assert children() == []

    asyncio.run(read_two())


def test_the_callers_own_time_is_not_the_files(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf(["page " * 500] * 100))

    async def dawdle() -> int:
        count = 0
        async for _ in Readers(Limits(wall=2)).read(tmp_path / "a.pdf", "a.pdf"):
            await asyncio.sleep(0.015)
            count += 1
        return count

    assert asyncio.run(dawdle()) == 200


def test_two_files_at_most_are_read_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"text")
    readers, most = Readers(Limits(wall=0.7), program=doing("sleep")), 0

    async def read() -> None:
        with pytest.raises(UnreadableError):
            [piece async for piece in readers.read(tmp_path / "a.txt", "a.txt")]

    async def count() -> None:
        nonlocal most
        while True:
            most = max(most, len(children()))
            await asyncio.sleep(0.02)

    async def all_of_them() -> None:
        counting = asyncio.ensure_future(count())
        await asyncio.gather(*(read() for _ in range(5)))
        counting.cancel()

    asyncio.run(all_of_them())
    assert most == 2


def test_a_child_dies_with_its_server(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"text")
    script = f"""
import asyncio
from pathlib import Path
from g4f.reading.readers import Readers
async def main():
    async for piece in Readers(program={doing("sleep")!r}).read(Path({str(tmp_path / "a.txt")!r}), "a.txt"):
        print("begun", flush=True)
asyncio.run(main())
"""
    with psutil.Popen([sys.executable, "-c", script], stdout=-1) as server:
        assert server.stdout.readline() == b"begun\n"
        (child,) = server.children()
        server.kill()
        server.wait()
    deadline = time.monotonic() + 10
    while child.is_running() and child.status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


@pytest.mark.parametrize(("name", "data"), [("a.mp3", b"ID3\x04" + bytes(100)), ("a.mp4", b"\0\0\0\x18ftypmp42" + bytes(100))])
def test_sound_and_video_hold_nothing_to_read(tmp_path: Path, name: str, data: bytes) -> None:
    assert pieces_of(tmp_path / name, data) == []


def test_random_bytes_are_not_read(tmp_path: Path) -> None:
    assert outcome(tmp_path / "a.bin", bytes(range(256)) * 20) == "unsupported"


def test_a_picture_has_no_text(tmp_path: Path) -> None:
    pieces: list[Piece] = pieces_of(tmp_path / "a.png", image())
    assert [type(piece) for piece in pieces] == [Picture]
