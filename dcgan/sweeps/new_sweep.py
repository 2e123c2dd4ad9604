"""A sweep file made from what was typed: commented, and as it stands one that can be run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from dcgan.common.errors import Misuse, did_you_mean
from dcgan.common.overrides import flatten, parse_value
from dcgan.common.yaml_text import parse_yaml
from dcgan.experiment import Experiment, keys
from dcgan.sweeps.designs import level_text, read_design
from dcgan.sweeps.designs.factor import start_level
from dcgan.tips import TIPS
from dcgan.tips.tip_hints import tip_hint

_WIDTH = 33  # where the comments of the first lines begin
_DESIGNS = {  # in the order of what they cost
    "one-at-a-time": "each factor alone against the baseline",
    "leave-one-out": "all listed tips on, then each taken away",
    "both": "each factor alone beside both of these",
    "plackett-burman": "fewest runs: main effects alone",
    "{fractional: {resolution: 4}}": "main effects clear of interactions of two factors",
    "factorial": "every combination",
    "{search: {trials: 100}}": "Optuna looks for good ones, then the best are compared with the baseline",
}


def factors_of(listed: Iterable[str], base: Experiment, start: str) -> list[Any]:
    """What a sweep file has under `factors` for words such as `ema`, `gradient_penalty=r1`, `objective.loss=hinge`.

    A tip alone is left to the start. With a level, and for a setting, the levels are the baseline's, which `base` with
    that `start` has, and those that were named, of which there may be several (`objective.loss=hinge`,
    `objective.loss=wasserstein`). Raises Misuse with the closest name for what is neither, and for a level that the
    baseline has already.
    """
    levels: dict[str, list[Any]] = {}
    for word in listed:
        name, equals, value = (part.strip() for part in word.partition("="))
        if name not in TIPS and name not in keys():
            is_key = bool("." in name or equals)
            close = did_you_mean(name, [*TIPS, *keys()]) if is_key else tip_hint(name, TIPS)
            raise Misuse(f"tips: no {'setting' if '.' in name else 'tip'} named '{name}'{close}")
        if name not in TIPS and not equals:
            raise Misuse(f"tips: {name} is a setting: say what it is compared with, {name}=VALUE")
        of_name = levels.setdefault(name, [])
        of_name.append((value if equals else "on") if name in TIPS else parse_value(value))
    return [_factor(name, named, base, start) for name, named in levels.items()]


def _factor(name: str, named: list[Any], base: Experiment, start: str) -> Any:
    """A factor with what the baseline has first; a tip's name where nothing else was said."""
    if named == ["on"] and name in TIPS:
        return name
    own = _level_of(name, named, base, start) if name in TIPS else flatten(base.model_dump(mode="json"))[name]
    if own in named:
        raise Misuse(f"tips: '{base.name}' has {name}={level_text(own)} already: give another value to compare it with")
    return {"tip" if name in TIPS else "path": name, "levels": [own, *named]}


def _level_of(name: str, named: list[Any], base: Experiment, start: str) -> str:
    """The baseline's level of a tip, of which others were named. Raises Misuse where there is no such level."""
    offered = TIPS[name].levels
    for level in named:
        if level not in offered:
            raise Misuse(f"tips: '{name}' has no level '{level}'{did_you_mean(level, offered)}")
    own = start_level(start) or TIPS[name].level_of(base)
    if own is None:
        raise Misuse(f"tips: '{base.name}' has {name} at none of its levels: {name} alone compares that with off")
    return own


def text(content: Mapping[str, Any], base: Experiment, file: str, made_by: str) -> str:
    """The file for a sweep with that content, `study`, `experiment` and `factors` at least; `base` is the experiment
    with what is set. `made_by`: the command that wrote it."""
    lines = _head(content, file, made_by)
    lines += [_line("study", content["study"], "the name of its folder, its report and its runs in W&B")]
    lines += [_line("experiment", content["experiment"], "a name in experiments/, or a file")]
    lines += _start(content)
    lines += _factors(content["factors"], base)
    lines += _design(content, base)
    lines += [_line("seeds", content.get("seeds", 5), "or a list; every arm runs on each, 5 or more settle most")]
    lines += [_line("metric", content.get("metric", "fid"), "what is compared: docs/scores.md has the others")]
    lines += [_line(key, content[key], "") for key in ("scale", "stop", "tune", "retries") if key in content]
    if "stop" not in content:
        lines += ["# stop: {when: decided, at_most: 20}   # look after each further seed, and stop where it is settled"]
    lines += _set(content.get("set") or {}, base)
    return "\n".join(lines) + "\n"


