"""The rule by which a study stops when decided, as a sweep file says it."""

from __future__ import annotations

from typing import Any

import pytest

from dcgan.common.errors import Misuse
from dcgan.sweeps import sweep
from dcgan.sweeps.designs import DESIGNS


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"stop": {"when": "bored", "at_most": 9}}, "stop.when='bored': the only rule is 'decided'"),
        ({"stop": {"when": "decided"}}, "stop: 'at_most' is missing"),
        ({"stop": {"at_mst": 9}}, "stop: unknown key 'at_mst'; did you mean 'at_most'?"),
        ({"stop": {"first": 3, "at_most": 9}}, "stop: unknown key 'first': the first look is after `seeds`"),
        ({"stop": 9}, "stop: expected {when: decided, at_most: 30}"),
        ({"stop": {"at_most": "many"}}, "stop.at_most='many': expected a number of seeds"),
        ({"stop": {"at_most": 9, "every": 0}}, "stop.every=0: expected a number of seeds"),
        ({"stop": {"at_most": 10_000}}, "stop.at_most=10000: expected a number of seeds"),
        ({"stop": {"at_most": 3}, "seeds": 4}, "stop.at_most=3: the first look is after 4 seeds already"),
        ({"stop": {"at_most": 9}, "seeds": 1}, "stop: the first look is after 1 seed, which shows no spread"),
    ],
)
def test_refusals_are_one_telling_line(changes: dict[str, Any], message: str) -> None:
    good = {"study": "s", "experiment": "digits", "factors": ["he_init"], "seeds": 3}
    with pytest.raises(Misuse) as refusal:
        sweep.parse({**good, **changes}, "sweeps/s.yaml")
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("name", DESIGNS)
def test_only_a_design_that_compares_arm_by_arm_may_stop_arms(name: str) -> None:
    """One-at-a-time, leave-one-out, given and search; the others estimate from all of their arms together."""
    settings = {"search": {"trials": 5}, "given": {"combinations": {"best": {"he_init": "on"}}}}
    design = {name: settings[name]} if name in settings else name
    content = {"study": "s", "experiment": "digits", "factors": ["he_init", "batch_norm", "leaky_relu", "replay"]}
    content |= {"design": design, "seeds": 3, "stop": {"when": "decided", "at_most": 9}}
    if name in {"one-at-a-time", "leave-one-out", "given", "search"}:
        assert DESIGNS[name].arm_by_arm
        assert sweep.parse(content, "sweeps/s.yaml").stop is not None
    else:
        with pytest.raises(Misuse, match=f"stop: design={name} does not compare each arm with a baseline"):
            sweep.parse(content, "sweeps/s.yaml")
