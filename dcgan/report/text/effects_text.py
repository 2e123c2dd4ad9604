"""The effects of a design as the documents show them: names, tables, and what cannot be told apart in plain words."""

from __future__ import annotations

from collections import Counter
from typing import Any

from dcgan.common.formatting import NONE, count, listed, p_value
from dcgan.comparison.analysis import Analysis, ordered_mains
from dcgan.report.text import sentences
from dcgan.report.text.numbers import Numbers, metric_label
from dcgan.statistics.contrasts import Share, Term
from dcgan.statistics.effects import EffectEstimate, Effects, Interaction
from dcgan.statistics.paired import Verdict
from dcgan.statistics.power import POWER

_MOST_SENTENCES = 12  # on what is mixed with main effects; the table has the rest
_VERDICTS = {"helps": "helps", "hurts": "hurts", "no effect": "has no effect that matters"}
_ROMAN = {3: "III", 4: "IV", 5: "V", 6: "VI", 7: "VII", 8: "VIII"}


def term_name(term: Term) -> str:
    """`he_init` for a switch, `path=level` for anything else."""
    factor, low, high = term
    return factor if (low, high) == ("off", "on") else f"{factor}={high}"


def effect_name(estimate: EffectEstimate) -> str:
    """`he_init`, `he_init x replay`, `he_init beside bare`."""
    name = " x ".join(term_name(term) for term in estimate.effect.terms)
    return f"{name} beside {estimate.effect.beside}" if estimate.effect.beside else name


def effect_sentence(analysis: Analysis, each: EffectEstimate, numbers: Numbers) -> str:
    """`he_init helps: FID -12 % with it, on average over the other factors [-20 %, -3 %].`"""
    estimate, verdict = each.estimate, each.judgement.verdict
    if estimate.effect is None:
        return f"{effect_name(each)}: {estimate.reason or 'no seed has a score in every arm'}."
    where = "with it" if each.effect.beside else "with it, on average over the other factors"
    size = f"{metric_label(analysis.metric)} {numbers.effect(estimate.effect)} {where}"
    text = f"{size} {numbers.effect_interval(estimate.interval)}".rstrip()
    start = effect_name(each) if verdict == "inconclusive" else f"{effect_name(each)} {_VERDICTS[verdict]}"
    besides = [part for part in (caution(each), estimate.reason) if part]
    if verdict == "inconclusive" and each.judgement.seeds_needed and not estimate.reason:
        needed = f"about {each.judgement.seeds_needed} seeds would settle it"
        besides.append(sentences.LONGER if analysis.hardly_trained else needed)
    return f"{'; '.join([f'{start}: {text}', *besides])}."


def effects_view(analysis: Analysis, numbers: Numbers) -> dict[str, Any] | None:
    """What the templates are given of the effects; None for a design that has none."""
    effects = analysis.effects
    if effects is None:
        return None
    arms = len(analysis.results.levels)
    return {
        "two_baselines": effects.two_baselines,
        "title": _title(effects),
        "lead": _lead(effects, arms),
        "rows": [
            _row(analysis, estimate, numbers) | {"interacts": interacts(estimate.effect.terms[0][0], effects)}
            for estimate in ordered_mains(analysis)
        ],
        "interactions": [_interaction(analysis, interaction, numbers) for interaction in effects.interactions],
        "mixed": mixed(effects),
        "aliases": [(_product(factors), _sum(shares)) for factors, shares in effects.reading.shares.items() if shares],
        "partial": effects.partial,
        "resolvable": resolvable(analysis, numbers),
        "left_out": left_out(effects, arms),
    }


def _title(effects: Effects) -> str:
    if effects.two_baselines:
        near, far = effects.mains[0].effect.beside, effects.mains[1].effect.beside
        return f"Every factor beside {near} and beside {far}"
    return "Main effects"


def _lead(effects: Effects, arms: int) -> str:
    if effects.two_baselines:
        return (
            "Each factor is changed alone beside two baselines: with all others at their first level, and with all "
            "others changed. The difference is high minus low level (a tip: on minus off) in both, paired over seeds."
        )
    return (
        f"The mean over the arms at the high level minus the mean over the others (a tip: on minus off), {arms} arms "
        "in all, within each seed; then the mean over seeds with its interval: the effect on average over all else."
    )


