"""`dcgan status`: how studies stand."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dcgan.study.plan import Plan, Trial
    from dcgan.study.status import Running

    Elsewhere = Callable[[], Iterable[Running]]

SUMMARY = "how a study stands: trials planned, running, done, failed, diverged, and the time left"
EXAMPLE = "dcgan status demo --watch"
DETAILS = """columns (failed, diverged, pruned and skipped only where there are such trials):
  planned    trials of the study: waiting, running and ended ones
  running    some worker is at it
  finished   trained and scored
  failed     ended by an error, or by the death of too many workers; the same `dcgan sweep` command tries it
             again, and so does `dcgan sweep STUDY --again failed`
  diverged   training left the finite numbers: a result, and not tried again
  pruned     ended early by a search, as worse than others
  waiting    not begun, or put back by a worker that was stopped
  skipped    not needed: its comparison was decided without it (`stop` in the sweep)
  time left  for what waits and runs, with as many workers as now

"""


_RARE = ("failed", "diverged", "pruned", "skipped")  # columns that are shown where there are such trials


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("study", nargs="?", metavar="STUDY", help="one study (default: all of them)")
    parser.add_argument("--watch", action="store_true", help="show what `dcgan sweep` shows, until nothing is left")
    parser.add_argument(
        "--storage",
        metavar="URL",
        help="with STUDY: also what workers on other machines put there (default: DCGAN_STORAGE)",
    )


def run(args: argparse.Namespace) -> int:
    """Prints the counts. Writes nothing, so that anybody may look, but what a storage tells of workers elsewhere."""
    from dcgan.cli.misplaced import check_study
    from dcgan.cli.output import print_json, say
    from dcgan.common import paths
    from dcgan.common.errors import DcganError, Misuse
    from dcgan.common.messages import note
    from dcgan.queue.storage import storage_url
    from dcgan.records import plan_file
    from dcgan.study import trials_table
    from dcgan.workers.joining import join

    if args.watch and not args.study:
        raise Misuse("--watch: of which study? dcgan status STUDY --watch")
    if args.study:
        check_study("status", args.study)
    planned = plan_file.studies(paths.studies())
    standings = []
    url = storage_url(args.storage) if args.study else None
    for name in [args.study] if args.study else planned:
        try:
            plan, elsewhere = (join(name, None), tuple) if url is None else _joined(name, url)
            if args.watch:
                _watch(plan, elsewhere)
            if url is not None:
                trials_table.write(plan)
            standings.append(_look(plan, elsewhere))
        except DcganError as error:
            if args.study:
                raise
            note(str(error))  # the other studies are shown all the same
    if args.json:
        print_json(standings[0] if args.study else {"studies": standings})
    elif not planned:
        say(f"no study in {paths.studies()} yet\nnext: dcgan sweep demo")
    elif standings:
        _show(standings)
    return 0


def _watch(plan: Plan, elsewhere: Elsewhere) -> None:
    """The live table, or a line a trial, until every trial is done; Ctrl-C ends the watching, and the workers go on."""
    import time

    from dcgan.cli.watch import watching
    from dcgan.common.messages import message
    from dcgan.study.status import Overview

    overview = Overview(plan, elsewhere)
    standing = overview.look()
    with watching(plan, max(1, len(standing.running)), elsewhere):
        message(f"study {plan.study}: {standing.line()}")
        while not standing.complete:
            time.sleep(1)
            standing = overview.look()


def _joined(study: str, url: str) -> tuple[Plan, Elsewhere]:
    """The plan of a study, and what workers that share no folder with this one are at.

    Each look also writes down here what they have finished.
    """
    from dcgan.queue import queue_of
    from dcgan.workers.joining import join

    queue = queue_of(join(study, url), url, lambda: False)

    def elsewhere() -> list[Running]:
        queue.collect()
        return queue.running_elsewhere()

    elsewhere()
    return queue.plan, elsewhere


def _look(plan: Plan, elsewhere: Elsewhere) -> dict[str, Any]:
    from dcgan.queue.heartbeat import default_lease, stalled
    from dcgan.study.search_progress import search_progress
    from dcgan.study.status import Overview
    from dcgan.study.timing import estimate

    standing = Overview(plan, elsewhere).look()
    running = [
        {**_who(plan, one.trial), "images": one.images, plan.sweep.metric: one.score} for one in standing.running
    ]
    failures = [
        {**_who(plan, trial), "failure": standing.outcomes[trial.run].failure}
        for trial in plan.trials
        if trial.run in standing.outcomes and standing.outcomes[trial.run].status == "failed"
    ]
    workers = max(1, len(running))
    search = {"search": search_progress(plan)} if plan.grown else {}
    return {
        **standing.to_json(),
        "tuning_of": plan.sweep.tuning_of,
        "replicates": plan.sweep.replicates,
        "seeds": len(plan.seeds),
        **search,
        "metric": plan.sweep.metric,
        "trials_running": running,
        "failures": failures,
        "stalled": stalled(plan.directory, default_lease()),
        "seconds_left": estimate.seconds_left(plan, standing.outcomes, workers),
    }


def _who(plan: Plan, trial: Trial) -> dict[str, Any]:
    """Which trial: by its arm's name, and by that as people read it."""
    return {"arm": trial.arm, "label": plan.label(trial.arm), "seed": trial.seed}


