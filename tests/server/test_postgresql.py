"""The platform on a PostgreSQL that goes and comes."""

from __future__ import annotations

from sqlalchemy import create_engine, text

from tests.servers.platform import Platform, question, said
from tests.servers.postgresql import Postgresql
from tests.servers.transcripts import PLAIN


def runs(platform: Platform) -> int:
    """Return how many runs are kept, once everything queued is."""
    assert platform.api.flush()
    engine = create_engine(platform.api.settings.database_address)
    with engine.connect() as connection:
        found = connection.scalar(text("SELECT count(*) FROM runs")) or 0
    engine.dispose()
    return found


def test_a_server_without_its_database_is_not_ready_until_it_is_back(platform: Platform, postgresql: Postgresql) -> None:
    assert platform.get("/readyz").status_code == 200
    postgresql.stop("immediate")
    refused = platform.get("/readyz")
    postgresql.start()
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
    assert platform.get("/readyz").status_code == 200


def test_answers_given_while_the_database_was_away_are_kept_once(platform: Platform, postgresql: Postgresql) -> None:
    platform.chunks(question(model="plain", provider="scenario"))
    postgresql.stop("immediate")
    answers = [platform.chunks(question(model="plain", provider="scenario")) for _ in range(3)]
    postgresql.start()
    assert [said(chunks) for chunks in answers] == ["".join(PLAIN)] * 3
    assert runs(platform) == 4
