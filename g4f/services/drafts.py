"""Drafts: files of messages that are being written, which go to the trash when the message is never sent.

A file is a draft as long as it is in a bucket that is named ``draft-`` and a UUID, as our page names them, and no message refers
to it. Buckets under other names are never meant: gpt4free's clients refer to their files later, without asking.
"""

from __future__ import annotations

import re
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, select, tuple_, update

from g4f.db.models import Bucket, File, MessageFile, Moment, now

_PREFIX = "draft-"
_UUID = "-".join("_" * length for length in (8, 4, 4, 4, 12))
_NAME = re.compile(f"{_PREFIX}{_UUID.replace('_', '[0-9a-f]')}")


def is_draft(bucket_name: str | None) -> bool:
    """Return whether a bucket is that of a message which is being written."""
    return bucket_name is not None and _NAME.fullmatch(bucket_name) is not None


def kept_name(bucket_name: str | None) -> str | None:
    """Return the bucket in which a file is no draft any more, the same one when it is none."""
    return bucket_name.removeprefix(_PREFIX) if bucket_name is not None and is_draft(bucket_name) else bucket_name


def of_drafts() -> ColumnElement[bool]:
    """Say whether a bucket is that of a message which is being written."""
    return Bucket.name.like(f"{_PREFIX}{_UUID}")  # lengths alone: clients of ours write nothing else there


def count(connection: Connection, before: Moment) -> int:
    """Return how many drafts there are that came before a moment."""
    return connection.scalar(select(func.count()).select_from(_unsent(before).subquery())) or 0


def discard(connection: Connection, before: Moment, most: int) -> int:
    """Put some drafts that came before a moment into the trash; return how many."""
    some = [tuple(row) for row in connection.execute(_unsent(before).limit(most))]
    if some:
        mine = (tuple_(File.owner_id, File.id).in_(some), File.deleted_at.is_(None), ~_sent())
        connection.execute(update(File).where(*mine).values(deleted_at=now()))
    return len(some)


def _unsent(before: Moment) -> Select[UUID, UUID]:
    place = and_(Bucket.owner_id == File.owner_id, Bucket.id == File.bucket_id)
    old = (File.deleted_at.is_(None), File.created_at < before, of_drafts(), ~_sent())
    return select(File.owner_id, File.id).join(Bucket, place).where(*old)


def _sent() -> ColumnElement[bool]:
    return exists().where(MessageFile.owner_id == File.owner_id, MessageFile.file_id == File.id)
