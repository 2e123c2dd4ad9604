"""What was meant by a key that an experiment does not have, as it can be typed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, get_args

from pydantic import BaseModel

from dcgan.common.errors import closest, one_of
from dcgan.common.overrides import flatten
from dcgan.experiment.description import Description

KEYS = tuple(flatten(Description().model_dump()))  # every dotted key: `seed`, `data.name`, ...

_SHOWN = 8  # keys of a section that are named at most
# What other programs for GANs call what has another name here.
_ELSEWHERE = {
    "learning_rate": "lr",
    "nz": "latent.dim",
    "ngf": "generator.width",
    "ndf": "discriminator.width",
    "image_size": "data.size",
    "dataset": "data.name",
    "dataroot": "data.folder",
    "ema": "average.half_life",
}
_ALL_KEYS = ": `dcgan train mnist --dry-run` shows all keys"


def key_hint(key: str, value: Any = None, also: Collection[str] = ()) -> str:
    """`"; did you mean 'update.batch'?"`: what `meant` finds, or where all keys are shown."""
    found = meant(key, value, also)
    return one_of(found) if found else _ALL_KEYS


def meant(key: str, value: Any = None, also: Collection[str] = ()) -> list[str]:
    """The keys that `key` may stand for; none where no key is like it.

    `value` is what it was given, which may say which of several was meant; `also` are other names that can be typed.
    """
    key = _ELSEWHERE.get(key.lower(), key)
    names = [*also, *KEYS]
    near = closest(key, list(also), cutoff=0.8)
    found = [*([near] if near else []), *(name for name in _inside(key, names) if name != key)]
    return list(dict.fromkeys(found)) or _below(key, value) or _alike(key, names)


def section_hint(section: str, value: Any) -> str:
    """What to say where a section was given a value: its keys that take such a value, else its first keys."""
    below = _below(section, value)
    takes = [key for key in below if value in _choices(key)]
    return one_of(takes) if takes else f": it has keys of its own, such as {', '.join(below)}"


def nested(key: str, value: Any) -> str:
    """A dotted key as it is written in a file: `optimizer: {generator: {lr: 0.1}}`."""
    *sections, last = key.split(".")
    return "".join(f"{part}: {{" for part in sections) + f"{last}: {value}" + "}" * len(sections)


def _inside(key: str, names: Sequence[str]) -> list[str]:
    """The names that end as the key does and have its sections among theirs: `lr`, `optimizer.lr`."""
    *sections, last = key.lower().split(".")
    found = []
    for name in names:
        *above, own = name.split(".")
        if own == last and _in_order(sections, above):
            found.append(name)
    return sorted(found, key=len)


def _in_order(parts: Sequence[str], whole: Sequence[str]) -> bool:
    left = iter(whole)
    return all(part in left for part in parts)


def _below(section: str, value: Any) -> list[str]:
    """The keys of the section of that name, in full or by its last part: those that take the value, else the first."""
    start = f"{section.lower()}."
    own = [key for key in KEYS if key.startswith(start)] or [key for key in KEYS if f".{start}" in key]
    return [key for key in own if value in _choices(key)] or own[:_SHOWN]


def _choices(key: str) -> tuple[Any, ...]:
    """The words that a key's value is one of; none for numbers and free text."""
    model: type[BaseModel] = Description
    *sections, last = key.split(".")
    for section in sections:
        below = model.model_fields[section].annotation
        assert isinstance(below, type) and issubclass(below, BaseModel)  # noqa: S101 - what has keys below it
        model = below
    return get_args(model.model_fields[last].annotation)


def _alike(key: str, names: Sequence[str]) -> list[str]:
    """The names that are spelt most like the key: in full, or without some of their first sections."""
    forms: dict[str, list[str]] = {}
    for name in names:
        parts = name.split(".")
        for first in range(len(parts)):
            forms.setdefault(".".join(parts[first:]), []).append(name)
    close = closest(key, list(forms), cutoff=0.6)
    return sorted(forms[close], key=len)[:_SHOWN] if close else []
