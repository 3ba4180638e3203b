"""The migrations of the database; Alembic loads them from this folder."""
