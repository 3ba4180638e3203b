"""The migrations, run on real SQLite files."""
