"""What `dcgan sweep` says before it spends anything: arms, trials, time, and what the seeds can resolve."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dcgan.cli.design import design_lines
from dcgan.cli.output import count, duration, note, print_json, say, table
from dcgan.common.errors import DcganError, Misuse
from dcgan.common.overrides import flatten
from dcgan.queue.storage import without_password
from dcgan.queue.study_extractor import Extractors, check_runs
from dcgan.runs.directory import FINAL
from dcgan.statistics.resolution import detectable, sentence, sign_flip_floor, warning
from dcgan.study.plan import Plan, Trial
from dcgan.study.stages.tuning_stage import skipped
from dcgan.study.status import Overview, Standing
from dcgan.study.timing import estimate
from dcgan.study.timing.deadline import Allotment, allot, parse_duration, within
from dcgan.workers.launchers import launcher
from dcgan.workers.worker import check_here, cores


@dataclass(frozen=True)
class _Outlook:
    """What is left of a plan, how long it takes, and with --for the part of it that fits."""

    plan: Plan
    standing: Standing
    todo: list[Trial]
    workers: int
    costs: estimate.Costs
    seconds: float | None
    allotment: Allotment | None

    @property
    def pairs(self) -> int:
        """The seeds that all arms will have."""
        if self.allotment is None:
            return len(self.plan.seeds)
        left_out = {trial.seed for trial in self.todo} - set(self.allotment.seeds)
        return len(set(self.plan.seeds) - left_out)

    @property
    def gpu_hours(self) -> float | None:
        """Hours of a GPU that has one trial at a time; None on a CPU."""
        from dcgan.runs import environment

        device = environment.choose_device(self.plan.base.compute.device)
        if device.type != "cuda" or self.seconds is None:
            return None
        return sum(estimate.rest(each, self.costs[each.arm], self.standing.outcomes) for each in self.todo) / 3600


def dry_run(args: argparse.Namespace, plans: Sequence[Plan]) -> int:
    """Says what would be done in each of the stages; trains no more than a few steps, and writes nothing."""
    launched = launcher(args.launcher, args.option)
    outlooks: list[_Outlook] = []
    for plan in plans:
        check_here(plan)
        check_runs(plan, Extractors(plan, None).in_folder())
        workers = args.workers or launched.usual_workers(plan, plan.expected)
        outlooks.append(_look(plan, workers, args.time, sum(each.seconds or 0.0 for each in outlooks)))
    *before, outlook = outlooks
    script = launched.script(outlook.plan, outlook.workers)
    if args.json:
        first = [_stage_json(each) for each in before]
        print_json({**_to_json(outlook), "before": first, "tuned": _tuned(outlook.plan), "batch_script": script})
        return 0
    for each in before:
        for line in [_stage(each), *skipped(each.plan)]:
            say(line)
    _show(args, outlook)
    if script is not None:
        say(f"the batch script that would be submitted:\n{script}")
    say("next: " + shlex.join(["dcgan", "sweep", args.sweep, *args.words, *launching(args)]))
    return 0


def launching(args: argparse.Namespace) -> list[str]:
    """The words about where and how long that this command was given."""
    workers = ["--workers", str(args.workers)] if args.workers else []
    named = ["--launcher", args.launcher] if args.launcher != "local" else []
    time = ["--for", args.time] if args.time else []
    # As it may be shown: a password stands as ***, and is to be typed again.
    storage = ["--storage", without_password(args.storage)] if args.storage else []
    return [*workers, *named, *(word for option in args.option for word in ("--option", option)), *storage, *time]


def within_time(plan: Plan, workers: int, time: str | None, spent: float) -> Plan:
    """The part of the plan that fits into `--for`, of which so many seconds are spent, said on stderr; the plan itself
    without."""
    if time is None:
        return plan
    outlook = _look(plan, workers, time, spent)
    assert outlook.allotment is not None  # noqa: S101 - for the type checker
    note(_in_time(time, outlook))
    return within(plan, outlook.todo, outlook.allotment)


def _look(plan: Plan, workers: int, time: str | None, spent: float) -> _Outlook:
    """Raises Misuse where not even one seed of all arms fits, DcganError where nobody knows."""
    limit = None if time is None else parse_duration(time) - spent
    standing = Overview(plan).look()
    todo = estimate.todo(plan, standing.outcomes)
    costs = _costs(plan, standing, todo, workers)
    seconds = estimate.seconds_left(plan, standing.outcomes, workers, costs)

    def left(trial: Trial) -> float:
        return estimate.rest(trial, costs[trial.arm], standing.outcomes)

    allotment = None
    if limit is not None:
        if any(trial.arm not in costs for trial in todo):
            raise DcganError(f"--for {time}: how long a trial takes cannot be measured before its data are here")
        allotment = allot(todo, limit, workers, left)
        if todo and not allotment.seeds:
            block = [trial for trial in todo if trial.seed == todo[0].seed]
            needed = allot(block, float("inf"), workers, left).seconds
            after = f", after {duration(spent)} for the tuning" if spent else ""
            raise Misuse(
                f"--for {time}: one seed of all arms, {len(block)} trials, takes about {duration(needed)}, {workers} "
                f"at a time{after}: give more time"
            )
    return _Outlook(plan, standing, todo, workers, costs, seconds, allotment)


def arm_costs(plan: Plan, workers: int) -> dict[str, float]:
    """Seconds of a whole trial by arm, measured; arms whose data are not here are left out."""
    standing = Overview(plan).look()
    return _costs(plan, standing, list(plan.trials), workers)


def _costs(plan: Plan, standing: Standing, todo: list[Trial], workers: int) -> dict[str, float]:
    """Measured times of whole trials by arm; where there are none, a few steps are measured here."""
    costs = estimate.measured(plan, standing.outcomes)
    missing = [arm for arm in dict.fromkeys(trial.arm for trial in todo) if arm not in costs]
    if missing:
        from dcgan.study.timing import measure

        threads = plan.base.compute.threads or max(1, cores() // workers)
        costs |= measure.seconds(plan, missing, threads, note)
    return costs


def _stage_json(outlook: _Outlook) -> dict[str, Any]:
    plan, counts = outlook.plan, outlook.standing.counts
    return {
        "study": plan.study,
        "trials": len(plan.trials),
        "reused": sum(counts[status] for status in FINAL),
        "seeds": list(plan.seeds),
        "workers": outlook.workers,
        "seconds": outlook.seconds,
    }


def _stage(outlook: _Outlook) -> str:
    """A stage before the sweep's own study in a line."""
    told, plan = _stage_json(outlook), outlook.plan
    seeds = f"seed {plan.seeds[0]}" if len(plan.seeds) == 1 else f"seeds {plan.seeds[0]} to {plan.seeds[-1]}"
    return (
        f"first: study {plan.study}, {told['trials']} trials of {len(plan.arms)} candidates on {seeds}; "
        f"{told['reused']} of them are already trained; time: {_time(outlook, '')}, {outlook.workers} at a time"
    )


