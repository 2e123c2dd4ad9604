"""What was meant by a key that an experiment does not have, as it can be typed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from dcgan.common import paths
from dcgan.common.errors import closest, one_of
from dcgan.common.overrides import flatten, nest
from dcgan.common.url_text import without_password
from dcgan.experiment.description import Description
from dcgan.experiment.usual_words import LENGTH, MEANT, OPTIONS, OTHER_UNITS, PLACES

_DEFAULTS = flatten(Description().model_dump())
KEYS = tuple(_DEFAULTS)  # every dotted key: `seed`, `data.name`, ...

_SHOWN = 8  # keys of a section that are named at most
_ALIKE = 0.7  # of 1, by difflib's ratio: what is less like a key than that is none of its misspellings


def key_hint(key: str, value: Any = None, also: Collection[str] = (), experiment: str = "") -> str:
    """`"; did you mean 'update.batch'?"`: what `meant` finds, or where all keys of the experiment are shown.

    Where it is known what was meant but that takes no such value, that is said, with a value that it takes.
    """
    if (word := key.lower()) in OPTIONS:
        typed = "..." if value is None else without_password(str(value))
        return f": it is an option of `dcgan sweep`, typed {OPTIONS[word]} {typed}"
    if word in PLACES:
        return f": results go where DCGAN_HOME says, typed before the command: DCGAN_HOME={value or 'FOLDER'} dcgan ..."
    found = meant(key, value, also)
    if not found:
        shown = experiment if experiment in paths.named("experiments") else "mnist"
        return f": `dcgan train {shown} --dry-run` shows all keys"
    fitting = [name for name in found if name in also or takes(name, value)]
    if fitting:
        return one_of(fitting) + (LENGTH if word in OTHER_UNITS else "")
    return f": here it is {' or '.join(found)}, as in {found[0]}={_DEFAULTS[found[0]]}, and cannot be {value!r}"


def meant(key: str, value: Any = None, also: Collection[str] = ()) -> list[str]:
    """The keys that `key` may stand for; none where no key is like it.

    `value` is what it was given, which may say which of several was meant: a key that is only spelt like it must take
    that. `also` are other names that can be typed.
    """
    near = closest(key, list(also), cutoff=0.8)
    found = [*([near] if near else []), *called(key, value, also)]
    alike = [*also, *(name for name in KEYS if takes(name, value))]
    return list(dict.fromkeys(found)) or _below(key, value) or _alike(key, alike)


def called(key: str, value: Any = None, also: Collection[str] = ()) -> list[str]:
    """The keys that are usually called so, or else end so: those that take the value, or all where none does."""
    names = [*MEANT.get(key.lower(), ())] or [name for name in _inside(key, [*also, *KEYS]) if name != key]
    named = [name for name in names if name not in also and value in choices(name)]
    return named or [name for name in names if name in also or takes(name, value)] or names


def takes(key: str, value: Any) -> bool:
    """Whether a key may have that value, whatever the others have; None is a value that is not known."""
    if value is None:
        return True
    if isinstance(value, bool) and not isinstance(_DEFAULTS[key], bool):
        return False  # which would be the number 1
    try:
        Description.model_validate(nest({key: value}))
    except ValidationError as error:  # of a section as a whole: another of its keys has to change, too
        return not any(".".join(map(str, each["loc"])).startswith(key) for each in error.errors())
    return True


def section_hint(section: str, value: Any) -> str:
    """What to say where a section was given a value: its keys that take such a value, else its first keys."""
    below = _below(section, value)
    fitting = [key for key in below if value in choices(key)]
    fitting = fitting or [key for key in MEANT.get(section.lower(), ()) if takes(key, value)]
    return one_of(fitting) if fitting else f": it has keys of its own, such as {', '.join(below)}"


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
    return [key for key in own if value in choices(key)] or own[:_SHOWN]


def choices(key: str) -> tuple[Any, ...]:
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
    close = closest(key, list(forms), cutoff=_ALIKE)
    return sorted(forms[close], key=len)[:_SHOWN] if close else []