def _show(standings: list[dict[str, Any]]) -> None:
    from dcgan.cli.output import say, table
    from dcgan.common.formatting import duration, number
    from dcgan.study.search_progress import progress_lines

    names = ("study", "planned", "running", "finished", "failed", "diverged", "pruned", "waiting", "skipped")
    counted = [name for name in names if name not in _RARE or any(standing[name] for standing in standings)]
    rows = []
    for standing in standings:
        left = standing["seconds_left"]
        rows.append([*(standing[name] for name in counted), "unknown" if left is None else duration(left)])
    table([*counted, "time left"], rows)
    for standing in standings:
        metric = standing["metric"]
        for line in progress_lines(standing["search"], metric) if "search" in standing else []:
            say(f"{standing['study']}: {line}")
        for trial in standing["trials_running"]:
            score = number(trial[metric])
            who = f"{trial['label']}, seed {trial['seed']}"
            say(f"{standing['study']}: {who}: {trial['images']:,} images, {metric} {score}")
        for worker in standing["stalled"]:
            silent = duration(worker["seconds"])
            who = f"worker on {worker['host']}, pid {worker['pid']}"
            say(f"{standing['study']}: stalled: {who} has not reported for {silent}")
        for trial in standing["failures"][:1]:
            say(f"{standing['study']}: {trial['label']}, seed {trial['seed']} failed: {trial['failure']}")
    undone = [standing for standing in standings if _is_undone(standing)]
    busy = [standing["study"] for standing in standings if standing["running"]]
    if busy:
        say(f"next: dcgan status {busy[0]} --watch shows how it goes on")
    elif undone:
        say(f"next: {_go_on(undone[0])}")
    else:
        say(f"next: dcgan report {standings[0]['replicates'] or standings[0]['study']}")


def _go_on(standing: dict[str, Any]) -> str:
    """What trains the rest of a study; that of a replication is the same number of fresh seeds again."""
    if standing["failed"] and not standing["waiting"]:
        return f"dcgan sweep {standing['study']} --again failed"
    if standing["replicates"] is not None:
        return f"dcgan sweep {standing['replicates']} --more {standing['seeds']}"
    return f"type the `dcgan sweep` command of {standing['tuning_of'] or standing['study']} again to go on with it"


def _is_undone(standing: dict[str, Any]) -> bool:
    """Whether its sweep command has something left to do; of a tuning, until the study that it is for is planned."""
    from dcgan.common import paths
    from dcgan.records import plan_file

    if standing["tuning_of"] is not None:
        return not plan_file.is_study(paths.studies() / standing["tuning_of"])
    return bool(standing["waiting"] or standing["failed"])
