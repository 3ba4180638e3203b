"""A server that is killed while a recording is written down: the next one has it written down, once."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import requests
from sqlalchemy import select

from g4f.db.models import Passage
from g4f.db.session import Database
from tests.servers.process import Process
from tests.servers.speech import SAID, AudioServer, tone

V2 = "/backend-api/v2"


@pytest.mark.proof
def test_what_was_being_written_down_at_a_kill_is_written_down_once(tmp_path: Path) -> None:
    with AudioServer() as audio:
        speech = {"speech_servers__box__base_url": audio.base_url, "speech_servers__box__transcription_model": "plain"}
        with Process(tmp_path, **speech) as server:
            audio.trouble = "hang"
            requests.post(f"{server.base_url}{V2}/files/talks", files={"files": ("talk.wav", tone(0.1))}, timeout=20).raise_for_status()
            audio.call(0, seconds=20)
            server.kill()
            audio.trouble = ""
            server.start()
            deadline = time.monotonic() + 90  # on PostgreSQL the lease has to run out
            while requests.get(f"{server.base_url}{V2}/buckets/talks/files", timeout=20).json()["files"][0]["state"] != "ready":
                assert time.monotonic() < deadline
                time.sleep(0.1)
            database = Database(server.address)
            with database.read() as connection:
                assert connection.scalars(select(Passage.text)).all() == [SAID]
            database.close()
        assert len(audio.calls) == 2
