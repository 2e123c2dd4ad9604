"""A sweep file made from what was typed: commented, and as it stands one that can be run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import yaml

from dcgan.common.errors import Misuse, did_you_mean
from dcgan.common.overrides import flatten, parse_value
from dcgan.common.yaml_text import parse_yaml
from dcgan.experiment import Experiment, keys
from dcgan.experiment.key_hints import key_hint
from dcgan.sweeps.designs import check_distinct, experiments, held, level_text, read_design
from dcgan.sweeps.designs.factor import start_level
from dcgan.sweeps.search_space import factors_of as factors_in_search
from dcgan.sweeps.sweep import parse
from dcgan.tips import TIPS
from dcgan.tips.tip_hints import tip_hint

_WIDEST = 64  # lines that are longer have their comment above them
_DESIGNS = {  # in the order of what they cost
    "one-at-a-time": "each factor alone against the baseline",
    "leave-one-out": "listed tips on, of levels the first; then each changed alone",
    "both": "each factor alone beside the baseline and beside its opposite",
    "plackett-burman": "fewest runs: main effects alone",
    "{fractional: {resolution: 4}}": "main effects clear of interactions of two factors",
    "factorial": "every combination",
    "{search: {trials: 100}}": "Optuna looks for good ones, then the best are compared with the baseline",
}
_MOST_TRIED = 64  # arms of a design that are looked at before it is offered

Line = tuple[str, str]  # of the file, with what it means


def listed(text: str) -> list[str]:
    """The words of `tips=`, which commas part, but for those of a list of levels: `ema,latent.dim=[8,9]` are two."""
    text = text.strip()
    text = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    return [word for word in re.split(r",(?![^\[]*\])", text) if word.strip()]


def factors_of(words: Iterable[str], base: Experiment, start: str, design: Any = "one-at-a-time") -> list[Any]:
    """What a sweep file has under `factors` for words such as `ema`, `gradient_penalty=r1`, `objective.loss=hinge`.

    A tip alone is left to the start. With a level, and for a setting, the levels are the baseline's, which `base` with
    that `start` has, and those that were named, of which there may be several (`objective.loss=[hinge,wasserstein]`).
    Where the `design` takes the listed away from the experiment with all of them, what was named stands first. Raises
    Misuse with the closest name for what is neither, for what is named twice, and for a level that the baseline has
    already.
    """
    levels: dict[str, list[Any]] = {}
    for word in words:
        name, equals, value = (part.strip() for part in word.partition("="))
        if name not in TIPS and name not in keys():
            raise Misuse(_unknown(name, value if equals else None))
        if name not in TIPS and not equals:
            raise Misuse(f"tips: {name} is a setting: say what it is compared with, {name}=VALUE")
        of_name = levels.setdefault(name, [])
        for level in _levels(value, name) if equals else ["on"]:
            if level in of_name:
                raise Misuse(f"tips: {name if level == 'on' else f'{name}={level_text(level)}'} is named twice")
            of_name.append(level)
    back = _turns_back({"design": design, "start": start})
    return [_factor(name, named, base, start, back) for name, named in levels.items()]


def _unknown(name: str, value: str | None) -> str:
    """What to say of a word that is neither a tip nor a setting: nearly which."""
    if value is not None:
        what = "setting" if "." in name else "tip or setting"
        return f"tips: no {what} named '{name}'{key_hint(name, parse_value(value), TIPS)}"
    if "." in name:
        return f"tips: no setting named '{name}'{did_you_mean(name, [*TIPS, *keys()])}"
    return f"tips: no tip named '{name}'{tip_hint(name, TIPS)}"


def _levels(text: str, name: str) -> list[Any]:
    """One level or several, `[off,r1]`: of a tip the words as they are, of a setting its values."""
    if name in TIPS:
        return [level.strip() for level in text.strip("[] ").split(",")]
    value = parse_value(text)
    return value if isinstance(value, list) else [value]


def _factor(name: str, named: list[Any], base: Experiment, start: str, back: bool) -> Any:
    """A factor with what the baseline has first, which is what was named if it is taken `back`; a tip's name where
    nothing else was said."""
    if named == ["on"] and name in TIPS:
        return name
    own = _level_of(name, named, base, start) if name in TIPS else flatten(base.model_dump(mode="json"))[name]
    if own in named:
        raise Misuse(f"tips: '{base.name}' has {name}={level_text(own)} already: give another value to compare it with")
    return {"tip" if name in TIPS else "path": name, "levels": [*named, own] if back else [own, *named]}


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
    with what is set. `made_by`: the command that wrote it. What its comments offer can be uncommented."""
    lines = _head(content, file, made_by)
    lines += [_line("study", content["study"], "the name of its folder, its report and its runs in W&B")]
    lines += [_line("experiment", content["experiment"], "a name in experiments/, or a file")]
    lines += _start(content, base)
    lines += _factors(content, base)
    lines += _design(content, base)
    lines += [_line("seeds", content.get("seeds", 5), "or a list; every arm runs on each, 5 or more settle most")]
    lines += [_line("metric", content.get("metric", "fid"), "what is compared: docs/scores.md has the others")]
    lines += [_line(key, content[key], "") for key in ("scale", "stop", "tune", "retries") if key in content]
    stop = {"when": "decided", "at_most": 20}
    if "stop" not in content and can_be({**content, "stop": stop}, base):
        lines += [(f"# stop: {_flow(stop)}", "look after each further seed, and stop where it is settled")]
    lines += _set(content, base)
    return "\n".join(_aligned(lines)) + "\n"


