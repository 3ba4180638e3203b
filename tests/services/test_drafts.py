"""Drafts: which files go to the trash when their message is never sent, and which never do."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import insert, select, update
from uuid_utils.compat import uuid7

from g4f.db.models import Bucket, File, MessageFile, now
from g4f.errors import NotFoundError
from g4f.services.blobs import HOUR
from tests.db import factories
from tests.uploading import Keeping, arriving

OTHERS = (
    "b",
    "draft",
    "draft-",
    "drafts",
    "draft-of-the-contract",
    "0190e8d0-5c1f-7000-8000-000000000001",
    "my-draft-0190e8d0-5c1f-7000-8000-000000000001",
    "draft-0190e8d0-5c1f-7000-8000-000000000001-2",
    "%",
    "draft-%",
)


def drafted(kept: Keeping, owner_id: UUID, hours: float, bucket: str = "") -> UUID:
    """Upload a file as our page does, so many hours ago, and return it."""
    file = asyncio.run(kept.receive(owner_id, b"draft", bucket=bucket or f"draft-{uuid7()}"))
    for table in (File, Bucket):
        old = update(table).where(table.owner_id == owner_id).values(created_at=now() - int(hours * HOUR))
        kept.storage.write(lambda connection, old=old: connection.execute(old))  # type: ignore[misc]  # of the loop
    return file.id


def is_there(kept: Keeping, owner_id: UUID, file_id: UUID) -> bool:
    try:
        return bool(kept.files.get(owner_id, file_id))
    except NotFoundError:
        return False


def send(kept: Keeping, owner_id: UUID, file_id: UUID) -> None:
    """Let a message refer to a file."""
    chat = factories.chat(owner_id)
    said = factories.message(factories.id_of(chat), owner_id)
    kept.storage.writer.submit([chat, said]).result(10)
    row = {"owner_id": owner_id, "message_id": factories.id_of(said), "file_id": file_id}
    kept.storage.write(lambda connection: connection.execute(insert(MessageFile).values(row)))


@pytest.mark.parametrize(("hours", "there"), [(23.9, True), (24.1, False)])
def test_a_file_of_a_message_that_was_never_sent_goes_to_the_trash_after_a_day(
    kept: Keeping, owner_id: UUID, hours: float, there: bool
) -> None:
    file_id = drafted(kept, owner_id, hours)
    told = asyncio.run(kept.cleaning.report())
    assert is_there(kept, owner_id, file_id), "a report changes nothing"
    assert (asyncio.run(kept.cleaning.clean()), told.drafts, told.files) == (told, 0 if there else 1, 0)
    assert (is_there(kept, owner_id, file_id), kept.files.used(owner_id).trash) == (there, 0 if there else 5)
    assert asyncio.run(kept.cleaning.report()).drafts == 0


def test_a_file_of_a_message_stays(kept: Keeping, owner_id: UUID) -> None:
    file_id = drafted(kept, owner_id, 1000)
    send(kept, owner_id, file_id)
    assert asyncio.run(kept.cleaning.clean()).drafts == 0
    assert is_there(kept, owner_id, file_id)


@pytest.mark.parametrize("bucket", OTHERS)
def test_a_file_of_any_other_bucket_stays_though_no_message_refers_to_it(kept: Keeping, owner_id: UUID, bucket: str) -> None:
    file_id = drafted(kept, owner_id, 1000, bucket)
    assert asyncio.run(kept.cleaning.clean()).drafts == 0
    assert is_there(kept, owner_id, file_id)
    assert kept.files.bucket(owner_id, bucket).files == 1


def test_generated_media_is_no_draft(kept: Keeping, owner_id: UUID) -> None:
    file_id = asyncio.run(kept.uploads.keep(owner_id, "a.png", "image/png", arriving(b"\x89PNG"))).id
    kept.storage.write(lambda connection: connection.execute(update(File).where(File.id == file_id).values(created_at=0)))
    asyncio.run(kept.cleaning.clean())
    assert is_there(kept, owner_id, file_id)


def test_a_restored_draft_is_kept_for_good(kept: Keeping, owner_id: UUID) -> None:
    file_id = drafted(kept, owner_id, 25)
    asyncio.run(kept.cleaning.clean())
    restored = kept.files.restore(owner_id, file_id)
    asyncio.run(kept.cleaning.clean())
    assert kept.files.get(owner_id, file_id) == restored
    assert restored.bucket is not None
    assert str(UUID(restored.bucket)) == restored.bucket, "it is in no bucket of a draft any more"


def test_a_draft_that_is_wanted_longer_is_kept_before_its_time_is_over(kept: Keeping, owner_id: UUID) -> None:
    file_id = drafted(kept, owner_id, 25)
    kept.files.restore(owner_id, file_id)
    assert asyncio.run(kept.cleaning.clean()).drafts == 0
    assert is_there(kept, owner_id, file_id)


def test_nothing_is_left_of_a_draft_in_the_end(kept: Keeping, owner_id: UUID) -> None:
    drafted(kept, owner_id, 25)
    asyncio.run(kept.cleaning.clean())
    asyncio.run(kept.cleaning.empty_trash(owner_id))
    asyncio.run(kept.cleaning.clean())
    with kept.storage.read() as connection:
        assert connection.scalars(select(Bucket.id).where(Bucket.owner_id == owner_id)).all() == []
    assert kept.blobs(owner_id) == []
