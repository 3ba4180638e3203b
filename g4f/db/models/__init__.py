"""Every table, on one page.

- Every row has an owner, but for those of ``workers``, ``commits`` and ``journal``. References are (owner_id, id), so no row can point at
  another owner's.
- An id is a UUID of version 7: rows sort by the moment they were made. Clients name shares and created answers, and passages are numbered.
- A moment is a whole number of milliseconds since 1970-01-01 UTC, in columns ending in ``_at`` or ``_until``.
- Money is a whole number of millionths of its currency, in columns ending in ``_micros``. Tokens are whole numbers.
- NULL means unknown, not asked for, or not yet.
"""

from g4f.db.models.base import FULL_TEXT, LOCAL_OWNER, Base, BlobState, Commit, FileState, Moment, Owner, Role, RunKind, State, Worker, now
from g4f.db.models.chats import Chat, Event, JournalRow, Message, Run, Share
from g4f.db.models.files import Blob, Bucket, Citation, Embedding, File, MessageFile, Passage, Upload
from g4f.db.models.ledger import Attempt, CreatedAnswer, LogLine, Reservation, UsageClaim, UsageDay, UsageEntry
from g4f.db.models.sounds import Sound

__all__ = [
    "FULL_TEXT",
    "LOCAL_OWNER",
    "Attempt",
    "Base",
    "Blob",
    "BlobState",
    "Bucket",
    "Chat",
    "Citation",
    "Commit",
    "CreatedAnswer",
    "Embedding",
    "Event",
    "File",
    "FileState",
    "JournalRow",
    "LogLine",
    "Message",
    "MessageFile",
    "Moment",
    "Owner",
    "Passage",
    "Reservation",
    "Role",
    "Run",
    "RunKind",
    "Share",
    "Sound",
    "State",
    "Upload",
    "UsageClaim",
    "UsageDay",
    "UsageEntry",
    "Worker",
    "now",
]
