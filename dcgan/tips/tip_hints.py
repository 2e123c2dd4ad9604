"""What was meant by a word that is no tip: a tip by its usual abbreviation, or a value of a setting."""

from __future__ import annotations

from collections.abc import Iterable

from dcgan.common.errors import did_you_mean, one_of
from dcgan.experiment.key_hints import KEYS, choices

_SHORT = {
    "gp": "gradient_penalty",
    "bn": "batch_norm",
    "sn": "spectral_norm",
    "lrelu": "leaky_relu",
    "fm": "feature_matching",
    "vat": "virtual_adversarial",
    "mbstd": "minibatch_stddev",
    "he": "he_init",
    "rgan": "relativistic",
}
_SHOWN = 4  # settings that are named at most


def tip_hint(word: str, tips: Iterable[str]) -> str:
    """`; did you mean 'batch_norm'?` for `bn`, `: a value of a setting, objective.loss=hinge` for `hinge`, else the
    closest of the tips."""
    names = list(tips)
    if (short := _SHORT.get(word.lower())) in names:
        return one_of([str(short)])
    if word not in ("none", "off", "on") and (keys := [key for key in KEYS if word.lower() in choices(key)][:_SHOWN]):
        return f": a value of a setting, {' or '.join(f'{key}={word.lower()}' for key in keys)}"
    return did_you_mean(word, names)
