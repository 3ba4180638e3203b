"""The database; ``factories`` has one function per table."""
