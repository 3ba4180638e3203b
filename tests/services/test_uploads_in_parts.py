"""Uploads in parts: they go on from where they were cut, and become a file once."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from uuid import UUID

import pytest
from hypothesis import given, strategies as st
from sqlalchemy import update
from uuid_utils.compat import uuid7

from g4f.db.models import Blob, Upload, now
from g4f.db.objects import PIECE
from g4f.errors import ConflictError, NotFoundError, PayloadTooLargeError, UnsupportedMediaTypeError
from g4f.services.uploads import Progress
from tests.db.factories import id_of, owner
from tests.proofs import proof
from tests.uploading import FUTURE, PROGRAM, TEXT, Cut, Keeping, arriving


async def send(kept: Keeping, owner_id: UUID, data: bytes, cuts: list[int], name: str = "a.txt") -> Progress:
    """Send a file in parts that end at these bytes."""
    progress = await kept.uploads.begin(owner_id, "b", name, "", len(data))
    for end in [*sorted(cuts), len(data)]:
        with suppress(Cut):
            await kept.uploads.append(owner_id, progress.id, progress.received, arriving(data[progress.received : end], 999_983, cut=end))
        progress = await kept.uploads.status(owner_id, progress.id)
        assert progress.received == end, "what came before the cut is kept"
    return progress


@proof("uploads in parts that were cut anywhere", 15, 300)
@given(cuts=st.lists(st.integers(0, len(TEXT)) | st.sampled_from([PIECE - 1, PIECE, PIECE + 1, len(TEXT) - 1]), max_size=6))
def test_an_upload_goes_on_from_where_it_was_cut(kept: Keeping, cuts: list[int]) -> None:
    row = owner(str(uuid7()))
    kept.storage.writer.submit([row]).result(10)
    progress = asyncio.run(send(kept, id_of(row), TEXT, cuts))
    assert progress.file is not None
    assert progress.file.id == progress.id
    assert asyncio.run(kept.content(id_of(row), progress.id)) == TEXT
    assert len(asyncio.run(kept.names(id_of(row)))) == 2, "no part is left beside the pieces"


def test_an_upload_is_counted_from_its_beginning_and_seen_at_its_end(kept: Keeping, owner_id: UUID) -> None:
    progress = asyncio.run(kept.uploads.begin(owner_id, "b", "a.txt", "", 1000))
    assert kept.files.used(owner_id).reserved == 1000
    asyncio.run(kept.uploads.append(owner_id, progress.id, 0, arriving(TEXT[:999])))
    assert kept.files.list(owner_id, "b") == []
    asyncio.run(kept.uploads.append(owner_id, progress.id, 999, arriving(TEXT[999:1000])))
    assert [file.id for file in kept.files.list(owner_id, "b")] == [progress.id]


@pytest.mark.parametrize("offset", [0, 9, 11, 10**15])
def test_another_byte_than_the_next_is_refused(kept: Keeping, owner_id: UUID, offset: int) -> None:
    progress = asyncio.run(kept.uploads.begin(owner_id, "b", "a.txt", "", 1000))
    asyncio.run(kept.uploads.append(owner_id, progress.id, 0, arriving(TEXT[:10])))
    with pytest.raises(ConflictError):
        asyncio.run(kept.uploads.append(owner_id, progress.id, offset, arriving(TEXT[:5])))
    assert asyncio.run(kept.uploads.status(owner_id, progress.id)).received == 10


def test_more_bytes_than_announced_are_refused(kept: Keeping, owner_id: UUID) -> None:
    progress = asyncio.run(kept.uploads.begin(owner_id, "b", "a.txt", "", 1000))
    with pytest.raises(PayloadTooLargeError):
        asyncio.run(kept.uploads.append(owner_id, progress.id, 0, arriving(TEXT[:1001], 600)))
    assert asyncio.run(kept.uploads.status(owner_id, progress.id)).received == 600


def test_two_requests_for_the_same_bytes_count_once(kept: Keeping, owner_id: UUID) -> None:
    async def both() -> list[object]:
        progress = await kept.uploads.begin(owner_id, "b", "a.txt", "", len(TEXT))
        same = (kept.uploads.append(owner_id, progress.id, 0, arriving(TEXT)) for _ in range(2))
        return [*await asyncio.gather(*same, return_exceptions=True)]

    outcomes = asyncio.run(both())
    assert all(isinstance(outcome, Progress | ConflictError) for outcome in outcomes), outcomes
    [file] = kept.files.list(owner_id, "b")
    assert asyncio.run(kept.content(owner_id, file.id)) == TEXT


def test_the_last_part_may_be_sent_again_when_its_answer_was_lost(kept: Keeping, owner_id: UUID) -> None:
    done = asyncio.run(send(kept, owner_id, TEXT[:1000], []))
    assert asyncio.run(kept.uploads.append(owner_id, done.id, 1000, arriving(b""))) == done
    assert asyncio.run(kept.uploads.status(owner_id, done.id)) == done
    assert len(kept.files.list(owner_id, "b")) == 1


def test_a_program_in_parts_ends_its_upload(kept: Keeping, owner_id: UUID) -> None:
    progress = asyncio.run(kept.uploads.begin(owner_id, "b", "a.txt", "", 2 * len(PROGRAM)))
    with pytest.raises(UnsupportedMediaTypeError):
        asyncio.run(kept.uploads.append(owner_id, progress.id, 0, arriving(PROGRAM)))
    with pytest.raises(NotFoundError):
        asyncio.run(kept.uploads.status(owner_id, progress.id))
    assert kept.blobs(owner_id) == []


def test_a_program_in_parts_too_small_to_tell_is_refused_at_the_end(kept: Keeping, owner_id: UUID) -> None:
    progress = asyncio.run(kept.uploads.begin(owner_id, "b", "a.txt", "", len(PROGRAM)))
    asyncio.run(kept.uploads.append(owner_id, progress.id, 0, arriving(PROGRAM[:100])))
    with pytest.raises(UnsupportedMediaTypeError):
        asyncio.run(kept.uploads.append(owner_id, progress.id, 100, arriving(PROGRAM[100:])))
    assert kept.blobs(owner_id) == []
    assert kept.files.list(owner_id, "b") == []


def test_a_cancelled_upload_in_parts_frees_its_room(kept: Keeping, owner_id: UUID, other_id: UUID) -> None:
    progress = asyncio.run(kept.uploads.begin(owner_id, "b", "a.txt", "", 1000))
    asyncio.run(kept.uploads.append(owner_id, progress.id, 0, arriving(TEXT[:10])))
    with pytest.raises(NotFoundError):
        asyncio.run(kept.uploads.cancel(other_id, progress.id))
    asyncio.run(kept.uploads.cancel(owner_id, progress.id))
    for again in (kept.uploads.cancel, kept.uploads.status):
        with pytest.raises(NotFoundError):
            asyncio.run(again(owner_id, progress.id))
    assert kept.files.used(owner_id).reserved == 0
    assert asyncio.run(kept.names(owner_id)) == set()


def test_an_upload_that_did_not_go_on_is_dropped(kept: Keeping, owner_id: UUID) -> None:
    progress = asyncio.run(kept.uploads.begin(owner_id, "b", "a.txt", "", 1000))
    asyncio.run(kept.uploads.append(owner_id, progress.id, 0, arriving(TEXT[:10])))
    late = update(Blob).where(Blob.id == progress.id).values(expires_at=now() - 1)
    kept.storage.write(lambda connection: connection.execute(late))
    with pytest.raises(NotFoundError):
        asyncio.run(kept.uploads.append(owner_id, progress.id, 10, arriving(TEXT[10:20])))
    assert asyncio.run(kept.cleaning.report()).uploads == 1
    asyncio.run(kept.cleaning.clean())
    assert kept.blobs(owner_id) == []
    assert asyncio.run(kept.names(owner_id)) == set()


def test_all_who_ask_for_an_upload_that_becomes_a_file_are_told_of_it(kept: Keeping, owner_id: UUID) -> None:
    asyncio.run(kept.receive(owner_id, TEXT))
    progress = asyncio.run(kept.uploads.begin(owner_id, "b", "a.txt", "", len(TEXT)))
    for number in range(2):
        asyncio.run(kept.objects.put(progress.id, number, TEXT[number * PIECE : (number + 1) * PIECE]))
    whole = update(Upload).where(Upload.id == progress.id).values(received=len(TEXT))
    kept.storage.write(lambda connection: connection.execute(whole))

    async def later(seconds: float) -> Progress:
        await asyncio.sleep(seconds)
        return await kept.uploads.status(owner_id, progress.id)

    async def ask() -> list[Progress]:
        return await asyncio.gather(*(later(number / 500) for number in range(20)))

    assert {told.file and told.file.size for told in asyncio.run(ask())} == {len(TEXT)}


def test_an_upload_that_has_all_its_bytes_becomes_a_file_though_nobody_asks(kept: Keeping, owner_id: UUID) -> None:
    progress = asyncio.run(kept.uploads.begin(owner_id, "b", "a.txt", "", 1000))
    asyncio.run(kept.uploads.append(owner_id, progress.id, 0, arriving(TEXT[:999])))
    asyncio.run(kept.objects.put(progress.id, 0, TEXT[:1000]))
    whole = update(Upload).where(Upload.id == progress.id).values(received=1000)
    kept.storage.write(lambda connection: connection.execute(whole))
    asyncio.run(kept.uploads.complete_all())
    assert asyncio.run(kept.content(owner_id, progress.id)) == TEXT[:1000]
    asyncio.run(kept.cleaning.clean(FUTURE))
    assert len(asyncio.run(kept.names(owner_id))) == 1, "the part that was begun before is nobody's"
