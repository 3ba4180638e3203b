"""Servers that speak: one with OpenAI's audio API, and one that answers as Google Translate does.

The model's name chooses what the first does, ``trouble`` what the second does: ``plain`` ``html`` ``empty`` ``endless`` ``hang``
``cut`` ``fail-<status>``; besides ``tagged`` (mp3 with a tag and an info frame, wav whose length is unknown) and ``mute`` (a file
without sound) of the first, ``unknown`` (no sound for this language) of the second.
"""

from __future__ import annotations

import asyncio
import base64
import io
import json
import math
import ssl
import struct
import wave
from urllib.parse import parse_qs

from tests.servers.http import Answer, Call, HttpServer
from tests.servers.proxy import HttpProxy

RATE = 24_000
FRAME = b"\xff\xf3\x84\xc4" + bytes(188)
"""An mp3 frame of silence: MPEG 2, 64 kbit/s, 24 kHz, one channel."""
INFO = b"\xff\xf3\x84\xc4" + bytes(9) + b"Xing" + bytes(175)
TAG = b"ID3\x04\x00\x00\x00\x00\x00\x0a" + bytes(10)
PAGE = b"<!doctype html><html><head><title>Sorry</title></head><body>Unusual traffic.</body></html>"
SAID = "What was said."


def tone(seconds: float, *, rate: int = RATE) -> bytes:
    """Make a wav file of a tone."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 2, rate, 0, "NONE", ""))
        sound.writeframes(b"".join(struct.pack("<h", round(9000 * math.sin(at / 9))) for at in range(round(seconds * rate))))
    return file.getvalue()


class AudioServer(HttpServer):
    """Serve ``/v1/audio/speech``, a hundredth of a second or one frame a character, and ``/v1/audio/transcriptions``.

    What is written down is ``said``, unless the name of the model or ``trouble`` is a trouble.
    """

    def __init__(self, *, api_key: str = "") -> None:
        super().__init__(self._route)
        self._api_key = api_key
        self.said, self.trouble = SAID, ""

    @property
    def base_url(self) -> str:
        """The address to configure, with ``/v1``."""
        return f"{self.origin}/v1"

    async def _route(self, call: Call, answer: Answer) -> None:
        if self._api_key and call.headers.get("authorization") != f"Bearer {self._api_key}":
            await answer.reply_json({"error": {"message": f"Wrong key {call.headers.get('authorization')}."}}, 401)
        elif call.path == "/v1/audio/speech":
            model = call.json["model"]
            if not await trouble(model, answer):
                mp3 = call.json["response_format"] == "mp3"
                make = mp3_of if mp3 else wav_of
                await answer.reply(200, make(model, len(call.json["input"])), "audio/mpeg" if mp3 else "audio/wav")
        else:
            named = call.body.split(b'name="model"\r\n\r\n', 1)[1].split(b"\r\n", 1)[0].decode()
            if not await trouble(self.trouble or named, answer):
                await answer.reply_json({"text": f" {self.said}\n"} if named == "plain" else {"words": []})


def mp3_of(model: str, characters: int) -> bytes:
    """Make an mp3 file of a frame a character."""
    sound = b"" if model == "mute" else FRAME * max(characters, 1)
    return TAG + INFO + sound if model in ("tagged", "mute") else sound


def wav_of(model: str, characters: int) -> bytes:
    """Make a wav file of a hundredth of a second a character."""
    sound = tone(0 if model == "mute" else characters / 100, rate=RATE + 100 * (characters % 2) if model == "odd" else RATE)
    return sound[:40] + b"\xff\xff\xff\xff" + sound[44:] if model == "tagged" else sound


class GoogleServer(HttpServer):
    """Answer as Google Translate does when it is asked for sound: ten frames of mp3 a request."""

    def __init__(self, ssl_context: ssl.SSLContext) -> None:
        super().__init__(self._route, ssl_context=ssl_context)
        self.trouble = "plain"

    @property
    def asked(self) -> list[list[object]]:
        """Text, language, slowness of each request."""
        rpcs = [json.loads(parse_qs(call.body.decode())["f.req"][0]) for call in self.calls]
        return [json.loads(rpc[0][0][1]) for rpc in rpcs]

    async def _route(self, call: Call, answer: Answer) -> None:
        if await trouble(self.trouble, answer):
            return
        sound = json.dumps([base64.b64encode(FRAME * 10).decode()]) if self.trouble == "plain" else None
        rows = [["wrb.fr", "jQ1olc", sound, None, None, None, "generic"], ["di", 58], ["af.httprm", 57, "-1", 6]]
        body = ")]}'\n\n[" + "\n,".join(json.dumps(row, separators=(",", ":")) for row in rows) + "\n]"
        await answer.reply(200, body.encode(), "application/json; charset=utf-8")


class GoogleProxy(HttpProxy):
    """A proxy at whose other end Google is what stands on a port of this machine."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._google = port

    async def connect(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Note where the client wants to go, and go elsewhere."""
        self.targets.append(f"{host}:{port}")
        return await asyncio.open_connection("127.0.0.1", self._google)


async def trouble(name: str, answer: Answer) -> bool:
    """Play a trouble, if the name is one."""
    match name.partition("-"):
        case "html", _, _:
            await answer.reply(200, PAGE, "text/html")
        case "empty", _, _:
            await answer.reply(200, b"", "audio/mpeg")
        case "hang", _, _:
            await asyncio.Event().wait()
        case "cut", _, _:
            await answer.start(headers={"content-type": "audio/mpeg"})
            await answer.send(FRAME * 10)
            await asyncio.sleep(0.02)  # lets the client read what was sent before the reset throws it away
            answer.cut()
        case "endless", _, _:
            await answer.start(headers={"content-type": "audio/mpeg"})
            while True:
                await answer.send(FRAME * 100)
                await asyncio.sleep(0)  # lets the server see that the client has left
        case "fail", _, status:
            await answer.reply_json({"error": {"message": "No."}}, int(status))
        case _:
            return False
    return True
