"""From a sentence to its sound: how long after the first sentence of an answer stands there it is heard, while the rest is being written.

``python -m benchmarks.first_sound [--answers N]``: a model that writes word by word, eSpeak NG, and a reader of ``GET runs/<id>/events``
beside a listener of ``GET runs/<id>/speech``. Each answer says something else, so that no sound is there already.
"""

from __future__ import annotations

import argparse
import array
import asyncio
import http.client
import json
import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import NamedTuple

from benchmarks import cpu, servers
from tests.servers.http import Answer, Call, HttpServer
from tests.servers.openai import event

V2 = "/backend-api/v2"
AIM = 300.0
"""Milliseconds."""
PACE = 0.03
"""Seconds between two words."""
AUDIBLE = 500
"""A sample from which on something is heard, of 32,768."""
FIRST = "This is the answer to question {number}, and that was its first sentence."
REST = " The second one is there so that the answer goes on for a while. When the third one ends, everything is said; it is a long one."

SENTENCES = 3


class Heard(NamedTuple):
    """Be what one answer took from its first sentence on, in milliseconds: until that is sure to have ended, is heard, and the end.

    ``silence`` is how long the sound itself says nothing at its beginning.
    """

    certain: float
    sound: float
    silence: float
    end: float


async def write(call: Call, answer: Answer) -> None:
    """Answer as the scenario: word by word."""
    await answer.start(headers={"content-type": "text/event-stream"})
    words = FIRST.format(number=call.json["messages"][-1]["content"]) + REST
    for word in words.split(" "):
        await answer.send(event({"choices": [{"index": 0, "delta": {"content": f"{word} "}, "finish_reason": None}]}))
        await asyncio.sleep(PACE)
    await answer.send(event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}) + b"data: [DONE]\n\n")
    await answer.finish()


def listen(port: int, number: int) -> Heard:
    """Ask a question, read the answer and hear it."""
    chat = servers.post(port, f"{V2}/chats", {})
    body = {"chat_id": chat["id"], "provider": "bench", "model": "words", "messages": [{"role": "user", "content": str(number)}]}
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("POST", f"{V2}/conversation?framing=ndjson", json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        sound: list[tuple[float, float]] = []
        listener = threading.Thread(target=lambda: sound.append(hear(port, str(answer.headers["X-Run-Id"]))))
        listener.start()
        written, certain, ended = read(answer, len(FIRST.format(number=number)))
        listener.join()
    [(heard, silence)] = sound
    return Heard((certain - written) * 1e3, (heard - written) * 1e3, silence * 1e3, (ended - written) * 1e3)


def read(answer: http.client.HTTPResponse, length: int) -> tuple[float, float, float]:
    """Return when the first sentence stood there, when ten characters more did, and when the answer had ended."""
    characters, moments = 0, list[float]()
    for line in answer:
        chunk = json.loads(line)
        characters += len(chunk["content"]) if chunk["type"] == "content" else 0
        if len(moments) < 2 and characters >= length + 10 * len(moments):
            moments.append(time.monotonic())
    return moments[0], moments[1], time.monotonic()


def hear(port: int, run_id: str) -> tuple[float, float]:
    """Return when the first sample came that can be heard, and how many seconds of silence are before it."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("GET", f"{V2}/runs/{run_id}/speech?engine=espeak&format=pcm")
        answer = connection.getresponse()
        rate = int(str(answer.headers["Content-Type"]).partition("rate=")[2].partition(";")[0])
        found: tuple[float, float] | None = None
        samples = 0
        for block in blocks(answer):
            loud = next((place for place, sample in enumerate(block) if abs(sample) > AUDIBLE), None)
            if found is None and loud is not None:
                found = time.monotonic(), (samples + loud) / rate
            samples += len(block)
    assert found, "nothing was heard"
    return found


def blocks(answer: http.client.HTTPResponse) -> Iterator[array.array[int]]:
    """Yield the samples as they come."""
    rest = b""
    while data := answer.read1(65536):
        whole = (rest + data)[: (len(rest) + len(data)) // 2 * 2]
        rest = (rest + data)[len(whole) :]
        yield array.array("h", whole)


def at(values: Sequence[float], share: float) -> float:
    """Return a percentile."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def main() -> int:
    """Print how long it takes; return 1 when the aim is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.first_sound", description=__doc__)
    parser.add_argument("--answers", type=int, default=20)
    count = parser.parse_args().answers
    with HttpServer(write) as upstream, servers.g4f(upstream.port, ("words",), servers.G4F) as target:
        listen(target.port, 100)  # loads what is loaded late
        began = cpu.cpu_seconds(target.pid)
        heard = [listen(target.port, number) for number in range(101, 101 + count)]
        spent = (cpu.cpu_seconds(target.pid) - began) / count * 1e3
    p50, p99 = (at([each.sound for each in heard], share) for share in (0.5, 0.99))
    certain, silence, end = (at(column, 0.5) for column in ([each[index] for each in heard] for index in (0, 2, 3)))
    print(f"from sentence to sound, {count} answers, load average {os.getloadavg()[0]:.1f}")
    print(f"  first audible sample: p50 {p50:.0f} ms, p99 {p99:.0f} ms  (aim: p50 under {AIM:.0f} ms)  {'ok' if p50 < AIM else 'MISS'}")
    print(f"  of which until the sentence is sure to have ended: p50 {certain:.0f} ms; silence before the sound: {silence:.0f} ms")
    print(f"  heard before the answer had ended: {sum(each.sound < each.end for each in heard)} of {count}, p50 {end - p50:.0f} ms before")
    print(f"  CPU of an answer that is written and read aloud, {SENTENCES} sentences: {spent:.0f} ms")
    return int(p50 >= AIM)


if __name__ == "__main__":
    sys.exit(main())
