"""Where things are: the user's folders, and the experiments and sweeps that travel with the program."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from dcgan.common.errors import Misuse, closest, did_you_mean, one_of

_YAML = (".yaml", ".yml")
_PACKAGE = Path(__file__).parent.parent


def home() -> Path:
    """Where `runs/`, `studies/` and `reports/` go: `DCGAN_HOME`, by default the working directory.

    Raises Misuse where a file, or a link to nothing, is in its place or in that of a folder on the way to it.
    """
    place = expanded(os.environ.get("DCGAN_HOME") or ".", "DCGAN_HOME")
    there = next((each for each in (place, *place.parents) if os.path.lexists(each)), None)
    if there is not None and not os.path.isdir(there):  # noqa: PTH112 - never raises
        raise Misuse(f"DCGAN_HOME={place}: {there} is no folder; expected one, or a place where one can be made")
    return place


def of_user() -> Path | None:
    """The user's home folder; None for a user without one, as in many containers."""
    with contextlib.suppress(RuntimeError):
        return Path.home()
    return None


def expanded(path: str, named: str) -> Path:
    """The path with `~` as the user's home folder. Raises Misuse, with what gave the path, where there is none."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise Misuse(f"{named}={path}: there is no such home folder; set HOME, or write the path in full") from None


def runs() -> Path:
    """One folder per run, named by its id."""
    return home() / "runs"


def studies() -> Path:
    """One folder per study, named by it."""
    return home() / "studies"


def reports() -> Path:
    """One folder per report, named by its study or table."""
    return home() / "reports"


def without_home(variable: str, what: str) -> Misuse:
    """What to say to a user without a home folder: the variable that names the folder instead."""
    return Misuse(f"this user has no home folder: set {variable} to {what}, or set HOME")


def cache() -> Path:
    """What can always be made again: extractors, reference statistics. `XDG_CACHE_HOME`/dcgan.

    Raises Misuse for a user without a home folder who has not set that variable.
    """
    if root := os.environ.get("XDG_CACHE_HOME"):
        return expanded(root, "XDG_CACHE_HOME") / "dcgan"
    if (user := of_user()) is None:
        raise without_home("XDG_CACHE_HOME", "a folder for extractors and data sets")
    return user / ".cache" / "dcgan"


def data() -> Path:
    """Data sets as torchvision lays them out: `DCGAN_DATA`, by default in the cache."""
    root = os.environ.get("DCGAN_DATA")
    if root:
        return expanded(root, "DCGAN_DATA")
    if of_user() is None and not os.environ.get("XDG_CACHE_HOME"):
        raise without_home("DCGAN_DATA", "the folder of data sets")
    return cache() / "data"


def named(kind: str) -> dict[str, Path]:
    """The YAML files of a kind (`experiments`, `sweeps`) that travel with the program, by name."""
    installed = _PACKAGE / "content" / kind
    folder = installed if installed.is_dir() else _PACKAGE.parent / kind
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def is_findable(kind: str, name: str) -> bool:
    """Whether `find` would find a file of that kind."""
    try:
        find(kind, name)
    except Misuse:
        return False
    return True


def find(kind: str, name: str) -> Path:
    """The file of that path, of that name in the working directory's `kind/`, or that travels with the program.

    Raises Misuse with the closest name if there is none.
    """
    path = Path(name)
    if path.suffix in _YAML or (path.exists() and not path.is_dir()):
        if not path.exists():
            raise Misuse(no_file(path) + _file_hint(kind, path))
        return _regular(path)
    own = Path(kind) / f"{name}.yaml"
    if own.exists():
        return _regular(own)
    available = named(kind)
    if name not in available:
        others = [*available, *map(str, _yaml_files(Path(kind))), *map(str, _yaml_files(Path()))]
        hint = _of_another_kind(kind, name) or did_you_mean(name, others)
        raise Misuse(f"no {kind[:-1]} named '{name}'{hint} (also tried {own.absolute()})")
    return available[name]


def _regular(path: Path) -> Path:
    if not path.is_file():
        raise Misuse(f"{path} is not a regular file")
    return path


def _of_another_kind(kind: str, name: str) -> str:
    """What to say of a name that only the other kind of file has."""
    other, command = {"experiments": ("sweeps", "sweep"), "sweeps": ("experiments", "train")}[kind]
    if name not in named(other) and not (Path(other) / f"{name}.yaml").is_file():
        return ""
    return f": that is {'an' if other[0] in 'aeiou' else 'a'} {other[:-1]}: dcgan {command} {name}"


def no_file(path: Path, what: str = "file") -> str:
    """`no file a.csv in /home/me`: a file or a folder that is not there, and where it was looked for."""
    return f"no {what} {path}" if path.is_absolute() else f"no {what} {path} in {Path.cwd()}"


def _file_hint(kind: str, path: Path) -> str:
    """What was meant by a file that is not there: the one with the other ending, that travels with the program, or
    is called almost so."""
    beside = [str(file) for file in _yaml_files(path.parent)]
    for ending in _YAML:
        if str(path.with_suffix(ending)) in beside:
            return one_of([str(path.with_suffix(ending))])
    for own in (Path(), Path(kind)):  # as typed with a folder that is not there, or without the one that it is in
        for ending in (path.suffix, *_YAML):
            if (own / path.name).with_suffix(ending).is_file():
                return one_of([str((own / path.name).with_suffix(ending))])
    if path.stem in named(kind):
        return f"; there is one that travels with the program: {path.stem}"
    close = closest(str(path), beside)
    return "" if close is None else one_of([close])


def _yaml_files(folder: Path) -> list[Path]:
    return sorted(file for ending in _YAML for file in folder.glob(f"[!.]*{ending}"))
