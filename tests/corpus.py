"""Files that mean harm, are damaged or have hostile names, as a server gets them, and what becomes of each."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import unquote

import requests

from tests.names import HOSTILE
from tests.pictures import picture
from tests.reading.active import ACTIVE
from tests.reading.archives import ARCHIVES
from tests.reading.bombs import BOMBS
from tests.reading.documents import DOCUMENTS

V2 = "/backend-api/v2"
TUS = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}
TEXTS = {"a.html", "a.rtf", "a.eml", "a.md", "a.csv", "a.txt"}
"""The documents of which a part can be read."""
CUTS = (0.2, 0.5, 0.8, 0.99)
REFUSED = "refused"
_CONTENT = {"png": picture(9, 9), "pdf": b"%PDF-1.7"}
"""What a file of a hostile name holds, lest it be refused for another reason; else it is a text."""
SECONDS = 100


class Sample(NamedTuple):
    """Be a file, its name, the type its sender claims, and what becomes of it, in the words of ``outcomes``."""

    group: str
    label: str
    name: str
    claimed: str
    make: Callable[[], bytes]
    expected: str


def corpus() -> Iterator[Sample]:
    """Yield every file, group by group; those first whose reading is waited for."""
    for bomb in BOMBS:
        yield Sample("bomb", bomb.name, bomb.name, "", bomb.make, bomb.expected)
    for archive in ARCHIVES:
        yield Sample("archive", archive.label, "a.zip", "application/zip", archive.make, archive.expected)
    for name, make in DOCUMENTS.items():
        for share in CUTS:
            yield Sample("truncated", f"{share:.0%} of {name}", name, "", partial(_part, make, share), _read(name in TEXTS))
    for active in ACTIVE:
        shown = "inline" if active.served.startswith(("image/", "audio/")) else "attachment"
        expected = f"{shown} as {active.served}" if active.served else REFUSED
        yield Sample("active", active.name, active.name, active.claimed, partial(bytes, active.content), expected)
    for name, shown in HOSTILE.items():
        if "\ud800" not in name:  # half a letter has no bytes
            yield Sample("name", ascii(name), name, "", _CONTENT.get(name[-3:], b"a text").__bytes__, f"called {shown}")


def ordinary() -> Iterator[Sample]:
    """Yield a file of each kind that means no harm."""
    for name, make in DOCUMENTS.items():
        yield Sample("ordinary", name, name, "", make, "read")


def outcomes(base_url: str, samples: Iterable[Sample]) -> Mapping[str, str]:
    """Send files to a server, and return by their labels what became of each once they are read."""
    sent = [(sample, _send(base_url, sample)) for sample in samples]
    return {sample.label: REFUSED if place is None else _OUTCOME[sample.group](base_url, place) for sample, place in sent}


def _part(make: Callable[[], bytes], share: float) -> bytes:
    data = make()
    return data[: int(len(data) * share)]


def _read(readable: bool) -> str:
    return "read" if readable else "broken"


def _send(base_url: str, sample: Sample) -> str | None:
    """Upload a file into a bucket of its own and return its id, None when it is refused; tus sends every name as it is."""
    data, named = sample.make(), {"filename": sample.name, "filetype": sample.claimed}
    told = ",".join(f"{key} {b64encode(value.encode()).decode()}" for key, value in named.items())
    headers = TUS | {"Upload-Length": str(len(data)), "Upload-Metadata": told}
    answer = requests.post(f"{base_url}{V2}/uploads", data, headers=headers, timeout=SECONDS)
    assert answer.status_code in {201, 415}, answer.text
    return None if answer.status_code == 415 else answer.headers["Location"].rpartition("/")[2]


def _state(base_url: str, file_id: str) -> str:
    """Wait until a file is read, and say ``read`` or why it cannot be."""
    deadline = time.monotonic() + SECONDS
    while (file := _file(base_url, file_id))["state"] not in {"ready", "unreadable"}:
        assert time.monotonic() < deadline, file
        time.sleep(0.05)
    return "read" if file["state"] == "ready" else str(file["reason_code"])


def _service(base_url: str, file_id: str) -> str:
    """Say how a file is served, under each of its addresses alike."""
    file = _file(base_url, file_id)
    content, media = f"{V2}/file/{file_id}/content", f"/files/{file['bucket']}/media/{file['name']}"
    said = {_said(requests.get(base_url + path, timeout=SECONDS)) for path in (content, media)}
    return " or ".join(sorted(said))


def _said(answer: requests.Response) -> str:
    loose = "" if _is_confined(answer.headers) else ", and not confined"
    return f"{answer.headers['Content-Disposition'].partition(';')[0]} as {answer.headers['Content-Type']}{loose}"


def _is_confined(headers: Mapping[str, str]) -> bool:
    """Say whether a browser may neither guess another type, nor run anything, nor show it inside another page."""
    directives = (directive.strip().partition(" ") for directive in headers["Content-Security-Policy"].split(";"))
    policy = {name: value for name, _, value in directives}
    quiet = policy["default-src"] == policy["frame-ancestors"] == "'none'" and not any(name.startswith("script") for name in policy)
    return headers["X-Content-Type-Options"] == "nosniff" and quiet and "allow-scripts" not in policy.get("sandbox", "allow-scripts")


def _name(base_url: str, file_id: str) -> str:
    """Say what a file is called, there and where it is saved."""
    answer = requests.get(f"{base_url}{V2}/file/{file_id}/content", timeout=SECONDS)
    saved = unquote(answer.headers["Content-Disposition"].rpartition("''")[2])
    return " or ".join(f"called {name}" for name in sorted({saved, _file(base_url, file_id)["name"]}))


def _file(base_url: str, file_id: str) -> dict[str, Any]:
    answer = requests.get(f"{base_url}{V2}/file/{file_id}", timeout=SECONDS)
    assert answer.status_code == 200, answer.text
    file: dict[str, Any] = answer.json()
    return file


_OUTCOME = {"ordinary": _state, "active": _service, "bomb": _state, "archive": _state, "truncated": _state, "name": _name}
