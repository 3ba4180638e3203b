"""Recordings: what is said in them is written down once by a server on a socket, and whatever fails, they stay recordings."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select

from g4f.config import Settings
from g4f.db.migration import upgrade
from g4f.db.models import Passage, now
from g4f.db.session import Database
from g4f.db.storage import Storage
from g4f.db.writer import Writer
from g4f.services.files import FileInfo
from g4f.services.readings import PAUSE_MS, TRIES
from g4f.services.speech import Speech
from tests.databases import database_url
from tests.servers.speech import AudioServer, tone
from tests.services.test_readings import Desk

SECONDS = 20


@pytest.fixture
def server() -> Iterator[AudioServer]:
    with AudioServer() as audio:
        yield audio


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    """A storage of its own: whoever reads takes every file that waits."""
    with closing(Database(database_url(tmp_path))) as database:
        upgrade(database)
        with closing(Writer(database)) as writer:
            yield Storage(database, writer)


@pytest.fixture
def desk(storage: Storage, tmp_path: Path, server: AudioServer) -> Desk:
    """The services that reading needs, with a server that writes down."""
    settings = Settings.load({"speech_servers": {"box": {"base_url": server.base_url, "transcription_model": "plain"}}}, {})
    return Desk(storage, tmp_path, Speech(settings).transcribe)


def heard(desk: Desk, owner_id: UUID, name: str = "talk.wav", data: bytes = b"") -> FileInfo:
    """Upload a recording and have it read."""

    async def read() -> FileInfo:
        (file,) = await desk.read(owner_id, await desk.add(owner_id, name, data or tone(0.1)))
        return file

    return asyncio.run(read())


def passages(desk: Desk, file_id: UUID) -> int:
    with desk.storage.read() as connection:
        return connection.scalar(select(func.count()).where(Passage.file_id == file_id)) or 0


async def until_asked(desk: Desk, server: AudioServer, file_id: UUID, times: int = 1) -> None:
    """Wait until the server was asked so often, and the file has changed hands in between."""
    async with asyncio.timeout(SECONDS):
        while len(server.calls) < times or desk.row(file_id).state != "reading":  # noqa: ASYNC110  the row is all that tells
            await asyncio.sleep(0.01)


def test_what_is_said_becomes_the_text_of_a_recording(desk: Desk, server: AudioServer, owner_id: UUID) -> None:
    server.said = "The turbine stands in Quillon."
    file = heard(desk, owner_id)
    assert (file.state, file.reason, file.media_type) == ("ready", None, "audio/wav")
    (found,) = desk.passages.search(owner_id, [file.id], "Where are turbines?")
    assert (found.text, found.page, found.name) == (server.said, None, "talk.wav")
    assert b'filename="talk.wav"' in server.calls[0].body


def test_a_video_is_listened_to_as_well(desk: Desk, server: AudioServer, owner_id: UUID) -> None:
    file = heard(desk, owner_id, "clip.webm", b"\x1aE\xdf\xa3" + bytes(500))
    assert (file.media_type, passages(desk, file.id)) == ("video/webm", 1)


def test_a_recording_in_which_nobody_speaks_is_ready_without_text(desk: Desk, server: AudioServer, owner_id: UUID) -> None:
    server.said = ""
    file = heard(desk, owner_id)
    assert (file.state, file.reason, passages(desk, file.id)) == ("ready", None, 0)


def test_without_a_server_a_recording_is_ready_at_once(tmp_path: Path, desk: Desk, server: AudioServer, owner_id: UUID) -> None:
    deaf = Desk(desk.storage, tmp_path)
    assert deaf.row(asyncio.run(deaf.add(owner_id, "talk.wav", tone(0.1)))).state == "ready"
    assert server.calls == []


def test_a_recording_that_waits_is_ready_when_the_server_was_taken_out(tmp_path: Path, desk: Desk, owner_id: UUID) -> None:
    file_id = asyncio.run(desk.add(owner_id, "talk.wav", tone(0.1)))
    (file,) = asyncio.run(Desk(desk.storage, tmp_path).read(owner_id, file_id))
    assert (file.state, passages(desk, file_id)) == ("ready", 0)


def test_trouble_that_stays_is_said_and_the_recording_is_kept(desk: Desk, server: AudioServer, owner_id: UUID) -> None:
    server.trouble = "fail-400"
    file = heard(desk, owner_id)
    assert (file.state, desk.row(file.id).tries) == ("ready", 1)
    assert str(file.reason).startswith("What is said was not written down: ")
    assert "400" in str(file.reason)


def test_after_trouble_that_may_pass_it_is_tried_again(desk: Desk, server: AudioServer, owner_id: UUID) -> None:
    async def read() -> FileInfo:
        server.trouble = "fail-503"
        file_id = await desk.add(owner_id, "talk.wav", tone(0.1))
        readings = desk.readings()
        readings.wake()
        async with asyncio.timeout(SECONDS):
            while not desk.row(file_id).reason:  # noqa: ASYNC110  the row is all that tells
                await asyncio.sleep(0.01)
        row = desk.row(file_id)
        assert (row.state, row.lease_until > now() + PAUSE_MS - 10_000) == ("reading", True)
        server.trouble = ""
        desk.change(file_id, lease_until=now() - 1)
        (file,) = await readings.wait(owner_id, [file_id], SECONDS)
        await readings.stop()
        return file

    file = asyncio.run(read())
    assert (file.state, file.reason, passages(desk, file.id)) == ("ready", None, 1)


@pytest.mark.parametrize(("tries", "words"), [(TRIES - 1, "503"), (TRIES, "time and again")])
def test_trouble_without_end_is_given_up(desk: Desk, server: AudioServer, owner_id: UUID, tries: int, words: str) -> None:
    async def read() -> FileInfo:
        server.trouble = "fail-503"
        file_id = await desk.add(owner_id, "talk.wav", tone(0.1))
        desk.change(file_id, tries=tries)
        (file,) = await desk.read(owner_id, file_id)
        return file

    file = asyncio.run(read())
    assert file.state == "ready"
    assert words in str(file.reason)


def test_the_lease_is_renewed_while_the_server_listens(desk: Desk, server: AudioServer, owner_id: UUID) -> None:
    async def read() -> None:
        server.trouble = "hang"
        file_id, readings = await desk.add(owner_id, "talk.wav", tone(0.1)), desk.readings()
        readings.renew_seconds = 0.05
        readings.wake()
        await until_asked(desk, server, file_id)
        leases = {desk.row(file_id).lease_until}
        async with asyncio.timeout(SECONDS):
            while len(leases) < 4:
                await asyncio.sleep(0.01)
                leases.add(desk.row(file_id).lease_until)
        await readings.stop()

    asyncio.run(read())
    assert len(server.calls) == 1


def test_who_lost_the_lease_ends_the_call_and_writes_nothing(desk: Desk, server: AudioServer, owner_id: UUID) -> None:
    async def read() -> UUID:
        server.trouble = "hang"
        file_id, slow = await desk.add(owner_id, "talk.wav", tone(0.1)), desk.readings()
        slow.renew_seconds = 0.05
        slow.wake()
        await until_asked(desk, server, file_id)
        desk.change(file_id, lease_until=now() + 1_000_000)  # somebody else has it
        await asyncio.to_thread(server.calls[0].wait, SECONDS)
        await slow.stop()
        return file_id

    file_id = asyncio.run(read())
    assert server.calls[0].aborted_at is not None
    assert (desk.row(file_id).state, passages(desk, file_id)) == ("reading", 0)


def test_what_a_process_that_is_gone_began_is_written_down_once(desk: Desk, server: AudioServer, owner_id: UUID) -> None:
    async def read() -> UUID:
        file_id = await desk.add(owner_id, "talk.wav", tone(0.1))
        desk.change(file_id, state="reading", lease_until=now() - 1, tries=1)
        await desk.read(owner_id, file_id, processes=3)
        return file_id

    file_id = asyncio.run(read())
    assert (desk.row(file_id).tries, passages(desk, file_id), len(server.calls)) == (2, 1, 1)