def _row(analysis: Analysis, estimate: EffectEstimate, numbers: Numbers) -> dict[str, Any]:
    measured, judgement = estimate.estimate, estimate.judgement
    return {
        "name": effect_name(estimate),
        "pairs": measured.pairs,
        "difference": numbers.effect(measured.effect),
        "interval": numbers.effect_interval(measured.interval),
        "p": p_value(measured.p),
        "p_adjusted": p_value(measured.p_adjusted),
        "reason": measured.reason,
        "caution": caution(estimate),
        "verdict": judgement.verdict,
        "kind": judgement.verdict.replace(" ", "-"),
        "seeds_needed": _seeds_needed(analysis, estimate),
        "left_out": _left_out(estimate),
    }


def _interaction(analysis: Analysis, interaction: Interaction, numbers: Numbers) -> dict[str, Any]:
    row = _row(analysis, interaction.estimate, numbers)
    sides = [
        f"{numbers.effect(side.estimate.effect)} {numbers.effect_interval(side.estimate.interval)} "
        f"({side.judgement.verdict})"
        for side in (interaction.near, interaction.far)
        if side
    ]
    same = _sum(interaction.estimate.shares)
    return row | {"verdict": interaction.agreement, "kind": interaction.agreement, "sides": sides, "same": same}


def _seeds_needed(analysis: Analysis, estimate: EffectEstimate) -> str:
    """For an open effect the number of seeds that would do; settled ones need none."""
    if estimate.judgement.verdict != "inconclusive":
        return "settled"
    if analysis.hardly_trained:
        return NONE
    if estimate.judgement.seeds_needed is not None:
        return f"about {estimate.judgement.seeds_needed}"
    return "at least 2" if estimate.paired.pairs == 1 else NONE


def caution(estimate: EffectEstimate) -> str:
    """What a clear verdict on an effect that is mixed with interactions of others is subject to; else empty."""
    if not estimate.shares or estimate.judgement.verdict not in ("helps", "hurts"):
        return ""
    several = len(estimate.shares)
    if several == 1:
        return f"or the interaction of {' and '.join(estimate.shares[0][0])}: the design cannot tell"
    return f"or {several} interactions that it is mixed with: the design cannot tell"


def _left_out(estimate: EffectEstimate) -> str:
    parts = [(estimate.lost, "without a score"), (estimate.waiting, "not yet done")]
    return ", ".join(f"{count(number, 'seed')} {how}" for number, how in parts if number)


def left_out(effects: Effects, arms: int) -> str:
    """How many seeds the effects leave out, since a mean over other arms would be no contrast; empty if none."""
    lost = max(estimate.lost for estimate in effects.mains)
    waiting = max(estimate.waiting for estimate in effects.mains)
    parts = [f"{lost} because a run ended without a score"] if lost else []
    parts += [f"{waiting} because a run is not over yet"] if waiting else []
    needed = "the two arms of each difference" if effects.two_baselines else f"every one of the {arms} arms"
    whose = "up to " if effects.two_baselines else ""
    return f"Only seeds with a score in {needed} count; left out: {whose}{listed(parts)}." if parts else ""


def resolvable(analysis: Analysis, numbers: Numbers) -> str:
    """What the seeds there are can find of the effects, in a sentence; empty if it is not known."""
    effects = analysis.effects
    if effects is None or effects.resolvable is None:
        return ""
    size, metric = numbers.effect(effects.resolvable).removeprefix("+"), metric_label(analysis.metric)
    return (
        f"With {count(effects.seeds, 'seed')}, a true effect of about {size} in {metric} is found with a "
        f"probability of {100 * POWER:.0f} %."
    )


def interacts(factor: str, effects: Effects) -> str:
    """With what a factor was found to interact, so that its effect on average is not its effect everywhere; else empty.

    `perhaps` where the interaction cannot be told from others.
    """
    if effects.two_baselines:
        return ""
    partners: dict[str, str] = {}
    for interaction in effects.interactions:
        if interaction.agreement == "interacts":
            own = interaction.estimate.effect.factors
            for pair in (own, *(factors for factors, _ in interaction.estimate.shares)):
                if factor in pair:
                    (other,) = set(pair) - {factor}
                    partners.setdefault(other, "perhaps " if interaction.estimate.shares else "")
    sure = [name for name, how in partners.items() if not how]
    unsure = [name for name, how in partners.items() if how]
    parts = [f"with {listed(sure)}"] if sure else []
    parts += [f"perhaps with {listed(unsure)}"] if unsure else []
    return f"interacts {', '.join(parts)}" if parts else ""


