"""The analysis in plain words: the headline, and a sentence for each comparison."""

from __future__ import annotations

import math
from collections import Counter

from dcgan.common.formatting import count, cut, listed
from dcgan.comparison.analysis import Analysis
from dcgan.comparison.beside import more_command
from dcgan.comparison.comparisons import ArmSummary
from dcgan.comparison.results import WITHOUT_SCORE
from dcgan.comparison.tip_effects import OFF, ON, TipEffect
from dcgan.comparison.withheld import WITHHELD
from dcgan.report.text.numbers import Numbers, metric_label
from dcgan.statistics.paired import Verdict
from dcgan.statistics.verdicts import Method

VERDICT_WORDS: dict[Verdict, tuple[str, str]] = {
    "helps": ("helps", "help"),
    "hurts": ("hurts", "hurt"),
    "no effect": ("has no effect", "have no effect"),
    "inconclusive": ("is inconclusive", "are inconclusive"),
}
LONGER = "train longer (budget.epochs) before you add seeds"  # where the baseline has hardly learned
_MOST_LOST = 3  # arms with lost runs that the headline names
_LEANS = 0.75  # a probability of the sign seen below which nothing leans either way


def noun(analysis: Analysis) -> str:
    """`tip` where every comparison is of something that is on or off, `setting` where one setting each is varied, else
    `arm`."""
    if all(tip.is_tip for tip in analysis.tips):
        return "tip"
    return "setting" if all(tip.level for tip in analysis.tips) else "arm"


def headline(analysis: Analysis) -> str:
    """The answer: how many help, hurt, do nothing or stay open, with how many seeds, and which runs were lost."""
    if not analysis.compared:
        return _nothing_paired(analysis) + lost(analysis)
    if any(is_withheld(tip) for tip in analysis.tips):
        done = f"{analysis.planned - analysis.undone} of {analysis.planned} trials are done"
        return f"No verdict before all runs are in: {done}.{lost(analysis)}"
    verdicts = Counter((tip.verdict, bool(survivors(analysis, tip))) for tip in analysis.tips)
    parts = []
    for verdict, words in VERDICT_WORDS.items():
        for survived, where in ((False, ("", "")), (True, (" where its runs survive", " where their runs survive"))):
            if number := verdicts[verdict, survived]:
                parts.append(f"{number} {words[number != 1]}{where[number != 1]}")
    total = len(analysis.tips)
    start = "The only" if total == 1 else f"Of {total}"
    what = noun(analysis) + ("s" if total != 1 else "")
    if total == 1:
        parts = [parts[0].removeprefix("1 ")]
    if not what.startswith("tip"):
        what += f" compared with {baseline_name(analysis)}"
    comma = "" if total == 1 else ","
    how = f"with {count(analysis.seeds, 'seed')}" if analysis.seeds else "from unpaired runs"
    return f"{start} {what}{comma} {listed(parts)} {how}.{lost(analysis)}"


def baseline_name(analysis: Analysis) -> str:
    """The baseline within a sentence: an arm that is called just that needs an article."""
    return "the baseline" if analysis.baseline.arm == "baseline" else analysis.baseline.arm


def against_words(analysis: Analysis) -> str:
    """What figures of differences compare: `with the tip, against without`."""
    words = {"tip": "with the tip, against without", "setting": "at that level, against the baseline's"}
    return words.get(noun(analysis), f"against {cut(analysis.baseline.arm, 24)}")


def lost(analysis: Analysis) -> str:
    """` Not every run survived: he_init 7 of 10 diverged.`, the worst arms first; empty if all that ended did."""
    worst = sorted((arm for arm in analysis.arms if arm.without_score), key=lambda arm: -arm.without_score)
    named = [f"{arm.arm} {failures(arm)}" for arm in worst[:_MOST_LOST]]
    if len(worst) > _MOST_LOST:
        named.append(count(len(worst) - _MOST_LOST, "more arm"))
    return f" Not every run survived: {'; '.join(named)}." if worst else ""


