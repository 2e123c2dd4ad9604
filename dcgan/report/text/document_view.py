"""The analysis as the documents show it: every number already written, one structure for HTML and Markdown."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Any

from dcgan.common.formatting import NONE, count, p_value
from dcgan.common.metrics import within
from dcgan.comparison.analysis import Analysis, arm_label, in_order
from dcgan.comparison.comparisons import ArmSummary
from dcgan.comparison.interim_looks import words
from dcgan.comparison.results import UNFINISHED
from dcgan.records.trial_rows import STATUSES
from dcgan.report.text import sentences
from dcgan.report.text.banners import banners
from dcgan.report.text.effects_text import effects_view, headline, resolvable
from dcgan.report.text.method_text import method_words
from dcgan.report.text.metric_notes import floor_note
from dcgan.report.text.numbers import Numbers, metric_label
from dcgan.report.text.processors_text import processors_view, spread_of
from dcgan.report.text.replication_text import more_seeds, replications_view
from dcgan.report.text.search_text import search_view
from dcgan.report.text.setup_text import setup_view
from dcgan.report.text.tips_view import groups, tip_row
from dcgan.report.text.tuned_arms import tuning_view
from dcgan.statistics.paired import EQUIVALENCE_CONFIDENCE
from dcgan.statistics.power import POWER
from dcgan.statistics.resolution import HOPELESS


@dataclass(frozen=True)
class ReportCommand:
    """How this report was asked for, beyond its input: options that differ from the defaults."""

    options: tuple[tuple[str, str], ...] = ()

    def after(self, command: str) -> str:
        """That command with these options, quoted for a shell."""
        return " ".join([command, *(f"--{name} {shlex.quote(value)}" for name, value in self.options)])


def view(analysis: Analysis, command: ReportCommand) -> dict[str, Any]:
    """What the templates are given."""
    numbers = Numbers.of(analysis)
    results = analysis.results
    return {
        "title": results.title,
        "page_title": f"{results.title}: {metric_label(analysis.metric)} {_beside(analysis)}",
        "headline": results.search.answer() if results.search and not results.search.chosen else headline(analysis),
        "search": search_view(analysis, numbers),
        "effects": effects_view(analysis, numbers),
        "live": results.live,
        "banners": [tuple(banner.split(": ", 1)) for banner in banners(analysis)],
        "setup": setup_view(analysis),
        "partial": sentences.partial(analysis),
        "notes": [note for note in (floor_note(results, analysis.metric), *results.notes) if note],
        "stop": results.stop and words(results.stop, analysis.scale),
        "tuning": tuning_view(results.tuned, results.protocol.get("split")),
        "facts": _facts(analysis),
        "metric": metric_label(analysis.metric),
        "baseline": analysis.baseline.arm,
        "alpha": f"{analysis.alpha:g}",
        "margin": sentences.margin_words(analysis, numbers),
        "scale": analysis.scale,
        "method": method_words(analysis),
        "margin_source": _margin_source(analysis),
        "seeds_can_tell": f"What {count(analysis.seeds, 'seed') if analysis.seeds else 'the seeds'} can tell",
        "noun": sentences.noun(analysis),
        # A design is judged by its effects: its arms against the baseline would be second verdicts on the same runs.
        "by_arm": not analysis.by_effects,
        "tips": [tip_row(analysis, tip, numbers) for tip in analysis.tips],
        "groups": groups(analysis, numbers),
        "replications": replications_view(analysis, numbers),
        "more_seeds": more_seeds(analysis),
        "resolvable": resolvable(analysis, numbers) or _resolvable(analysis, numbers),
        "has_cost": any(comparison.cost is not None for comparison in analysis.comparisons),
        "failures": _failures(analysis),
        "arms": [
            _arm(arm, numbers, analysis.metric) | {"label": arm_label(analysis, arm.arm)} for arm in in_order(analysis)
        ],
        "has_seconds": any(arm.mean_seconds is not None for arm in analysis.arms),
        "curves_protocol": results.curves_protocol,
        "protocol": [(key.replace("_", " "), str(value)) for key, value in results.protocol.items()],
        "environment": [(key.replace("_", " "), str(value)) for key, value in results.environment.items()],
        "processors": processors_view(spread_of(analysis), analysis.baseline.arm),
        "commands": [*results.commands[:-1], *(command.after(last) for last in results.commands[-1:])],
        "place": results.place,
        "power": f"{100 * POWER:.0f} %",
        "equivalence": f"{100 * EQUIVALENCE_CONFIDENCE:.0f} %",
    }


def _facts(analysis: Analysis) -> list[str]:
    """What one must know to read the headline."""
    better = "lower" if analysis.goal == "minimize" else "higher"
    trials = [count(analysis.planned, "trial")]
    trials += [
        f"{analysis.trials[status]} {status}" for status in STATUSES if status != "finished" and analysis.trials[status]
    ]
    facts = [
        f"{metric_label(analysis.metric)}, {better} is better",
        _judged_against(analysis),
        f"{count(analysis.seeds, 'seed')}, paired" if analysis.seeds else _unpaired(analysis),
        ", ".join(trials),
    ]
    data, scored = analysis.results.protocol.get("data"), analysis.results.scored
    return facts + ([f"data: {data}"] if data else []) + ([f"scored as {scored}"] if scored else [])


def _beside(analysis: Analysis) -> str:
    """What the page's numbers are about, in its title."""
    return f"over {_arms(analysis)}" if analysis.averaged else f"against {analysis.baseline.arm}"


