"""Files: buckets, blobs, uploads, files and their passages; what is attached to messages and cited in them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_SQLITE = (
    "CREATE VIRTUAL TABLE full_text USING fts5(terms, content='passages', content_rowid='id', tokenize='unicode61 remove_diacritics 0')",
    """CREATE TRIGGER full_text_insert AFTER INSERT ON passages BEGIN
        INSERT INTO full_text(rowid, terms) VALUES (new.id, new.terms);
    END""",
    """CREATE TRIGGER full_text_delete AFTER DELETE ON passages BEGIN
        INSERT INTO full_text(full_text, rowid, terms) VALUES ('delete', old.id, old.terms);
    END""",
)
_POSTGRESQL = (
    "CREATE TABLE full_text (id BIGINT PRIMARY KEY REFERENCES passages (id) ON DELETE CASCADE, terms tsvector NOT NULL)",
    "CREATE INDEX full_text_terms ON full_text USING gin (terms)",
    """CREATE FUNCTION full_text_insert() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO full_text VALUES (new.id, to_tsvector('simple', new.terms)); RETURN NULL;
    END $$""",
    "CREATE TRIGGER full_text_insert AFTER INSERT ON passages FOR EACH ROW EXECUTE FUNCTION full_text_insert()",
)
_POSTGRESQL_DROP = ("DROP TRIGGER full_text_insert ON passages", "DROP FUNCTION full_text_insert()", "DROP TABLE full_text")


def upgrade() -> None:
    """Make the tables, and the index of what can be searched in the form the database has."""
    _buckets()
    _blobs()
    _uploads()
    _files()
    _passages()
    _message_files()
    _citations()
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    """Drop them; every file is lost, but for its bytes in the object store."""
    for statement in ("DROP TABLE full_text",) if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL_DROP:
        op.execute(statement)
    for table in ("citations", "message_files", "passages", "files", "uploads", "blobs", "buckets"):
        op.drop_table(table)


def _buckets() -> None:
    op.create_table(
        "buckets",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["owners.id"], name=op.f("fk_buckets_owner_id")),
        sa.PrimaryKeyConstraint("owner_id", "id", name=op.f("pk_buckets")),
    )
    op.create_index(
        "ix_buckets_name",
        "buckets",
        ["owner_id", "name"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )


def _blobs() -> None:
    op.create_table(
        "blobs",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(state = 'pending') = (expires_at IS NOT NULL)", name=op.f("ck_blobs_expires_at")),
        sa.CheckConstraint("state <> 'ready' OR digest IS NOT NULL", name=op.f("ck_blobs_digest")),
        sa.CheckConstraint("state IN ('pending', 'ready', 'gone')", name=op.f("ck_blobs_state")),
        sa.CheckConstraint("size >= 0", name=op.f("ck_blobs_size")),
        sa.ForeignKeyConstraint(["owner_id"], ["owners.id"], name=op.f("fk_blobs_owner_id")),
        sa.PrimaryKeyConstraint("owner_id", "id", name=op.f("pk_blobs")),
    )
    op.create_index(
        "ix_blobs_digest",
        "blobs",
        ["owner_id", "digest"],
        unique=True,
        sqlite_where=sa.text("state = 'ready'"),
        postgresql_where=sa.text("state = 'ready'"),
    )
    op.create_index(
        "ix_blobs_state",
        "blobs",
        ["state"],
        unique=False,
        sqlite_where=sa.text("state <> 'ready'"),
        postgresql_where=sa.text("state <> 'ready'"),
    )


def _uploads() -> None:
    op.create_table(
        "uploads",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bucket_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("received >= 0 AND received <= length", name=op.f("ck_uploads_received")),
        sa.ForeignKeyConstraint(["owner_id", "bucket_id"], ["buckets.owner_id", "buckets.id"], name=op.f("fk_uploads_owner_id_bucket_id")),
        sa.ForeignKeyConstraint(
            ["owner_id", "id"], ["blobs.owner_id", "blobs.id"], name=op.f("fk_uploads_owner_id_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("owner_id", "id", name=op.f("pk_uploads")),
    )
    op.create_index(op.f("ix_uploads_owner_id_bucket_id"), "uploads", ["owner_id", "bucket_id"], unique=False)


def _files() -> None:
    op.create_table(
        "files",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bucket_id", sa.Uuid(), nullable=True),
        sa.Column("blob_id", sa.Uuid(), nullable=False),
        sa.Column("thumbnail_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("page", sa.BigInteger(), nullable=True),
        sa.Column("pages", sa.BigInteger(), nullable=True),
        sa.Column("width", sa.BigInteger(), nullable=True),
        sa.Column("height", sa.BigInteger(), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(state = 'reading') = (lease_until IS NOT NULL)", name=op.f("ck_files_lease_until")),
        sa.CheckConstraint("state IN ('waiting', 'reading', 'ready', 'unreadable')", name=op.f("ck_files_state")),
        sa.ForeignKeyConstraint(["owner_id", "blob_id"], ["blobs.owner_id", "blobs.id"], name=op.f("fk_files_owner_id_blob_id")),
        sa.ForeignKeyConstraint(["owner_id", "bucket_id"], ["buckets.owner_id", "buckets.id"], name=op.f("fk_files_owner_id_bucket_id")),
        sa.ForeignKeyConstraint(["owner_id", "thumbnail_id"], ["blobs.owner_id", "blobs.id"], name=op.f("fk_files_owner_id_thumbnail_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["owners.id"], name=op.f("fk_files_owner_id")),
        sa.PrimaryKeyConstraint("owner_id", "id", name=op.f("pk_files")),
    )
    op.create_index(op.f("ix_files_owner_id_blob_id"), "files", ["owner_id", "blob_id"], unique=False)
    op.create_index(op.f("ix_files_owner_id_bucket_id"), "files", ["owner_id", "bucket_id"], unique=False)
    op.create_index(op.f("ix_files_owner_id_thumbnail_id"), "files", ["owner_id", "thumbnail_id"], unique=False)
    op.create_index(
        "ix_files_unread",
        "files",
        ["state"],
        unique=False,
        sqlite_where=sa.text("state IN ('waiting', 'reading')"),
        postgresql_where=sa.text("state IN ('waiting', 'reading')"),
    )


def _passages() -> None:
    op.create_table(
        "passages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("page", sa.BigInteger(), nullable=True),
        sa.Column("heading", sa.Text(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("embedding", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("number >= 1", name=op.f("ck_passages_number")),
        sa.ForeignKeyConstraint(
            ["owner_id", "file_id"], ["files.owner_id", "files.id"], name=op.f("fk_passages_owner_id_file_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passages")),
        sa.UniqueConstraint("owner_id", "file_id", "number", name=op.f("uq_passages_owner_id_file_id_number")),
    )


def _message_files() -> None:
    op.create_table(
        "message_files",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id", "file_id"], ["files.owner_id", "files.id"], name=op.f("fk_message_files_owner_id_file_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id", "message_id"],
            ["messages.owner_id", "messages.id"],
            name=op.f("fk_message_files_owner_id_message_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner_id", "message_id", "file_id", name=op.f("pk_message_files")),
    )
    op.create_index(op.f("ix_message_files_owner_id_file_id"), "message_files", ["owner_id", "file_id"], unique=False)


def _citations() -> None:
    op.create_table(
        "citations",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("page", sa.BigInteger(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("passage", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id", "message_id"],
            ["messages.owner_id", "messages.id"],
            name=op.f("fk_citations_owner_id_message_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner_id", "message_id", "number", name=op.f("pk_citations")),
    )
