"""`dcgan status`: how studies stand."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dcgan.study.plan import Plan

SUMMARY = "how a study stands: trials planned, running, done, failed, diverged, and the time left"
EXAMPLE = "dcgan status demo --watch"


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
    """Prints the counts, and rewrites trials.csv from the run directories."""
    from dcgan import places
    from dcgan.cli.show import note, print_json, say
    from dcgan.errors import DcganError, Misuse
    from dcgan.study.joining import join
    from dcgan.study.storage import storage_url

    if args.watch:
        if not args.study:
            raise Misuse("--watch: of which study? dcgan status STUDY --watch")
        _watch(join(args.study, None))
    planned = sorted(path.parent.name for path in places.studies().glob("*/plan.json"))
    standings = []
    url = storage_url(args.storage) if args.study else None
    for name in [args.study] if args.study else planned:
        try:
            standings.append(_look(join(name, None) if url is None else _collected(name, url)))
        except DcganError as error:
            if args.study:
                raise
            note(f"note: {error}")  # one study that cannot be read hides no other
    if args.json:
        print_json(standings[0] if args.study else {"studies": standings})
    elif not planned:
        say(f"no study in {places.studies()} yet\nnext: dcgan sweep demo")
    elif standings:
        _show(standings)
    return 0


def _watch(plan: Plan) -> None:
    """The live table, or a line a trial, until every trial is done or Ctrl-C; the workers hear nothing of that."""
    import time

    from dcgan.cli.signals import stopping
    from dcgan.cli.watch import watching
    from dcgan.study.overview import Overview

    overview = Overview(plan)
    standing = overview.look()
    with stopping() as stop, watching(plan, max(1, len(standing.running))):
        while not standing.complete and not stop():
            time.sleep(1)
            standing = overview.look()


def _collected(study: str, url: str) -> Plan:
    """The plan of a study, with what workers on other machines finished written down here."""
    from dcgan.study.joining import join
    from dcgan.study.stages import queue_of

    queue = queue_of(join(study, url), url, lambda: False)
    queue.collect()
    return queue.plan


def _look(plan: Plan) -> dict[str, Any]:
    from dcgan.cli.search import search_so_far
    from dcgan.study import estimate, table
    from dcgan.study.overview import Overview
    from dcgan.study.queue.lease import stalled, usual_lease

    table.write(plan)
    standing = Overview(plan).look()
    running = [
        {"arm": each.trial.arm, "seed": each.trial.seed, "images": each.images, plan.sweep.metric: each.score}
        for each in standing.running
    ]
    failures = [
        {"arm": trial.arm, "seed": trial.seed, "failure": standing.outcomes[trial.run].get("failure")}
        for trial in plan.trials
        if standing.outcomes.get(trial.run, {}).get("status") == "failed"
    ]
    workers = max(1, len(running))
    search = {"search": search_so_far(plan)} if plan.grown else {}
    return {
        **standing.to_json(),
        **search,
        "metric": plan.sweep.metric,
        "trials_running": running,
        "failures": failures,
        "stalled": stalled(plan.directory, usual_lease()),
        "seconds_left": estimate.seconds_left(plan, standing.outcomes, workers),
    }


def _show(standings: list[dict[str, Any]]) -> None:
    from dcgan.cli.search import found_lines
    from dcgan.cli.show import duration, number, say, table

    counted = ("study", "planned", "running", "finished", "failed", "diverged", "pruned", "waiting", "spared")
    rows = []
    for standing in standings:
        left = standing["seconds_left"]
        rows.append([*(standing[name] for name in counted), "unknown" if left is None else duration(left)])
    table([*counted, "time left"], rows)
    for standing in standings:
        metric = standing["metric"]
        for line in found_lines(standing["search"], metric) if "search" in standing else []:
            say(f"{standing['study']}: {line}")
        for each in standing["trials_running"]:
            score = number(each[metric])
            say(f"{standing['study']}: {each['arm']}, seed {each['seed']}: {each['images']:,} images, {metric} {score}")
        for each in standing["stalled"]:
            silent = duration(each["seconds"])
            who = f"worker on {each['host']}, pid {each['pid']}"
            say(f"{standing['study']}: stalled: {who} has not reported for {silent}")
        for each in standing["failures"][:1]:
            say(f"{standing['study']}: {each['arm']}, seed {each['seed']} failed: {each['failure']}")
    undone = [standing for standing in standings if standing["waiting"] or standing["failed"]]
    if undone:
        say(f"next: type the `dcgan sweep` command of {undone[0]['study']} again to go on with it")
    else:
        say(f"next: dcgan report {standings[0]['study']}")
