"""Words that are typed in the place of others: a setting before the experiment, a tip for a setting, a file for a
study."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from dcgan.common.errors import Misuse

_FIRST = {"train": ("experiment", "digits"), "sweep": ("sweep", "demo")}


def check_first(command: str, first: str, words: Sequence[str]) -> None:
    """Refuses `KEY=VALUE` where the experiment or the sweep is to stand, with the words in their order."""
    if "=" not in first or Path(first).is_file():
        return
    what, usual = _FIRST[command]
    name = next((word for word in words if "=" not in word), usual)
    settings = [word for word in [first, *words] if "=" in word]
    raise Misuse(f"'{first}': the {what} comes first: `{shlex.join(['dcgan', command, name, *settings])}`")


def check_no_tips(experiment: str, words: Sequence[str]) -> None:
    """Refuses tips among the settings of an experiment, with what they are as settings."""
    from dcgan.common.overrides import parse_value
    from dcgan.experiment import Experiment, load
    from dcgan.tips import TIPS
    from dcgan.tips.as_settings import as_settings, is_a_tip

    for word in words:
        name, given, text = word.removeprefix("--").partition("=")
        value = parse_value(text) if given else True
        if not (is_a_tip(name, value) if given else name in TIPS):
            continue
        try:
            base = load(experiment)
        except Misuse:  # as that of a folder without its path
            base = Experiment()
        raise Misuse(f"{experiment}: {as_settings(name, value, base)}")


def check_no_factors(words: Sequence[str]) -> None:
    """Refuses a tip's name alone among the words for a sweep."""
    from dcgan.tips import TIPS

    for word in words:
        if word in TIPS:
            raise Misuse(f"'{word}' is a tip: factors='[{word}]' compares it, and `dcgan tips {word}` shows its levels")


def check_study(command: str, name: str) -> None:
    """Refuses a sweep's file where a study is asked for, and names the study. Raises DcganError for a broken file."""
    from dcgan.common import paths
    from dcgan.common.yaml_text import read_yaml
    from dcgan.records import plan_file

    path = Path(name)
    if path.suffix not in {".yaml", ".yml"} or plan_file.is_study(paths.studies() / name):
        return
    file = path if path.is_file() else paths.named("sweeps").get(path.stem)
    content = {} if file is None else read_yaml(file)
    if file is not None and "factors" not in content:
        raise Misuse(f"{name} is no sweep file and no study: `dcgan status` lists the studies")
    study = str(content.get("study", path.stem))
    raise Misuse(f"{name} is a sweep file; of its study: `{shlex.join(['dcgan', command, study])}`")
