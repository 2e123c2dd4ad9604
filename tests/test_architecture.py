"""The house as docs/architecture.md tells it: imports point down, files stay small, commands start fast."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import dcgan

PACKAGE = Path(dcgan.__file__).parent
ROOMS = [
    {"errors", "files", "places", "overrides", "streams", "metrics", "statistics", "protocol", "contrasts", "tuned"},
    {"power", "sequential"},
    {"sections"},
    {"description"},
    {"combinations", "effects", "recipes"},
    {"experiment"},
    {"networks", "objectives"},
    {"tips", "environment"},
    {"data"},
    {"training"},
    {"scoring"},
    {"tracking"},
    {"evaluation"},
    {"trial", "gallery"},
    {"export"},
    {"study"},
    {"doctor"},
    {"report"},
    {"cli"},
]
FLOOR = {room: number for number, rooms in enumerate(ROOMS) for room in rooms}
FILES = sorted(PACKAGE.rglob("*.py"))


def _room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _imports(path: Path) -> set[str]:
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "dcgan":
            names = [f"dcgan.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        rooms |= {name.split(".")[1] for name in names if name.startswith("dcgan.")}
    return rooms - {"__version__"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    room = _room(path)
    if room in {"__init__", "__main__"}:
        return
    above = {other for other in _imports(path) if FLOOR[other] > FLOOR[room]}
    assert not above, f"{room} imports {above}, which stand above it"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_files_open_with_what_they_are_for_and_stay_readable(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(source))
    assert len(source.splitlines()) <= 300


@pytest.mark.parametrize("words", [["--help"], ["train", "--help"], ["sweep", "--help"], ["report", "--help"]])
def test_help_imports_nothing_heavy(words: list[str]) -> None:
    look = (
        "import sys; from dcgan.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "print(sorted({'torch', 'optuna', 'wandb', 'pandas', 'pydantic', 'scipy', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", look, *words], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert "usage: dcgan" in done.stdout
