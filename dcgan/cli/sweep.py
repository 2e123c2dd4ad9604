"""`dcgan sweep`: plan, launch or continue a study."""

from __future__ import annotations

import argparse
import shlex
from typing import TYPE_CHECKING, Any

from dcgan.common.errors import Misuse

if TYPE_CHECKING:
    from dcgan.study.plan import Plan
    from dcgan.study.status import Standing
    from dcgan.study.taken_runs import TakenRuns
    from dcgan.sweeps.sweep import Sweep
    from dcgan.workers.driver import Driver

SUMMARY = "compare tips: train every arm of a design on paired seeds, then write the report"
EXAMPLE = "dcgan sweep demo seeds=5 --workers 2"
DETAILS = """a file of your own:
  dcgan sweep --new mine.yaml experiment=folder data.folder=photos tips=ema,diffaugment seeds=3
  dcgan sweep --new mine.yaml experiment=mnist tips=ema,gradient_penalty=r1,objective.loss=hinge
  tips= takes tips (dcgan tips), levels of tips, and values of any setting to compare the experiment's own with;
  a setting beside it, such as objective.loss=hinge, holds in every arm

"""
TAKES_WORDS = True


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    from dcgan.workers.launchers import LAUNCHERS

    *others, last = LAUNCHERS
    launchers = f"{', '.join(others)} or {last}"
    parser.add_argument(
        "sweep",
        metavar="SWEEP",
        help="a file, or the name of one in sweeps/; with --more and --again the study's name will do",
    )
    parser.add_argument("--new", action="store_true", help="write the file SWEEP, commented: experiment=NAME tips=...")
    parser.add_argument("--workers", type=int, metavar="N", help="trials at a time (default: one a core, on a GPU one)")
    parser.add_argument("--launcher", default="local", metavar="NAME", help=f"where workers run: {launchers}")
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
        help="a queue for workers elsewhere too: postgresql://... or grpc://HOST:PORT, or @FILE that holds it "
        "(default: DCGAN_STORAGE)",
    )
    parser.add_argument("--dry-run", action="store_true", help="show arms, trials, time and what can be resolved")
    parser.add_argument(
        "--for",
        dest="time",
        metavar="TIME",
        help="only the whole seeds that fit into that time: 2h, 90m, 1h30m",
    )
    parser.add_argument(
        "--more",
        type=int,
        metavar="N",
        help="replicate a finished study: all its arms on N fresh seeds, judged alone and shown beside the first in "
        "its report; typed again it goes on with a replication that was interrupted, or begins the next one",
    )
    parser.add_argument(
        "--again",
        choices=("failed",),
        help="go on with a study by its name, trials that failed among them, as often as `retries` allows anew",
    )
    parser.add_argument(
        "--from",
        dest="table",
        metavar="TABLE",
        help="a report's folder, or its tables/runs.csv: rows that are trials of the sweep count as done, so that a "
        "study is reported on again, or gone on with, without its runs",
    )
    parser.add_argument("--no-report", action="store_true", help="train only")
    parser.add_argument(
        "--export", metavar="KIND", help="write the study as a sweep file of another program and train nothing: wandb"
    )
    parser.add_argument(
        "--trial",
        nargs=argparse.REMAINDER,
        metavar="KEY=VALUE",
        help="train one trial of the study, as the agent of a W&B sweep asks for it: arm=ARM seed=SEED, or the factors "
        "of a search, in any form that the agent writes; takes the rest of the line",
    )


_MOST_WORKERS = 10_000  # more are a slip of the pen, and a process each


def run(args: argparse.Namespace) -> int:
    """Runs what is left of the study; 0 when every trial is done (a divergence is a result), 1 when some failed."""
    from dcgan.cli.misplaced import check_first, check_no_factors
    from dcgan.common.overrides import parse_words
    from dcgan.sweeps import sweep as sweeps

    if args.workers is not None and not 1 <= args.workers <= _MOST_WORKERS:
        raise Misuse(f"--workers {args.workers}: expected 1 to {_MOST_WORKERS:,}")
    if args.new:
        _check_unused(args, "--new writes a file and trains nothing", "--new")
        from dcgan.cli.sweep_new import write_new

        return write_new(args)
    check_first("sweep", args.sweep, args.words)
    check_no_factors(args.words)
    if args.export is not None:
        what = "--export writes the study as it is and trains nothing"
        _check_unused(args, what, "--dry-run", "--export", "--storage")
        from dcgan.cli.sweep_export import export

        return export(args)
    if args.trial is not None:
        _check_unused(args, "--trial trains one trial, here and now, and writes no report", "--trial", "--storage")
        from dcgan.cli.sweep_trial import train_asked

        return train_asked(args)
    by_name = args.more is not None or args.again is not None
    if args.table is not None and by_name:
        raise Misuse(f"--from {args.table} goes with a sweep's file: leave out {'--again' if args.again else '--more'}")
    sweep = None if by_name else sweeps.load(args.sweep, parse_words(args.words))
    from dcgan.queue.storage import check_url, storage_url  # late: they take a second
    from dcgan.study.timing.deadline import parse_duration
    from dcgan.workers.driver import Driver
    from dcgan.workers.launchers import launcher

    if args.time is not None:
        parse_duration(args.time)
    if url := storage_url(args.storage):
        check_url(url)
    driver = Driver(launcher(args.launcher, args.option), args.workers, url, args.time)
    if sweep is None:
        return _continue(args, driver)
    from dcgan.cli.taken import runs_to_take

    taken = runs_to_take(args.table, sweep)
    if args.dry_run:
        return _dry_run(args, sweep, driver, taken)
    if args.time is not None and sweep.design.grows:
        raise Misuse(f"--for {args.time}: how long a search takes is set by its trials: give fewer of them")
    from dcgan.cli.watch import watching

    if taken is not None:
        driver.take(taken)
    standing = driver.run(sweep, watching)
    answered = standing.plan.grown is not None and standing.plan.study != sweep.study and standing.over
    return _result(args, standing, last=standing.plan.study == sweep.study or answered)


