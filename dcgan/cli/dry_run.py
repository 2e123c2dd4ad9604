"""What `dcgan sweep --dry-run` prints of an outlook: arms or space, trials, time, and what the seeds can resolve."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from dcgan.cli.design_lines import design_lines
from dcgan.cli.output import print_json, say, table
from dcgan.common.formatting import count, duration
from dcgan.experiment import Experiment
from dcgan.study.arm_differences import differences, remarks, set_in_every_arm
from dcgan.study.baseline_lines import baseline_lines
from dcgan.study.outlook import Outlook
from dcgan.study.search_outlook import SearchOutlook
from dcgan.study.stages.tuning_stage import unused_paths


def show_outlooks(args: argparse.Namespace, outlooks: Sequence[Outlook], script: str | None) -> None:
    """Prints the outlook of each stage, the sweep's own last; `script` is the batch script that would be submitted."""
    *before, outlook = outlooks
    if args.json:
        tuned = outlook.plan.tuned
        print_json(
            {
                **outlook.to_json(),
                "before": [stage.stage_json() for stage in before],
                "tuned": None if tuned is None else tuned.to_json(),
                "batch_script": script,
            }
        )
        return
    for stage in before:
        for line in [_stage(stage), *unused_paths(stage.plan)]:
            say(line)
    _show(outlook)
    if script is not None:
        say(f"the batch script that would be submitted:\n{script}")
    _say_next(args)


def show_search_outlook(args: argparse.Namespace, outlook: SearchOutlook) -> None:
    """Prints what a search would try and what its confirmation could show."""
    content = outlook.to_json()
    if args.json:
        print_json(content)
        return
    plan, search = outlook.plan, outlook.search
    rows = [[factor, drawn] for factor, drawn in outlook.space.items()]
    table(["factor", "levels, the baseline's first"], rows, title=f"study {plan.study}")
    for line in baseline_lines(plan):
        say(line)
    say(f"design: {plan.design}")
    say(
        f"search: at most {plan.expected} trials = {search.trials} combinations x {search.seeds} seeds from "
        f"{search.own_seeds[0]} up, judged against the {plan.base.score.split} split"
    )
    say(
        f"confirmation: {outlook.confirmation} trials = (baseline + the best {search.confirm}) x {content['seeds']} "
        f"seeds, judged against the {outlook.confirmation_split} split"
    )
    if outlook.seconds is None:
        say("time: unknown until the data are here")
    else:
        took = duration(outlook.seconds)
        say(f"time: about {took} if every combination takes as long as the baseline, {outlook.workers} at a time")
    say(f"resolution: {content['resolution']}")
    if content["warning"]:
        say(f"warning: {content['warning']}")
    _say_next(args)


def _say_next(args: argparse.Namespace) -> None:
    """The command that does what the dry run showed: with the words about where and how long that it was given."""
    workers = ["--workers", str(args.workers)] if args.workers else []
    launcher = ["--launcher", args.launcher] if args.launcher != "local" else []
    options = [word for option in args.option for word in ("--option", option)]
    storage = ["--storage", args.storage] if args.storage else []
    time = ["--for", args.time] if args.time else []
    more = ["--more", str(args.more)] if args.more is not None else []
    again = ["--again", args.again] if args.again else []
    table = ["--from", args.table] if args.table else []
    words = [*args.words, *again, *more, *table, *workers, *launcher, *options, *storage, *time]
    say("next: " + shlex.join(["dcgan", "sweep", args.sweep, *words]))


def _stage(outlook: Outlook) -> str:
    """A stage before the sweep's own study in a line."""
    plan = outlook.plan
    seeds = f"seed {plan.seeds[0]}" if len(plan.seeds) == 1 else f"seeds {plan.seeds[0]} to {plan.seeds[-1]}"
    return (
        f"first: study {plan.study}, {len(plan.trials)} trials of {len(plan.arms)} candidates on {seeds}; "
        f"{outlook.reused} of them are already trained; time: {_time(outlook, '')}, {outlook.workers} at a time"
    )


def _show(outlook: Outlook) -> None:
    plan, content = outlook.plan, outlook.to_json()
    rows = [[arm.name, ", ".join(differences(plan, arm.name)) or "-"] for arm in plan.arms]
    table(["arm", f"differs from {plan.baseline} in"], rows, title=f"study {plan.study}")
    for line in baseline_lines(plan):
        say(line)
    if everywhere := set_in_every_arm(plan):
        start = plan.sweep.start
        say(f"in every arm, since start={start} holds for the tips that are no factors: {', '.join(everywhere)}")
    if plan.sweep.replicates is not None:
        say(f"a replication of {plan.sweep.replicates}: fresh seeds {plan.seeds[0]} to {plan.seeds[-1]}, judged alone")
    for line in [*design_lines(plan), *remarks(plan), *(plan.tuned.lines() if plan.tuned else [])]:
        say(line)
    most = "at most " if plan.looks else ""
    say(
        f"trials: {most}{len(plan.trials)} = {len(plan.arms)} arms x {len(plan.seeds)} seeds; "
        f"{outlook.reused} of them are already trained"
    )
    say(f"length: {outlook.run_length.words()}")
    if plan.looks:
        say(f"looks: after {', '.join(map(str, plan.looks.seeds))} seeds; decided comparisons get no further ones")
    say(f"scores: {_scores(plan.base)}")
    say(f"time: {_time(outlook, most)}, {outlook.workers} at a time")
    if outlook.time is not None:
        say(outlook.in_time())
    for line in _resolution(outlook, content):
        say(line)


def _resolution(outlook: Outlook, content: Mapping[str, Any]) -> list[str]:
    """What the seeds could tell, and other designs of as many runs; of trained ones the report tells what they do."""
    if outlook.reused == len(outlook.plan.trials):
        return ["resolution: everything is trained, and what these runs resolve is in the report"]
    others = [] if outlook.plan.sweep.replicates else content["alternatives"]  # a replication is of that design
    return [
        f"resolution: {content['resolution']}",
        *(f"or, with no more runs: {alternative['words']}" for alternative in others),
        *([f"warning: {content['warning']}"] if content["warning"] else []),
    ]


def _time(outlook: Outlook, most: str) -> str:
    if outlook.seconds is None:
        return "unknown until the data are here"
    text = f"{most or 'about '}{duration(outlook.seconds)} of training and scoring"
    return text if outlook.gpu_hours is None else f"{text}, {outlook.gpu_hours:.2g} GPU-hours"


def _scores(base: Experiment) -> str:
    """With what and how often the runs are judged."""
    images, period = base.budget.images, base.score_period
    along = f"{count(-(-images // period), 'time')} along {images:,} images" if period else "at the end alone"
    return f"on features of score.extractor={base.score.extractor}, {along}"
