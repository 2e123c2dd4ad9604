"""`dcgan sweep --new FILE`: a commented sweep file from what was typed."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dcgan.common.errors import Misuse, closest

if TYPE_CHECKING:
    from dcgan.experiment import Experiment

_EXAMPLE = "dcgan sweep --new mine.yaml experiment=mnist tips=ema,diffaugment"


def write_new(args: argparse.Namespace) -> int:
    """Writes the file, unless it is there, once its arms are known to be sound; says the next step."""
    from dcgan.cli.output import print_json, say
    from dcgan.common.files import write_text
    from dcgan.data.whereabouts import is_there
    from dcgan.sweeps import new_sweep

    path = _checked(args.sweep)
    content, base = _content(args.sweep, args.words)
    made_by = shlex.join(["dcgan", "sweep", "--new", args.sweep, *args.words])
    write_text(path, new_sweep.text(content, base, args.sweep, made_by))
    following = ["dcgan", "sweep", args.sweep, "--dry-run"]
    if args.json:
        print_json({"file": str(path), "study": content["study"], "next": following})
        return 0
    say(f"written: {path}")
    if base.data.folder is not None and not is_there(base.data):
        near = closest(base.data.folder, _folders())
        hint = f" (did you mean '{near}'?)" if near else ""
        what = "put the folder of your images under set, data.folder: PATH"
        say(f"data.folder={base.data.folder} is not here{hint}: {what}")
    say("next: " + shlex.join(following))
    return 0


def _folders() -> list[str]:
    """The folders in the working directory."""
    return sorted(path.name for path in Path().glob("[!.]*") if path.is_dir())


def _checked(file: str) -> Path:
    """The path to write to. Raises Misuse for what is no YAML file's name, and for one that is there."""
    path = Path(file)
    if "=" in file:
        raise Misuse(f"--new: the file to write comes first, before {file}: {_EXAMPLE}")
    if path.suffix not in {".yaml", ".yml"}:
        raise Misuse(f"--new {file}: the name of a sweep file ends in .yaml: {file}.yaml")
    if path.exists():
        raise Misuse(f"--new {file}: that file is there already, and stays as it is: edit it, or give another name")
    return path


def _content(file: str, words: list[str]) -> tuple[dict[str, Any], Experiment]:
    """What the file is to have, and the experiment with what is set. Raises Misuse where no such study can be."""
    from dcgan.common import paths
    from dcgan.common.overrides import parse_value, split_words
    from dcgan.experiment import load
    from dcgan.study.plan import work_out
    from dcgan.sweeps import new_sweep
    from dcgan.sweeps.sweep import parse, split_changes

    where, texts = f"--new {file}", split_words(words)
    listed = new_sweep.listed(texts.pop("tips", ""))
    own, settings = split_changes({key: parse_value(text) for key, text in texts.items()}, where)
    if not isinstance(own.get("experiment"), str):
        known = ", ".join(paths.named("experiments"))
        raise Misuse(f"{where}: what does every arm begin from? experiment=NAME, one of {known}, or a file")
    if not listed and "factors" not in own:
        raise Misuse(f"{where}: what is compared? tips=NAME,NAME; `dcgan tips` lists them: {_EXAMPLE}")
    base = load(own["experiment"], settings)
    factors = new_sweep.factors_of(
        listed, base, str(own.get("start", "experiment")), own.get("design", "one-at-a-time")
    )
    content = {"study": Path(file).stem, "seeds": 5, **own, "factors": [*own.get("factors", []), *factors]}
    # The images need not be here yet, and the arms are the same under any extractor.
    scored = base.with_({"score.extractor": "classifier"}) if base.score.extractor == "auto" else base
    work_out(parse({**content, "set": settings}, where), scored)
    return {**content, "set": settings}, base
