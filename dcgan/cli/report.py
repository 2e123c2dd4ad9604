"""`dcgan report`: what a study, or any table of runs, comes to."""

from __future__ import annotations

import argparse
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
        help="a study's name, or a CSV file with arm, seed, fid, ...; several: one report of all, side by side",
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
    from dcgan import report
    from dcgan.cli.output import print_json, say
    from dcgan.cli.report_several import check_once, run_several
    from dcgan.common import paths

    places = [_locate(source) for source in args.sources]
    options = {name: getattr(args, name) for name in ("baseline", "metric", "goal", "scale", "alpha")}
    options |= _margin(args.margin)
    if len(places) > 1:
        check_once(args.sources, places)
        return run_several(args, places, [_read(place, args.metric) for place in places], options)
    results = _read(places[0], args.metric)
    out = Path(args.out) if args.out else paths.reports() / results.title
    content = report.write(results, out, **options)
    if args.json:
        print_json(content)
        return 0
    show(content, out)
    say(f"report: {out / 'index.html'}")
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
    from dcgan.common.messages import message
    from dcgan.report.text.numbers import Numbers

    numbers = Numbers.for_means([arm["mean"] for arm in content["arms"]], content["scale"])
    say(content["headline"])
    for warning in content["warnings"]:
        message(f"warning: {warning}")
    if content["effects"]:
        _show_effects(content, numbers)
    else:
        say(content["resolution"])
        _show_tips(content, numbers)
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
                entry["seeds_needed"] if entry["verdict"] == "inconclusive" else "",
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
            tip["seeds_needed"] if tip["verdict"] == "inconclusive" else "",
            percent(tip["extra_seconds"]) if tip["extra_seconds"] is not None else "",
            f"{tip['failed']} without a score" if tip["failed"] and not tip["survivors"] else "",
        ]
        for tip in content["tips"]
    ]
    columns = ["tip", "", f"{content['metric']} [95 %]", "adjusted p", "verdict", "seeds needed", "time", "runs"]
    filled = [any(row[index] for row in rows) for index in range(len(columns))]
    kept = [index for index, some in enumerate(filled) if some]
    table([columns[index] for index in kept], plain([[row[index] for index in kept] for row in rows]))


def _locate(source: str) -> Path:
    """The file of that path, or the folder of the study of that name or path. Raises Misuse with the closest name."""
    from dcgan.common.errors import Misuse, did_you_mean
    from dcgan.sweeps.sweep import find_study

    path = Path(source)
    if path.is_file() or (path / "plan.json").is_file():
        return path
    if path.suffix == ".csv":
        raise Misuse(
            f"no file {source}" + did_you_mean(path.name, sorted(table.name for table in path.parent.glob("*.csv")))
        )
    return find_study(source)


def _read(place: Path, metric: str | None) -> Results:
    """The table of that file, or the study in that folder."""
    from dcgan import report

    return report.from_csv(place, metric=metric) if place.is_file() else report.from_study(place)


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
