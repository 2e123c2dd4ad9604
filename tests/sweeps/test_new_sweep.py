"""The file that `--new` writes: it is the sweep that was asked for, and so is what its comments offer."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from dcgan.common.errors import Misuse
from dcgan.experiment import Experiment, load
from dcgan.study.plan import work_out
from dcgan.sweeps import new_sweep
from dcgan.sweeps.designs import DESIGNS, read_design
from dcgan.sweeps.sweep import parse

ASKED = ["ema", "he_init=dcgan", "gradient_penalty=r1", "gradient_penalty=dragan", "objective.loss=hinge"]


def _written(base: Experiment, **keys: Any) -> str:
    factors = new_sweep.factors_of(ASKED, base, keys.get("start", "experiment"))
    content = {"study": "mine", "experiment": "digits", "factors": factors, **keys}
    return new_sweep.text(content, base, "mine.yaml", "dcgan sweep --new mine.yaml")


def test_commas_part_the_words_but_not_the_levels_of_one() -> None:
    words = ["gradient_penalty=[off,r1]", "objective.loss=[hinge, wasserstein]", "ema"]
    for text in (",".join(words), f"[{', '.join(words)}]"):
        assert [word.strip() for word in new_sweep.listed(text)] == words
    assert new_sweep.listed("[gradient_penalty=r1,ema]") == ["gradient_penalty=r1", "ema"]
    assert new_sweep.listed("objective.loss=[hinge,wasserstein]") == ["objective.loss=[hinge,wasserstein]"]
    (factor,) = new_sweep.factors_of(["objective.loss=[hinge,wasserstein]"], load("digits"), "experiment")
    assert factor["levels"] == ["non_saturating", "hinge", "wasserstein"]


def test_the_baselines_level_stands_first() -> None:
    factors = new_sweep.factors_of(ASKED, load("digits"), "experiment")
    assert factors == [
        "ema",
        {"tip": "he_init", "levels": ["off", "dcgan"]},
        {"tip": "gradient_penalty", "levels": ["off", "r1", "dragan"]},
        {"path": "objective.loss", "levels": ["non_saturating", "hinge"]},
    ]
    assert new_sweep.factors_of(["batch_norm=layer"], load("digits"), "bare") == [
        {"tip": "batch_norm", "levels": ["off", "layer"]}
    ]


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"start": "bare", "seeds": [3, 1], "metric": "kid", "scale": "difference"},
        {"design": {"search": {"trials": 9}}, "set": {"latent.dim": 6, "optimizer.generator.lr": 1e-4}},
        {"design": "leave-one-out", "stop": {"when": "decided", "at_most": 8}},
        {"set": {"data.name": "folder", "data.folder": "größer: # x"}},
    ],
    ids=lambda keys: ",".join(keys) or "usual",
)
def test_it_is_the_sweep_that_was_asked_for(keys: dict[str, Any]) -> None:
    base = load("digits", keys.get("set"))
    content = yaml.safe_load(_written(base, **keys))
    made = parse(content, "mine.yaml")
    assert made.factors == parse({**keys, **content, "set": {}}, "asked").factors
    for key, value in keys.items():
        assert content[key] == value
    assert made.start == keys.get("start", "experiment")
    assert work_out(made, base).arms


def test_every_design_is_offered_where_it_could_stand() -> None:
    base = load("digits")
    factors = new_sweep.factors_of(["ema", "replay", "dropout", "objective.loss=hinge"], base, "experiment")
    content = {"study": "mine", "experiment": "digits", "factors": factors}
    lines = [line.removeprefix("# ") for line in _designs(new_sweep.text(content, base, "f", "x"))]
    offered = [read_design(yaml.safe_load(line)["design"]).name for line in lines]
    assert sorted(offered) == sorted({*DESIGNS} - {"grid"})  # which is the factorial


MANY = ["ema", "replay", "dropout", "objective.loss=hinge"]
FRACTION = {"fractional": {"resolution": 4}}
OF_ANY = ["one-at-a-time", "leave-one-out", "factorial", {"search": {"trials": 9}}]


@pytest.mark.parametrize(
    ("asked", "design"),
    [
        *(
            (asked, design)
            for asked in (["gradient_penalty"], ["budget.epochs=3"], ["he_init=dcgan"])
            for design in OF_ANY
        ),
        *((["ema", "objective.loss=hinge"], design) for design in [*OF_ANY, "both"]),
        *((MANY, design) for design in ["leave-one-out", "both", "plackett-burman", FRACTION]),
    ],
    ids=str,
)
def test_each_line_that_is_offered_can_be_uncommented(asked: list[str], design: Any) -> None:
    base = load("digits")
    factors = new_sweep.factors_of(asked, base, "experiment", design)
    content = {"study": "mine", "experiment": "digits", "factors": factors, "design": design, "seeds": 4}
    lines = new_sweep.text(content, base, "f", "x").splitlines()
    offers = [
        number for number, line in enumerate(lines) if re.match(r"# (design|start|stop): |#    [a-z_.]+:|#  - ", line)
    ]
    assert len(offers) >= 4
    for number in offers:
        made = yaml.safe_load("\n".join(_uncommented(lines, number)))
        assert made != content
        settings = made.get("set") or {}
        assert work_out(parse(made, "f"), load("digits", settings)).arms, lines[number]


def _uncommented(lines: list[str], number: int) -> list[str]:
    """The file with that line in use, in place of the line of the same key."""
    line = lines[number]
    if line.startswith("#  - "):
        return [*lines[:number], line[1:], *lines[number + 1 :]]
    if line.startswith("#    "):
        return [*lines, "set:", line[1:]]
    key = line.split()[1]
    return [line[2:] if at == number else each for at, each in enumerate(lines) if not each.startswith(key)]


def test_lines_are_aligned_and_a_long_one_has_its_meaning_above() -> None:
    base = load("digits")
    for asked in (ASKED, ["ema"]):
        content = {"study": "mine", "experiment": "digits", "factors": new_sweep.factors_of(asked, base, "experiment")}
        lines = new_sweep.text(content, base, "f", "x").splitlines()
        assert len({line.rindex(" # ") for line in lines[8:] if " # " in line}) == 1
        given = next(number for number, line in enumerate(lines) if line.startswith("# design: {given"))
        assert (lines[given - 1] == "# the combinations that you write down:") == (asked is ASKED)
    assert lines[0] == "# What ema does to digits."


@pytest.mark.parametrize(
    ("word", "levels"),
    [("gradient_penalty=r1", ["r1", "off"]), ("objective.loss=hinge", ["hinge", "non_saturating"])],
)
def test_what_is_listed_is_in_the_baseline_where_each_is_taken_away(word: str, levels: list[str]) -> None:
    base = load("digits")
    factors = new_sweep.factors_of(["ema", word], base, "experiment", "leave-one-out")
    assert factors[1]["levels"] == levels
    content = {"study": "mine", "experiment": "digits", "factors": factors, "seeds": 2, "design": "leave-one-out"}
    plan = work_out(parse(content, "f"), base)
    assert plan.arms[0].levels == {"ema": "on", word.partition("=")[0]: levels[0]}


def _designs(text: str) -> list[str]:
    return re.findall(r"^(?:# )?design: .*$", text, re.MULTILINE)


def test_a_given_combination_is_of_levels_that_there_are() -> None:
    base = load("digits")
    factors = new_sweep.factors_of(["ema", "batch_norm", "objective.loss=hinge"], base, "experiment")
    content = {"study": "mine", "experiment": "digits", "factors": factors}
    (line,) = (line for line in _designs(new_sweep.text(content, base, "f", "x")) if "given" in line)
    content |= {"seeds": 2, **yaml.safe_load(line.removeprefix("# ").split(" # ")[0])}
    plan = work_out(parse(content, "mine.yaml"), base)
    assert plan.levels("together") == {"ema": "on", "batch_norm": "off", "objective.loss": "hinge"}


def test_settings_in_comments_can_be_uncommented() -> None:
    for settings in ({}, {"latent.dim": 6}):
        text = _written(load("digits", settings), set=settings)
        shown = re.sub(
            r"^#( +budget\.|  *set:)", lambda match: match[1].replace(" set:", "set:"), text, flags=re.MULTILINE
        )
        shown = re.sub(r"^  # budget", "  budget", shown, flags=re.MULTILINE)
        assert set(yaml.safe_load(shown)["set"]) == {"budget.epochs", "budget.images_per_epoch", *settings}


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("emma", "tips: no tip named 'emma'; did you mean 'ema'?"),
        ("objective.los=hinge", "tips: no setting named 'objective.los'; did you mean 'objective.loss'?"),
        ("lr=1e-3", "no tip or setting named 'lr'; did you mean 'optimizer.generator.lr' or"),
        ("ema,ema", "tips: ema is named twice"),
        ("objective.loss=[hinge,hinge]", "tips: objective.loss=hinge is named twice"),
        ("gradient_penalty=r1,gradient_penalty=[off,r1]", "tips: gradient_penalty=r1 is named twice"),
        ("objective.loss", "tips: objective.loss is a setting: say what it is compared with, objective.loss=VALUE"),
        ("gradient_penalty=r3", "tips: 'gradient_penalty' has no level 'r3'; did you mean 'r2'?"),
        ("objective.loss=non_saturating", "has objective.loss=non_saturating already"),
        ("replay=off", "has replay=off already"),
    ],
)
def test_refusals(word: str, message: str) -> None:
    with pytest.raises(Misuse) as refusal:
        new_sweep.factors_of(new_sweep.listed(word), load("digits"), "experiment")
    assert message in str(refusal.value)


def test_a_level_beside_settings_of_ones_own_has_no_baseline() -> None:
    base = load("digits", {"objective.penalty.kind": "wgan_gp", "objective.penalty.weight": 5.0})
    assert new_sweep.factors_of(["gradient_penalty"], base, "experiment") == ["gradient_penalty"]
    with pytest.raises(Misuse, match="at none of its levels: gradient_penalty alone compares that with off"):
        new_sweep.factors_of(["gradient_penalty=r1"], base, "experiment")
