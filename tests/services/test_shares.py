"""Shares: the newest version stays, whoever sends what in which order, and a copy in memory is never older than the database."""

from __future__ import annotations

import hashlib
import json
import random
import string
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, strategies as st
from uuid_utils.compat import uuid7

from g4f.db.models import now
from g4f.db.storage import Storage
from g4f.errors import ConflictError, ForbiddenError, G4FError, NotFoundError
from g4f.services.shares import Kept, Shares
from tests.db.factories import id_of, owner
from tests.proofs import proof
from tests.queries import counted_queries

VERSIONS = st.none() | st.integers(1, 5)
BASES = st.none() | st.frozensets(st.integers(1, 5), max_size=2)
WRITES = st.lists(st.tuples(st.booleans(), VERSIONS, BASES), min_size=1, max_size=8)


@pytest.fixture
def shares(storage: Storage) -> Shares:
    return Shares(lambda: storage)


def read(shares: Shares, share_id: str) -> dict[str, Any]:
    content = shares.get(share_id).content
    assert content is not None
    fields: dict[str, Any] = json.loads(content)
    return fields


def refusal(kept: tuple[bool, int] | None, mine: bool, updated: int | None, based_on: frozenset[int] | None) -> type[G4FError] | None:
    """Return what a write should be refused with, where ``kept`` is whose and which version is there."""
    if kept is None:
        return None if based_on is None else ConflictError
    if kept[0] != mine:
        return ForbiddenError
    if based_on is None or kept[1] == updated:
        return None
    return None if kept[1] in based_on and (updated is None or updated > kept[1]) else ConflictError


@proof("writes of one share in any order", 60, 2_000)
@given(writes=WRITES)
def test_the_newest_version_stays_and_its_owner(storage: Storage, writes: list[tuple[bool, int | None, frozenset[int] | None]]) -> None:
    shares, share_id, owners = Shares(lambda: storage), str(uuid7()), [owner(str(uuid7())) for _ in range(2)]
    storage.writer.submit(owners)
    kept: tuple[bool, int] | None = None
    for number, (mine, updated, based_on) in enumerate(writes):
        write = partial(shares.put, id_of(owners[mine]), share_id, {"n": number}, updated, based_on)
        if refused := refusal(kept, mine, updated, based_on):
            with pytest.raises(refused):
                write()
            continue
        told = write()
        if kept is None or updated is None or updated > kept[1]:
            assert kept is None or told.updated > kept[1]
            assert told == Kept(updated or told.updated, stored=True)
            assert read(shares, share_id) == {"n": number, "updated": told.updated}
            kept = mine, told.updated
        else:
            assert told == Kept(kept[1], stored=updated == kept[1])
            assert read(shares, share_id)["n"] != number


def test_a_reader_who_has_the_version_is_sent_nothing(shares: Shares, owner_id: UUID) -> None:
    shares.put(owner_id, str(owner_id), {}, 7)
    assert shares.get(str(owner_id), {7}).content is None
    assert shares.get(str(owner_id), {6, 8}).content == b'{"updated":7}'


def test_an_object_without_a_version_gets_the_time(shares: Shares, owner_id: UUID) -> None:
    before = now()
    told = shares.put(owner_id, str(owner_id), {"title": "Rivers"})
    assert before <= told.updated <= now()
    assert read(shares, str(owner_id)) == {"title": "Rivers", "updated": told.updated}


def test_ids_of_any_length_are_distinct(shares: Shares, owner_id: UUID) -> None:
    letters = "".join(random.Random(0).choices(string.printable[:62], k=4_000))
    ids = [f"{owner_id}{letters[:length]}{end}" for length in (60, 218, 219, 220, 4_000) for end in ("a", "b")]
    for share_id in ids:
        shares.put(owner_id, share_id, {"id": share_id}, 1)
    assert [read(shares, share_id)["id"] for share_id in ids] == ids


def test_the_name_a_long_id_is_kept_under_is_no_other_id(shares: Shares, owner_id: UUID) -> None:
    share_id = f"{owner_id}{'x' * 300}"
    shares.put(owner_id, share_id, {}, 1)
    with pytest.raises(NotFoundError):
        shares.get(share_id[:192] + hashlib.sha256(share_id.encode()).hexdigest())


def test_an_id_that_cannot_be_kept_is_not_found(shares: Shares, owner_id: UUID) -> None:
    with pytest.raises(NotFoundError):
        shares.put(owner_id, "a\0b", {}, 1)


def test_only_its_owner_revokes_a_share(shares: Shares, owner_id: UUID, other_id: UUID) -> None:
    shares.put(owner_id, str(owner_id), {}, 1)
    with pytest.raises(NotFoundError):
        shares.revoke(other_id, str(owner_id))
    assert read(shares, str(owner_id)) == {"updated": 1}
    shares.revoke(owner_id, str(owner_id))
    with pytest.raises(NotFoundError):
        shares.get(str(owner_id))


def test_a_revoked_id_is_free(shares: Shares, owner_id: UUID, other_id: UUID) -> None:
    shares.put(owner_id, str(owner_id), {}, 9)
    shares.revoke(owner_id, str(owner_id))
    assert shares.put(other_id, str(owner_id), {}, 1) == Kept(1, stored=True)


def test_what_another_process_wrote_is_read(shares: Shares, storage: Storage, owner_id: UUID) -> None:
    other = Shares(lambda: storage)
    shares.put(owner_id, str(owner_id), {"n": 1}, 1)
    assert read(shares, str(owner_id))["n"] == 1
    other.put(owner_id, str(owner_id), {"n": 2}, 2)
    assert read(shares, str(owner_id))["n"] == 2


def test_a_share_made_anew_with_the_same_version_is_read(shares: Shares, storage: Storage, owner_id: UUID) -> None:
    other, made = Shares(lambda: storage), now()
    shares.put(owner_id, str(owner_id), {"n": 1}, 1)
    assert read(shares, str(owner_id))["n"] == 1
    other.revoke(owner_id, str(owner_id))
    while now() == made:
        pass
    other.put(owner_id, str(owner_id), {"n": 2}, 1)
    assert read(shares, str(owner_id))["n"] == 2


def test_a_copy_in_memory_saves_reading_the_content(shares: Shares, owner_id: UUID) -> None:
    shares.put(owner_id, str(owner_id), {"n": 1}, 1)
    first = shares.get(str(owner_id))
    with counted_queries() as queries:
        assert shares.get(str(owner_id)) == first
    assert len(queries) == 1
    assert "content" not in queries[0]


def test_memory_forgets_what_was_not_read_for_longest(storage: Storage, owner_id: UUID) -> None:
    shares, ids = Shares(lambda: storage, remembered_bytes=250), [f"{owner_id}{number}" for number in range(3)]
    for share_id in ids:
        shares.put(owner_id, share_id, {"text": "x" * 80}, 1)
    for share_id in (ids[0], ids[1], ids[0], ids[2]):
        shares.get(share_id)
    for share_id, count in ((ids[0], 1), (ids[2], 1), (ids[1], 2)):
        with counted_queries() as queries:
            shares.get(share_id)
        assert len(queries) == count
