"""Everything that is kept: the tables, the database they live in, its migrations and its one writer."""
