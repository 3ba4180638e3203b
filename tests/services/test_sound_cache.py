"""Sounds that are kept: each its owner's, bounded, there again after a restart, and never in the way of reading aloud."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Callable, Iterator
from typing import Never
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from g4f.db.objects import PIECE
from g4f.db.storage import Storage
from g4f.errors import SpeechError, UnavailableError
from g4f.services.sound_cache import WAITING_BYTES, SoundCache
from g4f.services.speech import Manner, Speech
from tests.servers.speech import AudioServer
from tests.sounding import age, cache_of, get, keys, nothing_is_left_over, put
from tests.uploading import Keeping

MP3 = Manner(format="mp3")


@pytest.mark.parametrize("size", [1, PIECE, PIECE + 1])
def test_a_sound_comes_back_byte_for_byte_after_a_restart(kept: Keeping, owner_id: UUID, size: int) -> None:
    sound = random.Random(size).randbytes(size)
    put(kept, owner_id, a=sound)
    assert get(kept, owner_id, "a") == sound
    nothing_is_left_over(kept, owner_id)


def test_a_sound_is_its_owners_alone(kept: Keeping, owner_id: UUID, other_id: UUID) -> None:
    put(kept, owner_id, a=b"sound")
    assert get(kept, other_id, "a") is None
    put(kept, other_id, a=b"sound")
    assert (get(kept, owner_id, "a"), get(kept, other_id, "a")) == (b"sound", b"sound")
    assert len(kept.blobs(owner_id)) == len(kept.blobs(other_id)) == 1
    assert kept.blobs(owner_id) != kept.blobs(other_id)


def test_a_sound_is_there_before_it_is_stored(kept: Keeping, owner_id: UUID) -> None:
    async def ask() -> bytes | None:
        cache = cache_of(kept)
        cache.put(owner_id, "a", b"sound")
        assert kept.blobs(owner_id) == []
        return await cache.get(owner_id, "a")

    assert asyncio.run(ask()) == b"sound"


def test_no_more_waits_than_memory_is_set_aside_for(keep: Callable[..., Keeping], owner_id: UUID) -> None:
    async def ask() -> list[bool]:
        cache, half = cache_of(keep()), bytes(WAITING_BYTES // 2)
        for key in "abc":
            cache.put(owner_id, key, half)
        return [await cache.get(owner_id, key) is not None for key in "abc"]

    assert asyncio.run(ask()) == [True, True, False]


def test_beyond_the_limit_what_was_not_asked_for_longest_goes(keep: Callable[..., Keeping], owner_id: UUID) -> None:
    kept = keep(speech_cache_limit=10)
    put(kept, owner_id, a=b"aaaaa", b=b"bbbbb")
    age(kept, owner_id, a=3, b=2)
    assert get(kept, owner_id, "a") == b"aaaaa"
    assert min(keys(kept, owner_id).values()) == keys(kept, owner_id)["b"]
    put(kept, owner_id, c=b"c")
    assert set(keys(kept, owner_id)) == {"a", "c"}
    nothing_is_left_over(kept, owner_id)


@pytest.mark.parametrize(("hours", "noted"), [(0.9, False), (1.1, True)])
def test_that_a_sound_was_asked_for_is_noted_once_an_hour(kept: Keeping, owner_id: UUID, hours: float, noted: bool) -> None:
    put(kept, owner_id, a=b"sound")
    age(kept, owner_id, a=hours)
    before = keys(kept, owner_id)["a"]
    get(kept, owner_id, "a")
    assert (keys(kept, owner_id)["a"] > before) == noted


@pytest.mark.parametrize("limit", [0, 4])
def test_what_is_larger_than_the_limit_drives_nothing_out(keep: Callable[..., Keeping], owner_id: UUID, limit: int) -> None:
    put(keep(), owner_id, a=b"aaaa")
    kept = keep(speech_cache_limit=limit)
    put(kept, owner_id, b=b"bbbbb")
    assert set(keys(kept, owner_id)) == {"a"}
    assert len(kept.blobs(owner_id)) == 1


def test_another_sound_under_the_same_key_is_not_kept(kept: Keeping, owner_id: UUID) -> None:
    put(kept, owner_id, a=b"first")
    put(kept, owner_id, a=b"second")
    assert get(kept, owner_id, "a") == b"first"
    nothing_is_left_over(kept, owner_id)


def test_a_sound_of_somebody_who_is_gone_is_not_kept_and_the_next_one_is(kept: Keeping, owner_id: UUID) -> None:
    async def both() -> None:
        cache = cache_of(kept)
        cache.put(uuid7(), "a", b"sound")
        cache.put(owner_id, "a", b"other")
        await cache.settle()

    asyncio.run(both())
    assert get(kept, owner_id, "a") == b"other"
    nothing_is_left_over(kept, owner_id)


def test_a_sound_whose_bytes_were_lost_is_kept_anew(kept: Keeping, owner_id: UUID) -> None:
    put(kept, owner_id, a=b"sound")
    asyncio.run(kept.objects.discard(sorted(asyncio.run(kept.names(owner_id)))))
    assert get(kept, owner_id, "a") is None
    assert keys(kept, owner_id) == {}
    put(kept, owner_id, a=b"sound")
    assert get(kept, owner_id, "a") == b"sound"


def test_a_storage_in_trouble_makes_nothing_fail(kept: Keeping, owner_id: UUID) -> None:
    def away() -> Never:
        raise UnavailableError("The storage is out of reach.")

    async def ask() -> bytes | None:
        cache = SoundCache(away, kept.objects, kept.settings)
        cache.put(owner_id, "a", b"sound")
        await cache.settle()
        return await cache.get(owner_id, "a")

    assert asyncio.run(ask()) is None
    assert asyncio.run(kept.names(owner_id)) == set()


def test_a_storage_that_does_not_answer_is_not_waited_for(kept: Keeping, owner_id: UUID) -> None:
    answered = threading.Event()

    def frozen() -> Storage:
        answered.wait(20)
        return kept.storage

    async def ask() -> bytes | None:
        try:
            assert not answered.is_set()
            return await SoundCache(frozen, kept.objects, kept.settings).get(owner_id, "a")
        finally:
            assert not answered.is_set()
            answered.set()

    put(kept, owner_id, a=b"sound")
    assert asyncio.run(ask()) is None


@pytest.fixture
def server() -> Iterator[AudioServer]:
    with AudioServer() as audio:
        yield audio


class Reader:
    """Have texts read aloud by a server that reads as the model says, and by one process after the other."""

    def __init__(self, kept: Keeping, server: AudioServer, model: str = "plain") -> None:
        self._kept, self._server = kept, server
        self._table = {"base_url": server.base_url, "model": model, "voices": ["nova", "onyx"]}

    def hear(self, owner_id: UUID, text: str, manner: Manner = MP3) -> bytes:
        """Return the sound of a text once what was made for it is kept."""

        async def listen() -> bytes:
            sounds = cache_of(self._kept)
            settings = type(self._kept.settings).load({"speech_servers": {"mine": self._table}}, {})
            stream = await Speech(settings, sounds).synthesize(owner_id, "mine", text, manner)
            sound = b"".join([block async for block in stream])
            await sounds.settle()
            return sound

        return asyncio.run(listen())


def test_the_second_time_no_engine_is_asked(kept: Keeping, owner_id: UUID, server: AudioServer) -> None:
    reader = Reader(kept, server)
    assert reader.hear(owner_id, "One. Two.") == reader.hear(owner_id, "One. Two.")
    assert len(server.calls) == len(keys(kept, owner_id)) == 2


def test_what_one_owner_heard_is_made_again_for_another(kept: Keeping, owner_id: UUID, other_id: UUID, server: AudioServer) -> None:
    reader = Reader(kept, server)
    assert reader.hear(owner_id, "One.") == reader.hear(other_id, "One.")
    assert len(server.calls) == 2
    assert set(keys(kept, owner_id)) == set(keys(kept, other_id)), "each has a row"


@pytest.mark.parametrize("other", [Manner(voice="onyx", format="mp3"), Manner(speed=1.5, format="mp3"), Manner(format="wav")])
def test_what_sounds_different_is_kept_apart(kept: Keeping, owner_id: UUID, server: AudioServer, other: Manner) -> None:
    reader = Reader(kept, server)
    reader.hear(owner_id, "One.")
    reader.hear(owner_id, "One.", other)
    assert len(server.calls) == 2


@pytest.mark.parametrize("trouble", ["empty", "mute", "cut"])
def test_what_went_wrong_is_not_kept(kept: Keeping, owner_id: UUID, server: AudioServer, trouble: str) -> None:
    for _ in range(2):
        with pytest.raises(SpeechError):
            Reader(kept, server, trouble).hear(owner_id, "One.")
    assert len(server.calls) == 2
    assert keys(kept, owner_id) == {}


def test_with_a_quota_that_is_full_a_text_is_read_each_time(keep: Callable[..., Keeping], owner_id: UUID, server: AudioServer) -> None:
    kept = keep(quota=8)
    asyncio.run(kept.receive(owner_id, b"8 bytes."))
    reader = Reader(kept, server)
    assert reader.hear(owner_id, "One.") == reader.hear(owner_id, "One.")
    assert len(server.calls) == 2
