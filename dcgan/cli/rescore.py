"""`dcgan score STUDY`: all kept generators of a study again, under one protocol, on the record."""

from __future__ import annotations

import argparse

from dcgan.errors import Misuse


def score_study(args: argparse.Namespace) -> int:
    """Scores what is here of the study again; 1 where generators are elsewhere."""
    from dcgan.cli.show import note, print_json, say
    from dcgan.cli.signals import stopping
    from dcgan.study import plan as planning
    from dcgan.study import table
    from dcgan.study.rescoring import rescore
    from dcgan.study.stages import queue_of
    from dcgan.study.storage import storage_url

    given = [name for name in ("against", "split", "samples", "extractor", "size") if getattr(args, name) is not None]
    if given:
        raise Misuse(
            f"--{given[0]}: all runs of a study are scored as its sweep says; for one run, dcgan score RUN "
            f"--{given[0]} ..."
        )
    plan = planning.load(args.what)
    with stopping() as stop:
        queue = queue_of(plan, storage_url(args.storage), stop)
        queue.collect()
        told = rescore(plan, queue.extractors, stop)
        queue.tell_rescored(told.scored)
    table.write(plan)
    missing = len(told.missing)
    if args.json:
        runs = {trial.run: (trial.directory.record() or {})["scores"] for trial in told.scored}
        print_json({"study": plan.study, "scored": len(runs), "missing": missing, "scores": runs})
    else:
        say(f"study {plan.study}: {len(told.scored)} runs scored again")
    if missing:
        arm, seed = told.missing[0].arm, told.missing[0].seed
        note(
            f"error: {missing} finished runs have no generator here, such as {arm}, seed {seed} "
            f"({told.missing[0].run}): type the same command where they were trained"
        )
        return 1
    if not args.json:
        say(f"next: dcgan report {plan.study}")
    return 0
