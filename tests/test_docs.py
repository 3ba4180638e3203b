"""The documentation says what the code does."""

from __future__ import annotations

import ast
import importlib
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from g4f.config import Settings
from g4f.version import __version__
from scripts.docs import generated

ROOT = Path(__file__).resolve().parent.parent
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks(language: str, *pages: Path) -> list[str]:
    """Return the fenced blocks in this language."""
    found = [code for page in pages or PAGES for name, code in FENCE.findall(page.read_text(encoding="utf-8")) if name == language]
    assert found, f"no {language} block in {pages or 'any page'}"
    return found


def makefile_targets() -> set[str]:
    """Return the targets that `make` alone lists."""
    return set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def test_every_make_command_in_the_documentation_exists() -> None:
    named = {
        name for page in PAGES for name in re.findall(r"(?:`|^|\s{2}|; |\d )make ([a-z]+)", page.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert {"run", "test"} <= named
    assert named - makefile_targets() == set()


def test_both_readmes_hold_the_same_code() -> None:
    english, russian = (FENCE.findall((ROOT / name).read_text(encoding="utf-8")) for name in ("README.md", "README.ru.md"))
    assert english == russian


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda page: page.name)
def test_generated_parts_are_those_of_the_code(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert generated(text) == text, "run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_inside_the_repository_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_python_examples_import_what_exists() -> None:
    imports = [node for code in blocks("python") for node in ast.walk(ast.parse(code)) if isinstance(node, ast.ImportFrom)]
    ours = [(node.module, alias.name) for node in imports for alias in node.names if node.module and node.module.startswith("g4f")]
    assert [(module, name) for module, name in ours if not hasattr(importlib.import_module(module), name)] == []


def test_the_example_provider_answers() -> None:
    code = next(code for code in blocks("python", ROOT / "docs" / "providers.md") if "class Parrot" in code)
    scope: dict[str, Any] = {}
    exec(compile(code, "parrot.py", "exec"), scope)
    responses = list(scope["Parrot"].create_completion("parrot", [{"role": "user", "content": "one two"}], stream=True))
    assert "".join(part for part in responses if isinstance(part, str)) == "one two "


def test_toml_examples_are_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    tables = [tomllib.loads(code) for code in blocks("toml") if "entry-points" not in code]
    assert all(Settings.load(table, {}) for table in tables)


def test_environment_lines_of_the_readme_are_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    variables = dict(pair for code in blocks("sh", ROOT / "README.md") for pair in re.findall(r"(G4F_\w+)=(\S+)", code))
    assert sorted(Settings.load({}, variables).servers) == ["friend", "openrouter"]


def test_the_changelog_speaks_of_this_version() -> None:
    newest = re.search(
        r"^## \[(?:Unreleased\]\n\nBecomes )?(\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert newest
    assert newest[1] == __version__


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "adr"
    assert sorted(re.findall(r"\((\d{4}-[\w-]+\.md)\)", (folder / "README.md").read_text(encoding="utf-8"))) == sorted(
        path.name for path in folder.glob("0*.md")
    )
