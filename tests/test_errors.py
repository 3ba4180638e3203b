"""The error tree: what the docstring draws is what there is."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import g4f
import g4f.errors as tree
from g4f.requests.timeouts import Timeouts

PACKAGE = Path(g4f.__file__).parent
SENTENCES = json.loads((PACKAGE / "gui/client/src/i18n/en.json").read_bytes())


def drawn() -> list[tuple[int, str]]:
    """Return the drawn names with their depth."""
    lines = (tree.__doc__ or "").splitlines()
    found = [re.match(r"([│ ]*)[├└]── (\w+)", line) for line in lines]
    return [(len(match[1]) // 4, match[2]) for match in found if match]


def walk(kind: type[tree.G4FError], depth: int = 0) -> list[tuple[int, str]]:
    """Return the classes below one, with their depth."""
    return [row for child in kind.__subclasses__() for row in ((depth, child.__name__), *walk(child, depth + 1))]


def test_the_docstring_draws_every_class_in_its_place() -> None:
    assert sorted(drawn()) == sorted(walk(tree.G4FError))


def test_every_drawn_status_is_the_class_s_own() -> None:
    for name, status in re.findall(r"── (\w+)\s+(\d{3})\b", tree.__doc__ or ""):
        assert getattr(tree, name).status == int(status), name


def test_a_provider_s_fault_is_never_our_401_403_or_429() -> None:
    ours = set(walk(tree.RefusalError))
    kinds = [getattr(tree, name) for row in walk(tree.G4FError) if row not in ours for name in row[1:]]
    assert not {401, 403, 429} & {kind.status for kind in kinds if not issubclass(kind, tree.RefusalError)}


def test_every_class_has_a_code_and_a_sentence() -> None:
    for _, name in walk(tree.G4FError):
        kind = getattr(tree, name)
        assert re.fullmatch(r"[a-z0-9_]+", kind.code)
        assert kind.__doc__


def named(sentence: str) -> set[str]:
    """Return the names of the values in a sentence of the page."""
    return set(re.findall(r"\{(\w+)\}", sentence))


def reasons() -> Iterator[tuple[str, set[str] | None]]:
    """Yield every reason that the source gives, with the names of the values beside it; None where it unpacks others."""
    rooms = [*(room for room in PACKAGE.iterdir() if room.name != "gui"), PACKAGE / "gui/server"]
    for path in (path for room in rooms for path in room.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Dict):
                keys = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
                if "reason" in keys and isinstance(value := node.values[keys.index("reason")], ast.Constant):
                    yield str(value.value), None if None in keys else set(map(str, keys)) - {"reason"}


def test_the_page_has_words_for_every_reason_and_names_only_what_comes_with_it() -> None:
    found = list(reasons())
    assert len(found) > 40
    for reason, values in found:
        sentence = SENTENCES[f"said.{reason}"]
        assert values is None or named(sentence) <= values, reason


@pytest.mark.parametrize("limit", ["connect", "first_byte", "idle", "total"])
def test_the_page_says_which_limit_ran_out_as_we_do(limit: Any) -> None:
    error = Timeouts().expired(limit, "h")
    assert SENTENCES[f"said.{limit}"].format(**error.values) == str(error)
