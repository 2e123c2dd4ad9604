"""`dcgan sweep`: plan, launch or continue a study."""

from __future__ import annotations

import argparse
import shlex
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dcgan.study.plan import Plan
    from dcgan.study.status import Standing
    from dcgan.sweeps.sweep import Sweep

SUMMARY = "compare tips: train every arm of a design on paired seeds, then write the report"
EXAMPLE = "dcgan sweep demo seeds=5 --workers 2"
TAKES_WORDS = True


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("sweep", metavar="SWEEP", help="a file, or the name of one in sweeps/")
    parser.add_argument("--workers", type=int, metavar="N", help="trials at a time (default: one a core, on a GPU one)")
    parser.add_argument("--launcher", default="local", metavar="NAME", help="where workers run: local, ray or slurm")
    parser.add_argument(
        "--option",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="of the launcher, again and again, such as address=auto (ray), partition=gpu (slurm): docs/launchers.md",
    )
    parser.add_argument(
        "--storage",
        metavar="URL",
        help="a queue for workers elsewhere too: postgresql://... or grpc://HOST:PORT (default: DCGAN_STORAGE)",
    )
    parser.add_argument("--dry-run", action="store_true", help="show arms, trials, time and what can be resolved")
    parser.add_argument(
        "--for",
        dest="time",
        metavar="TIME",
        help="only the whole seeds that fit into that time: 2h, 90m, 1h30m",
    )
    parser.add_argument("--no-report", action="store_true", help="train only")


def run(args: argparse.Namespace) -> int:
    """Runs what is left of the study; 0 when every trial is done (a divergence is a result), 1 when some failed."""
    from dcgan.common.errors import Misuse
    from dcgan.common.overrides import parse_words
    from dcgan.sweeps import sweep as sweeps

    if args.workers is not None and args.workers < 1:
        raise Misuse(f"--workers {args.workers}: expected 1 or more")
    sweep = sweeps.load(args.sweep, parse_words(args.words))
    from dcgan.queue.storage import check_url, storage_url
    from dcgan.study.stages import planned, stages
    from dcgan.study.timing.deadline import parse_duration  # late: they take a second
    from dcgan.sweeps.designs import read_design

    if args.time is not None:
        parse_duration(args.time)
    if url := storage_url(args.storage):
        check_url(url)
    if args.dry_run:
        from dcgan.cli.dry_run import dry_run
        from dcgan.cli.search_output import dry_run_of_search

        if not read_design(sweep.design).grows:
            return dry_run(args, planned(sweep))
        plan = next(stages(sweep))
        return dry_run_of_search(args, sweep, plan) if plan.design.grows else dry_run(args, [plan])
    if args.time is not None and read_design(sweep.design).grows:
        raise Misuse(f"--for {args.time}: how long a search takes is set by its trials: give fewer of them")
    return _run_stages(args, sweep)


def _run_stages(args: argparse.Namespace, sweep: Sweep) -> int:
    """One study after the other, as far as each comes to its end."""
    from dcgan.cli.output import note
    from dcgan.cli.search_output import found_lines, search_so_far
    from dcgan.study.stages import stages

    began = time.monotonic()
    for plan in stages(sweep):
        if plan.tuned:
            for line in plan.tuned.lines():
                note(line)
        standing = _launch(args, plan, time.monotonic() - began)
        if plan.study == sweep.study:
            break
        if plan.grown:  # a combination that failed is not among the best, and no reason to stop
            for line in found_lines(search_so_far(standing.plan), sweep.metric):
                note(line)
        elif not standing.over:
            break
    return _result(args, standing, last=plan.study == sweep.study)


def _launch(args: argparse.Namespace, plan: Plan, spent: float) -> Standing:
    """How the study stands after its workers are done.

    `spent`: seconds that stages before it took of `--for`.
    """
    from dcgan.cli.dry_run import within_time
    from dcgan.cli.output import note
    from dcgan.cli.signals import stopping
    from dcgan.cli.watch import watching
    from dcgan.common.errors import DcganError, Interrupted
    from dcgan.queue import queue_of
    from dcgan.queue.storage import storage_url
    from dcgan.queue.study_extractor import extractors_of
    from dcgan.runs.directory import FINAL
    from dcgan.study import plan as planning
    from dcgan.study import trials_table
    from dcgan.study.status import Overview
    from dcgan.study.timing.deadline import parse_duration
    from dcgan.workers import worker
    from dcgan.workers.launchers import Detached, Job, launcher

    launched = launcher(args.launcher, args.option)
    url = storage_url(args.storage)
    before = Overview(plan).look()
    complaints: list[str] = []
    with stopping() as stop:
        try:
            # Before anything is written: what cannot be trained leaves nothing behind.
            extractors = extractors_of(plan, url, stop)
            fingerprints, made = ({}, {}) if before.complete else worker.prepare(plan, extractors)
            workers = args.workers or launched.usual_workers(plan, plan.expected)
            chosen = within_time(plan, workers, args.time, spent)
            planning.write(plan)
            queue = queue_of(plan, url, stop)
            worker.begin(queue, fingerprints, made)
            queue.set_deadline(None if args.time is None else time.time() + parse_duration(args.time) - spent, workers)
            waiting = queue.fill()
            trials_table.write(plan)
            note(f"study {plan.study}: {before.line()}; in {plan.directory}")
            if waiting or queue.others_busy():
                workers = args.workers or launched.usual_workers(plan, waiting)
                with watching(chosen, workers, queue.running_elsewhere):
                    complaints = launched.launch(Job(plan, queue, workers, url, stop))
        except Detached:
            note(f"study {plan.study}: {Overview(plan).look().line()}")
            raise
        except Interrupted:
            note(f"study {plan.study}: {Overview(plan).look().line()}")
            raise Interrupted(
                f"study '{plan.study}' stopped; nothing is lost, type the same command again to go on"
            ) from None
    queue.collect()
    trials_table.write(plan.now())
    for line in complaints:
        note(f"note: {line}")
    standing = Overview(plan).look()
    if not any(standing.counts[status] for status in FINAL):
        raise DcganError(f"study '{plan.study}': no trial finished; {_reason(standing)}")
    return standing


def _result(args: argparse.Namespace, standing: Standing, *, last: bool) -> int:
    """Writes the report and says how the study stands. Within a time, trials that did not fit are no failure.

    `last`: it is the sweep's own study, which alone is reported on.
    """
    from dcgan.cli.output import note, print_json, say

    plan = standing.plan
    result: dict[str, Any] = {**standing.to_json(), "report": None}
    report = None
    if last and not args.no_report and standing.counts["finished"]:
        from dcgan.cli.report import report_study, show
        from dcgan.common import paths

        report = report_study(plan.study)
        result["report"] = str(paths.reports() / plan.study / "index.html")
    if args.json:
        print_json(result)
    else:
        if report is not None:
            show(report, paths.reports() / plan.study)
        say(f"study {plan.study}: {standing.line()}")
        if report is not None:
            say(f"report: {result['report']}")
    if standing.complete or (args.time and not standing.counts["failed"]):
        if not args.json:
            words = ["dcgan", "report", plan.study] if report is None else ["open", result["report"]]
            say(
                "next: "
                + shlex.join(words if standing.complete and last else ["dcgan", "sweep", args.sweep, *args.words])
            )
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
