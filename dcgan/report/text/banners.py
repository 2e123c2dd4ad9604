"""When not to believe a report: what is wrong with its scores, its runs or its comparison, a sentence each."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

import pandas as pd

from dcgan.common.formatting import count, cut, listed, number, whole_range
from dcgan.comparison.analysis import Analysis, arm_label
from dcgan.report.text.numbers import metric_label
from dcgan.report.text.processors_text import spread_of, warnings
from dcgan.report.text.sentences import LONGER
from dcgan.statistics.classifier_trust import distrust

_MOST_NAMED = 3  # arms that a sentence names
_GREY = 0.99, 0.01  # precision from which, and recall up to which, a run makes one kind of image only


def banners(analysis: Analysis) -> list[str]:
    """All that a reader must know before the first number; empty where nothing is wrong."""
    return [
        *_other_metric(analysis),
        *_other_choices(analysis),
        *_unreliable_features(analysis),
        *_hardly_trained(analysis),
        *_worse_than_untrained(analysis),
        *_below_floor(analysis),
        *_one_kind_of_image(analysis),
        *_copies(analysis),
        *_unequal_budgets(analysis),
        *_missing_seeds(analysis),
        *_changed_seeds(analysis),
        *warnings(spread_of(analysis), analysis.baseline.arm),
    ]


def _other_metric(analysis: Analysis) -> Iterator[str]:
    planned = analysis.results.metric
    if planned is not None and planned != analysis.metric:
        here, there = metric_label(analysis.metric), metric_label(planned)
        yield (
            f"Not the planned metric: {analysis.results.title} was planned to be judged by {there}, and this report "
            f"compares {here}. Among several metrics one shows an effect by chance more often than one alone: the "
            f"report by {there} is the study's answer."
        )


def _other_choices(analysis: Analysis) -> Iterator[str]:
    """What a study was not planned with; of a table nothing was planned."""
    results = analysis.results
    if not results.study or results.metric != analysis.metric:
        return
    choices = (
        ("scale", results.scale, analysis.scale),
        ("goal", results.goal, analysis.goal),
        ("baseline", results.baseline, analysis.baseline.arm),
        ("level", "0.05", f"{analysis.alpha:g}"),
    )
    other = [
        f"{name} {here} instead of {there}" for name, there, here in choices if there is not None and here != there
    ]
    if other:
        yield f"Not as planned: {listed(other)}. What was chosen after the runs were seen finds too much."


def _unreliable_features(analysis: Analysis) -> Iterator[str]:
    accuracy, setup = analysis.results.protocol.get("extractor_accuracy"), analysis.results.setup
    if not isinstance(accuracy, float):
        return
    # The real images that were scored are random ones of the split: their classes have the shares that it has.
    real = sum(setup.classes) if setup else 0
    largest = max(setup.classes) / real if setup and real else None
    images = (setup.images.get("test") if setup else None) or real or analysis.results.protocol.get("real", 0)
    if trouble := distrust(accuracy, images, largest):
        yield (
            f"Unreliable features: the classifier whose features are compared {trouble}. Scores that rest on them say "
            "little of how images look. For photos there is Inception: dcgan doctor --fetch inception, then "
            "score.extractor=inception."
        )


def _hardly_trained(analysis: Analysis) -> Iterator[str]:
    if hardly := analysis.hardly_trained:
        after = "" if hardly.updates is None else f" after {hardly.updates:,} updates of G"
        floor = "0" if hardly.floor is None else f"the noise floor, {number(hardly.floor)}"
        yield (
            f"Hardly trained: {analysis.baseline.arm} has a median {metric_label(analysis.metric)} of "
            f"{number(hardly.score)}{after}, and had {number(hardly.untrained)} before training: that is less than "
            f"half of the way to {floor}. What arms do to networks that have hardly learned says little of trained "
            f"ones: {LONGER}."
        )


def _worse_than_untrained(analysis: Analysis) -> Iterator[str]:
    """Finished runs whose last score along the way is worse than the first, that of the untrained generator."""
    frame = analysis.results.curves
    if frame is None or analysis.metric not in frame:
        return
    known = frame[frame[analysis.metric].notna()].sort_values("images")
    runs = known.groupby(["arm", "seed"])[analysis.metric].agg(["first", "last"])
    table = analysis.results.table
    finished = table.loc[table["status"] == "finished", ["arm", "seed"]]
    runs = runs[runs.index.isin(pd.MultiIndex.from_frame(finished))]
    sign = 1.0 if analysis.goal == "minimize" else -1.0
    worse = runs[sign * (runs["last"] - runs["first"]) > 0.0]
    if len(worse):
        arms = Counter(str(arm) for arm, _ in worse.index)
        yield (
            f"Worse than untrained: {len(worse)} of {count(len(runs), 'finished run')} ended with a "
            f"worse {metric_label(analysis.metric)} than the generator had before training ({_named(analysis, arms)}): "
            f"{_median(worse['last'])}, and untrained {_median(worse['first'])}. There training broke down, or was too "
            "short."
        )


def _below_floor(analysis: Analysis) -> Iterator[str]:
    table, floor = analysis.results.table, analysis.results.floor_column(analysis.metric)
    if analysis.goal == "minimize" and floor:
        below = table[(table["status"] == "finished") & (table[analysis.metric] < table[floor])]
        if len(below):
            yield (
                f"Below the noise floor: {count(len(below), 'run')} score better than as many other real images do "
                f"({_named(analysis, Counter(below['arm']))}): they copy, or there are too few images to tell."
            )


def _one_kind_of_image(analysis: Analysis) -> Iterator[str]:
    table = analysis.results.table
    if {"precision", "recall"} <= set(table):
        precision, recall = _GREY
        odd = table[(table["status"] == "finished") & (table["precision"] >= precision) & (table["recall"] <= recall)]
        if len(odd):
            yield (
                f"Precision without variety: {count(len(odd), 'run')} with a precision of 1 and a recall of 0 "
                f"({_named(analysis, Counter(odd['arm']))}), as one grey image has them."
            )


def _copies(analysis: Analysis) -> Iterator[str]:
    copies = Counter(analysis.results.copies)
    if total := copies.total():
        yield (
            f"Copies of training images: {count(total, 'run')} made more of them than chance allows "
            f"({_named(analysis, copies)}). Their scores are of remembered images."
        )


def _unequal_budgets(analysis: Analysis) -> Iterator[str]:
    """Finished runs of an arm that saw another number of images than the baseline's."""
    seen: dict[str, set[int]] = defaultdict(set)
    for (arm, _), images in analysis.results.images.items():
        seen[arm].add(images)
    usual = seen.get(analysis.baseline.arm)
    other = {arm: images for arm, images in seen.items() if usual and images != usual}
    if usual and other:
        words = [
            f"{cut(arm_label(analysis, arm), 40)}: {whole_range(images)}"
            for arm, images in list(other.items())[:_MOST_NAMED]
        ]
        more = [f"{len(other) - _MOST_NAMED} more"] if len(other) > _MOST_NAMED else []
        yield (
            f"Unequal budgets: {analysis.baseline.arm} saw {whole_range(usual)} images ({'; '.join([*words, *more])}). "
            "Differences are of the budget, too."
        )


def _missing_seeds(analysis: Analysis) -> Iterator[str]:
    if analysis.seeds and not analysis.results.same_seeds:
        sizes = Counter({arm.arm: len(arm.ended) + arm.unfinished for arm in analysis.arms})
        yield (
            f"Not the same seeds in every arm (from {min(sizes.values())} to {max(sizes.values())} a piece): arms are "
            "compared on the seeds that both have, and share nothing with the others."
        )


def _changed_seeds(analysis: Analysis) -> list[str]:
    plan = analysis.results.plan
    return [change.words() for change in plan.seed_changes] if plan else []


def _median(scores: pd.Series[float]) -> str:
    return f"{'median ' if len(scores) > 1 else ''}{number(float(scores.median()))}"


def _named(analysis: Analysis, arms: Counter[str]) -> str:
    """`3 of batch_norm off, 1 of replay on and 2 more arms`."""
    words = [f"{number} of {cut(arm_label(analysis, arm), 40)}" for arm, number in arms.most_common(_MOST_NAMED)]
    rest = len(arms) - _MOST_NAMED
    return listed([*words, *([count(rest, "more arm")] if rest > 0 else [])])
