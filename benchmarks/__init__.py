"""The published bars: what a streamed answer costs here and in an nginx that relays the same transcript, in one interleaved run.

Run `python -m benchmarks` (or `make bench`); `--help` lists the options. Linux only: CPU and memory are read from /proc.
"""