def _tuned(plan: Plan) -> dict[str, Any] | None:
    return None if plan.tuned is None else plan.tuned.to_json()


def _to_json(outlook: _Outlook) -> dict[str, Any]:
    plan, standing = outlook.plan, outlook.standing
    pairs, comparisons, looks = outlook.pairs, plan.comparisons, plan.looks
    sd, effect = estimate.measured_sd(plan, standing.outcomes), detectable(pairs, comparisons, looks)
    chosen = outlook.allotment
    return {
        **standing.to_json(),
        "arms": [arm.name for arm in plan.arms],
        "held": dict(plan.held),
        "aliases": plan.reading.aliases.to_json() if plan.reading.aliases else None,
        "trials": len(plan.trials),
        "reused": sum(standing.counts[status] for status in FINAL),
        "workers": outlook.workers,
        "seconds": outlook.seconds,
        "gpu_hours": outlook.gpu_hours,
        "seeds": pairs,
        "looks": list(looks.seeds) if looks else None,
        "in_time": chosen and {"seeds": list(chosen.seeds), "trials": len(chosen.trials), "seconds": chosen.seconds},
        "resolvable_difference": None if sd is None or effect is None else effect * sd,
        "resolvable_in_sd": effect,
        "resolution": sentence(pairs, comparisons, sd, plan.sweep.metric, looks),
        "sign_flip_floor": sign_flip_floor(pairs, comparisons),
        "warning": warning(pairs, comparisons),
    }


