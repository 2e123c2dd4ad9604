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


def test_every_design_is_offered_and_could_stand_in_its_place() -> None:
    base = load("digits")
    text = _written(base)
    offered = {
        yaml.safe_load(line.removeprefix("# ").split(" #")[0])["design"] for line in _designs(text) if "{" not in line
    }
    bodies = [
        yaml.safe_load(line.removeprefix("# ").split(" # ")[0])["design"] for line in _designs(text) if "{" in line
    ]
    assert {*offered, *(next(iter(body)) for body in bodies)} == {*DESIGNS} - {"grid"}  # which is the factorial
    factors = new_sweep.factors_of(["ema", "replay", "dropout", "objective.loss=hinge"], base, "experiment")
    for design in [*offered, *bodies]:
        if read_design(design).name != "given":
            content = {"study": "mine", "experiment": "digits", "factors": factors, "seeds": 2, "design": design}
            assert work_out(parse(content, "mine.yaml"), base).arms


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
        ("objective.loss", "tips: objective.loss is a setting: say what it is compared with, objective.loss=VALUE"),
        ("gradient_penalty=r3", "tips: 'gradient_penalty' has no level 'r3'; did you mean 'r2'?"),
        ("objective.loss=non_saturating", "has objective.loss=non_saturating already"),
        ("replay=off", "has replay=off already"),
    ],
)
def test_refusals(word: str, message: str) -> None:
    with pytest.raises(Misuse) as refusal:
        new_sweep.factors_of([word], load("digits"), "experiment")
    assert message in str(refusal.value)


def test_a_level_beside_settings_of_ones_own_has_no_baseline() -> None:
    base = load("digits", {"objective.penalty.kind": "wgan_gp", "objective.penalty.weight": 5.0})
    assert new_sweep.factors_of(["gradient_penalty"], base, "experiment") == ["gradient_penalty"]
    with pytest.raises(Misuse, match="at none of its levels: gradient_penalty alone compares that with off"):
        new_sweep.factors_of(["gradient_penalty=r1"], base, "experiment")
