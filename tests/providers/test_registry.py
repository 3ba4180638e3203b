"""The registry: plug-ins by file name and entry point, lazily, and broken ones left out."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import g4f.Provider
from g4f.errors import ProviderNotFoundError
from g4f.Provider import Offline, Ollama, ProviderUtils, find_provider
from g4f.providers.registry import Registry, find

PLUGIN = "class {name}:\n    working = True\n"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package with the plug-ins Good and Broken, and a module that is none."""
    name = f"plugins_{tmp_path.name}"
    folder = tmp_path / name
    folder.mkdir()
    for file, text in {"__init__": "", "Good": PLUGIN.format(name="Good"), "Broken": "1 / 0", "wire": "1 / 0"}.items():
        (folder / f"{file}.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return name


@pytest.fixture
def distribution(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed distribution with the entry points Third, which loads, and Lost, which does not."""
    (tmp_path / "third.py").write_text(PLUGIN.format(name="Third"), encoding="utf-8")
    info = tmp_path / "third-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: third\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[tests.providers]\nThird = third:Third\nLost = absent:Lost\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)


def test_a_plugin_is_found_by_its_file_name(package: str) -> None:
    assert Registry(package, "tests.providers")["Good"].__name__ == "Good"


def test_a_broken_plugin_is_left_out_and_the_rest_goes_on(package: str) -> None:
    registry = Registry(package, "tests.providers")
    assert list(registry) == ["Good"]
    assert "Broken" not in registry


def test_plugins_of_other_distributions_are_found_by_entry_point(package: str, distribution: None) -> None:
    assert list(Registry(package, "tests.providers")) == ["Good", "Third"]


def test_looking_a_name_up_loads_no_other_plugin(package: str) -> None:
    Registry(package, "tests.providers")["Good"]
    assert f"{package}.Good" in sys.modules
    assert f"{package}.Broken" not in sys.modules


def test_what_is_written_into_the_registry_is_found_and_can_be_deleted(package: str) -> None:
    registry = Registry(package, "tests.providers")
    registry["Mine"] = object
    assert registry["Mine"] is object
    del registry["Mine"], registry["Good"]
    assert list(registry) == []


@pytest.mark.parametrize("name", ["Ollama", "ollama", "OLL", "oll"])
def test_a_name_is_found_in_any_case_and_by_its_beginning(name: str) -> None:
    assert find(name) is Ollama


def test_an_ambiguous_beginning_is_refused_with_the_choices() -> None:
    with pytest.raises(ProviderNotFoundError, match="Ollama or OpenaiChat"):
        find("o", {"Ollama": 1, "OpenaiChat": 2})


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(ProviderNotFoundError, match="Did you mean Ollama"):
        find("Olama")


def test_a_base_url_becomes_a_provider() -> None:
    assert find_provider("http://127.0.0.1:9/v1").get_base_url() == "http://127.0.0.1:9/v1"


def test_the_package_gives_classes_however_the_modules_were_imported() -> None:
    program = """
from g4f.Provider.Ollama import Ollama as by_module
from g4f.Provider import Ollama as by_name
import g4f
assert by_name is by_module is g4f.Provider.Ollama is g4f.Provider.__map__["Ollama"]
assert isinstance(g4f.Provider.template.OpenaiTemplate, type)
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_the_package_lists_every_provider() -> None:
    assert {"Custom", "Offline", "Ollama", "OpenaiChat"} <= {provider.__name__ for provider in g4f.Provider.__providers__}


def test_a_provider_is_found_by_its_label() -> None:
    assert ProviderUtils.get_by_label("Offline") is ProviderUtils.convert["Offline"] is Offline


def test_importing_the_package_loads_no_provider() -> None:
    program = "import sys, g4f.Provider; assert not [name for name in sys.modules if name.startswith('g4f.Provider.')]"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_an_unknown_name_of_the_package_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError):
        importlib.import_module("g4f.Provider").Nobody  # noqa: B018
