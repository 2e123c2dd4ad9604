"""Plans of small studies, their trials as if they had been run, and facts with names as odd as can be."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from typing import Any

from dcgan.comparison.analysis import Analysis, analyse
from dcgan.comparison.from_study import from_study
from dcgan.dashboards.study_facts import FactorAxis, StudyFacts
from dcgan.study import stored_plans
from dcgan.study.plan import Plan

ODD = "a<b> \"c\" 'd' /e\\f &g;=>" + "x" * 150


def scored(plan: Plan, effects: Mapping[str, float], metric: str = "fid") -> Analysis:
    """What is found when each arm scores 100, and so much more as its effect says, but for a little noise."""
    stored_plans.write(plan)
    names = [factor.name for factor in plan.factors]
    with (plan.directory / "trials.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ["study", "arm", "seed", "run", "status", *names, metric, "seconds"])
        writer.writeheader()
        for index, trial in enumerate(plan.trials):
            score = 100 + effects.get(trial.arm, 0.0) + trial.seed + 0.1 * (index % 3)
            row = {"study": plan.study, "arm": trial.arm, "seed": trial.seed, "run": trial.run, "status": "finished"}
            writer.writerow({**row, **plan.levels(trial.arm), metric: score, "seconds": 5})
    return analyse(from_study(plan.directory))


def some_facts(**changes: Any) -> StudyFacts:
    """Of a study of three arms, scored along the training."""
    usual = {
        "study": "small",
        "design": "one-at-a-time",
        "metric": "fid",
        "goal": "minimize",
        "baseline": "bare",
        "arms": {"bare": "bare", "he_init": "he_init", "without-x": "without-x"},
        "axes": (
            FactorAxis("he_init", "factor/he_init"),
            FactorAxis("optimizer.generator.lr", "optimizer.generator.lr", log=True),
        ),
        "seeds": 5,
        "curve": "validation/fid",
        "final": "test/fid",
        "headline": "he_init helps.",
        "verdicts": "| compared | verdict |\n| --- | --- |\n| he\\_init | helps |",
    }
    return StudyFacts(**{**usual, **changes})