def _check_unused(args: argparse.Namespace, what: str, *but: str) -> None:
    """Refuses options that would do nothing beside `--new`, `--export` or `--trial`; `but` are not among them."""
    given = {
        "--more": args.more is not None,
        "--again": args.again is not None,
        "--for": args.time is not None,
        "--workers": args.workers is not None,
        "--launcher": args.launcher != "local",
        "--option": bool(args.option),
        "--dry-run": args.dry_run,
        "--no-report": args.no_report,
        "--from": args.table is not None,
        "--trial": args.trial is not None,
        "--export": args.export is not None,
        "--storage": args.storage is not None,
    }
    if unused := [option for option, there in given.items() if there and option not in but]:
        raise Misuse(f"{what}: leave out {', '.join(unused)}")


def _continue(args: argparse.Namespace, driver: Driver) -> int:
    """Goes on with a planned study: with what failed (`--again`), or with a replication of it, planned here (`--more`).

    Writes nothing under `--dry-run`.
    """
    from dcgan.cli.going_on import check_words, study_meant
    from dcgan.cli.images_here import folder_of
    from dcgan.common.overrides import parse_words
    from dcgan.data.whereabouts import given
    from dcgan.study import stored_plans
    from dcgan.study.failed_before import failed_before
    from dcgan.study.replicating import replication
    from dcgan.tracking import wandb_settings

    option = "--again failed" if args.again else f"--more {args.more}"
    if args.again and args.more is not None:
        raise Misuse(f"{option} --more {args.more}: first what failed, then more of it: leave out one")
    why = "the study goes on as it was planned" if args.again else "a replication has the settings of its study"
    folders, watchers = check_words(args.words, option, why)
    study, experiment = study_meant(args.sweep)
    plan = stored_plans.load(study) if args.again else replication(study, args.more)
    if (folder := folder_of(folders)) is not None:
        given(plan.base.data, folder)
    wandb_settings.use(experiment.with_(parse_words(watchers)))
    if args.dry_run:
        from dcgan.cli.dry_run import show_outlooks
        from dcgan.common.messages import message

        for line in failed_before(plan) if args.again else ():
            message(line)
        outlook = driver.look_ahead([plan])[0]
        show_outlooks(args, [outlook], driver.launcher.script(outlook.plan, outlook.workers))
        return 0
    from dcgan.cli.watch import watching

    standing = driver.again(plan, watching) if args.again else driver.replicate(plan, watching)
    return _result(args, standing, last=plan.study == plan.compared)


def _dry_run(args: argparse.Namespace, sweep: Sweep, driver: Driver, taken: TakenRuns | None) -> int:
    """Says what would be done in each of the stages; trains no more than a few steps, and writes nothing."""
    from dcgan.cli.dry_run import show_outlooks, show_search_outlook
    from dcgan.experiment import load
    from dcgan.runs.settling import check_without_download
    from dcgan.study.stages import planned, stages

    check_without_download(load(sweep.experiment, sweep.set))
    plans = [taken.counted()] if taken is not None else [next(stages(sweep))] if sweep.design.grows else planned(sweep)
    if plans[-1].design.grows:
        show_search_outlook(args, driver.look_ahead_of_search(sweep, plans[-1]))
    else:
        outlooks = driver.look_ahead(plans)
        script = driver.launcher.script(outlooks[-1].plan, outlooks[-1].workers)
        show_outlooks(args, outlooks, script)
    return 0


def _result(args: argparse.Namespace, standing: Standing, *, last: bool) -> int:
    """Writes the report and says how the study stands. Within a time, trials that did not fit are no failure.

    `last`: it is the sweep's own study, which alone is reported on, or a search in which nothing beat the baseline.
    """
    from dcgan.cli.output import print_json, say
    from dcgan.common.messages import message

    plan = standing.plan
    name = plan.sweep.replicates or plan.study  # a replication is reported beside what it replicates
    result: dict[str, Any] = {**standing.to_json(), "replicates": plan.sweep.replicates, "report": None}
    report = None
    if last and not args.no_report and standing.counts["finished"]:
        from dcgan.cli.report import report_study, show
        from dcgan.common import paths

        report = report_study(name)
        result["report"] = str(paths.reports() / name / "index.html")
    if args.json:
        print_json(result)
    else:
        if report is not None:
            show(report, paths.reports() / name)
        say(f"study {plan.study}: {standing.line()}")
        if report is not None:
            say(f"report: {result['report']}")
    # A combination of a search that failed is not among the best, and no reason to try again.
    if standing.complete or (last and plan.grown) or (args.time and not standing.counts["failed"]):
        if not args.json:
            if (standing.complete or plan.grown) and last:
                say("next: " + shlex.join(["dcgan", "report", name] if report is None else ["open", result["report"]]))
            else:
                say("next: " + _rest(args, plan))
        return 0
    message(f"error: not every trial is done; {standing.first_failure}; the same command tries those again")
    return 1


def _rest(args: argparse.Namespace, plan: Plan) -> str:
    """What is typed to train what is left. After `--again` nothing has failed any more, so that it would be refused."""
    from dcgan.cli.going_on import as_planned

    if not args.again:
        more = ["--more", str(args.more)] if args.more is not None else []
        return shlex.join(["dcgan", "sweep", args.sweep, *args.words, *more])
    command = as_planned(args.sweep, plan)
    if command is None:
        return f"the `dcgan sweep` command of study '{plan.compared}'"
    return shlex.join([*command, *args.words])
