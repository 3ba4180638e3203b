"""How the database is opened and what is said when it cannot be."""

from __future__ import annotations

import subprocess
import sys
import traceback

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from g4f.db.models import Chat
from g4f.db.session import Database
from g4f.errors import ConfigError
from tests.db.factories import chat, id_of, message


def chats(database: Database) -> int:
    with database.read() as connection:
        return connection.scalar(select(func.count()).select_from(Chat)) or 0


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


def test_a_refused_row_is_not_quoted_either(database: Database) -> None:
    table, values = message(id_of(chat()), content="my diary", role="nobody")
    with pytest.raises(IntegrityError) as refusal, database.begin() as connection:
        connection.execute(insert(table), values)
    assert "my diary" not in "".join(traceback.format_exception(refusal.value))


def test_a_reader_sees_nothing_of_a_transaction_that_goes_on_and_does_not_wait_for_it(database: Database) -> None:
    with database.begin() as connection:
        connection.execute(insert(chat()[0]), chat()[1])
        assert chats(database) == 0
    assert chats(database) == 1


def test_a_database_that_can_be_read_checks_out(database: Database) -> None:
    assert database.check()


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
