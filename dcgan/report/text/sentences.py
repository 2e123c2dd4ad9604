"""The analysis in plain words: the headline, and a sentence for each comparison."""

from __future__ import annotations

import math
from collections import Counter

from dcgan.common.formatting import count, listed
from dcgan.report.analysis import Analysis
from dcgan.report.comparisons import ArmSummary, Comparison
from dcgan.report.beside import more_command
from dcgan.report.results import WITHOUT_SCORE
from dcgan.report.text.numbers import Numbers, metric_label
from dcgan.statistics.paired import Verdict
from dcgan.statistics.verdicts import Method

_OPPOSITE: dict[Verdict, Verdict] = {"helps": "hurts", "hurts": "helps"}
VERDICT_WORDS: dict[Verdict, tuple[str, str]] = {
    "helps": ("helps", "help"),
    "hurts": ("hurts", "hurt"),
    "no effect": ("has no effect", "have no effect"),
    "inconclusive": ("is inconclusive", "are inconclusive"),
}
_MOST_LOST = 3  # arms with lost runs that the headline names
_LEANS = 0.75  # a probability of the sign seen below which nothing leans either way


def changed_factor(analysis: Analysis, arm: str) -> tuple[str, str, str] | None:
    """The one factor in which an arm differs from the baseline, with both levels (baseline's first); else None."""
    levels = analysis.results.levels
    if arm not in levels or analysis.baseline.arm not in levels:
        return None
    here, there = levels[arm], levels[analysis.baseline.arm]
    changed = [name for name in here if here[name] != there.get(name)]
    return (changed[0], str(there.get(changed[0])), str(here[changed[0]])) if len(changed) == 1 else None


def removed_tip(analysis: Analysis, arm: str) -> str | None:
    """The tip that an arm lacks and the baseline has: then what hurts the arm is the tip's merit."""
    changed = changed_factor(analysis, arm)
    return changed[0] if changed and changed[1:] == ("on", "off") else None


def subject(analysis: Analysis, arm: str) -> str:
    """What a comparison judges: the tip where the arm removes one, else the arm."""
    return removed_tip(analysis, arm) or arm


def judged(analysis: Analysis, comparison: Comparison) -> Verdict:
    """The verdict on the `subject`: turned around where the arm is the baseline without a tip."""
    if removed_tip(analysis, comparison.arm.arm):
        return _OPPOSITE.get(comparison.verdict, comparison.verdict)
    return comparison.verdict


def consequence(analysis: Analysis, comparison: Comparison) -> str:
    """`so batch_norm helps`, where the arm is the baseline without it and the verdict is clear; else empty."""
    removed = removed_tip(analysis, comparison.arm.arm)
    verdict = judged(analysis, comparison)
    return f"so {removed} {verdict}" if removed and verdict in ("helps", "hurts") else ""


def noun(analysis: Analysis) -> str:
    """`tip` where every comparison switches one tip on or off, else `arm`."""
    switched = [changed_factor(analysis, comparison.arm.arm) for comparison in analysis.comparisons]
    return "tip" if all(each and set(each[1:]) == {"on", "off"} for each in switched) else "arm"


def headline(analysis: Analysis) -> str:
    """The answer: how many help, hurt, do nothing or stay open, with how many seeds, and which runs were lost."""
    if not analysis.compared:
        return _nothing_paired(analysis) + lost(analysis)
    verdicts = Counter(
        (judged(analysis, comparison), bool(survivors(analysis, comparison))) for comparison in analysis.comparisons
    )
    parts = []
    for verdict, words in VERDICT_WORDS.items():
        for survived, where in ((False, ("", "")), (True, (" where its runs survive", " where their runs survive"))):
            if number := verdicts[verdict, survived]:
                parts.append(f"{number} {words[number != 1]}{where[number != 1]}")
    total = len(analysis.comparisons)
    start = "The only" if total == 1 else f"Of {total}"
    what = noun(analysis) + ("s" if total != 1 else "")
    if total == 1:
        parts = [parts[0].removeprefix("1 ")]
    if what.startswith("arm"):
        what += f" compared with {analysis.baseline.arm}"
    comma = "" if total == 1 else ","
    how = f"with {count(analysis.seeds, 'seed')}" if analysis.seeds else "from unpaired runs"
    return f"{start} {what}{comma} {listed(parts)} {how}.{lost(analysis)}"


