"""Servers for speech, as an administrator names them."""

from __future__ import annotations

import pytest

from g4f.config import Settings
from g4f.errors import ConfigError

KEY = "sk-never-shown-1234"


def test_a_server_can_be_named_in_the_environment() -> None:
    start = "G4F_SPEECH_SERVERS__KOKORO__"
    environ = {f"{start}BASE_URL": "http://127.0.0.1:8880/v1", f"{start}VOICES": "af_sky, af_bella", f"{start}API_KEY": KEY}
    settings = Settings.load({}, environ)
    server = settings.speech_servers["kokoro"]
    assert (server.voices, server.api_key.reveal(), settings.servers) == (("af_sky", "af_bella"), KEY, {})
    assert KEY not in repr(settings)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"base_url": "ftp://x"}, "base_url"),
        ({"bas_url": "http://x/v1"}, "Did you mean 'base_url'?"),
        ({"base_url": "http://x/v1", "voices": []}, "voices is empty"),
        ({"base_url": "http://x/v1", "proxy": f"ftp://{KEY}"}, "proxy should be an address"),
    ],
)
def test_what_is_wrong_is_named(fields: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Settings.load({"speech_servers": {"mine": fields}}, {})
    assert words in str(caught.value)
    assert KEY not in str(caught.value)
