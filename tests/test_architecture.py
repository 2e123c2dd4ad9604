"""The house as docs/architecture.md tells it: imports point down, files stay small, commands start fast."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

import dcgan

PACKAGE = Path(dcgan.__file__).parent
ROOT = PACKAGE.parent
FILES = sorted(PACKAGE.rglob("*.py"))
MODULES = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in FILES}

# From the top to the ground: who stands higher may import from who stands lower, never the other way round.
ROOMS = [
    "cli", "workers", "queue", "study", "runs", "report", "sweeps", "scoring", "training", "records", "tips", "data",
    "networks", "objectives", "statistics", "experiment", "common",
]  # fmt: skip


def _imports(path: Path) -> set[str]:
    """The modules of ours that a file imports, at once, later, or for types only."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {
                full if (full := f"{node.module}.{alias.name}") in MODULES else node.module for alias in node.names
            }
    return names & MODULES.keys()


IMPORTS = {name: _imports(path) for name, path in MODULES.items()}


def _children(folder: str) -> dict[str, set[str]]:
    """What stands in a folder, modules and folders alike, each with those beside it that it imports."""
    beside = defaultdict(set)
    for name, others in IMPORTS.items():
        child = _child(name, folder)
        if child:
            beside[child] |= {other for each in others if (other := _child(each, folder)) and other != child}
    return beside


def _child(name: str, folder: str) -> str | None:
    """The part of `name` just below that folder; None for what is elsewhere, and for the folder's own face."""
    return name.removeprefix(f"{folder}.").partition(".")[0] if name.startswith(f"{folder}.") else None


def _circle(graph: Mapping[str, Iterable[str]]) -> list[str]:
    """What is left when everything that imports nothing of the rest has been taken away: nothing, or a circle."""
    left = {name: set(others) for name, others in graph.items()}
    while ground := [name for name, others in left.items() if not others & left.keys()]:
        for name in ground:
            del left[name]
    return sorted(left)


def test_every_room_is_in_the_list_and_nothing_is_loose() -> None:
    assert sorted({path.relative_to(PACKAGE).parts[0] for path in FILES if path.parent != PACKAGE}) == sorted(ROOMS)
    assert {path.name for path in FILES if path.parent == PACKAGE} == {"__init__.py", "__main__.py"}


@pytest.mark.parametrize("room", ROOMS)
def test_imports_point_down(room: str) -> None:
    above = _children("dcgan")[room] & set(ROOMS[: ROOMS.index(room)])
    assert not above, f"{room} imports {above}, which stand above it"


FOLDERS = sorted({".".join(path.parent.relative_to(ROOT).parts) for path in FILES})


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_circles_in_a_room(folder: str) -> None:
    assert _circle(_children(folder)) == []


def test_no_circles_between_files() -> None:
    faces = {name for name, path in MODULES.items() if path.name == "__init__.py"}
    assert _circle({name: others - faces for name, others in IMPORTS.items()}) == []


def test_a_circle_would_be_seen() -> None:
    assert _circle({"a": ["b"], "b": ["c"], "c": ["a"], "d": ["a"], "e": []}) == ["a", "b", "c", "d"]


def test_the_rooms_are_few_floors_high_and_none_is_half_of_the_house() -> None:
    floors: dict[str, int] = {}
    for room in reversed(ROOMS):
        floors[room] = 1 + max((floors[below] for below in _children("dcgan")[room]), default=0)
    assert max(floors.values()) <= 10, floors
    lines: Counter[str] = Counter()
    for path in FILES:
        lines[path.relative_to(PACKAGE).parts[0]] += len(path.read_text(encoding="utf-8").splitlines())
    assert max(lines[room] for room in ROOMS) < 0.15 * lines.total(), lines.most_common(3)


def test_no_file_name_stands_twice() -> None:
    """But that a command may be called by its subject."""
    stems = [path.stem for path in FILES if path.stem != "__init__"]
    commands = {path.stem for path in FILES if path.parent.name == "cli"}
    twice = {stem for stem, count in Counter(stems).items() if count > 1 + (stem in commands)}
    assert not twice


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_files_open_with_what_they_are_for_and_stay_readable(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(source))
    assert len(source.splitlines()) <= 300


TESTS = sorted((ROOT / "tests").rglob("*.py"))


@pytest.mark.parametrize("path", TESTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_tests_stay_readable_too(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


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
