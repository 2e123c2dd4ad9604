"""Facts of a study: the keys that its runs have in W&B, whatever its design and its metric."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dcgan.dashboards.study_facts import FactorAxis, study_facts
from dcgan.records.tuned import Choice, Tuned
from dcgan.study import plan as planning
from dcgan.sweeps import sweep
from tests.dashboards.scored import scored
from tests.queue.searches import LR, WIDTH, begin, bowl, drain, sweep_of
from tests.study.recorded import plan_of

FACTORS = ["he_init", "batch_norm", "leaky_relu"]


def test_of_a_plan_without_a_finished_trial(write_sweep: Any) -> None:
    facts = study_facts(plan_of(write_sweep()), None)
    assert (facts.study, facts.baseline, list(facts.arms)) == ("small", "bare", ["bare", "batch_norm", "he_init"])
    assert (facts.curve, facts.final) == ("validation/fid", "test/fid")
    assert facts.axes == (FactorAxis("batch_norm", "factor/batch_norm"), FactorAxis("he_init", "factor/he_init"))
    assert (facts.headline, facts.verdicts) == ("No verdict yet: no trial is finished.", "")
    assert (facts.label, facts.better) == ("FID", "lower is better")


@pytest.mark.parametrize("design", ["one-at-a-time", "leave-one-out", "factorial", "both", "plackett-burman"])
def test_the_baseline_is_an_arm_and_every_factor_an_axis_in_any_design(write_sweep: Any, design: str) -> None:
    plan = plan_of(write_sweep(design=design, factors=FACTORS, seeds=3))
    analysis = scored(plan, {arm.name: 60.0 * (arm.levels["he_init"] == "on") for arm in plan.arms})
    facts = study_facts(plan, analysis)
    assert facts.baseline == plan.baseline == next(iter(facts.arms))
    assert list(facts.arms) == [arm.name for arm in plan.arms]
    assert [axis.key for axis in facts.axes] == [f"factor/{name}" for name in FACTORS]
    rows = [line for line in facts.verdicts.splitlines() if line.startswith("| he\\_init")]
    assert len(rows) == (2 if design == "both" else 1)
    assert all(" hurts" in row for row in rows)
    assert facts.headline.startswith("Of 3 tips, ")


def test_the_table_of_verdicts_is_that_of_the_report(write_sweep: Any) -> None:
    plan = plan_of(write_sweep(seeds=6))
    facts = study_facts(plan, scored(plan, {"he_init": -50.0, "batch_norm": 60.0}))
    assert facts.headline == "Of 2 tips, 1 helps and 1 hurts with 6 seeds."
    assert "| he\\_init (off to on) | " in facts.verdicts
    assert [line.split(" | ")[3] for line in facts.verdicts.splitlines() if line.startswith("| ")][2:] == [
        "helps",
        "hurts",
    ]
    assert "- compared with bare" in facts.verdicts


def test_a_metric_that_is_better_higher_and_scored_at_the_end_alone(write_sweep: Any) -> None:
    plan = plan_of(write_sweep(metric="modes", set={"score.split": "train"}))
    facts = study_facts(plan, None)
    assert (facts.metric, facts.goal, facts.better) == ("modes", "maximize", "higher is better")
    assert (facts.curve, facts.final) == (None, "train/modes")
    assert study_facts(plan_of(write_sweep(set={"score.every_epochs": 0})), None).curve is None


def test_a_metric_that_was_asked_for_goes_before_the_study_s(write_sweep: Any) -> None:
    plan = plan_of(write_sweep(metric="kid", seeds=3))
    facts = study_facts(plan, scored(plan, {"he_init": 5.0}, "kid"))
    assert (facts.metric, facts.curve, facts.final) == ("kid", "validation/kid", "test/kid")
    analysis = replace(scored(plan, {}, "kid"), metric="isc", goal="maximize")
    assert (study_facts(plan, analysis).metric, study_facts(plan, analysis).goal) == ("isc", "maximize")


def test_a_search_has_its_ranges_under_their_own_keys_and_its_arms_by_what_they_change(write_sweep: Any) -> None:
    plan, queue = begin(sweep_of(write_sweep, ["he_init", LR, WIDTH], trials=4, sampler="random"))
    drain(queue, bowl)
    grown = plan.now()
    facts = study_facts(grown, None)
    assert facts.axes == (
        FactorAxis("he_init", "factor/he_init"),
        FactorAxis("optimizer.generator.lr", "optimizer.generator.lr", log=True),
        FactorAxis("generator.width", "generator.width"),
    )
    assert len(facts.arms) == 4
    assert facts.arms[facts.baseline] == "baseline"
    assert all("lr" in label or "width" in label for arm, label in facts.arms.items() if arm != facts.baseline)


def test_what_the_arms_were_tuned_in_is_an_axis(write_sweep: Any) -> None:
    path = "optimizer.generator.lr"
    choice = Choice(1, 4, {path: 2e-4}, {path: 1e-4}, {path: 1e-5}, {path: 1e-3}, score=1.0)
    tuned = Tuned("small-tune", "fid", 4, (9,), "validation", {"bare": choice, "he_init": choice})
    plan = planning.make(sweep.load(write_sweep(factors=["he_init"])), tuned)
    assert study_facts(plan, None).axes == (FactorAxis("he_init", "factor/he_init"), FactorAxis(path, path, log=True))
