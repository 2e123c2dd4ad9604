"""What a study's design comes to, in a few lines, before anything is spent on it. For `dcgan sweep --dry-run`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dcgan.statistics.contrasts import Alias, Aliases
    from dcgan.study.plan import Plan

_MOST_LINES = 4  # of what is mixed; the report has all of it


def design_lines(plan: Plan) -> list[str]:
    """The design with its arms, what these estimate together and how well, and what they cannot tell apart."""
    effects = plan.reading.effects
    lines = [f"design: {plan.design}, {len(plan.arms)} arms"]
    if not effects:
        return lines
    if effects[0].beside:
        lines.append("each factor is changed alone beside both baselines: where the differences disagree, it interacts")
        return lines
    mains = sum(len(effect.terms) == 1 for effect in effects)
    pairs = len(effects) - mains
    several = f" and {pairs} interactions of two factors" if pairs else ""
    lines.append(f"estimates {mains} main effects{several}, each from all arms of a seed")
    if all(len(factor.others) == 1 for factor in plan.factors):
        share = math.sqrt(2 / len(plan.arms))
        lines.append(f"a main effect has about {share:.2f} of the standard error of two arms compared, for equal noise")
    return [*lines, *(_alias_lines(plan.reading.aliases) if plan.reading.aliases else ["nothing is mixed"])]


def _alias_lines(aliases: Aliases) -> list[str]:
    """The resolution, the generators, and the first of what is mixed."""
    lines = [f"resolution {aliases.resolution}: {_meaning(aliases)}"]
    if aliases.generators:
        words = (
            f"{word.factors[-1]} = {'-' * (word.sign < 0)}{' x '.join(word.factors[:-1])}"
            for word in aliases.generators
        )
        lines.append("generators: " + ", ".join(words))
    mixed = [alias for alias in aliases.table if alias.others]
    weights = {abs(weight) for alias in mixed for _, weight in alias.others}
    if weights and min(weights) < 1 - 1e-9:
        most = max(len(alias.others) for alias in mixed)
        return [*lines, f"mixed: each main effect with {max(weights):.2f} or less of up to {most} interactions"]
    lines += [f"mixed: {_mixed(alias)}" for alias in mixed[:_MOST_LINES]]
    if len(mixed) > _MOST_LINES:
        lines.append(f"and {len(mixed) - _MOST_LINES} more such lines; the report has them")
    return lines


def _meaning(aliases: Aliases) -> str:
    if aliases.resolution == 3:
        return "main effects are mixed with interactions of two factors"
    if aliases.resolution == 4:
        return "main effects are clear of the interactions of two factors, which are mixed with each other"
    return "main effects and interactions of two factors are clear of each other"


def _mixed(alias: Alias) -> str:
    """`he_init - batch_norm x replay`."""
    others = [f"{'+' if weight > 0 else '-'} {' x '.join(effect)}" for effect, weight in alias.others]
    return f"{' x '.join(alias.effect)} {' '.join(others)}"
