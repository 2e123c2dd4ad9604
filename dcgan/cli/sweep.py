"""`dcgan sweep`: plan, launch or continue a study."""

from __future__ import annotations

import argparse
import shlex
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dcgan.study.overview import Standing
    from dcgan.study.plan import Plan

SUMMARY = "compare tips: train every arm of a design on paired seeds, then write the report"
EXAMPLE = "dcgan sweep demo seeds=5 --workers 2"
TAKES_WORDS = True


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("sweep", metavar="SWEEP", help="a file, or the name of one in sweeps/")
    parser.add_argument("--workers", type=int, metavar="N", help="trials at a time (default: one a core, on a GPU one)")
    parser.add_argument("--launcher", default="local", metavar="NAME", help="where workers run (default: local)")
    parser.add_argument(
        "--storage",
        metavar="URL",
        help="a queue for workers elsewhere too: postgresql://... or grpc://HOST:PORT (default: DCGAN_STORAGE)",
    )
    parser.add_argument("--dry-run", action="store_true", help="show arms, trials, time and what can be resolved")
    parser.add_argument("--no-report", action="store_true", help="train only")


def run(args: argparse.Namespace) -> int:
    """Runs what is left of the study; 0 when every trial is done (a divergence is a result), 1 when some failed."""
    from dcgan.errors import Misuse
    from dcgan.overrides import parse_words
    from dcgan.study import plan as planning
    from dcgan.study import sweep as sweeps

    if args.workers is not None and args.workers < 1:
        raise Misuse(f"--workers {args.workers}: expected 1 or more")
    plan = planning.make(sweeps.load(args.sweep, parse_words(args.words)))
    planning.check(plan)
    if args.dry_run:
        return _dry_run(args, plan)
    return _launch(args, plan)


def _dry_run(args: argparse.Namespace, plan: Plan) -> int:
    from dcgan.cli.show import duration, print_json, say, table
    from dcgan.study import estimate
    from dcgan.study.overview import Overview
    from dcgan.study.power import detectable, sentence
    from dcgan.study.worker import check_here, usual_workers
    from dcgan.tracking.directory import FINAL

    check_here(plan)
    standing = Overview(plan).look()
    reused = sum(standing.counts[status] for status in FINAL)
    workers = args.workers or usual_workers(plan, len(plan.trials) - reused)
    seconds = estimate.seconds_left(plan, standing.outcomes, workers)
    pairs, comparisons = len(plan.sweep.seeds), len(plan.arms) - 1
    sd = estimate.measured_sd(plan, standing.outcomes)
    effect = detectable(pairs, comparisons)
    resolution = sentence(pairs, comparisons, sd, plan.sweep.metric)
    if args.json:
        print_json(
            {
                **standing.to_json(),
                "arms": [arm.name for arm in plan.arms],
                "held": dict(plan.held),
                "trials": len(plan.trials),
                "reused": reused,
                "workers": workers,
                "seconds": seconds,
                "resolvable_difference": None if sd is None or effect is None else effect * sd,
                "resolvable_in_sd": effect,
                "resolution": resolution,
            }
        )
        return 0
    rows = [[arm.name, ", ".join(_changes(plan, arm.name)) or "-"] for arm in plan.arms]
    table(["arm", f"differs from {plan.baseline} in"], rows, title=f"study {plan.study}")
    if held := _held(plan):
        say(f"in every arm, since start={plan.sweep.start} holds for the tips that are no factors: {', '.join(held)}")
    for line in _remarks(plan):
        say(line)
    say(f"trials: {len(plan.trials)} = {len(plan.arms)} arms x {pairs} seeds; {reused} of them are already trained")
    time = "unknown until the first trial ran" if seconds is None else f"about {duration(seconds)} of training"
    say(f"time: {time}, {workers} at a time")
    say(f"resolution: {resolution}")
    say("next: " + shlex.join(["dcgan", "sweep", args.sweep, *args.words]))
    return 0


