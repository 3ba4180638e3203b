"""Uploads: all of a file or nothing, and within the quota."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from functools import partial
from uuid import UUID

import pytest

from g4f.db.objects import PIECE
from g4f.errors import (
    G4FError,
    MalformedRequestError,
    PayloadTooLargeError,
    StorageFullError,
    UnsupportedMediaTypeError,
)
from tests.proofs import counted, proof
from tests.uploading import PROGRAM, TEXT, Cut, Keeping, arriving


def nothing_is_left(kept: Keeping, owner_id: UUID) -> None:
    """Check that neither files nor bytes nor reservations remain."""
    used = kept.files.used(owner_id)
    assert (used.used, used.reserved, used.files) == (0, 0, 0)
    assert kept.files.buckets(owner_id) == []
    assert kept.blobs(owner_id) == []
    assert asyncio.run(kept.everything()) == []


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE])
@pytest.mark.parametrize("known", [True, False])
def test_a_file_of_any_length_comes_back_as_it_was(kept: Keeping, owner_id: UUID, size: int, known: bool) -> None:
    file = asyncio.run(kept.receive(owner_id, TEXT[:size], length=size if known else None))
    assert file.size == kept.files.used(owner_id).used == size
    assert asyncio.run(kept.content(owner_id, file.id)) == TEXT[:size]


@proof("uploads aborted", 20)
def test_an_aborted_upload_leaves_nothing_and_can_be_sent_again(kept: Keeping, owner_id: UUID) -> None:
    for number, cut in enumerate(counted([*range(0, len(TEXT), len(TEXT) // 18), len(TEXT)])):
        length = len(TEXT) if number % 2 else None
        with pytest.raises(Cut):
            asyncio.run(kept.uploads.receive(owner_id, "b", "a.txt", "", arriving(TEXT, cut=cut), length))
        nothing_is_left(kept, owner_id)
    assert asyncio.run(kept.receive(owner_id, TEXT)).name == "a.txt"


@proof("uploads cancelled", 20)
def test_a_cancelled_upload_leaves_nothing(kept: Keeping, owner_id: UUID) -> None:
    chance = random.Random(0)

    async def cancel(delay: float) -> bool:
        task = asyncio.create_task(kept.receive(owner_id, TEXT))
        await asyncio.sleep(delay)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        return task.cancelled()

    for _ in counted(range(20)):
        if asyncio.run(cancel(chance.uniform(0, 0.1))) and not kept.files.list(owner_id, "b"):
            nothing_is_left(kept, owner_id)
        else:
            kept.files.delete_bucket(owner_id, "b")
            asyncio.run(kept.cleaning.empty_trash(owner_id))
            asyncio.run(kept.cleaning.clean())


def test_half_an_upload_is_not_visible(kept: Keeping, owner_id: UUID) -> None:
    seen: list[object] = []

    async def looking() -> AsyncIterator[bytes]:
        async for chunk in arriving(TEXT):
            yield chunk
            seen.extend([*kept.files.buckets(owner_id), *kept.files.list(owner_id, "b")])
        assert kept.files.used(owner_id).reserved > 0

    asyncio.run(kept.uploads.receive(owner_id, "b", "a.txt", "", looking()))
    assert seen == []


def test_what_is_of_no_use_is_refused_after_its_first_bytes(kept: Keeping, owner_id: UUID) -> None:
    taken = 0

    async def program() -> AsyncIterator[bytes]:
        nonlocal taken
        for _ in range(100):
            taken += 1
            yield PROGRAM

    with pytest.raises(UnsupportedMediaTypeError, match=r"a\.txt"):
        asyncio.run(kept.uploads.receive(owner_id, "b", "a.txt", "", program()))
    assert taken == 1
    nothing_is_left(kept, owner_id)


@pytest.mark.parametrize(("more", "refusal"), [(-1, None), (0, None), (1, PayloadTooLargeError)])
@pytest.mark.parametrize("known", [True, False])
def test_a_file_is_as_long_as_the_limit_or_shorter(
    keep: Callable[..., Keeping], owner_id: UUID, more: int, refusal: type[G4FError] | None, known: bool
) -> None:
    kept, data = keep(upload_limit=1000), bytes(TEXT[: 1000 + more])
    send = partial(kept.receive, owner_id, data, length=len(data) if known else None)
    if refusal is None:
        assert asyncio.run(send()).size == len(data)
        return
    with pytest.raises(refusal):
        asyncio.run(send())
    nothing_is_left(kept, owner_id)


@pytest.mark.parametrize(("length", "refusal"), [(99, PayloadTooLargeError), (101, MalformedRequestError)])
def test_another_length_than_announced_is_refused(kept: Keeping, owner_id: UUID, length: int, refusal: type[G4FError]) -> None:
    with pytest.raises(refusal):
        asyncio.run(kept.receive(owner_id, TEXT[:100], length=length))
    nothing_is_left(kept, owner_id)


@pytest.mark.parametrize("known", [True, False])
def test_uploads_that_race_for_the_last_bytes_never_pass_the_quota(keep: Callable[..., Keeping], owner_id: UUID, known: bool) -> None:
    kept = keep(quota=PIECE + 10_000)

    async def race() -> list[object]:
        ones = (TEXT[number : number + PIECE // 3] for number in range(20))
        return [
            *await asyncio.gather(
                *(kept.receive(owner_id, one, length=len(one) if known else None) for one in ones), return_exceptions=True
            )
        ]

    outcomes = asyncio.run(race())
    refused = [outcome for outcome in outcomes if isinstance(outcome, StorageFullError)]
    assert len(refused) == 17
    used = kept.files.used(owner_id)
    assert (used.files, used.used, used.reserved) == (3, PIECE // 3 * 3, 0)
    assert len(kept.blobs(owner_id)) == 3


def test_the_quota_is_passed_amid_a_file_of_unknown_length_and_nothing_is_left(keep: Callable[..., Keeping], owner_id: UUID) -> None:
    kept = keep(quota=PIECE + 1)
    with pytest.raises(StorageFullError):
        asyncio.run(kept.receive(owner_id, TEXT))
    nothing_is_left(kept, owner_id)


def test_two_equal_files_at_once_share_their_bytes(kept: Keeping, owner_id: UUID) -> None:
    async def both() -> None:
        await asyncio.gather(kept.receive(owner_id, TEXT), kept.receive(owner_id, TEXT))

    asyncio.run(both())
    assert [file.name for file in kept.files.list(owner_id, "b")] == ["a.txt", "a_2.txt"]
    assert len(kept.blobs(owner_id)) == 1
    assert len(asyncio.run(kept.names(owner_id))) == 2
