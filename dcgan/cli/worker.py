"""`dcgan worker`: join a study."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from dcgan.cli import images_here

if TYPE_CHECKING:
    from collections.abc import Callable

    from dcgan.records.run_record import RunRecord
    from dcgan.study.plan import Plan, Trial

SUMMARY = "join a study from this machine: train what waits in its queue until nothing is left"
TAKES_WORDS = True
WORDS = images_here.WORDS
EXAMPLE = "dcgan worker mnist-tips --storage postgresql://me@host/dcgan"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("study", metavar="STUDY", help="the name of a study that `dcgan sweep` planned")
    parser.add_argument(
        "--storage",
        metavar="URL",
        help="where the study's queue is, if it is not in the study's folder: postgresql://... or grpc://HOST:PORT, "
        "or @FILE that holds it (default: DCGAN_STORAGE; a password on the command line is refused)",
    )
    parser.add_argument(
        "--threads",
        type=int,
        metavar="N",
        help="processor threads a trial (default: as the study began, else all cores)",
    )
    # Given by the launcher: a worker whose launcher is gone stops as on Ctrl-C.
    parser.add_argument("--launched-by", type=int, metavar="PID", help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    """Works until nothing is left; 0 then, whatever the trials' outcomes."""
    from dcgan.cli.misplaced import check_study
    from dcgan.cli.output import print_json, say
    from dcgan.common.errors import Interrupted, Misuse
    from dcgan.common.signals import stopping
    from dcgan.data.whereabouts import given
    from dcgan.queue.storage import storage_url
    from dcgan.study.status import Overview
    from dcgan.tracking import wandb_settings
    from dcgan.workers.joining import joined

    if args.threads is not None and args.threads < 1:
        raise Misuse(f"--threads {args.threads}: expected 1 or more")
    check_study("worker", args.study)
    url, folder = storage_url(args.storage), images_here.folder_of(args.words)
    wandb_settings.check()
    with stopping() as asked:

        def stop() -> bool:
            return asked() or (args.launched_by is not None and os.getppid() != args.launched_by)

        try:
            for plan in joined(args.study, url, stop):
                if folder is not None:
                    given(plan.base.data, folder)
                _serve(plan, url, args.threads, stop)
        except Interrupted:
            raise Interrupted(f"worker of study '{args.study}' stopped; another one goes on where it was") from None
    standing = Overview(plan).look()
    if args.json:
        print_json(standing.to_json())
    else:
        say(f"study {plan.study}: {standing.line()}")
        say(f"next: dcgan report {plan.study}")
    return 0


def _serve(plan: Plan, url: str | None, threads: int | None, stop: Callable[[], bool]) -> None:
    """Trains what waits of one study."""
    from dcgan.common.messages import message
    from dcgan.queue import queue_of
    from dcgan.runs.environment import cores
    from dcgan.study.status import Overview
    from dcgan.workers.threads import threads_of
    from dcgan.workers.worker import check, fingerprints, mirrors, work

    queue = queue_of(plan, url, stop)
    queue.check_data(fingerprints(check(plan)))
    message(f"joined study {plan.study}: {Overview(plan).look().line()}")
    work(
        plan,
        queue,
        threads=threads or threads_of(plan, cores()),
        stop=stop,
        observers_of=mirrors(plan),
        on_end=lambda trial, record: message(_line(queue.plan, trial, record)),
    )


def _line(plan: Plan, trial: Trial, record: RunRecord) -> str:
    """What became of a trial."""
    from dcgan.common.formatting import number

    how = record.failure or f"{plan.sweep.metric} {number(record.scores.get(plan.sweep.metric))}"
    return f"{plan.label(trial.arm)}, seed {trial.seed}: {record.status}, {how}"