def lost(analysis: Analysis) -> str:
    """` Not every run survived: he_init 7 of 10 diverged.`, the worst arms first; empty if all that ended did."""
    worst = sorted((arm for arm in analysis.arms if arm.without_score), key=lambda arm: -arm.without_score)
    named = [f"{arm.arm} {failures(arm)}" for arm in worst[:_MOST_LOST]]
    if len(worst) > _MOST_LOST:
        named.append(count(len(worst) - _MOST_LOST, "more arm"))
    return f" Not every run survived: {'; '.join(named)}." if worst else ""


def _nothing_paired(analysis: Analysis) -> str:
    """Why not one seed was finished by the baseline and another arm."""
    baseline = analysis.baseline
    if baseline.ended and not baseline.n:
        return f"Every run of {baseline.arm} {_how(baseline)}, so there is nothing to compare with."
    yet = " yet" if analysis.undone else ""
    return f"No seed was finished by both {baseline.arm} and another arm{yet}, so there is no difference to estimate."


def _how(arm: ArmSummary) -> str:
    """How the lost runs of an arm ended."""
    return "diverged" if arm.diverged == len(arm.ended) - arm.n else "ended without a score"


def survivors(analysis: Analysis, comparison: Comparison) -> str:
    """`where it survives: 7 of 10 runs diverged`: what a clear verdict on an arm with lost runs is limited to.

    A study's failed runs are not lost: they are tried again.
    """
    statuses = comparison.arm.statuses
    lost = [how for how in WITHOUT_SCORE if statuses[how] and not (how == "failed" and analysis.results.study)]
    if not lost or comparison.verdict == "inconclusive":
        return ""
    how = lost[0] if len(lost) == 1 else "ended without a score"
    return f"where it survives: {sum(statuses[each] for each in lost)} of {len(comparison.arm.ended)} runs {how}"


def partial(analysis: Analysis) -> str | None:
    """That some trials are not over yet, if so."""
    if not analysis.undone:
        return None
    total, failed = analysis.planned, analysis.trials["failed"]
    text = (
        f"{total - analysis.undone} of {total} trials are done: this is a partial result, and verdicts may change "
        "when the rest is in."
    )
    if failed and analysis.results.study:
        text += (
            f" {count(failed, 'trial')} failed (a crash, no memory, a full disk): the same dcgan sweep command "
            f"tries {'it' if failed == 1 else 'them'} again."
        )
    return text


def failures(arm: ArmSummary) -> str:
    """`3 of 3 diverged`, `1 of 3 failed`, `2 of 10 pruned`; empty if every run that ended was scored."""
    ended = len(arm.ended)
    parts = [(arm.statuses[status], status) for status in ("diverged", "failed", "pruned") if arm.statuses[status]]
    return ", ".join(f"{number} of {ended} {status}" for number, status in parts)


def sentence(analysis: Analysis, comparison: Comparison, numbers: Numbers) -> str:
    """What a comparison comes to, in words."""
    text = _found(analysis, comparison, numbers)
    dropped = comparison.dropped
    if dropped and comparison.paired.pairs:
        text += (
            f" {count(dropped, 'seed')} {'is' if dropped == 1 else 'are'} left out of the difference because a run "
            f"ended without a score ({_against(analysis, comparison)}); it speaks of the surviving runs only."
        )
    return text


def _found(analysis: Analysis, comparison: Comparison, numbers: Numbers) -> str:
    estimate, metric, arm = comparison.estimate, metric_label(analysis.metric), comparison.arm.arm
    if estimate.reason:
        return f"{arm}: {estimate.reason}."
    if estimate.effect is None:
        return _nothing_to_pair(analysis, comparison)
    removed = removed_tip(analysis, arm)
    there = f"Without {removed}" if removed else f"With {arm}"
    text = f"{there}, {metric} is {_size(estimate.effect, numbers)}"
    if estimate.interval is None:
        return _without_spread(analysis, comparison, numbers, there, text)
    if comparison.verdict == "no effect":
        return f"{there}, {metric} differs by less than the margin of {margin_words(analysis, numbers)}."
    if comparison.verdict == "inconclusive":
        leaning = lean(analysis, comparison)
        return f"{text} so far{f' ({leaning})' if leaning else ''}{_would_settle(analysis, comparison)}."
    where = " where runs without it survive" if removed else " where it survives"
    limit = where if survivors(analysis, comparison) else ""
    text += f": {subject(analysis, arm)} {judged(analysis, comparison)}{limit}."
    if comparison.within_margin:
        text += f" The difference is real, but within the margin of {margin_words(analysis, numbers)}."
    return text