def _show(args: argparse.Namespace, outlook: _Outlook) -> None:
    plan, told = outlook.plan, _to_json(outlook)
    rows = [[arm.name, ", ".join(_changes(plan, arm.name)) or "-"] for arm in plan.arms]
    table(["arm", f"differs from {plan.baseline} in"], rows, title=f"study {plan.study}")
    if held := _held(plan):
        say(f"in every arm, since start={plan.sweep.start} holds for the tips that are no factors: {', '.join(held)}")
    for line in [*design_lines(plan), *_remarks(plan), *(plan.tuned.lines() if plan.tuned else [])]:
        say(line)
    most = "at most " if plan.looks else ""
    say(
        f"trials: {most}{len(plan.trials)} = {len(plan.arms)} arms x {len(plan.seeds)} seeds; "
        f"{told['reused']} of them are already trained"
    )
    if plan.looks:
        say(f"looks: after {', '.join(map(str, plan.looks.seeds))} seeds; decided comparisons get no further ones")
    say(f"time: {_time(outlook, most)}, {outlook.workers} at a time")
    if args.time:
        say(_in_time(args.time, outlook))
    say(f"resolution: {told['resolution']}")
    say(f"floor: the adjusted p of the exact sign-flip test cannot fall below {told['sign_flip_floor']:.2g}")
    if told["warning"]:
        say(f"warning: {told['warning']}")


def _time(outlook: _Outlook, most: str) -> str:
    if outlook.seconds is None:
        return "unknown until the data are here"
    text = f"{most or 'about '}{duration(outlook.seconds)} of training and scoring"
    return text if outlook.gpu_hours is None else f"{text}, {outlook.gpu_hours:.2g} GPU-hours"


def _in_time(time: str, outlook: _Outlook) -> str:
    chosen = outlook.allotment
    assert chosen is not None  # noqa: S101 - for the type checker
    rest = len(outlook.todo) - len(chosen.trials)
    then = f"; the other {rest} stay planned, and the same command without --for goes on with them" if rest else ""
    return (
        f"in {time}: {count(len(chosen.seeds), 'whole seed')} of all arms, {len(chosen.trials)} trials in about "
        f"{duration(chosen.seconds)}, {outlook.workers} at a time{then}"
    )


def _changes(plan: Plan, arm: str) -> list[str]:
    """`key=value` for each key in which an arm's experiment differs from the baseline's."""
    one = {trial.arm: trial.experiment for trial in plan.trials[: len(plan.arms)]}
    here, there = (flatten(one[name].model_dump(mode="json")) for name in (arm, plan.baseline))
    return [f"{key}={value}" for key, value in here.items() if there.get(key) != value]


def _remarks(plan: Plan) -> list[str]:
    """What a user should know of the arms' experiments, each once, with the arms that it is true of."""
    arms: dict[str, list[str]] = {}
    for trial in plan.trials[: len(plan.arms)]:
        for remark in trial.experiment.notes():
            arms.setdefault(remark, []).append(trial.arm)
    where = {
        remark: "every arm" if len(names) == len(plan.arms) else ", ".join(names) for remark, names in arms.items()
    }
    return [f"note ({where[remark]}): {remark}" for remark in arms]


def _held(plan: Plan) -> list[str]:
    """`key=value` for each key that tips which are no factors change in every arm."""

    base = flatten(plan.base.model_dump(mode="json"))
    varied = {change.partition("=")[0] for arm in plan.arms for change in _changes(plan, arm.name)}
    return [f"{key}={value}" for key, value in plan.held.items() if base[key] != value and key not in varied]
