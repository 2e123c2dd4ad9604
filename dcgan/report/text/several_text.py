"""Several studies in plain words: the headline, a sentence a tip, when not to believe it, and how it was pooled."""

from __future__ import annotations

from collections import Counter

from dcgan.common.formatting import count, listed, p_value, whole_range
from dcgan.comparison.analysis import Analysis
from dcgan.comparison.several import Several
from dcgan.comparison.tips_across import Consensus, StudyEffect, TipAcross
from dcgan.report.text.banners import banners
from dcgan.report.text.numbers import Numbers

# In the order of the headline; each for one tip and for more.
WORDS: dict[Consensus, tuple[str, str]] = {
    "helps in all": ("helps in all", "help in all"),
    "hurts in all": ("hurts in all", "hurt in all"),
    "disagree": ("disagrees", "disagree"),
    "helps in some": ("helps in some", "help in some"),
    "hurts in some": ("hurts in some", "hurt in some"),
    "no effect in all": ("has no effect in all", "have no effect in all"),
    "open": ("stays open", "stay open"),
}


def several_noun(several: Several) -> str:
    """`tip` where all that is compared is on or off, else `comparison`."""
    return "tip" if all({tip.key.level, tip.key.instead} & {"on", "off"} for tip in several.tips) else "comparison"


def several_headline(several: Several) -> str:
    """`Of 11 tips in 3 studies, 4 help in all, 1 hurts in all, 2 disagree and 4 stay open.`"""
    noun, studies = several_noun(several), len(several.analyses)
    counts = Counter(tip.consensus for tip in several.tips)
    alone = counts.pop("one study", 0)
    total = counts.total()
    if not total:
        return f"The {studies} studies have no {noun} in common: nothing can be compared across them."
    everywhere = all(len(tip.effects) in (1, studies) for tip in several.tips)
    where = f"in {studies} studies" if everywhere else f"in two or more of {studies} studies"
    if total == 1:
        ((consensus, _),) = counts.items()
        text = f"The only {noun} {where} {WORDS[consensus][0]}"
    else:
        parts = [f"{counts[each]} {words[counts[each] != 1]}" for each, words in WORDS.items() if counts[each]]
        text = f"Of {total} {noun}s {where}, {listed(parts)}"
    more = f" {alone} more {'is' if alone == 1 else 'are'} in one study only." if alone else ""
    return f"{text}.{more}"


def agreement(several: Several, tip: TipAcross) -> tuple[str, str]:
    """`helps in 2 of 3` and, settled or not, on which side of 0 the effects are: `better in 3 of 3`.

    Of studies that disagree, how many say which.
    """
    verdicts = Counter(effect.verdict for effect in tip.effects.values())
    studies = len(tip.effects)
    if studies == 1:
        return "in one study only", ""
    if tip.consensus == "disagree":
        return "disagree", f"helps in {verdicts['helps']}, hurts in {verdicts['hurts']}"
    if tip.consensus == "open":
        words = "open"
    elif tip.consensus.endswith("in all"):
        words = f"{tip.consensus} {studies}"
    else:
        verb = tip.consensus.partition(" ")[0]
        words = f"{verb} in {verdicts['helps'] or verdicts['hurts']} of {studies}"
    better, worse = tip.signs(several.first.goal)
    known = sum(effect.estimate.effect is not None for effect in tip.effects.values())
    side = f"better in {better} of {known}" if better >= worse else f"worse in {worse} of {known}"
    return words, side


def across(several: Several, tip: TipAcross, numbers: dict[str, Numbers]) -> str:
    """A tip in a sentence: what each study says of it, and what they come to together."""
    words, side = agreement(several, tip)
    told = "; ".join(f"{name} {_told(effect, numbers[name])}" for name, effect in tip.effects.items())
    return (
        f"{tip.label}, {', '.join(part for part in (words, side) if part)}: {told}.{_together(several, tip, numbers)}"
    )


def _told(effect: StudyEffect, numbers: Numbers) -> str:
    estimate = effect.estimate
    if estimate.effect is None:
        return estimate.reason or "has no pair of runs"
    return f"{numbers.effect(estimate.effect)} {numbers.effect_interval(estimate.interval)}".strip() + (
        f" ({effect.verdict})"
    )


def _together(several: Several, tip: TipAcross, numbers: dict[str, Numbers]) -> str:
    if tip.pooled is None:
        return f" Not pooled: {tip.unpooled}." if not several.unpooled else ""
    write = next(iter(numbers.values()))
    effect = f"{write.effect(tip.pooled.effect)} {write.effect_interval(tip.pooled.interval)}"
    return f" Pooled {effect}, adjusted p {p_value(tip.p_adjusted)}: {tip.verdict}; I² {100 * tip.pooled.i2:.0f} %."


