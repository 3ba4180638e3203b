"""Sound kept in memory: an owner's own, up to a limit."""

from __future__ import annotations

import asyncio
from uuid import UUID

from g4f.services.sound_cache import MemorySoundCache

MINE, THINE = UUID(int=1), UUID(int=2)


async def keys(cache: MemorySoundCache, *names: str) -> list[str]:
    """Return the names under which something is kept."""
    return [name for name in names if await cache.get(MINE, name) is not None]


def test_what_is_kept_for_one_owner_is_not_there_for_another() -> None:
    async def play() -> None:
        cache = MemorySoundCache(10)
        await cache.put(MINE, "a", b"mine")
        assert (await cache.get(MINE, "a"), await cache.get(THINE, "a")) == (b"mine", None)

    asyncio.run(play())


def test_what_was_not_asked_for_longest_goes_first() -> None:
    async def play() -> None:
        cache = MemorySoundCache(10)
        for name in ("a", "b"):
            await cache.put(MINE, name, b"12345")
        await cache.get(MINE, "a")
        await cache.put(MINE, "c", b"1")
        assert await keys(cache, "a", "b", "c") == ["a", "c"]

    asyncio.run(play())


def test_what_is_replaced_does_not_count() -> None:
    async def play() -> None:
        cache = MemorySoundCache(10)
        for name in ("a", "b", "b", "b"):
            await cache.put(MINE, name, b"12345")
        assert await keys(cache, "a", "b") == ["a", "b"]

    asyncio.run(play())


def test_what_is_too_large_drives_nothing_out() -> None:
    async def play() -> None:
        cache = MemorySoundCache(10)
        await cache.put(MINE, "a", b"12345")
        await cache.put(MINE, "b", b"x" * 11)
        assert await keys(cache, "a", "b") == ["a"]

    asyncio.run(play())
