"""`dcgan score STUDY`: all kept generators of a study again, under one protocol, on the record."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from dcgan.common.errors import Misuse

if TYPE_CHECKING:
    from dcgan.study.plan import Plan
    from dcgan.workers.rescoring import Rescored


def score_study(args: argparse.Namespace, study: str, folder: str | None) -> int:
    """Scores what is here of the study again; 1 where generators are elsewhere or damaged.

    `folder`: where the study's images are on this machine, None for where they were.
    """
    from dcgan.cli.output import print_json
    from dcgan.common.signals import stopping
    from dcgan.data.whereabouts import given as given_folder
    from dcgan.queue import queue_of
    from dcgan.queue.storage import storage_url
    from dcgan.study import stored_plans, trials_table
    from dcgan.workers.rescoring import Rescored, rescore

    given = [name for name in ("against", "split", "samples", "extractor", "size") if getattr(args, name) is not None]
    if given:
        raise Misuse(
            f"--{given[0]}: all runs of a study are scored as its sweep says; for one run, dcgan score RUN "
            f"--{given[0]} ..."
        )
    plan = stored_plans.load(study)
    if folder is not None:
        given_folder(plan.base.data, folder)
    rescored = Rescored()
    with stopping() as stop:
        queue = queue_of(plan, storage_url(args.storage), stop)
        queue.collect()
        try:
            rescore(plan, queue.extractors, rescored, stop)
        finally:  # after a stop, too: the other machines get the scores that there are
            queue.publish_scores(rescored.scored)
            trials_table.write(plan)
    if args.json:
        records = [record for trial in rescored.scored if (record := trial.directory.record())]
        scores = {record.id: dict(record.scores) for record in records}
        counts = {name: len(getattr(rescored, name)) for name in ("already", "missing", "damaged")}
        print_json({"study": plan.study, "scored": len(scores), **counts, "open": rescored.open, "scores": scores})
    return _report(plan, rescored, quiet=args.json)


def _report(plan: Plan, rescored: Rescored, *, quiet: bool) -> int:
    """Says what was done and what is left to do."""
    from dcgan.cli.output import say
    from dcgan.common.messages import message

    lines = [f"study {plan.study}: {len(rescored.scored)} runs scored again"]
    lines += [f"{len(rescored.already)} were scored so already"] if rescored.already else []
    lines += [f"{rescored.open} trials are not finished"] if rescored.open else []
    if not quiet:
        say("; ".join(lines))
    for run, why in rescored.damaged.items():
        message(f"error: {why}; move runs/{run} away and type the sweep command again, so that it is trained anew")
    if rescored.missing:
        first = rescored.missing[0]
        message(
            f"error: {len(rescored.missing)} finished runs have no generator here, such as {first.arm}, seed "
            f"{first.seed} ({first.run}): type the same command where they were trained; where no machine has it any "
            "more, move runs/ID away, and the sweep trains it anew"
        )
    if rescored.missing or rescored.damaged:
        return 1
    if not quiet:
        say(f"next: dcgan report {plan.study}")
    return 0
