"""Plan: a sweep worked out into trials, each with its experiment and id, in the order they are to be run."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from dcgan.common import paths
from dcgan.common.errors import Misuse
from dcgan.common.formatting import settings_text
from dcgan.experiment import CURVE_POINTS, Experiment
from dcgan.experiment import load as load_experiment
from dcgan.experiment.sections import Data
from dcgan.records import plan_file
from dcgan.records.growth import Growth
from dcgan.records.plan_file import PlannedTrial, PlanRecord
from dcgan.records.run_record import RunRecord
from dcgan.records.seed_changes import SeedChange
from dcgan.records.tuned import Tuned
from dcgan.runs.directory import RunDirectory
from dcgan.statistics.contrasts import Reading
from dcgan.statistics.sequential.interim_analysis import Looks
from dcgan.study.settled_before import settled_before
from dcgan.sweeps import candidates
from dcgan.sweeps.designs import MOST_TRIALS, Arm, Design, Factor, check_distinct, experiments, held
from dcgan.sweeps.designs.search import SUFFIX as SEARCH
from dcgan.sweeps.designs.search import Search
from dcgan.sweeps.factors import RangeFactor
from dcgan.sweeps.sweep import Sweep


@dataclass(frozen=True)
class Trial:
    """One arm with one seed; `run` is the id of the run that it becomes, `experiment.id`."""

    arm: str
    seed: int
    experiment: Experiment
    run: str

    @property
    def directory(self) -> RunDirectory:
        """Where that run is, or will be."""
        return RunDirectory(paths.runs() / self.run)


@dataclass(frozen=True)
class Plan:
    """What is to be trained. `trials` are in running order: all arms of one seed before the next seed's.

    `held` are the dotted keys that the tips which are no factors set in every arm, beyond `base`. `tuned` is what the
    arms were given before, where the sweep says `tune`.
    """

    sweep: Sweep
    base: Experiment
    factors: tuple[Factor, ...]
    held: Mapping[str, Any]
    arms: tuple[Arm, ...]
    trials: tuple[Trial, ...]
    tuned: Tuned | None = None
    grown: Growth | None = None  # of a search
    known: int | None = None  # recipes of the version that planned it, where its runs are not this version's
    seed_changes: tuple[SeedChange, ...] = ()  # after runs were over; `stored_plans.write` finds them
    given: Mapping[str, RunRecord] = field(default_factory=dict)  # runs that count as done though they are not here

    @property
    def study(self) -> str:
        """The study's name."""
        return self.sweep.study

    @property
    def baseline(self) -> str:
        """The arm that the others are compared with."""
        return self.arms[0].name

    @property
    def design(self) -> Design:
        """The design that its arms are of."""
        return self.sweep.design

    @property
    def expected(self) -> int:
        """How many trials there are to be in all, at most."""
        design = self.design
        return design.trials * design.seeds if isinstance(design, Search) else len(self.trials)

    def now(self) -> Plan:
        """The plan as it stands in its folder: that of a search grows."""
        if self.grown is None or not (self.directory / plan_file.NAME).exists():
            return self
        grown = plan_file.read(self.directory).grown
        return self if grown in (None, self.grown) else self.with_growth(grown)

    def with_growth(self, grown: Growth) -> Plan:
        """The same search further on. Raises Misuse for a combination that cannot be."""
        return work_out(self.sweep, self.base, self.tuned, grown, self.known)

    @cached_property
    def reading(self) -> Reading:
        """What its arms estimate together, and what they cannot tell apart; nothing where they are candidates."""
        if self.sweep.tuning_of is not None:
            return Reading()
        return self.design.reading(list(self.arms), list(self.factors))

    @property
    def comparisons(self) -> int:
        """How many tests the headline is corrected for: the main effects, or every arm against the baseline."""
        return sum(len(effect.terms) == 1 for effect in self.reading.effects) or len(self.arms) - 1

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds of its trials, in running order."""
        return self.sweep.all_seeds

    @property
    def directory(self) -> Path:
        """`studies/NAME`."""
        return paths.studies() / self.study

    @cached_property
    def position(self) -> Mapping[tuple[str, int], int]:
        """Where a (arm, seed) stands in the running order."""
        return {(trial.arm, trial.seed): index for index, trial in enumerate(self.trials)}

    @cached_property
    def experiments(self) -> Mapping[str, Experiment]:
        """What each arm trains, by its name, in the running order of the first seed: that seed's experiment."""
        return {trial.arm: trial.experiment for trial in self.trials[: len(self.arms)]}

    def levels(self, arm: str) -> Mapping[str, str]:
        """The level of each factor in an arm."""
        return next(entry.levels for entry in self.arms if entry.name == arm)

    def label(self, arm: str) -> str:
        """An arm as people read it: by what it changes where a search asked for it and its name is a number."""
        if not self.design.grows:
            return arm
        usual = self.levels(self.baseline)
        changed = {factor: level for factor, level in self.levels(arm).items() if level != usual[factor]}
        return settings_text(changed, usual) or "baseline"

    @property
    def compared(self) -> str:
        """The study whose arms are compared: this one, or the one that it is a stage of."""
        return self.sweep.tuning_of or (self.study.removesuffix(SEARCH) if self.design.grows else self.study)

    @property
    def looks(self) -> Looks | None:
        """When a study that stops when decided is looked at; None for a fixed number of seeds."""
        stop = self.sweep.stop
        return None if stop is None else stop.looks(len(self.sweep.seeds))

    def record(self) -> PlanRecord:
        """What plan.json says of it."""
        return PlanRecord(
            study=self.study,
            experiment=self.sweep.experiment,
            start=self.sweep.start,
            design=str(self.design),
            baseline=self.baseline,
            metric=self.sweep.metric,
            goal=self.sweep.goal,
            scale=self.sweep.scale,
            factors=tuple(factor.name for factor in self.factors),
            held=self.held,
            arms={arm.name: arm.levels for arm in self.arms},
            grown=self.grown,
            ranges={
                factor.path: factor.model_dump(mode="json")
                for factor in self.sweep.factors
                if isinstance(factor, RangeFactor)
            },
            reading=self.reading,
            seeds=self.seeds,
            stop=self.looks,
            tune=None if self.sweep.tune is None else str(self.sweep.tune),
            tuning_of=self.sweep.tuning_of,
            tuned=self.tuned,
            replicates=self.sweep.replicates,
            seed_changes=self.seed_changes,
            trials=tuple(PlannedTrial(trial.arm, trial.seed, trial.run) for trial in self.trials),
            content={key: value for key, value in self.base.unwatched().given().items() if value != {}},
        )


