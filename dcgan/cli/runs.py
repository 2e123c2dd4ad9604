"""`dcgan runs`: the runs there are, and freeing the disk of what of them is needed no more."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dcgan.runs.inventory import Inventory, KeptRun
    from dcgan.runs.removing import Removal

SUMMARY = "the runs there are: settings that differ, state, scores, study, size; --prune frees disk"
EXAMPLE = "dcgan runs study=demo 'fid<50'"
DETAILS = """columns:
  run        as much of the id as tells it from the others: enough for `dcgan sample`, `score`, `export` and here
  settings   of a study's run those that differ from its baseline's; else those in which runs of one experiment differ,
             and where more than three do, those that a run has not as most have
  state      finished, diverged, pruned (by a search), failed, running (a process is at it), interrupted (the same
             command goes on with it), not begun, damaged
  belongs to the study, arm and seed that it is a trial of

--prune removes checkpoints of finished runs, whose generators are kept beside them, what killed processes left
half-written, and whole runs that failed and belong to no study; of the runs that the filters leave, and after asking.
Scores, samples, generators and reports stay, and a run that is being trained is never touched.

"""
TAKES_WORDS = True
WORDS = (
    "only some: a study's NAME, the beginning of an id, state=failed, study=NAME, arm=NAME, seed=0, id=1f0c, "
    "a setting (update.batch=50), a score ('fid<50'); also != and >, and * in names"
)
_NOTHING = "no finished run keeps a checkpoint, nothing is half-written, and no run failed that belongs to no study"
_FEW = 3  # settings that are all shown
_SCORES = 2  # that are shown of a run


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("--prune", action="store_true", help="remove what is needed no more, after asking")
    parser.add_argument("--dry-run", action="store_true", help="with --prune: only say what would be removed")
    parser.add_argument("--yes", action="store_true", help="with --prune: remove without asking")


def run(args: argparse.Namespace) -> int:
    """Shows the runs, or prunes them."""
    from dcgan.cli.output import print_json, say
    from dcgan.common import paths
    from dcgan.common.errors import Misuse
    from dcgan.common.messages import note
    from dcgan.runs import inventory
    from dcgan.runs.removing import unknown_owners
    from dcgan.runs.run_filters import RunFilter, chosen

    if (args.dry_run or args.yes) and not args.prune:
        raise Misuse(f"{'--dry-run' if args.dry_run else '--yes'} is for --prune: nothing is removed without it")
    filters = [RunFilter.parse(word) for word in args.words]
    there = inventory.take(paths.runs(), paths.studies())
    listed = chosen(there.runs, filters)
    if args.prune:
        if there.unread:
            raise unknown_owners(there.unread)
        return _prune(args, listed)
    for trouble in there.unread:
        note(trouble)
    if args.json:
        print_json(_as_json(there.runs, listed))
    elif not there.runs:
        say(f"no run in {paths.runs()} yet\nnext: dcgan train digits")
    elif not listed:
        say(f"none of the {len(there.runs)} runs in {paths.runs()} is like that\nnext: dcgan runs")
    else:
        _show(args, there, listed)
    return 0


def _as_json(known: Sequence[KeptRun], listed: Sequence[KeptRun]) -> dict[str, Any]:
    from dcgan.records import run_ids
    from dcgan.runs.inventory import differing

    short = run_ids.shortened(run.id for run in known)
    differ = list(differing(listed))
    return {
        "runs": [
            {
                "id": run.id,
                "short": short[run.id],
                "folder": str(run.folder),
                "experiment": run.name,
                "seed": run.seed,
                "state": run.state,
                "settings": {key: run.settings[key] for key in differ if key in run.settings},
                "scores": dict(run.record.scores) if run.record else {},
                "images": run.record.images if run.record else 0,
                "failure": run.trouble or (run.record.failure if run.record else None),
                "belongs": [each._asdict() for each in run.belongs],
                "size": run.size,
                "started": run.record.started if run.record else None,
            }
            for run in listed
        ],
        "size": sum(run.size for run in listed),
    }


def _show(args: argparse.Namespace, there: Inventory, listed: Sequence[KeptRun]) -> None:
    from dcgan.cli.output import say, table
    from dcgan.common.formatting import count, size_text
    from dcgan.common.messages import message
    from dcgan.records import run_ids
    from dcgan.runs.removing import removable

    short = run_ids.shortened(run.id for run in there.runs)
    settings = _settings(there, listed)
    rows = [
        [
            *(short[run.id], run.name, "" if run.seed is None else run.seed, settings[run.id], run.standing),
            *(_scores(run), ", ".join(f"{each.study}/{each.arm}" for each in run.belongs), size_text(run.size)),
            _when(run),
        ]
        for run in listed
    ]
    table(["run", "experiment", "seed", "settings", "state", "scores", "belongs to", "size", "begun (UTC)"], rows)
    say(f"{count(len(listed), 'run')}, {size_text(sum(run.size for run in listed))}")
    for each in [run for run in listed if run.state in {"failed", "damaged"}][:_FEW]:
        why = each.trouble or (each.record.failure if each.record else None)
        message(f"{short[each.id]} {each.state}: {why}")
    freed = sum(removal.size for removal in removable(listed))
    latest = next((run for run in reversed(listed) if run.state == "finished"), None)
    if freed:
        again = shlex.join(["dcgan", "runs", *args.words, "--prune"])
        say(f"next: {again} frees {size_text(freed)} that nothing needs any more, after asking")
    elif latest is not None:
        say(f"next: dcgan sample {short[latest.id]} --grid grid.png")


def _settings(there: Inventory, listed: Sequence[KeptRun]) -> dict[str, str]:
    """Of each run as text in which settings it differs: from the baseline of its study, else from the other runs of its
    experiment that are listed."""
    beside = there.beside()
    shown = {run.id: _from_baseline(run, beside[run.id]) for run in listed if run.id in beside}
    alone = [run for run in listed if run.id not in beside]
    for name in dict.fromkeys(run.name for run in alone):
        shown |= _from_each_other([run for run in alone if run.name == name])
    return shown


def _from_baseline(run: KeptRun, baseline: KeptRun) -> str:
    """What a run has that its study's baseline has not: all of it, whichever runs are listed."""
    from dcgan.runs.inventory import differing

    differ = differing([baseline, run])
    return _text({key: run.settings[key] for key in differ if key in run.settings}) or "as the baseline"


