"""The house as docs/architecture.md tells it: imports point down, files stay small, commands start fast, tests mirror it."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

import dcgan
from dcgan.cli import COMMANDS

PACKAGE = Path(dcgan.__file__).parent
ROOT = PACKAGE.parent
FILES = sorted(PACKAGE.rglob("*.py"))
MODULES = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in FILES}

# From the top to the ground: who stands higher may import from who stands lower, never the other way round.
ROOMS = [
    "cli", "dashboards", "workers", "tracking", "queue", "study", "runs", "report", "comparison", "sweeps", "scoring", "training", "records", "tips", "data",
    "networks", "objectives", "statistics", "experiment", "common",
]  # fmt: skip


def _imports(path: Path) -> set[str]:
    """The modules of ours that a file imports, at once, later, or for types only."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 and node.module, f"{path}, line {node.lineno}: a relative import is not seen here"
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
    assert _circle(IMPORTS) == []


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


# Names that stand twice for a reason.
TWICE = {
    "dcgan": "the package, and the network that it is named after",
    "experiment": "the room, and the class that it is about",
    "networks": "the room, and the section of an experiment that sets it",
    "objectives": "the room, and the section of an experiment that sets it",
    "training": "the room, and the section of an experiment that sets it",
}


def test_no_name_of_a_file_or_folder_stands_twice() -> None:
    """But that a command is called by its subject."""
    names = Counter(
        path.parent.name if path.stem == "__init__" else path.stem for path in FILES if path.stem != "__main__"
    )
    assert names.keys() >= {"cli", "stages", "convolution_stages", *COMMANDS}
    allowed = {name: 1 + (name in COMMANDS) + (name in TWICE) for name in names}
    assert not {name for name, count in names.items() if count > allowed[name]}
    assert not {name for name in TWICE if names[name] < 2}, "stands once: no reason is needed"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_files_open_with_what_they_are_for_and_stay_readable(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(source))
    assert len(source.splitlines()) <= 300


def test_no_class_name_stands_twice() -> None:
    names = [
        node.name
        for path in FILES
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef)
    ]
    assert names
    twice = {name for name, count in Counter(names).items() if count > 1}
    assert not twice


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


# The tests mirror the program: a test module is named after the module that it tests, and every module has one.
HERE = Path(__file__).parent
TESTS = sorted(HERE.rglob("*.py"))
# Of the repository, at the top.
OF_THE_WHOLE = {"test_architecture", "test_documents", "test_package", "test_published", "test_published_grids"}
WHOLE_PROGRAMS = {"system", "gpu"}  # rooms that mirror nothing

# Modules that are tested through others, each with the test module that would fail if it were wrong. Whoever adds a
# module gives it a test module of its own, or says here where it is tested.
TESTED_THROUGH = {
    "cli/checks": "cli/test_doctor",
    "cli/going_on": "cli/test_sweep_again",
    "cli/output": "cli/test_tips",
    "cli/proxy": "queue/test_storage",
    "cli/serving": "cli/test_dashboard",
    "cli/worker": "cli/test_sweep_over_machines",
    "experiment/description": "experiment/test_experiment",
    "experiment/sections/architectures": "networks/test_shape",
    "experiment/sections/images": "experiment/test_experiment",
    "experiment/sections/networks": "experiment/test_experiment",
    "experiment/sections/objective_choices": "objectives/test_losses",
    "experiment/sections/objectives": "experiment/test_experiment",
    "experiment/sections/running": "experiment/test_experiment",
    "experiment/sections/section": "experiment/test_constraints",
    "experiment/sections/training": "experiment/test_experiment",
    "networks/convolution_stages": "networks/test_shape",
    "queue/claim": "queue/test_plan_queue",
    "records/growth": "records/test_plan_file",
    "runs/export": "cli/test_export",
    "report/figures/colours": "report/figures/test_intervals",
    "statistics/effects": "report/text/test_effects_text",
    "study/outlook": "cli/test_dry_run",
    "sweeps/designs/design": "sweeps/designs/test_registry",
    "sweeps/factors": "sweeps/test_sweep",
    "sweeps/samplers": "queue/test_search_queue",
    "sweeps/search_space": "queue/test_search_queue",
    "tips/extra": "tips/test_catalogue",
    "training/events": "runs/test_progress",
    "workers/launchers/job": "workers/launchers/test_slurm",
    "workers/launchers/slurm_task": "system/test_launched",
    "workers/open_study": "workers/test_one_trial",
    "workers/rescoring": "cli/test_score_study",
}


def _stems(folder: Path) -> set[str]:
    """What a test module may be named after: the modules and rooms in a folder, and the room itself."""
    inside = {path.stem for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    return (inside - {"__init__", "__main__"}) | {folder.name}


def _subject(test: Path) -> str | None:
    """The stem that a test module is named after, the longest that fits; None if there is no such one."""
    name = test.stem.removeprefix("test_")
    stems = _stems(PACKAGE / test.parent.relative_to(HERE))
    return max((stem for stem in stems if name == stem or name.startswith(f"{stem}_")), key=len, default=None)


TESTABLE = {
    path.relative_to(PACKAGE).with_suffix("").as_posix() for path in FILES if path.stem not in ("__init__", "__main__")
}
MIRRORING = [
    path
    for path in TESTS
    if path.stem.startswith("test_") and path.parent != HERE and path.relative_to(HERE).parts[0] not in WHOLE_PROGRAMS
]
TESTED = {(test.parent.relative_to(HERE) / subject).as_posix() for test in MIRRORING if (subject := _subject(test))}


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.relative_to(HERE).as_posix())
def test_tests_stay_readable_too(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


def test_what_is_at_the_top_is_of_the_whole_repository() -> None:
    assert {path.stem for path in HERE.glob("test_*.py")} == OF_THE_WHOLE


@pytest.mark.parametrize("path", MIRRORING, ids=lambda path: path.relative_to(HERE).as_posix())
def test_a_test_module_is_named_after_what_it_tests(path: Path) -> None:
    beside = PACKAGE / path.parent.relative_to(HERE)
    assert beside.is_dir(), f"there is no room {beside.relative_to(PACKAGE)} in dcgan/"
    assert _subject(path), f"no module in {beside.relative_to(PACKAGE.parent)} is called so: {sorted(_stems(beside))}"


@pytest.mark.parametrize("module", sorted(TESTABLE))
def test_every_module_has_a_test_module(module: str) -> None:
    """Of its name, or the one that TESTED_THROUGH names; never both."""
    assert (module in TESTED) != (module in TESTED_THROUGH), f"tests/{module}: write it, or complete TESTED_THROUGH"


def test_what_stands_in_for_a_test_module_is_there() -> None:
    assert TESTED_THROUGH.keys() <= TESTABLE
    for module, test in TESTED_THROUGH.items():
        assert (HERE / f"{test}.py").is_file(), f"{module} is tested by tests/{test}.py, which is not there"
    assert len(TESTED_THROUGH) < 0.14 * len(TESTABLE), "most modules have a test module of their own"
