"""Any server with OpenAI's audio API: OpenAI itself when its key is in the environment, and those of ``speech_servers``.

https://platform.openai.com/docs/api-reference/audio
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import AsyncGenerator, Sequence

from g4f.config import Secret, Settings, SpeechServer
from g4f.errors import ResponseError
from g4f.requests import StreamSession, Timeouts, raise_for_status
from g4f.speech import Format, Voice, proxy_of

VOICES = ("alloy", "ash", "ballad", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer", "verse")
"""https://platform.openai.com/docs/guides/text-to-speech"""
MAX_TRANSCRIPT = 4 * 1024 * 1024
LISTENING_SECONDS = 1800.0
"""How long a server may say nothing while it listens; some take as long as the recording."""


class OpenaiSpeech:
    """Speak and write down by one server."""

    needs_network = True
    formats: tuple[Format, ...] = ("mp3", "wav")

    def __init__(self, name: str, server: SpeechServer, settings: Settings) -> None:
        self.name, self.label = name, server.label or name
        self.model = f"{server.model} {server.base_url}"
        self._server, self._settings = server, settings

    async def voices(self) -> Sequence[Voice]:
        """Return the voices that were set up; each speaks any language."""
        return [Voice(name, name) for name in self._server.voices]

    async def synthesize(self, text: str, voice: Voice, speed: float, format: Format) -> AsyncGenerator[bytes]:  # noqa: A002  the contract's word
        """Yield the sound as it comes."""
        pace = {"speed": speed} if speed != 1 else {}  # not every model takes it
        body = {"model": self._server.model, "input": text, "voice": voice.id, "response_format": format, **pace}
        async with self._session() as session, session.post(self._url("speech"), json=body) as response:
            await raise_for_status(response)
            while block := await response.read_block():
                yield block

    async def transcribe(self, audio: bytes, filename: str, language: str) -> str:
        """Return the words of a recording."""
        fields = {"model": self._server.transcription_model, "response_format": "json", "language": language}
        body, kind = _form({name: value for name, value in fields.items() if value}, audio, filename)
        session = self._session(LISTENING_SECONDS)
        async with session, session.post(self._url("transcriptions"), data=body, headers={"Content-Type": kind}) as response:
            await raise_for_status(response)
            match await response.json():
                case {"text": str(text)}:
                    return text.strip()
                case _:
                    raise ResponseError(f"{response.host} answered without the words of the recording.")

    def _session(self, patience: float = Timeouts.first_byte) -> StreamSession:
        key, proxy = self._server.api_key.reveal(), self._server.proxy.reveal() or proxy_of(self._settings)
        timeouts = Timeouts(connect=self._settings.connect_timeout, first_byte=patience)
        return StreamSession({"Authorization": f"Bearer {key}"} if key else {}, proxy=proxy, timeouts=timeouts)

    def _url(self, what: str) -> str:
        return f"{self._server.base_url.rstrip('/')}/audio/{what}"


def engines(settings: Settings) -> list[OpenaiSpeech]:
    """Return the servers that read aloud."""
    return [OpenaiSpeech(name, server, settings) for name, server in _servers(settings).items() if server.model]


def transcribers(settings: Settings) -> list[OpenaiSpeech]:
    """Return the servers that write down."""
    return [OpenaiSpeech(name, server, settings) for name, server in _servers(settings).items() if server.transcription_model]


def _servers(settings: Settings) -> dict[str, SpeechServer]:
    key = os.environ.get("OPENAI_API_KEY", "")
    own = SpeechServer(
        base_url=os.environ.get("OPENAI_BASE_URL") or "https://api.openai.com/v1",
        api_key=Secret(key),
        model="gpt-4o-mini-tts",
        voices=VOICES,
        transcription_model="gpt-4o-mini-transcribe",
        label="OpenAI",
    )
    return {**({"openai": own} if key else {}), **settings.speech_servers}


def _form(fields: dict[str, str], audio: bytes, filename: str) -> tuple[bytes, str]:
    """Return a multipart body and its content type; the server tells the format by the name's ending."""
    boundary = secrets.token_hex(16)
    name = re.sub(r"[^\w.-]", "_", filename, flags=re.ASCII) or "recording"
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n' for key, value in fields.items()]
    opening = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
    head = "".join([*parts, opening, "Content-Type: application/octet-stream\r\n\r\n"]).encode()
    return b"".join((head, audio, f"\r\n--{boundary}--\r\n".encode())), f"multipart/form-data; boundary={boundary}"
