"""Jobs: files that wait to be read, each taken under a lease by one process at a time."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection, delete, insert, or_, select, tuple_, update

from g4f.db.models import File, Moment, Passage, now

LEASE_MS = 60_000
"""How long a process may take for a file before another takes it over: more than the time a reader is given."""


class Job(Struct, frozen=True):
    """Be a file that this process reads, under the lease that ends at ``lease_until``, for the ``tries``-th time."""

    owner_id: UUID
    file_id: UUID
    name: str
    media_type: str
    lease_until: Moment
    tries: int


def claim(connection: Connection) -> Job | None:
    """Take a file that waits, or one whose reader's lease ran out."""
    moment = now()
    free = or_(File.state == "waiting", (File.state == "reading") & (File.lease_until < moment))
    first = select(File.owner_id, File.id).where(free, File.deleted_at.is_(None)).order_by(File.id).limit(1)
    if (row := connection.execute(first.with_for_update(skip_locked=True)).first()) is None:
        return None
    taken = (
        update(File)
        .where(tuple_(File.owner_id, File.id) == tuple_(*row))
        .values(state="reading", lease_until=moment + LEASE_MS, tries=File.tries + 1)
        .returning(File.owner_id, File.id, File.name, File.media_type, File.tries)
    )
    job = connection.execute(taken).one()
    return Job(job.owner_id, job.id, job.name, job.media_type, moment + LEASE_MS, job.tries)


def change(connection: Connection, job: Job, **values: Any) -> bool:
    """Change a file while its lease is this job's; return whether it is."""
    mine = (File.owner_id == job.owner_id, File.id == job.file_id, File.state == "reading", File.lease_until == job.lease_until)
    return bool(connection.execute(update(File).where(*mine).values(**values)).rowcount)


def renew(connection: Connection, job: Job) -> Job | None:
    """Return the job under a new lease, None when the old one was lost."""
    later = replace(job, lease_until=now() + LEASE_MS)
    return later if change(connection, job, lease_until=later.lease_until) else None


def finish(connection: Connection, job: Job, rows: list[dict[str, Any]], **values: Any) -> None:
    """End a job with the file's passages; nothing is done when somebody else has it, or it is deleted for good."""
    if change(connection, job, lease_until=None, **values):
        connection.execute(delete(Passage).where(Passage.owner_id == job.owner_id, Passage.file_id == job.file_id))
        if rows:
            connection.execute(insert(Passage), rows)
