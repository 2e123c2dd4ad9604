"""`dcgan score STUDY`: all kept generators of a study again, under one protocol, on the record."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from dcgan.common.errors import Misuse

if TYPE_CHECKING:
    from dcgan.study.plan import Plan
    from dcgan.workers.rescoring import Rescored


def score_study(args: argparse.Namespace, study: str) -> int:
    """Scores what is here of the study again; 1 where generators are elsewhere or damaged."""
    from dcgan.cli.output import print_json
    from dcgan.cli.signals import stopping
    from dcgan.queue import queue_of
    from dcgan.queue.storage import storage_url
    from dcgan.study import plan as planning
    from dcgan.study import trials_table
    from dcgan.workers.rescoring import Rescored, rescore

    given = [name for name in ("against", "split", "samples", "extractor", "size") if getattr(args, name) is not None]
    if given:
        raise Misuse(
            f"--{given[0]}: all runs of a study are scored as its sweep says; for one run, dcgan score RUN "
            f"--{given[0]} ..."
        )
    plan = planning.load(study)
    told = Rescored()
    with stopping() as stop:
        queue = queue_of(plan, storage_url(args.storage), stop)
        queue.collect()
        try:
            rescore(plan, queue.extractors, told, stop)
        finally:  # what is done is done, and others are to know
            queue.publish_scores(told.scored)
            trials_table.write(plan)
    if args.json:
        scores = {trial.run: (trial.directory.record() or {})["scores"] for trial in told.scored}
        counts = {name: len(getattr(told, name)) for name in ("already", "missing", "damaged")}
        print_json({"study": plan.study, "scored": len(scores), **counts, "open": told.open, "scores": scores})
    return _told(plan, told, quiet=args.json)


def _told(plan: Plan, told: Rescored, *, quiet: bool) -> int:
    """Says what was done and what is left to do."""
    from dcgan.cli.output import note, say

    lines = [f"study {plan.study}: {len(told.scored)} runs scored again"]
    lines += [f"{len(told.already)} were scored so already"] if told.already else []
    lines += [f"{told.open} trials are not finished"] if told.open else []
    if not quiet:
        say("; ".join(lines))
    for run, why in told.damaged.items():
        note(f"error: {why}; move runs/{run} away and type the sweep command again, so that it is trained anew")
    if told.missing:
        first = told.missing[0]
        note(
            f"error: {len(told.missing)} finished runs have no generator here, such as {first.arm}, seed {first.seed} "
            f"({first.run}): type the same command where they were trained; where no machine has it any more, move "
            "runs/ID away, and the sweep trains it anew"
        )
    if told.missing or told.damaged:
        return 1
    if not quiet:
        say(f"next: dcgan report {plan.study}")
    return 0
