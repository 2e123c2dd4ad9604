"""The tips by name, and an experiment with some of them at their levels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dcgan.common.errors import Misuse
from dcgan.experiment import Experiment
from dcgan.tips.article import ARTICLE
from dcgan.tips.extra import EXTRA
from dcgan.tips.tip import Tip
from dcgan.tips.tip_hints import tip_hint

TIPS: dict[str, Tip] = {tip.name: tip for tip in [*ARTICLE, *EXTRA]}


def tip(name: str) -> Tip:
    """The tip of that name. Raises Misuse with the closest name."""
    if name not in TIPS:
        raise Misuse(f"no tip named '{name}'" + tip_hint(name, TIPS))
    return TIPS[name]


def apply(experiment: Experiment, levels: Mapping[str, str]) -> Experiment:
    """The experiment with each named tip at its level: `apply(e, {"he_init": "on"})`.

    Relative values refer to `experiment` as given. Raises Misuse for unknown names, for two tips that want different
    values of one key, and for a combination that the experiment refuses.
    """
    changes: dict[str, Any] = {}
    owner: dict[str, str] = {}
    for name, level in levels.items():
        for key, value in tip(name).fragment(level, experiment).items():
            if changes.get(key, value) != value:
                raise Misuse(
                    f"tips '{owner[key]}' and '{name}' want {key}={changes[key]} and {key}={value}: leave one out"
                )
            changes[key] = value
            owner[key] = name
    return experiment.with_(changes)