def _changes(plan: Plan, arm: str) -> list[str]:
    """`key=value` for each key in which an arm's experiment differs from the baseline's."""
    from dcgan.overrides import flatten

    one = {trial.arm: flatten(trial.experiment.model_dump(mode="json")) for trial in plan.trials[: len(plan.arms)]}
    return [f"{key}={value}" for key, value in one[arm].items() if one[plan.baseline].get(key) != value]


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
    from dcgan.overrides import flatten

    base = flatten(plan.base.model_dump(mode="json"))
    varied = {change.partition("=")[0] for arm in plan.arms for change in _changes(plan, arm.name)}
    return [f"{key}={value}" for key, value in plan.held.items() if base[key] != value and key not in varied]


def _launch(args: argparse.Namespace, plan: Plan) -> int:
    from dcgan.cli.show import note
    from dcgan.cli.signals import stopping
    from dcgan.cli.watch import watching
    from dcgan.errors import DcganError, Interrupted
    from dcgan.study import plan as planning
    from dcgan.study import table, worker
    from dcgan.study.launchers import Job, launcher
    from dcgan.study.overview import Overview
    from dcgan.study.queue import Queue
    from dcgan.study.storage import open_storage, storage_url
    from dcgan.tracking.directory import FINAL

    launch = launcher(args.launcher)
    if url := storage_url(args.storage):
        open_storage(plan.directory, url)
    before = Overview(plan).look()
    complaints: list[str] = []
    with stopping() as stop:
        try:
            # Before anything is written: what cannot be trained leaves nothing behind.
            fingerprints = {} if before.complete else worker.prepare(plan)
            planning.write(plan)
            queue = Queue(plan, url, stop=stop)
            queue.state_data(fingerprints)
            waiting = queue.fill()
            table.write(plan)
            note(f"study {plan.study}: {before.line()}; in {plan.directory}")
            if waiting or queue.others_busy():
                workers = args.workers or worker.usual_workers(plan, waiting)
                with watching(plan, workers):
                    complaints = launch(Job(plan, queue, workers, url, stop))
        except Interrupted:
            note(f"study {plan.study}: {Overview(plan).look().line()}")
            raise Interrupted(
                f"study '{plan.study}' stopped; nothing is lost, type the same command again to go on"
            ) from None
    queue.collect()
    table.write(plan)
    for line in complaints:
        note(f"note: {line}")
    standing = Overview(plan).look()
    if not any(standing.counts[status] for status in FINAL):
        raise DcganError(f"study '{plan.study}': no trial finished; {_reason(standing)}")
    return _result(args, plan, standing)


def _result(args: argparse.Namespace, plan: Plan, standing: Standing) -> int:
    """Writes the report and says how the study stands."""
    from dcgan.cli.show import note, print_json, say

    result: dict[str, Any] = {**standing.to_json(), "report": None}
    report = None
    if not args.no_report and standing.counts["finished"]:
        from dcgan import places
        from dcgan.cli.report import report_study, show

        report = report_study(plan.study)
        result["report"] = str(places.reports() / plan.study / "index.html")
    if args.json:
        print_json(result)
    else:
        if report is not None:
            show(report, places.reports() / plan.study)
        say(f"study {plan.study}: {standing.line()}")
        if report is not None:
            say(f"report: {result['report']}")
    if standing.complete:
        if not args.json:
            words = ["dcgan", "report", plan.study] if report is None else ["open", result["report"]]
            say("next: " + shlex.join(words))
        return 0
    note(f"error: not every trial is done; {_reason(standing)}; the same command tries those again")
    return 1


def _reason(standing: Standing) -> str:
    """The first failure, as its run recorded it."""
    for trial in standing.plan.trials:
        outcome = standing.outcomes.get(trial.run)
        if outcome and outcome["status"] not in ("finished", "running") and outcome.get("failure"):
            return f"arm '{trial.arm}', seed {trial.seed} {outcome['status']}: {outcome['failure']}"
    return "no failure was recorded: see the logs in " + str(standing.plan.directory / "workers")