def train_longer(analysis: Analysis) -> str:
    """` The baseline has hardly learned: train longer ...`; empty where it has learned, or nobody can tell."""
    return f" The baseline has hardly learned: {LONGER}." if analysis.hardly_trained else ""


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


def survivors(analysis: Analysis, tip: TipEffect) -> str:
    """`where it survives: 7 of 10 runs diverged`: what a clear verdict on an arm with lost runs is limited to.

    A study's failed runs are not lost: they are tried again.
    """
    arm = tip.comparison.arm
    lost = [how for how in WITHOUT_SCORE if arm.statuses[how] and not (how == "failed" and analysis.results.study)]
    if not lost or tip.verdict == "inconclusive":
        return ""
    how = lost[0] if len(lost) == 1 else "ended without a score"
    what = "where runs without it survive" if tip.turned else "where it survives"
    return f"{what}: {sum(arm.statuses[each] for each in lost)} of {len(arm.ended)} runs {how}"


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


def sentence(analysis: Analysis, tip: TipEffect, numbers: Numbers) -> str:
    """`replay hurts: FID 23 % higher with it [+4.2 %, +46 %], takes 8 % less time, none of 8 runs lost.`"""
    text = _found(analysis, tip, numbers)
    dropped = tip.comparison.dropped
    if dropped and tip.paired.pairs:
        text += (
            f" {count(dropped, 'seed')} {'is' if dropped == 1 else 'are'} left out of the difference because a run "
            f"ended without a score ({_against(analysis, tip)}); it speaks of the surviving runs only."
        )
    return text


def _found(analysis: Analysis, tip: TipEffect, numbers: Numbers) -> str:
    estimate, metric = tip.estimate, metric_label(analysis.metric)
    if estimate.effect is None or (estimate.reason and not is_withheld(tip)):
        return f"{tip.label}: {estimate.reason}." if estimate.reason else _nothing_to_pair(analysis, tip)
    size = f"{metric} {_size(estimate.effect, numbers)} {_beside(tip, numbers)}"
    if estimate.reason:
        return f"{tip.label}: {f'{size} {numbers.effect_interval(estimate.interval)}'.rstrip()}; {estimate.reason}."
    if estimate.interval is None:
        return _without_spread(analysis, tip, numbers, size)
    interval = numbers.effect_interval(estimate.interval)
    besides = ", ".join(part for part in (f"{size} {interval}", _time(tip), _runs(tip)) if part)
    margin = f"the margin of {margin_words(analysis, numbers)}"
    if tip.verdict == "no effect":
        return f"{tip.label} has no effect that matters: {besides}; less than {margin}."
    if tip.verdict == "inconclusive":
        leaning = lean(analysis, tip)
        return f"{tip.label}: {besides}{f'; {leaning}' if leaning else ''}{_would_settle(analysis, tip)}."
    where = survivors(analysis, tip).partition(":")[0]
    within = f" The difference is real, but within {margin}." if tip.judgement.within_margin else ""
    return f"{tip.label} {tip.verdict}{f' {where}' if where else ''}: {besides}.{within}"


def _beside(tip: TipEffect, numbers: Numbers) -> str:
    """`with it`, `than with adam`, or after `2.0 times as high` `as with adam`."""
    if tip.instead == OFF:
        return "with it"
    than = "as" if numbers.effect(tip.estimate.effect).startswith("×") else "than"  # noqa: RUF001
    return f"{than} with {f'{tip.factor} ' if tip.instead == ON else ''}{tip.instead or tip.without.arm}"


def is_withheld(tip: TipEffect) -> bool:
    """Whether there is no verdict yet, since runs are to come."""
    return tip.estimate.reason.endswith(WITHHELD)


