"""``python -m g4f`` is the command ``g4f``."""

from g4f.cli import main

main()