def images_a_run(analysis: Analysis) -> str:
    """How many images the runs saw, `1,600` or `400 to 1,600`; empty where it is not known."""
    seen = analysis.results.images.values()
    return whole_range(seen) if seen else ""


def several_warnings(several: Several) -> list[str]:
    """All that a reader must know first: runs in common, then each study's own warnings, its name before them."""
    shared = [
        f"Runs in common: {listed(list(pair))} have {count(runs, 'run')} in common. Their effects are not independent, "
        "and agree more than those of separate studies; what rests on both is not pooled."
        for pair, runs in several.shared.items()
    ]
    seen = {name: images_a_run(analysis) for name, analysis in several.analyses.items()}
    if len({images for images in seen.values() if images}) > 1:
        told = ", ".join(f"{images or 'an unknown number of'} in {name}" for name, images in seen.items())
        shared.append(f"Unequal budgets: runs saw {told} images; what a tip does changes with the budget.")
    return [*shared, *(f"{name}, {each}" for name, analysis in several.analyses.items() for each in banners(analysis))]


def unfinished(several: Several) -> str:
    """Which studies are not done yet; empty if all are."""
    parts = [
        f"{name} ({analysis.planned - analysis.undone} of {analysis.planned} trials)"
        for name, analysis in several.analyses.items()
        if analysis.undone
    ]
    return f"Not done yet: {listed(parts)}. Verdicts may change when the rest is in." if parts else ""


def pooling_words(several: Several) -> list[str]:
    """What must be known to read the pooled effects, or why there are none."""
    if several.unpooled:
        return [f"Nothing is pooled: {several.unpooled}. Compare signs and verdicts."]
    pooled = [tip.pooled for tip in several.tips if tip.pooled]
    if not pooled:
        return ["Nothing is pooled: no effect of two independent studies can be put together."]
    words = [
        "The mean of the effects that studies like these have (random effects), with Student's interval over the "
        f"studies: its p is adjusted for {count(len(pooled), 'pooled effect')} by Holm's procedure. Such a verdict is "
        "on studies like these in general, and few of them seldom settle it, even where all say the same."
    ]
    if min(each.studies for each in pooled) == 2:
        words.append(
            "Two studies leave one degree of freedom: the interval goes 12.7 standard errors to either side, and next "
            "to nothing is settled by it. Read what each of them says; with a third study it is a third as wide."
        )
    return words


def glossary(several: Several, margin: str) -> list[tuple[str, str]]:
    """How to read the report: what each word in it means, with sources."""
    first = several.first
    pooled = sum(tip.pooled is not None for tip in several.tips)
    same = f"; no effect: its 90 % interval lies within ±{margin}" if margin else ""
    factor = ", as a factor" if first.scale == "ratio" else ""
    words = [
        (
            "a study's verdict",
            "As in its own report: corrected for all comparisons of that study, not over studies. Of several studies "
            "one is more likely than of one to say helps or hurts by chance; what several say counts for more.",
        ),
        (
            "the same tip",
            "One that goes between the same two levels. What else is switched on beside it differs with the studies' "
            "baselines, and the main effect of an orthogonal design is an average over the other tips.",
        ),
        (
            "agreement",
            "By the verdicts of all studies that have it. Disagree: it helps in one and hurts in another. Open: no "
            "study says helps or hurts.",
        ),
    ]
    if not pooled:
        return words
    return [
        *words,
        (
            "pooled",
            "The mean of the studies' effects, weighted by 1/(se² + τ²) (DerSimonian & Laird 1986). The interval is "
            "Student's with as many degrees of freedom as studies but one (Hartung & Knapp 2001, Sidik & Jonkman "
            "2002), never narrower than the studies' own standard errors allow (Knapp & Hartung 2003).",
        ),
        (
            "p, adjusted",
            f"That of the pooled effect by Holm's procedure over {count(pooled, 'pooled effect')}. helps, hurts: it is "
            f"below {first.alpha:g}{same}; else inconclusive.",
        ),
        (
            "I², p of Q",
            "The share of the variation between effects that is more than noise, and Cochran's test that the true "
            "effects are all the same (Higgins & Thompson 2002). With few seeds standard errors are rough, and both "
            "look worse than they are; with few studies they tell little either way.",
        ),
        ("τ", f"The standard deviation of the true effects from study to study{factor}."),
        (
            "a further study",
            "Where the true effect of one more study like these lies, with 95 % (Higgins, Thompson & Spiegelhalter "
            "2009); told from three studies on.",
        ),
    ]
