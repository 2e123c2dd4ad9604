"""`dcgan report`: what a study, or any table of runs, comes to."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dcgan.common.metrics import SCALES

if TYPE_CHECKING:
    from dcgan.report import Results
    from dcgan.report.text.numbers import Numbers

SUMMARY = "the comparison report of a study or of a CSV table: which arm helps, by how much, how sure"
EXAMPLE = "dcgan report demo"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument(
        "sources",
        metavar="STUDY_OR_TABLE",
        nargs="+",
        help="a study's name, a CSV table (arm, seed, fid, ...), or wandb:ENTITY/PROJECT; several: one report of all",
    )
    table = parser.add_argument_group("for tables and projects in W&B")
    table.add_argument(
        "--arm-column",
        "--arm",
        metavar="NAME",
        help="the column, or the setting in W&B, that says the arm (default: arm; W&B's Group)",
    )
    table.add_argument(
        "--seed-column",
        "--seed",
        metavar="NAME",
        help="the column of the seed that pairs runs (default: seed), or none: arms are then compared unpaired",
    )
    table.add_argument("--decimal", choices=(".", ","), help="the decimal mark, where the table leaves it open")
    parser.add_argument(
        "--watch", action="store_true", help="while the study runs: rebuild the report whenever a trial has ended"
    )
    parser.add_argument("--out", metavar="DIR", help="the report's folder (default: reports/NAME)")
    parser.add_argument("--baseline", metavar="ARM", help="the arm to compare with (default: the study's)")
    parser.add_argument("--metric", metavar="NAME", help="the metric to compare (default: the study's, or fid)")
    parser.add_argument("--goal", choices=("minimize", "maximize"), help="which way the metric is better")
    parser.add_argument(
        "--scale",
        choices=SCALES,
        help="what is compared: ratios of the metric, in per cent, or its differences (default: the study's)",
    )
    parser.add_argument(
        "--margin",
        metavar="X",
        help="what does not matter: 5%% (the default), or on the scale of differences in the metric's units, as in 2.5",
    )
    parser.add_argument("--alpha", type=float, default=0.05, help="what an adjusted p must be below (default: 0.05)")


def run(args: argparse.Namespace) -> int:
    """Writes the report and prints its headline and verdicts."""
    from dcgan.cli.misplaced import check_study
    from dcgan.cli.output import print_json, say
    from dcgan.cli.report_several import check_once, run_several
    from dcgan.cli.report_sources import again, check_tables, fetched, locate, read_source

    for source in args.sources:
        check_study("report", source)
    if args.watch:
        return _watch(args, *args.sources)
    from_wandb = fetched(args)
    places = [locate(source) for source in args.sources]
    check_tables(args, places)
    if len(places) > 1:
        check_once(args.sources, places)
        return run_several(args, places, [read_source(args, place) for place in places], _options(args))
    content, out = _write(args, read_source(args, places[0]))
    if args.json:
        print_json(content)
        return 0
    show(content, out)
    say(f"report: {out / 'index.html'}")
    if from_wandb is not None:
        say(f"again, without W&B: {again(args, from_wandb)}")
    say(f"next: open {out / 'index.html'}")
    return 0


def _write(args: argparse.Namespace, results: Results) -> tuple[dict[str, Any], Path]:
    """Writes the report as the options say; the content of report.json, and the folder."""
    from dcgan import report
    from dcgan.common import paths

    out = Path(args.out) if args.out else paths.reports() / results.folder(args.metric)
    if not args.out and out.name != results.title:
        _check_is_no_others(out, results.title)
    content = report.write(results, out, **_options(args))
    return content, out


def _options(args: argparse.Namespace) -> dict[str, Any]:
    """What was asked for, as `report.write` takes it."""
    options = {name: getattr(args, name) for name in ("baseline", "metric", "goal", "scale", "alpha")}
    return {**options, **_margin(args.margin)}


def _watch(args: argparse.Namespace, source: str, *others: str) -> int:
    """Rebuilds the report whenever a trial has ended, until none is left or Ctrl-C; workers go on after that."""
    from dcgan.cli.live_report import rebuilt
    from dcgan.cli.output import print_json, say
    from dcgan.common.errors import Misuse
    from dcgan.common.messages import message

    if others:
        raise Misuse(f"--watch: one study is watched at a time, and here are {1 + len(others)}")
    if source.endswith(".csv") or source.startswith("wandb:"):
        raise Misuse(f"--watch: a study is watched while it runs, and {source} is a table")
    last: tuple[dict[str, Any], Path] | None = None
    for last, standing in rebuilt(source, lambda results: _write(args, results)):
        message(f"{standing.line()}; {last[1] / 'index.html'}")
    if last is None:
        say("no trial has finished: there is no report yet")
        return 0
    content, out = last
    if args.json:
        print_json(content)
        return 0
    show(content, out)
    say(f"next: open {out / 'index.html'}")
    return 0


def report_study(name: str) -> dict[str, Any]:
    """Writes `reports/NAME` of a study and returns the content of report.json. For `dcgan sweep`, too."""
    from dcgan import report
    from dcgan.common import paths
    from dcgan.sweeps.sweep import find_study

    return report.write(report.from_study(find_study(name)), paths.reports() / name)


def show(content: dict[str, Any], path: Path) -> None:
    """Prints the headline and the verdicts of a report.json; `path` is its folder."""
    from dcgan.cli.output import say
    from dcgan.common import paths
    from dcgan.common.messages import message
    from dcgan.report.text.numbers import Numbers

    numbers = Numbers.for_means([arm["mean"] for arm in content["arms"]], content["scale"])
    say(content["headline"])
    for warning in content["warnings"]:
        message(f"warning: {warning}")
    search = content["search"]
    for line in search["lines"] if search and search["winner"] else ():
        say(line)
    if search and search["recipe"]:
        say("recipe: " + shlex.join(["dcgan", "train", str(paths.home() / search["recipe"])]))
    if content["effects"]:
        _show_effects(content, numbers)
    elif not search or search["winner"]:  # else the headline is the answer
        say(content["resolution"])
        _show_tips(content, numbers)
    for replication in content["replications"]:
        _show_replication(replication, numbers)
    if more := content["more"]:
        say(f"more seeds: {more} trains fresh ones as a replication, judged alone and shown beside these")
    if scored := content["protocol"].get("name"):
        say(f"scored as {scored}")
    if content["partial"]:
        trials = content["trials"]
        message(f"partial: {trials['done']} of {trials['total']} trials are done; {path} holds what there is")


def _show_effects(content: dict[str, Any], numbers: Numbers) -> None:
    """The effects of the design, then the interactions that were found."""
    from dcgan.cli.output import plain, table
    from dcgan.common.formatting import p_value

    for key, column in (("effects", "effect"), ("interactions", "interaction")):
        entries = [entry for entry in content[key] if key == "effects" or entry["verdict"] == "interacts"]
        rows = [
            [
                entry["effect"],
                f"{numbers.effect(entry['estimate'])} {numbers.effect_interval(entry['estimate_interval'])}".strip(),
                p_value(entry["p_adjusted"]),
                ", ".join(part for part in (entry["verdict"], entry.get("caution"), entry["reason"]) if part),
                _seeds_needed(content, entry),
            ]
            for entry in entries
        ]
        if rows:
            table([column, f"{content['metric']} [95 %]", "adjusted p", "verdict", "seeds needed"], plain(rows))


def _show_tips(content: dict[str, Any], numbers: Numbers) -> None:
    """Every tip from off to on, the most helpful first."""
    from dcgan.cli.output import plain, table
    from dcgan.common.formatting import p_value, percent

    rows = [
        [
            tip["label"],
            "" if tip["instead"] == "off" else f"than {tip['instead']}",
            f"{numbers.effect(tip['effect'])} {numbers.effect_interval(tip['interval'])}".strip(),
            p_value(tip["p_adjusted"]),
            ", ".join(
                part for part in (f"{tip['verdict']} {tip['survivors']}".strip(), tip["lean"], tip["reason"]) if part
            ),
            _seeds_needed(content, tip),
            percent(tip["extra_seconds"]) if tip["extra_seconds"] is not None else "",
            f"{tip['failed']} without a score" if tip["failed"] and not tip["survivors"] else "",
        ]
        for tip in content["tips"]
    ]
    columns = ["compared", "", f"{content['metric']} [95 %]", "adjusted p", "verdict", "seeds needed", "time", "runs"]
    filled = [any(row[index] for row in rows) for index in range(len(columns))]
    kept = [index for index, some in enumerate(filled) if some]
    table([columns[index] for index in kept], plain([[row[index] for index in kept] for row in rows]))


def _seeds_needed(content: dict[str, Any], entry: dict[str, Any]) -> Any:
    """Of what is open, unless the baseline has hardly learned: then no number of seeds would do."""
    return entry["seeds_needed"] if entry["verdict"] == "inconclusive" and not content["hardly_trained"] else ""


def _show_replication(replication: dict[str, Any], numbers: Numbers) -> None:
    """What fresh seeds found beside what the study did."""
    from dcgan.cli.output import plain, table

    rows = [
        [again["name"], _found(again["first"], numbers), _found(again, numbers), again["agreement"] or "not finished"]
        for again in replication["found"]
    ]
    seeds, trials = replication["seeds"], replication["trials"]
    title = f"replication {replication['study']}: seeds {seeds[0]} to {seeds[-1]}, judged alone"
    title += f"; {trials['done']} of {trials['total']} trials are done" if replication["partial"] else ""
    table(["compared", "first [95 %]", "replication [95 %]", "agreement"], plain(rows), title=title)


def _found(entry: dict[str, Any], numbers: Numbers) -> str:
    """`-12 % [-20 %, -3 %] helps`."""
    effect = f"{numbers.effect(entry['estimate'])} {numbers.effect_interval(entry['estimate_interval'])}".strip()
    return f"{effect} {entry['verdict']}"


def _check_is_no_others(folder: Path, title: str) -> None:
    """Refuses to put a report by another metric over that of a study or table that is itself called so."""
    from dcgan.common.errors import Misuse
    from dcgan.common.files import read_json

    file = folder / "report.json"
    if file.is_file() and (there := read_json(file).get("title", title)) != title:
        raise Misuse(f"{folder} is the report on '{there}': name another folder with --out")


def _margin(text: str | None) -> dict[str, float]:
    """`2.5` as a margin in the metric's units, `5%` as a share of the baseline's mean."""
    from dcgan.common.errors import Misuse

    if text is None:
        return {}
    try:
        number = float(text.removesuffix("%"))
    except ValueError:
        raise Misuse(f"--margin {text}: expected a number in the metric's units, or a share such as 5%") from None
    return {"margin_share": number / 100} if text.endswith("%") else {"margin": number}
