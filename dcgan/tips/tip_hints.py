"""What was meant by a word that is no tip: a tip by its usual abbreviation, or a value of a setting."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import get_args

from pydantic import BaseModel

from dcgan.common.errors import did_you_mean, one_of
from dcgan.experiment.description import Description

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
    if word not in ("none", "off", "on") and (keys := [*_taking(word.lower(), Description)][:_SHOWN]):
        return f": a value of a setting, {' or '.join(f'{key}={word.lower()}' for key in keys)}"
    return did_you_mean(word, names)


def _taking(value: str, section: type[BaseModel], above: str = "") -> Iterator[str]:
    """The dotted keys of which the word is a choice."""
    for name, field in section.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _taking(value, kind, f"{above}{name}.")
        elif value in get_args(kind):
            yield above + name
