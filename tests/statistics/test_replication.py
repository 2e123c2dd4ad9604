"""Whether a replication agrees: by verdicts where both have one, else by signs."""

from __future__ import annotations

import pytest

from dcgan.statistics.paired import Verdict
from dcgan.statistics.replication import Finding, agreement, upheld
from dcgan.statistics.verdicts import Estimate, Judgement


def _finding(effect: float | None, verdict: Verdict) -> Finding:
    return Finding(Estimate("paired", effect=effect), Judgement(verdict, None, False))


HELPS, HURTS, NOTHING = _finding(-0.3, "helps"), _finding(0.2, "hurts"), _finding(0.01, "no effect")
LOW, HIGH, UNKNOWN = _finding(-0.1, "inconclusive"), _finding(0.1, "inconclusive"), _finding(None, "inconclusive")


@pytest.mark.parametrize(
    ("first", "again", "said"),
    [
        (HELPS, _finding(-0.1, "helps"), "agrees"),
        (NOTHING, _finding(-0.01, "no effect"), "agrees"),
        (HELPS, HURTS, "disagrees"),
        (HELPS, NOTHING, "disagrees"),
        (HELPS, LOW, "same sign, settled in the first alone"),
        (HELPS, HIGH, "other sign, settled in the first alone"),
        (HIGH, HURTS, "same sign, settled in the replication alone"),
        (LOW, HIGH, "other sign, open in both"),
        (HIGH, HIGH, "same sign, open in both"),
        (HELPS, UNKNOWN, "not known"),
        (UNKNOWN, UNKNOWN, "not known"),
    ],
)
def test_verdicts_are_compared_with_verdicts_and_signs_with_signs(first: Finding, again: Finding, said: str) -> None:
    assert agreement(first, again) == said


def test_of_clear_verdicts_those_are_counted_that_came_out_the_same() -> None:
    assert upheld([(HELPS, HELPS), (HURTS, HIGH), (NOTHING, NOTHING), (LOW, HELPS)]) == (1, 2)
    assert upheld([(NOTHING, HELPS)]) == (0, 0)