def mixed(effects: Effects) -> list[str]:
    """What the design cannot tell apart, in sentences."""
    resolution = effects.reading.resolution
    if effects.two_baselines:
        return []
    if resolution is None:
        return ["Every combination was run: no effect is mixed with another."]
    if not effects.mixed:
        return [_clear(resolution, sum(bool(interaction.estimate.shares) for interaction in effects.interactions))]
    if min(effects.mixed) < 1 - 1e-9:
        most = max(len(estimate.shares) for estimate in effects.mains)
        ends = sorted({min(effects.mixed), max(effects.mixed)})
        parts = " to ".join(f"{100 * weight:.0f} %" for weight in ends)
        return [
            f"Every main effect contains {parts} of up to {most} interactions of two other factors: a large "
            "interaction shows, diluted, in many main effects, and these hold where interactions are small. "
            "tables/aliases.csv has every weight; plackett-burman with foldover: true makes main effects clear of them."
        ]
    lines = [
        _cannot_be_told(estimate.effect.terms[0][0], estimate.shares) for estimate in effects.mains if estimate.shares
    ]
    rest = len(lines) - _MOST_SENTENCES
    return [*lines[:_MOST_SENTENCES], *([f"So it is with {rest} more; the table has them."] if rest > 0 else [])]


def _clear(resolution: int, groups: int) -> str:
    roman = _ROMAN.get(resolution, str(resolution))
    named = f"Resolution {roman}: main effects are clear of the interactions of two factors"
    if resolution > 4:
        return f"{named}, and these of each other; both are mixed with interactions of more factors only."
    if groups:
        return f"{named}; these are mixed with each other in {count(groups, 'group')}, of which only the sum is known."
    return f"{named}; these are mixed with each other, and not estimated."


def _cannot_be_told(factor: str, shares: tuple[Share, ...]) -> str:
    """`The effect of he_init cannot be told from the interaction of batch_norm and replay.`"""
    pairs = [" and ".join(factors) for factors, _ in shares]
    which = f"interaction of {pairs[0]}" if len(pairs) == 1 else f"interactions of {', of '.join(pairs)}"
    return f"The effect of {factor} cannot be told from the {which}."


def _product(factors: tuple[str, ...]) -> str:
    return " x ".join(factors)


def _sum(shares: tuple[Share, ...]) -> str:
    """`- batch_norm x replay + 0.33 d_first x pretrain`."""
    parts = []
    for factors, weight in shares:
        size = "" if abs(abs(weight) - 1) < 1e-9 else f"{abs(weight):.2f} "
        parts.append(f"{'+' if weight > 0 else '-'} {size}{_product(factors)}")
    return " ".join(parts)


def headline(analysis: Analysis) -> str:
    """The answer in a sentence or two: how many tips help on average, or beside either baseline; what interacts."""
    return _answer(analysis) + sentences.train_longer(analysis)


def _answer(analysis: Analysis) -> str:
    effects = analysis.effects
    if effects is None:
        return sentences.headline(analysis)
    if not effects.seeds:
        arms = len(analysis.results.levels)
        needed = "both arms of a difference" if effects.two_baselines else f"every one of the {arms} arms"
        return f"No seed has a score in {needed}, so no effect can be estimated. {sentences.headline(analysis)}"
    seeds = f"with {count(effects.seeds, 'seed')}"
    switches = all(estimate.effect.terms[0][1:] == ("off", "on") for estimate in effects.mains)
    noun = "tip" if switches else "effect"
    if effects.two_baselines:
        sides = [f"beside {side[0].effect.beside}, {tally(side)}" for side in (effects.mains[::2], effects.mains[1::2])]
        text = f"Of {count(len(effects.mains) // 2, noun)}, {'; '.join(sides)}, {seeds}."
    else:
        arms = len(analysis.results.levels)
        text = f"Of {count(len(effects.mains), noun)}, {tally(effects.mains)} on average over {arms} arms {seeds}."
    caution = " Each is mixed with interactions of others." if effects.mixed else ""
    return text + caution + _interacting(effects) + sentences.lost(analysis)


def tally(effects: tuple[EffectEstimate, ...]) -> str:
    """`2 help and 1 is inconclusive`."""
    verdicts: Counter[Verdict] = Counter(estimate.judgement.verdict for estimate in effects)
    return listed(
        [
            f"{verdicts[verdict]} {words[verdicts[verdict] != 1]}"
            for verdict, words in sentences.VERDICT_WORDS.items()
            if verdicts[verdict]
        ]
    )


def _interacting(effects: Effects) -> str:
    """` 1 of 21 interactions shows.`"""
    found = sum(interaction.agreement == "interacts" for interaction in effects.interactions)
    total = len(effects.interactions)
    if not found:
        return ""
    if effects.two_baselines:
        return f" {found} of {total} {'interacts' if found == 1 else 'interact'} with the others."
    return f" {found} of {count(total, 'interaction')} {'shows' if found == 1 else 'show'}."