def _judged_against(analysis: Analysis) -> str:
    """What verdicts are about: the baseline, or, of a design, all of its arms."""
    start = _start(analysis)
    if not analysis.by_effects:
        return f"compared with {sentences.baseline_name(analysis)}" + (f", from {start}" if start else "")
    among = _arms(analysis) + (f" of {start}" if start else "")
    return f"each on average over {among}" if analysis.averaged else f"each beside two baselines, {among}"


def _arms(analysis: Analysis) -> str:
    return count(len(analysis.results.levels), "arm")


def _start(analysis: Analysis) -> str:
    """Which experiment an arm starts from whose name says nothing of it."""
    setup = analysis.results.setup
    told = setup is not None and setup.experiment and analysis.baseline.arm == "baseline"
    return f"experiment '{setup.experiment}'" if setup and told else ""


def _unpaired(analysis: Analysis) -> str:
    return "runs not paired by seed" if analysis.compared else "no pair of runs"


def _margin_source(analysis: Analysis) -> str:
    share = analysis.margin_share
    if share is None:
        return "as asked for"
    if analysis.scale == "ratio":
        return "of the score either way"
    stop = analysis.results.stop
    over = f" over the first {stop.first} seeds" if stop else ""
    return f"{100 * share:g} % of the mean of {analysis.baseline.arm}{over}"


def _unsigned(numbers: Numbers, value: float) -> str:
    """The size of an effect on the scale."""
    return numbers.effect(value).removeprefix("+")


def _share(analysis: Analysis, value: float | None) -> str:
    mean = analysis.baseline.mean
    if analysis.scale == "ratio":
        return ""
    return f"{100 * value / abs(mean):.0f} %" if value is not None and mean else ""


def _resolvable(analysis: Analysis, numbers: Numbers) -> str:
    """What the seeds there are can find, in a sentence."""
    seeds, value = analysis.seeds, analysis.resolvable
    if not seeds and analysis.compared:
        return "The runs are not paired by seed, so nothing is foretold for more of them."
    if not seeds:
        hint = "" if analysis.baseline.n else " To compare with another arm, add --baseline ARM."
        return "Without a pair of finished runs, nothing is known of the spread between seeds." + hint
    if seeds < 2 and analysis.hardly_trained:
        return f"One seed shows no spread, so nothing can be told from chance: {sentences.LONGER}."
    if seeds < 2:
        return "One seed shows no spread, so nothing can be told from chance: run at least 2 seeds, better 5 or more."
    if not value:
        return "The spread between seeds is not known yet."
    return _found_mostly(analysis, numbers, value)


def _found_mostly(analysis: Analysis, numbers: Numbers, value: float) -> str:
    """The difference that is found with 80 % probability."""
    tests = count(len(analysis.comparisons), "comparison")
    here, metric = f"With {analysis.seeds} seeds and {tests}", metric_label(analysis.metric)
    found = f"is found with a probability of {100 * POWER:.0f} %."
    if analysis.scale == "ratio":
        if value > HOPELESS:
            return f"{here}, hardly any difference can be told from chance."
        size = f"about {_unsigned(numbers, value)} in {metric}"
        return f"{here}, a true difference of {size} {found} Smaller ones will most likely stay inconclusive."
    share, mean = _share(analysis, value), analysis.baseline.mean
    settled = any(comparison.verdict in {"helps", "hurts"} for comparison in analysis.comparisons)
    beyond = analysis.goal == "minimize" and mean is not None and value >= mean > 0 and not settled
    last = (
        f"No improvement is that large: {metric} would have to fall below 0."
        if beyond
        else "Smaller ones will most likely stay inconclusive."
    )
    size = f"about {numbers.plain(value)} {metric}{f' ({share} of the baseline)' if share else ''}"
    return f"{here}, a true difference of {size} {found} {last}"


def _failures(analysis: Analysis) -> list[dict[str, str]]:
    """The arms with runs that ended without a score."""
    tests = {comparison.arm.arm: comparison for comparison in analysis.comparisons}
    rows = []
    for arm in analysis.arms:
        if words := sentences.failures(arm):
            comparison = tests.get(arm.arm)
            p = p_value(comparison.failure_p) if comparison else NONE
            rows.append({"arm": arm.arm, "how": words, "p": p})
    return rows


def _arm(arm: ArmSummary, numbers: Numbers, metric: str) -> dict[str, Any]:
    waiting = ", ".join(f"{arm.statuses[status]} {status}" for status in UNFINISHED if arm.statuses[status])
    return {
        "arm": arm.arm,
        "n": arm.n,
        "mean": numbers.plain(arm.mean),
        "sd": numbers.plain(arm.sd),
        "interval": numbers.interval(arm.interval and within(arm.interval, metric), sign=False),
        "seconds": NONE if arm.mean_seconds is None else f"{arm.mean_seconds:.0f} s",
        "other": ", ".join(part for part in (sentences.failures(arm), waiting) if part),
    }
