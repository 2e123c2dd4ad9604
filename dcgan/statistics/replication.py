"""Whether a replication agrees with what it replicates, each judged alone: by verdicts, and by signs."""

from __future__ import annotations

from typing import NamedTuple

from dcgan.statistics.paired import Verdict
from dcgan.statistics.verdicts import Estimate, Judgement


class Finding(NamedTuple):
    """An effect as one study found it, and what that study makes of it."""

    estimate: Estimate
    judgement: Judgement

    @property
    def settled(self) -> bool:
        """Whether there is a verdict."""
        return self.judgement.verdict != "inconclusive"


def agreement(first: Finding, again: Finding) -> str:
    """`agrees` or `disagrees` where both are settled, else `same sign` or `other sign` with what is open; `not known`
    where one of them has no effect to tell.

    Nothing is pooled: a verdict is compared with a verdict, and a sign with a sign.
    """
    one, other = first.estimate.effect, again.estimate.effect
    if first.settled and again.settled:
        return "agrees" if first.judgement.verdict == again.judgement.verdict else "disagrees"
    if one is None or other is None:
        return "not known"
    sign = "same sign" if (one < 0) == (other < 0) else "other sign"
    if first.settled or again.settled:
        return f"{sign}, settled in {'the first' if first.settled else 'the replication'} alone"
    return f"{sign}, open in both"


def upheld(pairs: list[tuple[Finding, Finding]]) -> tuple[int, int]:
    """Of how many verdicts `helps` and `hurts` of the first how many came out the same again."""
    clear: tuple[Verdict, ...] = ("helps", "hurts")
    found = [(first, again) for first, again in pairs if first.judgement.verdict in clear]
    return sum(agreement(first, again) == "agrees" for first, again in found), len(found)
