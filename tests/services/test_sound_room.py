"""The room that sounds take: shared with files, given up to them, and empty when nothing needs it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update
from uuid_utils.compat import uuid7

from g4f.db.migration import upgrade
from g4f.db.models import LOCAL_OWNER, Blob, Sound
from g4f.db.session import Database
from g4f.db.storage import Storage
from g4f.db.writer import Writer
from g4f.errors import StorageFullError
from tests.databases import database_url
from tests.proofs import FULL, SEED, counted, proof
from tests.sounding import age, cache_of, get, keys, nothing_is_left_over, put
from tests.uploading import FUTURE, Keeping, keeping


def test_equal_bytes_of_sounds_and_files_are_kept_once_until_the_last_of_them_goes(keep: Callable[..., Keeping], owner_id: UUID) -> None:
    kept = keep(speech_cache_limit=10)
    put(kept, owner_id, a=b"same", b=b"same")
    file = asyncio.run(kept.receive(owner_id, b"same"))
    assert len(kept.blobs(owner_id)) == 1
    put(kept, owner_id, c=b"10 letters")
    assert set(keys(kept, owner_id)) == {"c"}
    assert asyncio.run(kept.content(owner_id, file.id)) == b"same"
    nothing_is_left_over(kept, owner_id)


def test_a_sound_outlives_the_file_of_the_same_bytes(kept: Keeping, owner_id: UUID) -> None:
    file = asyncio.run(kept.receive(owner_id, b"same"))
    put(kept, owner_id, a=b"same")
    kept.files.delete(owner_id, file.id)
    used = kept.files.used(owner_id)
    assert (used.used, used.trash, used.sounds) == (4, 0, 4)
    asyncio.run(kept.cleaning.empty_trash(owner_id))
    assert get(kept, owner_id, "a") == b"same"


def test_sounds_count_in_the_quota_and_are_told_apart(kept: Keeping, owner_id: UUID) -> None:
    asyncio.run(kept.receive(owner_id, b"file"))
    put(kept, owner_id, a=b"sound", b=b"sound")
    used = kept.files.used(owner_id)
    assert (used.used, used.sounds, used.trash, used.files) == (9, 5, 0, 1)


def test_a_quota_that_is_full_of_files_only_means_that_nothing_is_kept(keep: Callable[..., Keeping], owner_id: UUID) -> None:
    kept = keep(quota=10)
    asyncio.run(kept.receive(owner_id, b"8 bytes."))
    put(kept, owner_id, a=b"sound", b=b"s")
    assert set(keys(kept, owner_id)) == {"b"}
    nothing_is_left_over(kept, owner_id)


@pytest.mark.parametrize("known", [True, False])
def test_sounds_give_way_to_an_upload_the_oldest_first_and_no_more_than_it_needs(
    keep: Callable[..., Keeping], owner_id: UUID, known: bool
) -> None:
    kept = keep(quota=20)
    put(kept, owner_id, a=b"aaaaa", b=b"bbbbb", c=b"ccccc", d=b"ddddd")
    age(kept, owner_id, a=3, b=5, c=4, d=6)
    asyncio.run(kept.receive(owner_id, b"8 bytes.", length=8 if known else None))
    assert set(keys(kept, owner_id)) == {"a", "c"}
    assert kept.files.used(owner_id).used == 18
    assert asyncio.run(kept.cleaning.report()).bytes == 10
    asyncio.run(kept.cleaning.clean())
    nothing_is_left_over(kept, owner_id)


def test_an_upload_in_parts_has_sounds_give_way_when_it_begins(keep: Callable[..., Keeping], owner_id: UUID) -> None:
    kept = keep(quota=10)
    put(kept, owner_id, a=b"aaaaa", b=b"bbbbb")
    asyncio.run(kept.uploads.begin(owner_id, "b", "a.txt", "", 6))
    assert keys(kept, owner_id) == {}


def test_an_upload_that_has_no_room_even_so_leaves_the_sounds(keep: Callable[..., Keeping], owner_id: UUID) -> None:
    kept = keep(quota=20)
    asyncio.run(kept.receive(owner_id, b"8 bytes."))
    put(kept, owner_id, a=b"aaaaa")
    with pytest.raises(StorageFullError):
        asyncio.run(kept.receive(owner_id, b"13 characters"))
    assert get(kept, owner_id, "a") == b"aaaaa"
    nothing_is_left_over(kept, owner_id)


def test_a_thousand_sounds_give_way_at_once(keep: Callable[..., Keeping], owner_id: UUID) -> None:
    kept, blob_id = keep(quota=10_000), uuid7()
    asyncio.run(kept.objects.put(blob_id, 0, b"sound"))
    blob = {"owner_id": owner_id, "id": blob_id, "state": "ready", "size": 5, "digest": "d"}
    sounds = [{"owner_id": owner_id, "key": str(number), "blob_id": blob_id, "size": 5} for number in range(1001)]
    kept.storage.writer.submit([(Blob.__table__, blob), *((Sound.__table__, sound) for sound in sounds)]).result(10)  # type: ignore[list-item]
    asyncio.run(kept.receive(owner_id, bytes(9_999).replace(b"\0", b"a")))
    assert keys(kept, owner_id) == {}


def test_the_cleaning_leaves_sounds_and_takes_what_never_became_one(kept: Keeping, owner_id: UUID) -> None:
    put(kept, owner_id, a=b"sound")
    assert asyncio.run(kept.cleaning.report(FUTURE)) == asyncio.run(kept.cleaning.clean(FUTURE))
    assert get(kept, owner_id, "a") == b"sound"
    nothing_is_left_over(kept, owner_id)


def test_sounds_go_with_what_their_owner_had(kept: Keeping, owner_id: UUID) -> None:
    put(kept, owner_id, a=b"sound", b=b"other")
    all_of_them = update(Blob).where(Blob.owner_id == owner_id).values(state="gone")
    kept.storage.write(lambda connection: connection.execute(all_of_them))
    assert get(kept, owner_id, "a") is None, "what is gone is not played"
    asyncio.run(kept.cleaning.clean())
    assert (keys(kept, owner_id), kept.blobs(owner_id), asyncio.run(kept.names(owner_id))) == ({}, [], set())


@proof("sounds and files kept, heard and deleted at random", 60, 600)
def test_the_objects_stored_are_those_that_sounds_and_files_need(keep: Callable[..., Keeping], owner_id: UUID) -> None:
    chance, kept = random.Random(SEED), keep(quota=60, speech_cache_limit=40)

    async def live() -> None:
        cache = cache_of(kept)
        for _ in counted(range(600 if FULL else 60)):
            key = str(chance.randrange(12))
            content = (chance.choice("ab") * chance.randint(1, 20)).encode()
            match chance.randrange(4):
                case 0:
                    try:
                        await kept.receive(owner_id, content)
                    except StorageFullError:
                        assert len(content) + sum({file.digest: file.size for file in kept.files.list(owner_id, "b")}.values()) > 60
                case 1:
                    for file in kept.files.list(owner_id, "b")[:2]:
                        kept.files.delete(owner_id, file.id)
                    await kept.cleaning.empty_trash(owner_id)
                case 2 if (found := await cache.get(owner_id, key)) is not None:
                    assert 1 <= len(found) <= 20
                case _:
                    cache.put(owner_id, key, content)
                    await cache.settle()
            room = kept.files.used(owner_id)
            assert room.used + room.reserved <= 60
        await kept.cleaning.empty_trash(owner_id)

    asyncio.run(live())
    nothing_is_left_over(kept, owner_id)


def opened(address: str, data_dir: Path, stack: ExitStack, **settings: Any) -> Keeping:
    """Open a storage as one of several processes does."""
    database = stack.enter_context(closing(Database(address)))
    return keeping(Storage(database, stack.enter_context(closing(Writer(database)))), data_dir, **settings)


def test_two_processes_that_store_at_once_agree(tmp_path: Path) -> None:
    address = database_url(tmp_path)
    with ExitStack() as stack:
        upgrade(stack.enter_context(closing(Database(address))))
        servers = [opened(address, tmp_path, stack, speech_cache_limit=50, quota=80) for _ in range(2)]

        async def race() -> None:
            caches = [cache_of(server) for server in servers]
            for number in range(12):
                for place, cache in enumerate(caches):
                    cache.put(LOCAL_OWNER, str(number), f"{number:09}{place if number % 2 else 0}".encode())
            await asyncio.gather(*(cache.settle() for cache in caches), *(each.receive(LOCAL_OWNER, b"x" * 20) for each in servers))

        asyncio.run(race())
        asyncio.run(servers[0].cleaning.clean())
        nothing_is_left_over(servers[1], LOCAL_OWNER)
        room = servers[1].files.used(LOCAL_OWNER)
        assert 0 < room.sounds <= 50
        assert room.used + room.reserved <= 80
        for key in keys(servers[0], LOCAL_OWNER):
            assert get(servers[0], LOCAL_OWNER, key) == get(servers[1], LOCAL_OWNER, key) is not None
