"""What a wheel holds, and how it is made."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import zipfile
from email.parser import Parser
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from g4f.version import __version__

ROOT = Path(__file__).resolve().parent.parent
NOT_SOURCES = shutil.ignore_patterns(
    ".git", ".venv", ".*cache", ".hypothesis", "build", "data", "node_modules", "__pycache__", "*.egg-info", "tests"
)
PAGE = Path("g4f", "gui", "client")


def copy_sources(target: Path) -> Path:
    """Copy what a distribution is made of, the page as it was built by the last installation included."""
    return Path(shutil.copytree(ROOT, target, ignore=NOT_SOURCES))


def build(sources: Path, kind: str = "wheel", **environ: str) -> subprocess.CompletedProcess[str]:
    """Build a distribution into ``sources/out`` as pip does, without its isolation; no npm registry is in reach."""
    command = [sys.executable, "-c", f"from setuptools.build_meta import build_{kind} as build; build('out')"]
    unreachable = {"npm_config_registry": "http://127.0.0.1:9", "npm_config_cache": str(sources / "npm")}
    return subprocess.run(command, cwd=sources, env={**os.environ, **unreachable, **environ}, capture_output=True, text=True, check=False)


def wheel_of(sources: Path) -> zipfile.ZipFile:
    """Open the wheel that was built last."""
    return zipfile.ZipFile(next((sources / "out").glob("*.whl")))


def declared(*names: str) -> set[str]:
    """Return the distributions that these lists of setup.py name."""
    lists = [node for node in ast.parse((ROOT / "setup.py").read_text(encoding="utf-8")).body if isinstance(node, ast.Assign)]
    values = [ast.literal_eval(node.value) for node in lists if isinstance(node.targets[0], ast.Name) and node.targets[0].id in names]
    return {normal(re.split(r"[<>=;\[]", requirement)[0]) for requirements in values for requirement in requirements}


def normal(distribution: str) -> str:
    """Return a distribution's name in the one spelling indexes use."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def imported(*rooms: str) -> set[str]:
    """Return the distributions of others that these rooms import directly."""
    files = [path for room in rooms for path in (ROOT / room).rglob("*.py") if "node_modules" not in path.parts]
    nodes = [node for path in files for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level}
    providers = packages_distributions()
    return {normal(providers[top][0]) for top in {name.split(".")[0] for name in names} if top in providers} - {"g4f-platform"}


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a copy of the sources with a wheel built from it."""
    copied = copy_sources(tmp_path_factory.mktemp("packaging") / "sources")
    built = build(copied)
    assert built.returncode == 0, built.stderr
    return copied


@pytest.fixture(scope="module")
def wheel(sources: Path) -> zipfile.ZipFile:
    """Give the wheel of the sources."""
    return wheel_of(sources)


def test_the_wheel_holds_the_page_and_everything_it_loads(wheel: zipfile.ZipFile) -> None:
    index = wheel.read("g4f/gui/client/dist/index.html").decode()
    loaded = re.findall(r'(?:src|href)="/(dist/[^"]+)"', index)
    assert loaded
    assert {f"g4f/gui/client/{path}" for path in loaded} <= set(wheel.namelist())


def test_the_wheel_holds_the_tables_of_tokens(wheel: zipfile.ZipFile) -> None:
    tables = {f"g4f/tokens/tables/{name}" for name in ("cl100k_base", "o200k_base")}
    assert tables <= set(wheel.namelist())


def test_the_wheel_holds_no_sources_of_the_page(wheel: zipfile.ZipFile) -> None:
    assert [name for name in wheel.namelist() if name.startswith("g4f/gui/client/") and not name.startswith("g4f/gui/client/dist/")] == []


def test_the_wheel_holds_every_module(wheel: zipfile.ZipFile) -> None:
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "g4f").rglob("*.py") if "node_modules" not in path.parts}
    assert modules - set(wheel.namelist()) == set()


def test_the_wheel_holds_every_migration(wheel: zipfile.ZipFile) -> None:
    migrations = {f"g4f/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / "migrations").rglob("*.py")}
    assert any("/versions/0001" in name for name in migrations)
    assert migrations - set(wheel.namelist()) == set()


def test_the_wheel_names_itself_and_its_command(wheel: zipfile.ZipFile) -> None:
    info = f"g4f_platform-{__version__}.dist-info"
    metadata = Parser().parsestr(wheel.read(f"{info}/METADATA").decode())
    assert (metadata["Name"], metadata["Version"], metadata["License-Expression"]) == ("g4f-platform", __version__, "MIT")
    assert "g4f = g4f.cli:main" in wheel.read(f"{info}/entry_points.txt").decode()


def test_every_distribution_we_import_is_declared() -> None:
    assert imported("g4f", "migrations") - declared("RUN", "EDGE", "EMBEDDINGS", "SPEECH") == set()
    assert imported("tests", "benchmarks", "scripts") - declared("RUN", "SPEECH", "TEST") == set()


@pytest.mark.proof
def test_a_second_build_forgets_the_assets_of_the_first(tmp_path: Path) -> None:
    copied = copy_sources(tmp_path / "sources")
    old = copied / PAGE / "dist" / "assets" / "old.js"
    old.write_text("1")
    build(copied)
    old.unlink()
    build(copied)
    assert "g4f/gui/client/dist/assets/old.js" not in wheel_of(copied).namelist()


def test_an_archive_carries_the_page_so_that_its_wheel_needs_no_registry(sources: Path, tmp_path: Path) -> None:
    assert build(sources, "sdist").returncode == 0
    shutil.unpack_archive(next((sources / "out").glob("*.tar.gz")), tmp_path)
    unpacked = next(tmp_path.iterdir())
    built = build(unpacked)
    assert built.returncode == 0, built.stderr
    assert {"g4f/gui/client/dist/index.html", "g4f/tokens/tables/o200k_base"} <= set(wheel_of(unpacked).namelist())


def test_an_unreachable_registry_stops_the_build_with_a_sentence(tmp_path: Path) -> None:
    copied = copy_sources(tmp_path / "sources")
    (copied / PAGE / "index.html").write_text("changed")
    built = build(copied)
    assert built.returncode != 0
    assert "npm could not install its packages" in built.stderr
    assert "Traceback" not in built.stderr


def test_the_page_can_be_left_out(tmp_path: Path) -> None:
    copied = copy_sources(tmp_path / "sources")
    shutil.rmtree(copied / PAGE / "dist")
    assert build(copied, G4F_SKIP_GUI_BUILD="1").returncode == 0
    assert not [name for name in wheel_of(copied).namelist() if "/dist/" in name]