def _from_each_other(alike: Sequence[KeptRun]) -> dict[str, str]:
    """In what runs of one experiment differ; where in much, what each has that most have not."""
    from dcgan.runs.inventory import differing

    differ = list(differing(alike))
    usual = {key: Counter(repr(run.settings.get(key)) for run in alike).most_common(1)[0][0] for key in differ}
    shown = {}
    for run in alike:
        own = {key: run.settings[key] for key in differ if key in run.settings}
        if len(differ) > _FEW:
            own = {key: value for key, value in own.items() if repr(value) != usual[key]}
        shown[run.id] = _text(own) or ("as most" if differ and run.settings else "")
    return shown


def _text(settings: Mapping[str, Any]) -> str:
    from dcgan.common.formatting import settings_text
    from dcgan.experiment.key_hints import KEYS

    return settings_text({key: str(value) for key, value in settings.items()}, KEYS)


def _scores(run: KeptRun) -> str:
    from dcgan.common.formatting import number

    scores = run.record.scores if run.record else {}
    return ", ".join(f"{name} {number(value)}" for name, value in [*scores.items()][:_SCORES])


def _when(run: KeptRun) -> str:
    started = run.record.started if run.record else None
    return started[:16].replace("T", " ") if started else ""


def _prune(args: argparse.Namespace, listed: Sequence[KeptRun]) -> int:
    from dcgan.cli.output import print_json, say, table
    from dcgan.common import paths
    from dcgan.common.errors import Misuse
    from dcgan.common.formatting import size_text
    from dcgan.runs.removing import RULE, free, removable

    removals = removable(listed)
    terminal = sys.stdin is not None and sys.stdin.isatty()
    if removals and not (args.dry_run or args.yes) and (args.json or not terminal):
        raise Misuse("--prune asks before it removes, and cannot ask here: --yes removes, --dry-run only shows")
    if not args.json:
        total = size_text(sum(removal.size for removal in removals))
        if removals:
            table(["what", "files", "size"], [[*row] for row in _by_reason(removals)])
        say(f"to be removed: {RULE}" if removals else f"nothing to remove: {_NOTHING}")
        if removals and not (args.dry_run or args.yes) and not _agreed(f"remove {total}? [y/N] "):
            say("nothing was removed")
            return 0
    gone = [] if args.dry_run else free(removals, paths.studies())
    freed = sum(removal.size for removal in gone)
    if args.json:
        removed = [{"path": str(each.path), "why": each.why, "size": each.size} for each in removals]
        print_json({"removals": removed, "freed": freed})
    elif gone:
        say(f"freed {size_text(freed)}")
    return 0


def _by_reason(removals: Sequence[Removal]) -> list[tuple[str, int, str]]:
    from dcgan.common.formatting import size_text

    rows = []
    for why in dict.fromkeys(removal.why for removal in removals):
        sizes = [removal.size for removal in removals if removal.why == why]
        rows.append((why, len(sizes), size_text(sum(sizes))))
    return rows


def _agreed(question: str) -> bool:
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