def _would_settle(analysis: Analysis, comparison: Comparison) -> str:
    """`; about 12 seeds would settle it`, with the command for that; nothing where runs are not paired."""
    if not comparison.estimate.pairs:
        return " (unpaired runs)"
    needed = comparison.seeds_needed
    command = more_command(analysis.results, needed) if needed else ""
    fresh, how = (" fresh", f" ({command})") if command else ("", "")
    return f"; {f'about {needed}' if needed else 'more than 10,000'}{fresh} seeds would settle it{how}"


def _without_spread(analysis: Analysis, comparison: Comparison, numbers: Numbers, there: str, text: str) -> str:
    """Why a difference has no interval: there is one pair of runs, or all pairs show the same."""
    if comparison.estimate.pairs > 1:
        return (
            f"{text}, by the same difference in each of {comparison.estimate.pairs} pairs (rounded scores?): there is "
            "no spread to judge by."
        )
    shown = f"{numbers.signed(comparison.paired.difference)} {metric_label(analysis.metric)}"
    return f"{there}, the only pair of runs shows {shown}: one seed cannot be told from chance."


def _size(effect: float, numbers: Numbers) -> str:
    """`59 % higher`, `2.10 lower`, `13 times as high`."""
    sign, text = numbers.effect(effect)[:1], numbers.effect(effect)[1:]
    if sign == "×":  # noqa: RUF001 - the sign of multiplication
        return f"{text} times as high"
    return f"{text} {'lower' if effect < 0 else 'higher'}"


def margin_words(analysis: Analysis, numbers: Numbers) -> str:
    """`5 %` where ratios are compared, else in the metric's units."""
    if analysis.scale == "ratio" and analysis.margin is not None:
        return f"{100 * math.expm1(analysis.margin):.3g} %"
    return numbers.plain(analysis.margin)


_METHODS: dict[Method, str] = {
    "paired": "paired t test of its own spread",
    "unpaired": "Welch's test, unpaired",
    "moderated": "moderated t",
}


def other_method(analysis: Analysis, comparison: Comparison) -> str:
    """How a comparison was made, where most others were made otherwise; else empty."""
    method = comparison.estimate.method
    return _METHODS.get(method, "") if comparison.estimate.p is not None and method != analysis.method else ""


def lean(analysis: Analysis, comparison: Comparison) -> str:
    """`leans helpful, 93 %`, or `he_init leans helpful` where the arm lacks it: the probability that the effect has the
    sign seen; empty below 75 %, and where there is a verdict. Not corrected for other comparisons."""
    estimate = comparison.estimate
    if comparison.verdict != "inconclusive" or estimate.effect is None or (estimate.direction or 0.0) < _LEANS:
        return ""
    better = (estimate.effect < 0) == (analysis.goal == "minimize")
    removed = removed_tip(analysis, comparison.arm.arm)
    whose = f"{removed} " if removed else ""
    return f"{whose}leans {'helpful' if better != bool(removed) else 'harmful'}, {lean_share(estimate.direction)}"


def lean_share(direction: float | None) -> str:
    """`93 %`; certainty is never claimed."""
    return f"{min(100 * (direction or 0.0), 99.9):.3g} %"


def _against(analysis: Analysis, comparison: Comparison) -> str:
    """`2 of 10 diverged, against none of 10 with bare`."""
    baseline = analysis.baseline
    here, there = failures(comparison.arm), failures(baseline)
    against = there or f"none of {len(baseline.ended)}"
    return f"{here or f'none of {len(comparison.arm.ended)}'}, against {against} with {baseline.arm}"


def _nothing_to_pair(analysis: Analysis, comparison: Comparison) -> str:
    arm, baseline = comparison.arm, analysis.baseline
    for each in (arm, baseline):
        if each.ended and not each.n:
            text = f"{arm.arm}: every run of {each.arm} {_how(each)} ({_against(analysis, comparison)})"
            result = ": that is the result" if each.diverged == len(each.ended) else ""
            return f"{text}, so there is no difference to estimate{result}."
    if arm.unfinished or baseline.unfinished:
        return f"{arm.arm}: no seed is finished by both arms yet."
    return f"{arm.arm}: no seed was finished by both arms, so there is no pair to compare."