def can_be(content: Mapping[str, Any], base: Experiment) -> bool:
    """Whether there is such a sweep: what it says goes together, and its first arms are different experiments."""
    try:
        sweep = parse({"seeds": 5, **content}, "")
        if sweep.design.grows:
            factors = factors_in_search(sweep, base, {})
        else:
            factors = [factor.factor(sweep.start, base, sweep.design, sweep.typed) for factor in sweep.factors]
        arms = sweep.design.arms(factors, sweep.start)[:_MOST_TRIED]
        check_distinct(experiments(arms, factors, base, held(factors, sweep.start, base, sweep.typed)), base)
    except Misuse:
        return False
    return True


def _head(content: Mapping[str, Any], file: str, made_by: str) -> list[Line]:
    names = [_named(factor) for factor in content["factors"]]
    lines = [
        f"# What {', '.join(names)} {'does' if len(names) == 1 else 'do'} to {content['experiment']}.",
        "#",
        f"#     dcgan sweep {file} --dry-run     # arms, trials, time, what these seeds can resolve; trains nothing",
        f"#     dcgan sweep {file}               # train, then report; typed again it goes on where it stopped",
        f"#     dcgan sweep {file} --for 2h      # only the whole seeds that fit into that time",
        "#",
        f"# Written by: {' '.join(made_by.split())}",
        "# `dcgan tips` lists what can be a factor; README.md and docs/designs.md tell of every key.",
    ]
    return [(line, "") for line in lines]


def _start(content: Mapping[str, Any], base: Experiment) -> list[Line]:
    start = content.get("start", "experiment")
    others = {
        "experiment": "the baseline is the experiment as it is",
        "bare": "no tip of the article on, whatever the experiment has",
        "all": "every tip of the article on",
    }
    if _turns_back({**content, "start": "experiment"}):
        others["experiment"] = "the baseline is the experiment with the listed tips on"
    return [
        _line("start", start, others.pop(start)),
        *((f"# start: {other}", what) for other, what in others.items() if can_be({**content, "start": other}, base)),
    ]


