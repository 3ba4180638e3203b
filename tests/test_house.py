"""The house rules that a machine can check."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "g4f" / "gui" / "client"
OURS = ("g4f", "migrations", "benchmarks", "scripts", "tests")
GENERATED = PAGE / "src" / "schema.d.ts"
DRAWERS = {"base_utils", "common", "core", "helper", "helpers", "manager", "misc", "util", "utils"}
MARKERS = r"\b(TODO|FIXME|XXX|HACK|for now)\b"
UNFINISHED = r"\b(NotImplementedError|placeholder)\b|pytest\.(skip|mark\.skip|mark\.xfail|xfail)"
UNEXPLAINED = r"^(?!\s*#).*\n.*# (?:noqa(?:: [A-Z0-9, ]+)?|type: ignore(?:\[[\w, -]+\])?)$"  # neither beside it nor above it
MARKUP = r"\{@html|\.(inner|outer)HTML|insertAdjacentHTML"
FORBIDDEN_AT_IMPORT = """
import importlib, os, pkgutil, sys
seen = []
def watch(event, args):
    writes = event == "open" and args[2] is not None and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    if writes or event in ("socket.bind", "socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.mkdir"):
        seen.append((importing, event, str(args[0])))
importing = "g4f"
import g4f
names = [m.name for m in pkgutil.walk_packages(g4f.__path__, "g4f.") if not m.name.endswith("__main__")]
sys.addaudithook(watch)
for importing in names:
    importlib.import_module(importing)
print(len(names), seen)
"""


def files(*suffixes: str) -> list[Path]:
    """Return the files we write by hand in these languages; this one, which spells out what it forbids, is left out."""
    found = [path for room in OURS for path in sorted((ROOT / room).rglob("*")) if path.suffix in suffixes and by_hand(path)]
    assert found, f"no {suffixes} under {ROOT}"
    return found


def by_hand(path: Path) -> bool:
    """Return whether a file is neither installed nor built."""
    return path not in (GENERATED, Path(__file__)) and not {"node_modules", "dist"} & set(path.relative_to(ROOT).parts)


def longer_than(lines: int, *suffixes: str) -> list[str]:
    """Return the files with more lines."""
    return [path.name for path in files(*suffixes) if path.read_text(encoding="utf-8").count("\n") > lines]


def holding(pattern: str, *suffixes: str) -> list[str]:
    """Return each file that holds the pattern, and where."""
    found = ((path, re.search(pattern, path.read_text(encoding="utf-8"), re.MULTILINE)) for path in files(*suffixes))
    return [f"{path.relative_to(ROOT)}: {match[0]}" for path, match in found if match]


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Yield every Python module of ours, read."""
    for path in [*files(".py"), ROOT / "setup.py"]:
        yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def size(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return a function's lines without its docstring's."""
    docstring = ast.get_docstring(function, clean=False)
    return (function.end_lineno or 0) - function.lineno + 1 - (docstring.count("\n") + 1 if docstring else 0)


def test_no_module_is_longer_than_300_lines() -> None:
    assert longer_than(300, ".py", ".ts", ".svelte") == []


def test_no_component_is_longer_than_150_lines() -> None:
    assert longer_than(150, ".svelte") == []


def test_no_function_is_longer_than_60_lines() -> None:
    nodes = ((name, node) for name, module in modules() for node in ast.walk(module))
    functions = ((name, node) for name, node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    assert [f"{name}:{node.lineno}" for name, node in functions if size(node) > 60] == []


def test_no_module_is_a_junk_drawer() -> None:
    assert [path for path in files(".py", ".ts", ".svelte") if path.name.split(".")[0].lower() in DRAWERS] == []


def test_every_module_says_what_lives_in_it() -> None:
    assert [name for name, module in modules() if module.body and not ast.get_docstring(module)] == []


def test_nothing_is_left_over() -> None:
    assert holding(MARKERS, ".py", ".ts", ".svelte", ".css") + holding(UNFINISHED, ".py") == []


def test_every_silenced_checker_has_its_reason() -> None:
    assert [found for found in holding(UNEXPLAINED, ".py") if found.startswith("g4f/")] == []


def test_routes_are_made_from_the_table_alone() -> None:
    makers = [found.split(":")[0] for found in holding(r"\.add_url_rule\(|\.route\(|Blueprint\(", ".py") if found.startswith("g4f/")]
    assert makers == ["g4f/gui/server/routing.py"]


def test_the_page_never_inserts_markup() -> None:
    assert holding(MARKUP, ".svelte", ".ts") == []


def test_python_locks_hold_hashes_and_no_index() -> None:
    locks = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "requirements").glob("*.txt")}
    assert {"run.txt", "test.txt"} <= set(locks)
    assert [name for name, text in locks.items() if re.search(r"://|index-url|find-links|trusted-host|^#", text, re.MULTILINE)] == []
    assert [name for name, text in locks.items() if text.count("==") > text.count("\\\n    --hash=")] == []


def test_the_pages_lock_holds_hashes_and_no_registry() -> None:
    packages = json.loads((PAGE / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    installed = {name: package for name, package in packages.items() if name and not package.get("link")}
    assert [name for name, package in installed.items() if "resolved" in package] == []
    assert [name for name, package in installed.items() if "integrity" not in package and not package.get("inBundle")] == []


def test_importing_anything_neither_writes_nor_connects() -> None:
    command = [sys.executable, "-B", "-c", FORBIDDEN_AT_IMPORT]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr
    count, seen = result.stdout.split(" ", 1)
    assert int(count) > 20
    assert seen.strip() == "[]"
