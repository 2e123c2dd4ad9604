"""A tip that is typed where a setting is expected: which settings its levels are, as they can be typed."""

from __future__ import annotations

from typing import Any

from dcgan.common.overrides import flatten
from dcgan.experiment import Experiment, keys
from dcgan.experiment.key_hints import meant, takes
from dcgan.tips.catalogue import TIPS


def is_a_tip(name: str, value: Any) -> bool:
    """Whether `name=value` means a tip's level: the name is no setting that would take the value."""
    return name in TIPS and name not in keys() and not any(takes(key, value) for key in meant(name, value))


def as_settings(name: str, value: Any, experiment: Experiment) -> str:
    """`'ema' is a tip, at on average.half_life=150; ...`: the settings of the level, `on` where there is none such.

    Only those that the experiment has not got already; all of them where it has them.
    """
    tip = TIPS[name]
    level = ("on" if value else "off") if isinstance(value, bool) else str(value)
    known = level if level in tip.levels else "on"
    fragment, own = tip.fragment(known, experiment), flatten(experiment.model_dump())
    other = {key: setting for key, setting in fragment.items() if own[key] != setting}
    typed = " ".join(f"{key}={_text(setting)}" for key, setting in (other or fragment).items())
    return (
        f"'{name}' is a tip, at {known}: {typed or 'the experiment as it is'}; "
        f"`dcgan tips {name}` shows its levels: {', '.join(tip.levels)}"
    )


def _text(setting: Any) -> str:
    return str(setting).lower() if isinstance(setting, bool) else str(setting)