def _factors(content: Mapping[str, Any], base: Experiment) -> list[Line]:
    lines = [("factors:", "what is varied; of levels the baseline's stands first")]
    lines += [(f"  - {_flow(factor)}", "") for factor in content["factors"]]
    loss = base.objective.loss
    losses = [loss, "hinge" if loss != "hinge" else "non_saturating"]
    some, three = "some of a tip's levels: `dcgan tips gradient_penalty`", ["off", "on", "r1"]
    examples = [
        ({"tip": "gradient_penalty", "levels": three}, some),
        ({"tip": "gradient_penalty", "levels": three[::2]}, some),
        ({"path": "objective.loss", "levels": losses}, "any setting of the experiment"),
    ]
    offered: dict[str, Line] = {}
    for given, what in examples:
        example = {**given, "levels": given["levels"][::-1]} if _turns_back(content) else given
        if what not in offered and can_be({**content, "factors": [*content["factors"], example]}, base):
            offered[what] = (f"#  - {_flow(example)}", what)
    return [*lines, *offered.values()]


def _turns_back(content: Mapping[str, Any]) -> bool:
    """Whether what is listed is the baseline's, and the experiment's own the other side."""
    design = read_design(content.get("design", "one-at-a-time"))
    return design.switched_on and content.get("start", "experiment") == "experiment"


def _design(content: Mapping[str, Any], base: Experiment) -> list[Line]:
    own = content.get("design", "one-at-a-time")
    name = read_design(own).name
    together = dict(_turned(factor, base) for factor in content["factors"] if "range" not in factor)
    given = _flow({"given": {"combinations": {"together": together}}})
    offered = {**_DESIGNS, given: "the combinations that you write down"}
    designs = {written: parse_yaml(written) for written in offered}
    what = next(
        (what for one, what in offered.items() if read_design(designs[one]).name == name), "docs/designs.md tells of it"
    )
    others = [
        (f"# design: {written}", what)
        for written, what in offered.items()
        if read_design(designs[written]).name != name and can_be({**content, "design": designs[written]}, base)
    ]
    return [_line("design", own, what), *others]


def _turned(factor: Any, base: Experiment) -> tuple[str, Any]:
    """A factor by name with a level that is not the experiment's."""
    if isinstance(factor, dict):
        return factor.get("tip") or factor["path"], factor["levels"][1] if "levels" in factor else "on"
    return factor, "off" if TIPS[factor].level_of(base) in ("on", None) else "on"


def _set(content: Mapping[str, Any], base: Experiment) -> list[Line]:
    """What holds in every arm, and the budget as a line to change."""
    settings, own = content.get("set") or {}, flatten(base.model_dump(mode="json"))
    lines = [(f"  {key}: {_flow(value)}", "") for key, value in settings.items()]
    usual = {
        "data.folder": "where your images are",
        "budget.epochs": "of so many images as budget.images_per_epoch: how long a run is",
        "budget.images_per_epoch": "what is called an epoch, whatever the number of images",
    }
    for key, what in usual.items():
        offered = {**content, "set": {**settings, key: own[key]}}
        if key not in settings and own[key] is not None and can_be(offered, base):
            lines.append((f"  # {key}: {_flow(own[key])}", what))
    head, what = "set:", "any setting of the experiment, for every arm"
    if settings:
        return [(head, what), *lines]
    return [(f"# {head}", what), *((f"#{line.replace('#', ' ', 1)}", of) for line, of in lines)]


def _line(key: str, value: Any, what: str) -> Line:
    return f"{key}: {_flow(value)}", what


def _aligned(lines: Iterable[Line]) -> Iterator[str]:
    """The lines with what they mean beside them, or above those that are too long for it."""
    lines = list(lines)
    width = max(len(line) for line, what in lines if what and len(line) <= _WIDEST)
    for line, what in lines:
        if what and len(line) > _WIDEST:
            yield f"# {what}:"
        yield f"{line:<{width}} # {what}" if what and len(line) <= _WIDEST else line


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