def _head(content: Mapping[str, Any], file: str, made_by: str) -> list[str]:
    names = ", ".join(_named(factor) for factor in content["factors"])
    return [
        f"# What {names} do to {content['experiment']}.",
        "#",
        f"#     dcgan sweep {file} --dry-run     # arms, trials, time, what these seeds can resolve; trains nothing",
        f"#     dcgan sweep {file}               # train, then report; typed again it goes on where it stopped",
        f"#     dcgan sweep {file} --for 2h      # only the whole seeds that fit into that time",
        "#",
        f"# Written by: {' '.join(made_by.split())}",
        "# `dcgan tips` lists what can be a factor; README.md and docs/designs.md tell of every key.",
    ]


def _start(content: Mapping[str, Any]) -> list[str]:
    start = content.get("start", "experiment")
    others = {
        "experiment": "the baseline is the experiment as it is",
        "bare": "no tip of the article on, whatever the experiment has",
        "all": "every tip of the article on",
    }
    return [
        _line("start", start, others.pop(start)),
        *(_noted(f"# start: {other}", what) for other, what in others.items()),
    ]


def _factors(factors: Iterable[Any], base: Experiment) -> list[str]:
    lines = [_noted("factors:", "what is varied; of levels the baseline's stands first")]
    lines += [f"  - {_flow(factor)}" for factor in factors]
    loss = base.objective.loss
    other = "hinge" if loss != "hinge" else "non_saturating"
    return [
        *lines,
        "#  - {tip: gradient_penalty, levels: [off, on, r1]}   # some of a tip's levels: `dcgan tips gradient_penalty`",
        f"#  - {{path: objective.loss, levels: [{loss}, {other}]}}   # any setting of the experiment",
    ]


def _design(content: Mapping[str, Any], base: Experiment) -> list[str]:
    own = content.get("design", "one-at-a-time")
    name = read_design(own).name
    together = dict(_turned(factor, base) for factor in content["factors"] if "range" not in factor)
    given = _flow({"given": {"combinations": {"together": together}}})
    offered = {**_DESIGNS, given: "the combinations that you write down"}
    names = {written: read_design(parse_yaml(written)).name for written in offered}
    what = next((what for written, what in offered.items() if names[written] == name), "docs/designs.md tells of it")
    others = [_noted(f"# design: {written}", what) for written, what in offered.items() if names[written] != name]
    return [_line("design", own, what), *others]


def _turned(factor: Any, base: Experiment) -> tuple[str, Any]:
    """A factor by name with a level that is not the experiment's."""
    if isinstance(factor, dict):
        return factor.get("tip") or factor["path"], factor["levels"][1] if "levels" in factor else "on"
    return factor, "off" if TIPS[factor].level_of(base) in ("on", None) else "on"


def _set(settings: Mapping[str, Any], base: Experiment) -> list[str]:
    """What holds in every arm, and the budget as a line to change."""
    own = flatten(base.model_dump(mode="json"))
    lines = [f"  {key}: {_flow(value)}" for key, value in settings.items()]
    usual = {
        "data.folder": "where your images are",
        "budget.epochs": "of so many images as budget.images_per_epoch: how long a run is",
        "budget.images_per_epoch": "what is called an epoch, whatever the number of images",
    }
    for key, what in usual.items():
        if key not in settings and own[key] is not None:
            lines.append(_noted(f"  # {key}: {_flow(own[key])}", what))
    head = _noted("set:", "any setting of the experiment, for every arm")
    return [head, *lines] if settings else [f"# {head}", *(f"#{line.replace('#', ' ', 1)}" for line in lines)]


def _line(key: str, value: Any, what: str) -> str:
    return _noted(f"{key}: {_flow(value)}", what)


def _noted(text: str, what: str) -> str:
    """A line with what it means beside it."""
    return f"{text:<{_WIDTH - 1}} # {what}" if what else text


def _flow(value: Any) -> str:
    """A value as YAML on one line."""
    if isinstance(value, str | int | float | bool) or value is None:
        written = yaml.safe_dump(value, width=10**6, allow_unicode=True).removesuffix("\n...\n").rstrip("\n")
        return written if parse_yaml(written) == value else json.dumps(value)
    return yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=10**6, allow_unicode=True).strip()


def _named(factor: Any) -> str:
    """`ema`, `gradient_penalty (off, r1)`, `objective.loss (non_saturating, hinge)`."""
    if not isinstance(factor, dict):
        return str(factor)
    levels = factor["levels"] if "levels" in factor else factor.get("range", ())
    return f"{factor.get('tip') or factor.get('path')} ({', '.join(map(level_text, levels))})"
