"""Read aloud with espeak-ng: an order comes as JSON on standard input, sound or a list of voices goes to standard output.

Run as ``python -I espeak.py``. The library is licensed under the GPL and keeps its state in globals, so it has a process of
its own for each sentence. An order is ``{}`` for the voices or has ``text``, ``voice``, ``rate`` (words a minute) and ``format``.
The exit code is 2 for a voice that is not there.

https://github.com/espeak-ng/espeak-ng/blob/master/src/include/espeak-ng/speak_lib.h
"""

from __future__ import annotations

import ctypes
import io
import json
import sys
import wave
from typing import Any

SYNCHRONOUS = 2  # AUDIO_OUTPUT_SYNCHRONOUS: espeak_Synth returns when all is said
UTF8 = 1  # espeakCHARS_UTF8; without espeakSSML a tag is text
RATE = 1  # espeakRATE
Heard = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class EspeakVoice(ctypes.Structure):
    """Mirror the beginning of ``espeak_VOICE``; ``languages`` is a priority byte, a name, and a zero."""

    _fields_ = (("name", ctypes.c_char_p), ("languages", ctypes.c_char_p), ("identifier", ctypes.c_char_p))


def main() -> int:
    """Follow one order and return the exit code."""
    import espeakng_loader  # noqa: PLC0415  the house rule that importing anything only imports holds here as well

    order = json.load(sys.stdin.buffer)
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    rate = library.espeak_Initialize(SYNCHRONOUS, 0, espeakng_loader.get_data_path().encode(), 0)
    if "text" not in order:
        answer = json.dumps(list_voices(library)).encode()
    elif library.espeak_SetVoiceByName(order["voice"].encode()):
        return 2
    else:
        library.espeak_SetParameter(RATE, order["rate"], 0)
        answer = pack(speak(library, order["text"]), rate, order["format"])
    sys.stdout.buffer.write(answer)
    return 0


def list_voices(library: Any) -> list[list[str]]:
    """Return id, label and language of each voice, the ones the library itself prefers first."""
    library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(EspeakVoice))
    found = library.espeak_ListVoices(None)
    voices: list[EspeakVoice] = []
    while found[len(voices)]:
        voices.append(found[len(voices)].contents)
    voices.sort(key=lambda voice: voice.languages[0])
    return [[each.identifier.decode().rpartition("/")[2], each.name.decode().strip(), each.languages[1:].decode()] for each in voices]


def speak(library: Any, text: str) -> bytes:
    """Return the samples, 16 bits each."""
    samples = bytearray()

    def hear(data: Any, count: int, events: Any) -> int:
        if data:
            samples.extend(ctypes.string_at(data, count * 2))
        return 0

    heard = Heard(hear)
    library.espeak_SetSynthCallback(heard)
    whole = text.replace("\0", " ").encode(errors="replace") + b"\0"
    library.espeak_Synth(whole, ctypes.c_size_t(len(whole)), 0, 0, 0, UTF8, None, None)
    return bytes(samples)


def pack(samples: bytes, rate: int, kind: str) -> bytes:
    """Return the samples as an mp3 or a wav file."""
    if kind == "mp3":
        import lameenc  # noqa: PLC0415  an extra

        encoder = lameenc.Encoder()
        encoder.silence()
        encoder.set_channels(1)
        encoder.set_in_sample_rate(rate)
        encoder.set_bit_rate(64)
        return bytes(encoder.encode(samples) + encoder.flush())
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 2, rate, 0, "NONE", ""))
        sound.writeframes(samples)
    return file.getvalue()


if __name__ == "__main__":
    sys.exit(main())