def make(sweep: Sweep, tuned: Tuned | None = None) -> Plan:
    """Works a sweep out, its arms with what they were `tuned` to. Raises Misuse for an arm that cannot be; writes
    nothing."""
    return work_out(sweep, _settled(sweep, load_experiment(sweep.experiment, sweep.set)), tuned)


def _settled(sweep: Sweep, base: Experiment) -> Experiment:
    """What its arms start from, with all worked out that it leaves open: as before, where runs of the study began."""
    before = settled_before(sweep)
    if before and base.score.extractor == "auto":
        base = base.with_({"score.extractor": before["score.extractor"]})
    points = before.get("tracking.curve_points", _curve_points(sweep, base))
    if base.tracking.curve_points != points and "tracking.curve_points" not in sweep.set:
        base = base.with_({"tracking.curve_points": points})
    if base.data.name == "folder" or base.score.extractor == "auto":
        from dcgan.runs.settling import settled  # late: it imports the data sets

        base = settled(base.with_data(_as_planned(sweep.study, base.data)))
    return base


def _curve_points(sweep: Sweep, base: Experiment) -> int:
    """At least so many scores along the training: as for a budget that is typed, where a factor varies it."""
    varied = {key for factor in sweep.factors for fragment in factor.fragments() for key in fragment}
    told = "score.every_epochs" in {*sweep.set, *varied} or "curve_points" in base.tracking.model_fields_set
    if told or base.score.every_epochs == 0 or not any(key.startswith("budget.") for key in varied):
        return base.tracking.curve_points
    return CURVE_POINTS