def _time(tip: TipEffect) -> str:
    """`takes 24 % longer`; empty where times are unknown."""
    if tip.cost is None:
        return ""
    share = f"{abs(100 * tip.cost):.0f} %"
    return "takes as long" if share == "0 %" else f"takes {share} {'longer' if tip.cost > 0 else 'less time'}"


def _runs(tip: TipEffect) -> str:
    """`none of 8 runs lost`, or how they ended, and those without it, too, where some were lost there."""
    here, there = failures(tip.with_it), failures(tip.without)
    words = here or f"none of {count(len(tip.with_it.ended), 'run')} lost"
    return f"{words} ({tip.without.arm}: {there})" if there else words


def _would_settle(analysis: Analysis, tip: TipEffect) -> str:
    """`; about 12 fresh seeds would settle it`, with the command for that, unless there is something better to do."""
    if not tip.estimate.pairs:
        return " (unpaired runs)"
    if analysis.hardly_trained:
        return f"; {LONGER}"
    needed = tip.judgement.seeds_needed
    if not needed:
        return "; more than 10,000 seeds would settle it"
    command = more_command(analysis.results, needed)
    return f"; about {needed} {f'fresh seeds would settle it ({command})' if command else 'seeds would settle it'}"


def _without_spread(analysis: Analysis, tip: TipEffect, numbers: Numbers, size: str) -> str:
    """Why a difference has no interval: there is one pair of runs, or all pairs show the same."""
    if tip.estimate.pairs > 1:
        return (
            f"{tip.label}: {size}, by the same difference in each of {tip.estimate.pairs} pairs (rounded scores?): "
            "there is no spread to judge by."
        )
    shown = f"{numbers.signed(tip.paired.difference)} {metric_label(analysis.metric)}"
    return f"{tip.label}: the only pair of runs shows {shown}: one seed cannot be told from chance."


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


def other_method(analysis: Analysis, tip: TipEffect) -> str:
    """How a comparison was made, where most others were made otherwise; else empty."""
    method = tip.estimate.method
    return _METHODS.get(method, "") if tip.estimate.p is not None and method != analysis.method else ""


def lean(analysis: Analysis, tip: TipEffect) -> str:
    """`leans helpful, 93 %`: the probability that the effect has the sign seen; empty below 75 %, and where there is a
    verdict. Not corrected for other comparisons."""
    estimate = tip.estimate
    if tip.verdict != "inconclusive" or estimate.effect is None or (estimate.direction or 0.0) < _LEANS:
        return ""
    better = (estimate.effect < 0) == (analysis.goal == "minimize")
    return f"leans {'helpful' if better else 'harmful'}, {lean_share(estimate.direction)}"


def lean_share(direction: float | None) -> str:
    """`93 %`; certainty is never claimed."""
    return f"{min(100 * (direction or 0.0), 99.9):.3g} %"


def _against(analysis: Analysis, tip: TipEffect) -> str:
    """`2 of 10 diverged, against none of 10 with bare`."""
    arm, baseline = tip.comparison.arm, analysis.baseline
    here, there = failures(arm), failures(baseline)
    against = there or f"none of {len(baseline.ended)}"
    whose = f"{tip.arm_label}: " if tip.turned else ""
    return f"{whose}{here or f'none of {len(arm.ended)}'}, against {against} with {baseline.arm}"


def _nothing_to_pair(analysis: Analysis, tip: TipEffect) -> str:
    arm, baseline = tip.comparison.arm, analysis.baseline
    for each in (arm, baseline):
        if each.ended and not each.n:
            text = f"{tip.label}: every run of {each.arm} {_how(each)} ({_against(analysis, tip)})"
            result = ": that is the result" if each.diverged == len(each.ended) else ""
            return f"{text}, so there is no difference to estimate{result}."
    if arm.unfinished or baseline.unfinished:
        return f"{tip.label}: no seed is finished by both arms yet."
    return f"{tip.label}: no seed was finished by both arms, so there is no pair to compare."
