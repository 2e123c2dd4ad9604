"""Plackett and Burman: a third of every interaction in each main effect, and none when folded over."""

from __future__ import annotations

import math

from dcgan.sweeps.designs import read_design, tip_factor
from tests.sweeps.designs.lettered import lettered


def test_eleven_tips_share_a_third_of_every_interaction_in_twelve_arms_and_none_when_folded() -> None:
    factors = [tip_factor(name, "bare") for name in ("he_init", "batch_norm", "replay", "ema")] + lettered(7, "bare")
    plain, folded = read_design("plackett-burman"), read_design({"plackett-burman": {"foldover": True}})
    aliases = plain.reading(plain.arms(factors, "bare"), factors).aliases
    assert aliases is not None and aliases.resolution == 3 and len(aliases.table) == 11
    for alias in aliases.table:
        assert len(alias.others) == math.comb(10, 2)
        assert {round(abs(weight), 12) for _, weight in alias.others} == {round(1 / 3, 12)}
    arms = folded.arms(factors, "bare")
    clear = folded.reading(arms, factors).aliases
    assert len(arms) == 24 and clear is not None and clear.resolution == 4
    assert not any(alias.others for alias in clear.table)
