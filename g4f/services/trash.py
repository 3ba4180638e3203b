"""The trash: what an owner deleted, newest first, and until when each file can be restored."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from msgspec import Struct
from sqlalchemy import and_, func, select

from g4f.config import Settings
from g4f.db.models import Bucket, File, Moment
from g4f.db.storage import Storage

DAY_MS = 24 * 3_600_000


class DeletedFile(Struct, frozen=True):
    """Be a file in the trash, which can be restored until ``expires_at``."""

    id: UUID
    bucket: str | None
    name: str
    media_type: str
    size: int
    deleted_at: Moment
    expires_at: Moment


class Contents(Struct, frozen=True):
    """List the newest files of the trash; ``count`` and ``size`` are of all, in which equal ones count each."""

    files: list[DeletedFile]
    count: int
    size: int


class Trash:
    """Show each owner what they deleted; raises UnavailableError when the storage is in trouble."""

    def __init__(self, storage: Callable[[], Storage], settings: Settings) -> None:
        self._storage, self._kept = storage, int(settings.trash_days * DAY_MS)

    def list(self, owner_id: UUID, limit: int) -> Contents:
        """Return what is in the trash, at most so many files of it."""
        mine = (File.owner_id == owner_id, File.deleted_at.is_not(None))
        place = and_(Bucket.owner_id == File.owner_id, Bucket.id == File.bucket_id)
        until = (File.deleted_at + self._kept).label("expires_at")
        columns = (File.id, Bucket.name.label("bucket"), File.name, File.media_type, File.size, File.deleted_at, until)
        newest = select(*columns).outerjoin(Bucket, place).where(*mine).order_by(File.deleted_at.desc(), File.id.desc()).limit(limit)
        with self._storage().read() as connection:
            files = [DeletedFile(**row) for row in connection.execute(newest).mappings()]
            count, size = connection.execute(select(func.count(), func.coalesce(func.sum(File.size), 0)).where(*mine)).one()
        return Contents(files, count, int(size))
