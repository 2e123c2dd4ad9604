"""What was compared, for the documents: the data, the training, every arm's settings, every tip in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dcgan.common.formatting import listed, whole_range
from dcgan.comparison.analysis import Analysis, arm_label, in_order
from dcgan.comparison.study_setup import StudySetup
from dcgan.experiment.sections.objective_choices import ADVERSARIAL_LOSSES
from dcgan.tips import TIPS

_LOSS = "objective.loss"
_STARTS = {
    "experiment": "experiment: tips that are no factors stay as it has them",
    "bare": "bare: tips that are no factors are off",
    "all": "all: tips that are no factors are on",
}


def setup_view(analysis: Analysis) -> dict[str, Any] | None:
    """What the templates are given; None for a table that says nothing of how its runs were made."""
    results = analysis.results
    if not results.levels:
        return None
    facts = _facts(results.setup, results.protocol) if results.setup else []
    facts.append(("baseline", _baseline(analysis)))
    if results.design:
        facts.append(("design", results.design))
    return {"facts": facts, "arms": _arms(analysis), "factors": _factors(analysis)}


def _facts(setup: StudySetup, protocol: Mapping[str, Any]) -> list[tuple[str, str]]:
    facts = [("data", _data(setup, protocol))]
    if setup.classes:
        size = whole_range(setup.classes)
        facts.append(("classes", f"{len(setup.classes)}, with {size} of the {sum(setup.classes):,} real images each"))
    if setup.experiment:
        facts.append(("experiment", setup.experiment))
    if setup.start:
        facts.append(("start", _STARTS.get(setup.start, setup.start)))
    if setup.held:
        facts.append(("set in every arm", ", ".join(f"{key}={value}" for key, value in setup.held.items())))
    return [*facts, *_training(setup.baseline)]


def _training(settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The baseline's budget and batch; an arm that has others says so in the table of settings."""
    facts = []
    epochs, images = settings.get("budget.epochs"), settings.get("budget.images_per_epoch")
    if epochs and images:
        facts.append(("budget", f"{epochs * images:,} images a run ({epochs} x {images:,})"))
    if batch := settings.get("update.batch"):
        facts.append(("batch", f"{batch} images (the baseline's)"))
    return facts


def _data(setup: StudySetup, protocol: Mapping[str, Any]) -> str:
    """`digits, 16 x 16, grey; images: train 1,078 and test 449`."""
    size, channels = protocol.get("size"), protocol.get("channels")
    what = [setup.data or str(protocol.get("data", ""))]
    what += [f"{size} x {size}"] if size else []
    what += [{1: "grey", 3: "colour"}.get(int(channels), f"{channels} channels")] if channels else []
    splits = [f"{split} {number:,}" for split, number in setup.images.items()]
    return ", ".join(part for part in what if part) + (f"; images: {listed(splits)}" if splits else "")


def _baseline(analysis: Analysis) -> str:
    arm = analysis.baseline.arm
    levels = analysis.results.levels.get(arm, {})
    on = [factor for factor, level in levels.items() if level == "on"]
    other = [f"{factor}={level}" for factor, level in levels.items() if level not in ("on", "off")]
    none = "with none of the tips" if _names_every_tip(analysis) else "the experiment with none of these tips"
    tips = [f"with {listed(on)}"] if on else ([none] if not other else [])
    return ", ".join([f"the arm {arm}", *tips, *other])


def _names_every_tip(analysis: Analysis) -> bool:
    """Whether the start says of tips that are no factors, too, where they are."""
    return analysis.results.start != "experiment"


def _arms(analysis: Analysis) -> dict[str, Any]:
    """A line an arm, a column a factor; what differs from the baseline is marked."""
    levels, baseline = analysis.results.levels, analysis.baseline.arm
    factors = list(levels.get(baseline, {}))
    there = levels.get(baseline, {})
    rows = []
    for arm in in_order(analysis):
        here = levels.get(arm.arm, {})
        cells = [(str(here.get(factor, "")), here.get(factor) != there.get(factor)) for factor in factors]
        setup = analysis.results.setup
        changes = ", ".join(f"{key}={value}" for key, value in (setup.changes.get(arm.arm, ()) if setup else ()))
        rows.append({"label": arm_label(analysis, arm.arm), "cells": cells, "changes": changes})
    return {"factors": factors, "rows": rows}


def _factors(analysis: Analysis) -> list[dict[str, str]]:
    """Each factor that is a tip, with what the tip is and where it comes from; and so each loss that is compared."""
    levels = analysis.results.levels.get(analysis.baseline.arm, {})
    tips = [
        {"name": factor, "sentence": TIPS[factor].sentence.replace("`", ""), "source": TIPS[factor].source}
        for factor in levels
        if factor in TIPS
    ]
    return tips + _losses(analysis)


def _losses(analysis: Analysis) -> list[dict[str, str]]:
    """Each level of `objective.loss`, where that is a factor, in the order of the arms."""
    arms = [analysis.results.levels.get(arm.arm, {}) for arm in in_order(analysis)]
    compared = dict.fromkeys(str(levels[_LOSS]) for levels in arms if _LOSS in levels)
    return [
        {
            "name": f"{_LOSS}={name}",
            "sentence": f"D minimises {loss.discriminator}, G {loss.generator}; real and fake are D's outputs.",
            "source": loss.source,
        }
        for name in compared
        if (loss := ADVERSARIAL_LOSSES.get(name))
    ]
