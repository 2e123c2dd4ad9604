"""`dcgan train`: one run."""

from __future__ import annotations

import argparse
import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dcgan.experiment import Experiment
    from dcgan.records.run_record import RunRecord
    from dcgan.runs.directory import RunDirectory
    from dcgan.training.events import Observer

SUMMARY = "train one run (or go on with it), score it, print its folder and scores"
EXAMPLE = "dcgan train mnist seed=1 budget.epochs=5"
TAKES_WORDS = True
TAKES_AGENT_WORDS = True


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("experiment", metavar="EXPERIMENT", help="a file, or the name of one in experiments/")
    parser.add_argument(
        "--dry-run", action="store_true", help="print the resolved experiment and its run, train nothing"
    )


def run(args: argparse.Namespace) -> int:
    """Trains and prints run.json's content."""
    from dcgan.cli.misplaced import check_first, check_no_tips
    from dcgan.common.messages import message, note
    from dcgan.common.overrides import parse_words
    from dcgan.experiment import load
    from dcgan.runs.begun_elsewhere import begun_elsewhere

    check_first("train", args.experiment, args.words)
    check_no_tips(args.experiment, args.words)
    experiment = begun_elsewhere(load(args.experiment, parse_words(args.words)))
    for remark in experiment.notes():
        note(remark)
    if args.dry_run:
        return _show(args, experiment)

    from dcgan.cli.output import print_json, say
    from dcgan.common.agent_words import under_agent
    from dcgan.common.errors import Interrupted
    from dcgan.common.formatting import number
    from dcgan.runs.directory import RunDirectory
    from dcgan.runs.other_lengths import starts_over
    from dcgan.runs.settling import settled_run

    experiment = settled_run(experiment)
    directory = RunDirectory.of(experiment)
    before = directory.record()
    if before is None and (anew := starts_over(directory, experiment)):
        note(anew)
    try:
        record = _train(experiment, directory, kept=before is not None and before.is_over)
    except Interrupted as interruption:
        if not under_agent():
            raise
        note(str(interruption))
        return 0  # no failure that an agent should count
    if args.json:
        print_json(record.to_json())
    else:
        scores = ", ".join(f"{name} {number(value)}" for name, value in record.scores.items())
        already = "already " if before and before.is_over else ""
        why = f" ({record.failure})" if record.failure else ""
        say(f"{already}{record.status}: {directory.path}{why}")
        if scores:
            say(f"scores ({record.scored_under().name}): {scores}")
        if record.images_per_second:
            say(f"{record.images:,} images in {record.seconds:.0f} s ({record.images_per_second:.0f} a second)")
        if record.status == "finished":
            message(f"next: look at {directory.samples / 'final.png'}, or dcgan sample {record.id} --grid grid.png")
        else:
            message(f"next: see {directory.path / 'metrics.csv'}; a smaller optimizer.generator.lr may help")
    # An agent gives up after three failures, and a divergence is a result.
    return 0 if record.is_over and (record.status != "diverged" or under_agent()) else 1


def _train(experiment: Experiment, directory: RunDirectory, *, kept: bool) -> RunRecord:
    """The record of the run, which W&B is shown; `kept`: it is over already."""
    from dcgan.common.signals import stopping
    from dcgan.runs.progress import ProgressBar
    from dcgan.runs.run import run_trial
    from dcgan.tracking import wandb_settings
    from dcgan.tracking.header import alone
    from dcgan.tracking.kept import send_kept
    from dcgan.tracking.mirror import Mirror, wait_until_shown
    from dcgan.tracking.wandb_run import WandbOpening
    from dcgan.workers.agent_stop import AgentStop

    wandb_settings.use(experiment)
    wandb_settings.check()
    header = alone(experiment)
    mirror = Mirror(WandbOpening(header, "later: the same command"))
    watching: list[Observer] = [ProgressBar(), mirror]
    with stopping() as stop:
        try:
            record = run_trial(experiment, observers=watching, stop=AgentStop(stop), prune=mirror.stopped)
            if kept:
                send_kept(header, experiment, directory, record)
        finally:
            wait_until_shown()
    return record


def _show(args: argparse.Namespace, experiment: Experiment) -> int:
    from dcgan import data
    from dcgan.cli.output import print_json, say
    from dcgan.common.messages import note
    from dcgan.runs.directory import RunDirectory
    from dcgan.runs.environment import choose_device
    from dcgan.runs.inventory import KeptRun
    from dcgan.runs.other_lengths import starts_over
    from dcgan.runs.settling import check_without_download, settled_run
    from dcgan.training.trainer import check_batch

    choose_device(experiment.compute.device)  # refuses one that is not here, as the training would
    check_without_download(experiment)
    resolved = settled_run(experiment)
    if resolved.data.name != "folder" and data.is_here(resolved.data):
        check_batch(resolved, len(data.load(resolved.data).images["train"]))
    directory = RunDirectory.of(resolved)
    record = directory.record()
    if record is None and (anew := starts_over(directory, resolved)):
        note(anew)
    run = KeptRun(directory.path, record)
    if args.json:
        print_json({"id": resolved.id, "status": run.state, "experiment": resolved.model_dump(mode="json")})
    else:
        say(resolved.to_yaml())
        say(f"run {directory.path}: {run.standing}")
        say("next: " + shlex.join(["dcgan", "train", args.experiment, *args.words]))
    return 0
