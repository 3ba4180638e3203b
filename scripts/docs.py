"""Write what the code knows: parts of docs/, between `<!-- generated: NAME -->` and `<!-- end -->`, and the OpenAPI document."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

import msgspec
from msgspec.inspect import Field, Metadata, StructType, type_info

import g4f.Provider
from g4f import errors
from g4f.config import Budget, EmbeddingServer, ModelPrice, Secret, Server, Settings, SpeechServer
from g4f.gui.server.backend_api import Backend_Api
from g4f.gui.server.openapi import document

ROOT = Path(__file__).resolve().parent.parent
TABLES = frozenset({"`budgets`", "`embeddings`", "`prices`", "`servers`", "`speech_servers`"})
"""Settings that are tables, which have sections of their own."""
BLOCK = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def table(*rows: Iterable[str]) -> str:
    """Return a Markdown table; the first row is its head."""
    head, *body = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    return "".join(f"| {' | '.join(row)} |\n" for row in [head, ["---"] * len(head), *body])


def settings() -> str:
    """Describe every setting with its variable and default."""
    rows = ((f"`{field.name}`", f"`G4F_{field.name.upper()}`", default(field), meaning(field)) for field in fields(Settings))
    return table(("setting", "environment", "default", "meaning"), *(row for row in rows if row[0] not in TABLES))


def settings_of(kind: type[msgspec.Struct]) -> str:
    """Describe the settings of a table of its own."""
    return table(("setting", "default", "meaning"), *((f"`{field.name}`", default(field), meaning(field)) for field in fields(kind)))


def fields(struct: type[msgspec.Struct]) -> tuple[Field, ...]:
    """Return the fields of a struct with what is said about them."""
    described = type_info(struct)
    assert isinstance(described, StructType)
    return described.fields


def default(field: Field) -> str:
    """Return a field's default as TOML has it."""
    if field.required:
        return "required"
    value = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    return f"`{msgspec.json.encode(value, enc_hook=Secret.reveal).decode()}`"


def meaning(field: Field) -> str:
    """Return the sentence that stands at a field."""
    assert isinstance(field.type, Metadata), f"{field.name} needs a description in g4f/config.py"
    return str((field.type.extra_json_schema or {})["description"])


def error_classes() -> Iterator[type[errors.G4FError]]:
    """Yield every error of the tree, parents first."""
    waiting = [errors.G4FError]
    while waiting:
        kind = waiting.pop(0)
        yield kind
        waiting = [*(child for child in kind.__subclasses__() if child.__module__ == errors.__name__), *waiting]


def errors_table() -> str:
    """Describe every error with its status outside streams and its code."""
    rows = ((f"`{kind.__name__}`", str(kind.status), f"`{kind.code}`", first_line(kind)) for kind in error_classes())
    return table(("error", "status", "code", "meaning"), *rows)


def providers() -> str:
    """Describe every provider that ships."""
    rows = ((f"`{provider.__name__}`", first_line(provider)) for provider in g4f.Provider.__providers__)
    return table(("provider", "what it does"), *rows)


def routes() -> str:
    """Describe every row of the route table."""
    rows = ((route.method, f"`{route.path}`", first_line(route.handler), route.policy.value) for route in Backend_Api.table)
    return table(("method", "path", "what it does", "who may call"), *rows)


def first_line(described: object) -> str:
    """Return the summary of a docstring."""
    return (described.__doc__ or "").strip().split("\n")[0].replace("``", "`")


WRITERS: dict[str, Callable[[], str]] = {
    "budgets": partial(settings_of, Budget),
    "embeddings": partial(settings_of, EmbeddingServer),
    "errors": errors_table,
    "prices": partial(settings_of, ModelPrice),
    "providers": providers,
    "routes": routes,
    "servers": partial(settings_of, Server),
    "settings": settings,
    "speech_servers": partial(settings_of, SpeechServer),
}


def generated(text: str) -> str:
    """Return a page with each of its marked blocks written anew."""
    return BLOCK.sub(lambda block: block[1] + WRITERS[block[2]]() + block[3], text)


if __name__ == "__main__":
    for page in sorted((ROOT / "docs").glob("*.md")):
        page.write_text(generated(page.read_text(encoding="utf-8")), encoding="utf-8")
    (ROOT / "tests" / "openapi.json").write_bytes(document(Backend_Api.table))
