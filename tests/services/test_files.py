"""Files: buckets, names, the trash, the quota, and how many references the bytes have."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, strategies as st
from sqlalchemy import update
from uuid_utils.compat import uuid7

from g4f.db.models import File, now
from g4f.db.storage import Storage
from g4f.errors import NotFoundError
from g4f.services.cleaning import DAY
from g4f.services.file_names import MAX_BYTES, safe_name, unique_name
from tests.names import HOSTILE
from tests.proofs import FULL, SEED, counted, proof
from tests.uploading import FUTURE, Keeping, arriving, keeping


@pytest.mark.parametrize(("name", "shown"), HOSTILE.items())
def test_a_hostile_name_becomes_a_plain_one(name: str, shown: str) -> None:
    assert safe_name(name) == shown


@given(st.text(), st.sampled_from(["", "image/png", "text/html; charset=x"]))
def test_any_name_becomes_one_of_a_few_letters_and_a_hundred_bytes(name: str, media_type: str) -> None:
    made = safe_name(name, media_type)
    assert 0 < len(made.encode()) <= MAX_BYTES
    assert all(letter.isalnum() or letter in "_.,+-" for letter in made)
    assert made[0] not in ".-"


@given(st.text(max_size=200), st.integers(1, 120))
def test_a_taken_name_gets_a_number_and_keeps_its_ending(name: str, count: int) -> None:
    taken: set[str] = set()
    for _ in range(count):
        taken.add(made := unique_name(safe_name(f"{name}.txt"), taken))
        assert made.endswith(".txt") or made == "txt" or made.startswith("txt_")
        assert len(made.encode()) <= MAX_BYTES
    assert len(taken) == count


@pytest.mark.parametrize(
    ("media_type", "name"), [("image/png", "file.png"), ("audio/webm;codecs=opus", "file.webm"), ("text/html", "file")]
)
def test_what_a_browser_recorded_is_named_after_its_type(media_type: str, name: str) -> None:
    assert safe_name("blob", media_type) == safe_name("", media_type) == name


def test_a_long_name_keeps_its_ending() -> None:
    assert safe_name(f"{'я' * 200}.txt") == f"{'я' * 48}.txt"


def test_files_are_listed_in_their_bucket_and_found_by_name(kept: Keeping, owner_id: UUID) -> None:
    first, second = (asyncio.run(kept.receive(owner_id, data)) for data in (b"one", b"two"))
    assert [file.name for file in kept.files.list(owner_id, "b")] == ["a.txt", "a_2.txt"]
    assert kept.files.find(owner_id, "b", "a_2.txt") == second == kept.files.get(owner_id, second.id)
    assert kept.files.get(owner_id, first.id).bucket == "b"
    assert kept.files.list(owner_id, "other") == []


def test_a_name_of_another_bucket_is_free(kept: Keeping, owner_id: UUID) -> None:
    files = [asyncio.run(kept.receive(owner_id, b"x", bucket=bucket)) for bucket in ("one", "two")]
    assert [file.name for file in files] == ["a.txt", "a.txt"]
    assert {bucket.name for bucket in kept.files.buckets(owner_id)} == {"one", "two"}


def test_somebody_elses_file_does_not_exist(kept: Keeping, owner_id: UUID, other_id: UUID) -> None:
    file = asyncio.run(kept.receive(owner_id, b"x"))
    for ask in (kept.files.get, kept.files.open, kept.files.delete, kept.files.restore):
        with pytest.raises(NotFoundError):
            ask(other_id, file.id)
    with pytest.raises(NotFoundError):
        kept.files.delete_bucket(other_id, "b")
    assert kept.files.list(other_id, "b") == []


@pytest.mark.parametrize(
    ("start", "end"), [(0, 6_000_000), (0, 1), (5_999_999, 6_000_000), (4_194_303, 4_194_305), (4_194_304, 4_194_304), (1, 9**9)]
)
def test_any_range_of_a_file_can_be_read(kept: Keeping, owner_id: UUID, start: int, end: int) -> None:
    data = random.Random(0).randbytes(3_000_000).hex().encode()
    file = asyncio.run(kept.receive(owner_id, data))

    async def read() -> bytes:
        return b"".join([part async for part in kept.files.open(owner_id, file.id).read(start, end)])

    assert asyncio.run(read()) == data[start:end]


def test_a_deleted_file_is_gone_until_it_is_restored(kept: Keeping, owner_id: UUID) -> None:
    file = asyncio.run(kept.receive(owner_id, b"x"))
    for _ in range(2):
        kept.files.delete(owner_id, file.id)
    assert kept.files.list(owner_id, "b") == []
    for ask in (kept.files.get, kept.files.open):
        with pytest.raises(NotFoundError):
            ask(owner_id, file.id)
    assert kept.files.restore(owner_id, file.id) == file
    assert asyncio.run(kept.content(owner_id, file.id)) == b"x"


def test_a_restored_file_comes_back_under_a_free_name(kept: Keeping, owner_id: UUID) -> None:
    first = asyncio.run(kept.receive(owner_id, b"one"))
    kept.files.delete(owner_id, first.id)
    asyncio.run(kept.receive(owner_id, b"two"))
    assert kept.files.restore(owner_id, first.id).name == "a_2.txt"
    assert kept.files.restore(owner_id, first.id).name == "a_2.txt", "restoring again changes nothing"


def test_a_deleted_bucket_leaves_its_name_free_and_its_files_come_back_there(kept: Keeping, owner_id: UUID) -> None:
    old = asyncio.run(kept.receive(owner_id, b"old"))
    kept.files.delete_bucket(owner_id, "b")
    with pytest.raises(NotFoundError):
        kept.files.bucket(owner_id, "b")
    asyncio.run(kept.receive(owner_id, b"new", "n.txt"))
    kept.files.restore(owner_id, old.id)
    assert {file.name for file in kept.files.list(owner_id, "b")} == {"n.txt", "a.txt"}
    assert kept.files.bucket(owner_id, "b").size == 6


def test_equal_files_take_room_once(kept: Keeping, owner_id: UUID, other_id: UUID) -> None:
    for owner in (owner_id, owner_id, other_id):
        asyncio.run(kept.receive(owner, b"same bytes"))
    used = kept.files.used(owner_id)
    assert (used.used, used.files, used.reserved, used.trash) == (10, 2, 0, 0)
    assert len(kept.blobs(owner_id)) == len(asyncio.run(kept.names(owner_id))) == 1
    assert len(kept.blobs(other_id)) == 1


def test_a_file_in_the_trash_takes_room_until_the_trash_is_emptied(kept: Keeping, owner_id: UUID) -> None:
    first, second = (asyncio.run(kept.receive(owner_id, data)) for data in (b"12345", b"123"))
    kept.files.delete(owner_id, first.id)
    assert (kept.files.used(owner_id).used, kept.files.used(owner_id).trash) == (8, 5)
    asyncio.run(kept.cleaning.empty_trash(owner_id))
    assert (kept.files.used(owner_id).used, kept.files.used(owner_id).trash) == (3, 0)
    assert asyncio.run(kept.content(owner_id, second.id)) == b"123"
    with pytest.raises(NotFoundError):
        kept.files.restore(owner_id, first.id)


def test_generated_media_is_in_no_bucket_and_counts(kept: Keeping, owner_id: UUID) -> None:
    file = asyncio.run(kept.uploads.keep(owner_id, "a cat.png", "image/png", arriving(b"\x89PNG")))
    assert (file.bucket, file.name, file.state) == (None, "a_cat.png", "ready")
    assert kept.files.find(owner_id, None, "a_cat.png") == file
    assert kept.files.used(owner_id).used == 4


def test_a_thumbnail_is_read_beside_its_file_and_goes_with_it(kept: Keeping, owner_id: UUID) -> None:
    file = asyncio.run(kept.receive(owner_id, b"picture"))
    with pytest.raises(NotFoundError):
        kept.files.open(owner_id, file.id, thumbnail=True)
    for small in (b"small", b"smaller"):
        asyncio.run(kept.uploads.keep_thumbnail(owner_id, file.id, arriving(small)))
    assert kept.files.open(owner_id, file.id, thumbnail=True).size == 7
    kept.files.delete(owner_id, file.id)
    asyncio.run(kept.cleaning.empty_trash(owner_id))
    assert kept.blobs(owner_id) == []


def aged(kept: Keeping, file_id: UUID, days: float) -> None:
    kept.storage.write(
        lambda connection: connection.execute(update(File).where(File.id == file_id).values(deleted_at=now() - int(days * DAY)))
    )


@pytest.mark.parametrize(("days", "there"), [(29.9, True), (30.1, False)])
def test_the_trash_is_kept_for_thirty_days(kept: Keeping, owner_id: UUID, days: float, there: bool) -> None:
    file = asyncio.run(kept.receive(owner_id, b"x"))
    kept.files.delete(owner_id, file.id)
    aged(kept, file.id, days)
    told = asyncio.run(kept.cleaning.report())
    assert kept.blobs(owner_id), "a report changes nothing"
    assert asyncio.run(kept.cleaning.clean()) == told
    assert bool(kept.blobs(owner_id)) == bool(asyncio.run(kept.names(owner_id))) == there


def test_the_folder_holds_bytes_unless_a_bucket_is_named(kept: Keeping, owner_id: UUID, tmp_path: Path) -> None:
    asyncio.run(kept.receive(owner_id, b"x"))
    in_folder = any(path.is_file() for path in (tmp_path / "blobs").rglob("*"))
    assert in_folder != bool(kept.settings.s3_bucket)


def test_an_object_that_is_nobodys_goes_when_it_is_old(kept: Keeping, owner_id: UUID) -> None:
    file = asyncio.run(kept.receive(owner_id, b"x"))
    [blob_id] = kept.blobs(owner_id)
    for stray in (uuid7(), blob_id):
        asyncio.run(kept.objects.put(stray, 0, b"stray"))
    assert asyncio.run(kept.cleaning.clean()).objects == 0, "they are young"
    assert asyncio.run(kept.cleaning.report(FUTURE)).object_bytes == 10
    assert asyncio.run(kept.cleaning.clean(FUTURE)).objects == 2
    assert len(asyncio.run(kept.everything())) == 1
    assert asyncio.run(kept.content(owner_id, file.id)) == b"x"


def test_what_a_killed_process_left_of_a_piece_goes(storage: Storage, tmp_path: Path, owner_id: UUID) -> None:
    kept = keeping(storage, tmp_path, s3_bucket="")  # only a folder has such
    asyncio.run(kept.receive(owner_id, b"x"))
    [piece] = asyncio.run(kept.names(owner_id))
    left = tmp_path / "blobs" / f"{piece}#1"
    left.write_bytes(b"half")
    asyncio.run(kept.cleaning.clean())
    assert left.exists(), "it is young"
    asyncio.run(kept.cleaning.clean(FUTURE))
    assert [path.name for path in left.parent.iterdir()] == [piece.rpartition("/")[2]]


@proof("files made, shared, deleted and restored at random", 60, 500)
def test_the_objects_stored_are_those_that_files_need(kept: Keeping, owner_id: UUID) -> None:
    chance, made = random.Random(SEED), list[UUID]()

    async def live() -> None:
        for number in counted(range(500 if FULL else 60)):
            file = await kept.receive(owner_id, chance.randbytes(4).hex()[: chance.randint(1, 3)].encode(), bucket=chance.choice("abc"))
            made.append(file.id)
            for act in chance.choices((kept.files.delete, kept.files.restore), k=chance.randint(0, 2)):
                with suppress(NotFoundError):
                    act(owner_id, chance.choice(made))
            if number % 20 == 0:
                await kept.cleaning.empty_trash(owner_id)
        await kept.cleaning.empty_trash(owner_id)

    asyncio.run(live())
    files = [file for bucket in "abc" for file in kept.files.list(owner_id, bucket)]
    digests = {file.digest: file.size for file in files}
    assert len(kept.blobs(owner_id)) == len(kept.blobs(owner_id, "ready")) == len(digests) == len(asyncio.run(kept.names(owner_id)))
    assert kept.files.used(owner_id).used == sum(digests.values())
    assert len(files) == kept.files.used(owner_id).files
