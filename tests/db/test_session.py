"""How the database is opened and what is said when it cannot be."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError, OperationalError

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


def test_an_error_takes_back_the_whole_transaction(database: Database) -> None:
    table, values = chat()
    with pytest.raises(IntegrityError), database.begin() as connection:
        connection.execute(insert(table), [values, values])
    assert chats(database) == 0


def test_an_error_does_not_quote_the_row(database: Database) -> None:
    table, values = chat(title="my diary")
    with pytest.raises(IntegrityError) as refusal, database.begin() as connection:
        connection.execute(insert(table), [values, values])
    assert "my diary" not in str(refusal.value)


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


def test_a_reader_does_not_wait_for_a_writer(database: Database) -> None:
    with database.begin() as connection:
        connection.execute(insert(chat()[0]), chat()[1])
        assert chats(database) == 0
        with pytest.raises(OperationalError, match="locked"), database.begin():
            pass


def test_a_database_that_can_be_read_checks_out(database: Database) -> None:
    assert database.check()


@pytest.mark.parametrize("content", [b"", b"not a database, but long enough to look like one" * 3])
def test_a_file_without_our_tables_does_not_check_out(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.sqlite"
    path.write_bytes(content)
    database = Database(f"sqlite:///{path}")
    assert not database.check()
    database.close()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("nonsense", "is not an address"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("mysql://user:hunter2@host/db", "'mysql'"),
    ],
)
def test_an_address_that_cannot_serve_is_refused_in_one_line(address: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as refusal:
        Database(address)
    assert "\n" not in str(refusal.value)
    assert "hunter2" not in str(refusal.value)


def test_postgresql_without_its_driver_says_what_to_install() -> None:
    program = "import sys; sys.modules['psycopg'] = None; from g4f.db.session import Database; Database('postgres://user:hunter2@host/g4f')"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "ConfigError: PostgreSQL needs its driver; run: pip install" in result.stderr
    assert "hunter2" not in result.stderr.splitlines()[-1]


def test_a_folder_that_is_not_there_is_explained(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'nowhere' / 'g4f.sqlite'}")
    said = r"cannot be used \(unable to open.*\)\. .* G4F_DATA_DIR"
    with pytest.raises(ConfigError, match=said) as refusal, database.explained(), database.read():
        pass
    assert "\n" not in str(refusal.value)
