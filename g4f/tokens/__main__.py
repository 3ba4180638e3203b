"""The program that counts: ``python -I -m g4f.tokens``; an order a line on standard input, its counts a line on standard output."""

from __future__ import annotations

import sys

import msgspec

from g4f.tokens import Counts, Order
from g4f.tokens.encodings import count, encoding_of

if __name__ == "__main__":
    for line in sys.stdin.buffer:
        order = msgspec.json.decode(line, type=Order)
        encoding = encoding_of(order.model)
        counts = Counts(encoding, tuple(count(text, encoding) for text in order.texts))
        sys.stdout.buffer.write(msgspec.json.encode(counts) + b"\n")
        sys.stdout.buffer.flush()
