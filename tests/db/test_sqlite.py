"""What only SQLite does: the switches of a connection, one writer at a time, files."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import OperationalError

from g4f.db.models import Chat
from g4f.db.session import Database
from g4f.errors import ConfigError
from tests.db.factories import chat


def chats(database: Database) -> int:
    with database.read() as connection:
        return connection.scalar(select(func.count()).select_from(Chat)) or 0


def test_every_connection_survives_power_loss_checks_references_and_waits_for_locks(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'new.sqlite'}")
    with database.read() as connection:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous", "foreign_keys")}
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 5000
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    database.close()


def test_the_connection_that_was_used_last_is_used_next(database: Database) -> None:
    """It holds the newest pages; another one would have to read them anew."""
    with database.read(), database.read():
        pass
    used = set()
    for _ in range(4):
        with database.begin() as connection:
            used.add(connection.connection.dbapi_connection)
    assert len(used) == 1


def test_a_second_writer_waits_before_it_reads(database: Database) -> None:
    patient = Database(f"sqlite:///{database.path}")

    def add_one_more_than_there_are() -> None:
        with patient.begin() as connection:
            seen = connection.scalar(select(func.count()).select_from(Chat)) or 0
            for _ in range(seen + 1):
                connection.execute(insert(chat()[0]), chat()[1])

    threads = [threading.Thread(target=add_one_more_than_there_are) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert chats(patient) == 31
    patient.close()


def test_a_writer_waits_for_another_and_a_reader_does_not(database: Database) -> None:
    with database.begin() as connection:
        connection.execute(insert(chat()[0]), chat()[1])
        assert chats(database) == 0
        with pytest.raises(OperationalError, match="locked"), database.begin():
            pass


@pytest.mark.parametrize("content", [b"", b"not a database, but long enough to look like one" * 3])
def test_a_file_without_our_tables_does_not_check_out(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.sqlite"
    path.write_bytes(content)
    database = Database(f"sqlite:///{path}")
    assert not database.check()
    database.close()


def test_a_folder_that_is_not_there_is_explained(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'nowhere' / 'g4f.sqlite'}")
    said = r"cannot be used \(unable to open.*\)\. .* G4F_DATA_DIR"
    with pytest.raises(ConfigError, match=said) as refusal, database.explained(), database.read():
        pass
    assert "\n" not in str(refusal.value)
