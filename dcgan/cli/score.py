"""`dcgan score`: judge a run again, all runs of a study, or any folder of images."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from dcgan.cli import images_here
from dcgan.common.errors import Misuse, did_you_mean
from dcgan.common.paths import no_file

if TYPE_CHECKING:
    from dcgan.experiment.sections import Data, Score
    from dcgan.records.run_record import SplitScores
    from dcgan.runs.directory import RunDirectory

SUMMARY = "score a run or a whole study again, or any folder of images: FID, IS, KID, precision, recall"
TAKES_WORDS = True
WORDS = images_here.WORDS
EXAMPLE = "dcgan score 1f0c3a9be4d2 --samples 1000"

_OWN_SIZE = {"digits": 16, "mnist": 32, "stacked-mnist": 28, "fashion-mnist": 32, "cifar10": 32, "folder": 64}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument(
        "what",
        metavar="RUN_OR_STUDY_OR_FOLDER",
        help="a run's id, its beginning, or its folder, a study, or a folder of images",
    )
    parser.add_argument("--against", metavar="DATASET", help="a data set or a folder (default: the run's own data)")
    parser.add_argument("--split", choices=["test", "train"], help="of that data set (default: the run's, or test)")
    parser.add_argument("--samples", type=int, metavar="N", help="images a side (default: all, at most 10,000)")
    parser.add_argument(
        "--extractor",
        metavar="NAME",
        help="auto, classifier, inception, vgg16, dinov2-..., clip-... (default: the run's)",
    )
    parser.add_argument("--storage", metavar="URL", help="where a study's queue is, if not in its folder")
    sizes = [16, 28, 32, 64, 128]
    parser.add_argument("--size", type=int, choices=sizes, help="to bring a folder's images to (default: by the data)")


def run(args: argparse.Namespace) -> int:
    """Prints the scores and the protocol they were taken under. A run's own record stays as it is, a study's do not:
    their runs are scored again under one protocol and recorded."""
    from dcgan.cli.misplaced import check_study
    from dcgan.cli.score_study import score_study
    from dcgan.common import paths
    from dcgan.records import plan_file
    from dcgan.runs.directory import RunDirectory

    if args.samples is not None and args.samples < 2:
        raise Misuse(f"--samples {args.samples}: expected at least 2")
    check_study("score", args.what)
    folder = images_here.folder_of(args.words)
    path = Path(args.what)
    studies = plan_file.studies(paths.studies())
    study = path.name if plan_file.is_study(path) else args.what
    if study in studies and (study != args.what or not path.is_dir()):
        return score_study(args, study, folder)
    if args.storage is not None:
        from dcgan.queue.storage import storage_url

        storage_url(args.storage)  # refuses a password before it is shown
        raise Misuse(f"--storage {args.storage}: only a study has a storage, and '{args.what}' is none")
    if path.is_dir() and not (path / "experiment.yaml").is_file():
        if folder is not None:
            raise Misuse(f"data.folder={folder}: {args.what} is a folder of images itself; --against {folder}?")
        return _score_folder(args)
    try:
        directory = RunDirectory.find(args.what)
    except Misuse as error:
        hint = did_you_mean(args.what, studies) if studies else ""
        raise Misuse(f"{error}; nor is it a study{hint}, and there is {no_file(path, 'folder')}") from None
    return _score_run(args, directory, folder)


def _score_run(args: argparse.Namespace, directory: RunDirectory, folder: str | None) -> int:
    from dcgan.common.messages import note
    from dcgan.data.whereabouts import given
    from dcgan.runs.settling import settled_score
    from dcgan.workers.rescoring import score_beside

    experiment = directory.experiment()
    if folder is not None:
        given(experiment.data, folder)
    if args.size not in {None, experiment.data.size}:
        raise Misuse(f"--size {args.size}: the run makes images of {experiment.data.size} pixels; leave --size out")
    score = _settings(args, experiment.score)
    data = _against(args.against, experiment.data.size, experiment.data.channels) if args.against else experiment.data
    score = settled_score(score, data)
    judged, others = score_beside(directory, score, data)
    if others:
        note(
            f"its own scores were taken with another {score.extractor} ({', '.join(others)}), which is not here: "
            "these do not compare with them"
        )
    return _show(args, judged)


def _score_folder(args: argparse.Namespace) -> int:
    from dcgan.experiment.sections import Score
    from dcgan.runs.evaluation import score_folder
    from dcgan.runs.settling import settled_score

    if args.against is None:
        raise Misuse(f"{args.what} is a folder of images: say what to compare it with, such as --against mnist")
    against = _against(args.against, args.size, None)
    score = settled_score(_settings(args, Score(repeats=1)), against)
    return _show(args, score_folder(args.what, score, against, count=args.samples))


def _settings(args: argparse.Namespace, score: Score) -> Score:
    """A run's (or the usual) way of scoring, changed by the command's options."""
    from dcgan.experiment import parse

    own = score.extractor if score.extractor != "none" else "classifier"
    changes = {"extractor": args.extractor or own, "split": args.split or score.split}
    changes |= {"samples": args.samples} if args.samples else {}
    return parse({"score": score.model_dump() | changes}, "dcgan score").score


def _against(name: str, size: int | None, channels: int | None) -> Data:
    """The data set of that name, or the folder, at a size (by default its own)."""
    from dcgan.experiment import parse

    if name in _OWN_SIZE and name != "folder":
        return parse({"data": {"name": name, "size": size or _OWN_SIZE[name], "channels": channels}}, "--against").data
    if not Path(name).is_dir():
        names = [own for own in _OWN_SIZE if own != "folder"]
        raise Misuse(f"--against {name}: no data set, and {no_file(Path(name), 'folder')}" + did_you_mean(name, names))
    settings = {"name": "folder", "folder": name, "size": size or _OWN_SIZE["folder"], "channels": channels}
    return parse({"data": settings}, "--against").data


def _show(args: argparse.Namespace, judged: SplitScores) -> int:
    from dcgan.cli.output import print_json, say
    from dcgan.common.formatting import number
    from dcgan.common.messages import message, note

    if args.json:
        print_json({"scores": judged.scores, "protocol": judged.protocol.to_dict(), "details": judged.details})
        return 0
    for name, value in judged.scores.items():
        say(f"{name:<18} {number(value)}")
    protocol = judged.protocol
    accuracy = protocol.extractor_accuracy
    right = f", right on {accuracy:.1%} of the test split" if accuracy is not None else ""
    say(
        f"{protocol.generated} images against {protocol.real} of {protocol.data} ({protocol.split}), "
        f"extractor {protocol.extractor} {protocol.extractor_hash}{right}; protocol {protocol.key}"
    )
    if judged.details.get("memorisation", {}).get("flagged"):
        note(
            f"{judged.scores['memorisation']:.0%} of the images are as near to a training image as the nearest "
            "5 % of held-out images are: they may be copies"
        )
    for name, why in judged.details["left_out"].items():
        note(f"no {name}: {why}")
    message("next: --json gives the whole protocol and details; dcgan report STUDY compares runs")
    return 0