def _as_planned(study: str, images: Data) -> Data:
    """The images of a study that was planned in another working directory, told by their fingerprint."""
    from dcgan.data import whereabouts

    folder = paths.studies() / study
    if images.fingerprint is not None or whereabouts.is_there(images) or not plan_file.is_study(folder):
        return images
    planned = (plan_file.read(folder).content or {}).get("data", {})
    if planned.get("folder") != images.folder:
        return images
    return images.model_copy(update={"fingerprint": planned.get("fingerprint")})


def work_out(
    sweep: Sweep,
    base: Experiment,
    tuned: Tuned | None = None,
    grown: Growth | None = None,
    known: int | None = None,
) -> Plan:
    """The plan of a sweep whose arms start from `base`, as `make`; of a search as far as it is `grown`, and with the
    run ids of a version that knew the first `known` recipes."""
    if base.score.extractor == "none":
        raise Misuse(f"metric={sweep.metric} needs scores, and experiment '{base.name}' has score.extractor=none")
    design = sweep.design
    if design.grows:
        from dcgan.sweeps.search_space import factors_of

        asked = {} if grown is None else grown.arms
        factors = factors_of(sweep, base, asked)
        arms = [Arm(name, levels) for name, levels in asked.items()] or design.arms(factors, sweep.start)
        grown = grown or Growth({arm.name: arm.levels for arm in arms})
    else:
        factors = [factor.factor(sweep.start, base, design, sweep.typed) for factor in sweep.factors]
        arms = design.arms(factors, sweep.start)
    _check_count(sweep, len(arms))
    kept = held(factors, sweep.start, base, sweep.typed)
    by_arm = experiments(arms, factors, base, kept)
    if unsettled := [arm for arm, experiment in by_arm.items() if experiment.score.extractor == "auto"]:
        raise Misuse(f"arm '{unsettled[0]}': score.extractor=auto is worked out for all arms together: name it instead")
    if tuned is not None:
        by_arm = {arm: experiment.with_(tuned.changes(arm)) for arm, experiment in by_arm.items()}
    if sweep.tune is not None and sweep.tuning_of is not None:
        crossed = candidates.cross(sweep.tune, arms, factors, by_arm)
        arms, factors, by_arm = crossed.arms, crossed.factors, crossed.experiments
    elif not design.grows:
        check_distinct(by_arm, base)
    runs = {
        arm: dict(zip(sweep.all_seeds, experiment.ids(sweep.all_seeds, known), strict=True))
        for arm, experiment in by_arm.items()
    }
    trials = [
        Trial(arm, seed, by_arm[arm].with_seed(seed), runs[arm][seed])
        for seed in sweep.all_seeds
        for arm in _shuffled(arms, seed)
    ]
    return Plan(sweep, base, tuple(factors), kept, tuple(arms), tuple(trials), tuned, grown, known)


def _check_count(sweep: Sweep, arms: int) -> None:
    """Raises Misuse for more trials than a study may have, before any of them is made."""
    each = len(sweep.all_seeds) * (sweep.tune.trials if sweep.tune and sweep.tuning_of else 1)
    if (count := arms * each) > MOST_TRIALS:
        what = "candidates and seeds" if each > len(sweep.all_seeds) else "seeds"
        raise Misuse(
            f"study '{sweep.study}' would be of {count:,} trials ({arms:,} arms on {each:,} {what}), and "
            f"{MOST_TRIALS:,} are the most: give fewer seeds, or fewer factors"
        )


def _shuffled(arms: list[Arm], seed: int) -> list[str]:
    """The arms of a seed's block in an order that depends on the seed alone, so that drift of the machine
    over time does not always meet the same arm."""
    names = [arm.name for arm in arms]
    random.Random(seed).shuffle(names)  # noqa: S311 - an order, not a secret
    return names
