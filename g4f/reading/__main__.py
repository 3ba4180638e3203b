"""The program that the server starts for each file: ``python -I -m g4f.reading FORMAT LIMITS < file``."""

from __future__ import annotations

from g4f.reading.child import arguments, run
from g4f.reading.formats import reader_of

if __name__ == "__main__":
    read_by, limits = arguments()
    run(lambda: reader_of(read_by), limits)
