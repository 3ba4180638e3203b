"""The error tree: what the docstring draws is what there is."""

from __future__ import annotations

import re

import g4f.errors as tree


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
