"""Microsoft Edge's voices, when ``edge-tts`` is installed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from g4f.config import Settings
from g4f.errors import SpeechError, SpeechTimeoutError
from g4f.speech import Format, Voice, proxy_of

_USUAL = ("en-US-EmmaMultilingualNeural", "ru-RU-SvetlanaNeural")
"""Voices that stand for their language."""


class Edge:
    """Read aloud by the service behind Edge's own "Read aloud"."""

    name = "edge"
    label = "Microsoft Edge"
    model = ""
    needs_network = True
    formats: tuple[Format, ...] = ("mp3",)

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._voices: list[Voice] = []

    async def voices(self) -> Sequence[Voice]:
        """Return the voices the service has now; it is asked once."""
        import edge_tts  # noqa: PLC0415  an extra, and slow to load

        if not self._voices:
            with self._translated():
                async with asyncio.timeout(self._settings.connect_timeout):
                    found = await edge_tts.list_voices(**self._way())
            found.sort(key=lambda voice: voice["ShortName"] not in _USUAL)
            self._voices = [Voice(each["ShortName"], each["FriendlyName"], each["Locale"]) for each in found]
        return self._voices

    async def synthesize(self, text: str, voice: Voice, speed: float, format: Format) -> AsyncGenerator[bytes]:  # noqa: A002  the contract's word
        """Yield the sound as it comes; what looks like markup is escaped by the library."""
        import edge_tts  # noqa: PLC0415  the same

        seconds = max(1, round(self._settings.connect_timeout))
        with self._translated():
            speaking = edge_tts.Communicate(
                text, voice.id, rate=f"{round(speed * 100) - 100:+d}%", connect_timeout=seconds, **self._way()
            ).stream()
            try:
                async for chunk in speaking:
                    if chunk["type"] == "audio":
                        yield chunk["data"]
            finally:
                await speaking.aclose()

    def _way(self) -> dict[str, Any]:
        """Return how to reach the service: the library takes an HTTP proxy by its address, any other as a connector."""
        proxy = proxy_of(self._settings)
        if proxy is None or proxy.startswith("http"):
            return {"proxy": proxy}
        from aiohttp_socks import ProxyConnector  # noqa: PLC0415  aiohttp is loaded by then

        scheme, _, rest = proxy.partition("://")
        return {"connector": ProxyConnector.from_url(f"{scheme[:6]}://{rest}")}

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn the errors of the library into ours."""
        import aiohttp  # noqa: PLC0415  the library's own
        from aiohttp_socks import ProxyError  # noqa: PLC0415  aiohttp is loaded by then
        from edge_tts.exceptions import EdgeTTSException  # noqa: PLC0415  the same

        try:
            yield
        except TimeoutError as error:
            seconds = self._settings.connect_timeout
            message = f"No connection to Microsoft Edge's voices within {seconds:g} seconds. Check the network."
            raise SpeechTimeoutError(message, values={"reason": "engine_away", "engine": "Microsoft Edge"}) from error
        except (aiohttp.ClientError, ProxyError, OSError, EOFError) as error:
            message = "No connection to Microsoft Edge's voices. Check the network and the proxy."
            raise SpeechError(message, values={"reason": "engine_away", "engine": "Microsoft Edge"}) from error
        except EdgeTTSException as error:
            raise SpeechError("Microsoft Edge's voices answered without sound. Try again later.", values={"reason": "no_sound"}) from error


def engines(settings: Settings) -> list[Edge]:
    """Return the engine if its library is installed."""
    return [Edge(settings)] if find_spec("edge_tts") else []
