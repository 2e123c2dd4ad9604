"""docs/tips.md, made from the catalogue by `COMMAND`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from dcgan.common.errors import Misuse
from dcgan.common.overrides import flatten
from dcgan.experiment import Experiment, keys
from dcgan.experiment.sections import ADVERSARIAL_LOSSES, GRADIENT_PENALTIES
from dcgan.experiment.sections.objective_choices import AdversarialLoss
from dcgan.tips.article import REFERENCE
from dcgan.tips.catalogue import TIPS
from dcgan.tips.changes import Change, changes, conflicts, in_words, refusal, text
from dcgan.tips.network_changes import network_changes
from dcgan.tips.tip import Tip

COMMAND = "python -m dcgan.tips.page > docs/tips.md"

# One for each rule of `dcgan.experiment.constraints`: changes to the default experiment that it refuses.
REFUSED: tuple[dict[str, Any], ...] = (
    {"update.order": "simultaneous", "update.d_steps": 5},
    {"replay.share": 0.5, "replay.capacity": 50},
    {"replay.share": 0.001},
    {"schedule.kind": "step", "schedule.every_epochs": 100},
    {"schedule.kind": "linear", "update.batch": 1000, "budget.epochs": 1, "budget.images_per_epoch": 1000},
    {"schedule.warmup_epochs": 200},
    {"update.batch": 2000, "budget.epochs": 1, "budget.images_per_epoch": 1000},
    {"discriminator.pack": 4, "update.micro_batch": 2},
    {"update.batch": 1},
    {"pretrain.images": 10},
    {"discriminator.head": "sigmoid", "objective.loss": "wasserstein"},
    {"objective.smoothing": 0.1, "objective.loss": "hinge"},
    {"objective.virtual_adversarial.weight": 1, "objective.loss": "least_squares"},
    {"objective.penalty.kind": "r1", "objective.penalty.weight": 0},
    {"generator.depth": 8},
    {"generator.architecture": "mlp", "generator.normalisation": "instance"},
    {"update.leak": True, "update.batch": 2000},
)


def choices() -> Iterator[tuple[str, list[Any]]]:
    """Each setting with a choice that can change a result, and its values, the default first."""
    default = Experiment()
    now = flatten(default.model_dump(mode="json"))
    for key, annotation in _annotations(Experiment):
        values = [now[key], *(value for value in _values(annotation) if value != now[key])]
        allowed = [value for value in values if _refused({key: value}) is None]
        if any(default.with_({key: value}).id != default.id for value in allowed):
            yield key, values


def page() -> str:
    """The whole of docs/tips.md."""
    article = [tip for tip in TIPS.values() if not tip.beyond]
    beyond = [tip for tip in TIPS.values() if tip.beyond]
    parts = [
        _intro(),
        "## The article's tips",
        *(_section(tip) for tip in article),
        "## Beyond the article\n\nWhat other GAN suites offer. The default experiment has none of them.",
        *(_section(tip) for tip in beyond),
        _settings(),
        _objectives(),
        _refusals(),
    ]
    return "\n\n".join(parts) + "\n"


def _intro() -> str:
    default = Experiment()
    unheld = ", ".join(f"`{tip.name}`" for tip in TIPS.values() if not tip.beyond and not tip.common)
    return f"""\
# The tips

Made from the catalogue by `{COMMAND}`: change the catalogue, not this page.

A tip is a name, a sentence, a source and some levels. A level is a few settings of an experiment and nothing else: what
a level leaves out stays as the experiment has it. A value that is relative, such as `50 x update.batch`, is worked out
for the experiment that the tip is applied to; of a whole number it is again a whole one, at least 1. The numbers here
are for the default experiment: {in_words(default)}. A `depth` of `null` is
the usual one, {default.depth("generator")} here. Values in bold differ from the default experiment's.
`dcgan tips NAME --experiment mnist` shows the difference to another experiment.

A sweep names its factors. A tip's name compares `off` with `on`; other levels are listed, the baseline's first:

```yaml
factors:
  - ema
  - {{tip: gradient_penalty, levels: [off, on, r1, r2, dragan]}}
  - {{path: objective.loss, levels: [non_saturating, hinge, least_squares]}}
```

Under each tip stands what its levels change in the networks, found by laying them out at `off` and at the level: layer
by layer the channels, kernel, normalisation, activation and dropout, whether a layer learns a shift, and which numbers
are learned by which name (`norm*.weight` for those of several layers). No level adds a learned shift or takes one away.
BatchNorm's scale, `norm*.weight`, does go with it: the weights of the convolution can take its place.

*The article*, of which the sources below speak, is {REFERENCE}. It gives no numbers for its tips. The copy that was
read has no other title, no address and no date.

Two factors of one sweep may not set the same key. In every arm tips that are no factors are as the experiment has them.
With `start: bare` the article's are held off, and on with `start: all`; {unheld} and the tips beyond the
article then stay as the experiment has them, too."""


def _section(tip: Tip) -> str:
    default = Experiment()
    rows = [row for level in tip.levels for row in _level_rows(tip, level, default)]
    parts = [
        f"### `{tip.name}`",
        tip.sentence,
        f"Source: {tip.source}. The default experiment is at `{tip.level_of(default)}`.",
        _table(["level", "key", "default experiment", "at this level"], rows),
    ]
    parts.append(_networks(tip, default))
    refused = [
        f"* {_ticked(conflict.levels)} with `{conflict.other}` at {_ticked(conflict.others)}: {_code(conflict.refusal)}"
        for conflict in conflicts(tip, default)
    ]
    if refused:
        parts.append("Refused together:\n\n" + "\n".join(refused))
    return "\n\n".join(parts)


def _networks(tip: Tip, experiment: Experiment) -> str:
    """What each level changes in the networks, besides the numbers that they begin with."""
    rows = []
    for level in tip.levels:
        for change in network_changes(tip, level, experiment):
            counts = [f"{network.count:,}" for network in (change.off, change.on)]
            rows.append([_code(level), change.player, *counts, "; ".join(map(_ticked_names, change.lines()))])
    if not rows:
        return "Both networks are the same at every level."
    return _table(["level", "network", "learned numbers at off", "at this level", "what differs"], rows)


def _ticked_names(line: str) -> str:
    words, _, names = line.partition(": ")
    return f"{words}: {_ticked(names.split(', '))}"


def _level_rows(tip: Tip, level: str, experiment: Experiment) -> list[list[str]]:
    rows = [
        [_code(change.key), _code(text(change.before)), _then(change)] for change in changes(tip, level, experiment)
    ] or [["", "", "as the experiment has it"]]
    if line := refusal(experiment, {tip.name: level}):
        rows.append(["", "", f"refused: {_code(line)}"])
    return [[_code(level) if number == 0 else "", *row] for number, row in enumerate(rows)]


def _then(change: Change) -> str:
    value = _code(text(change.after))
    formula = f" = {_code(change.formula)}" if change.formula else ""
    return (f"**{value}**" if change.moves else value) + formula


def _settings() -> str:
    rows = []
    for key, values in choices():
        default, *others = (text(value) for value in values)
        refused = [f"{_code(text(value))}: {_code(line)}" for value in values if (line := _refused({key: value}))]
        rows.append([_code(key), _code(default), _ticked(others), "; ".join(refused)])
    table = _table(["key", "default", "others", "refused in the default experiment"], rows)
    return f"""\
## Settings with a choice

Each can be given as `KEY=VALUE` to `dcgan train` and `dcgan sweep`, or be a factor of its own:
`{{path: KEY, levels: [...]}}`. So can the settings that are numbers; `dcgan train mnist --dry-run` shows them all.

{table}"""


def _objectives() -> str:
    """The losses and penalties, from the tables that the rules follow."""
    losses = [
        [_code(name), _code(loss.discriminator), _code(loss.generator), _goes_with(loss), loss.source]
        for name, loss in ADVERSARIAL_LOSSES.items()
    ]
    unbounded = _ticked([name for name, loss in ADVERSARIAL_LOSSES.items() if loss.bounded_slope])
    paired = _ticked([name for name, loss in ADVERSARIAL_LOSSES.items() if loss.paired])
    penalties = [[_code(name), each.formula, each.source] for name, each in GRADIENT_PENALTIES.items()]
    return f"""\
## Losses and penalties

What each player minimises with `objective.loss`, averaged over the batch. `real` is D's output for a real image, `fake`
that for a generated one: a number, large for real.

{_table(["loss", "D minimises", "G minimises", "heads, label smoothing", "source"], losses)}

With {unbounded} D's weights are clipped (`objective.clip`) unless a penalty or spectral normalisation bounds its
slope. With {paired} each generated image of the batch has a real one beside it; for G's step D judges the last real
images again, as it then is.

`objective.penalty.kind` adds to D's loss `objective.penalty.weight` times the mean of:

{_table(["kind", "of each image", "source"], penalties)}"""


def _goes_with(loss: AdversarialLoss) -> str:
    heads = "any head" if loss.cross_entropy else "`logit`"
    return f"{heads}, {'smoothed' if loss.smoothable else 'no target to smooth'}"


def _refusals() -> str:
    rows = [
        [_ticked([f"{key}={text(value)}" for key, value in given.items()]), _code(_refused(given) or "not refused")]
        for given in REFUSED
    ]
    return f"""\
## What is refused

What does not go together is refused before anything is trained, in one line and with exit code 2. Examples, each
added to the default experiment (a file without a line):

{_table(["given", "answer"], rows)}"""


def _refused(given: dict[str, Any]) -> str | None:
    try:
        Experiment().with_(given)
    except Misuse as error:
        return str(error).removeprefix("change: ")
    return None


def _annotations(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Each dotted key below a section with its type."""
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _annotations(field.annotation, f"{prefix}{name}.")
        elif f"{prefix}{name}" in keys():
            yield f"{prefix}{name}", field.annotation


def _values(annotation: Any) -> list[Any]:
    """The values of a type with a choice: Literal, bool, or either of them or None. Empty for any other."""
    if annotation is bool:
        return [False, True]
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    return [value for part in get_args(annotation) for value in _values(part)]


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of Markdown: a pipe inside a cell would end it, so it is escaped."""
    lines = [columns, ["---"] * len(columns), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _code(words: str) -> str:
    return f"`{words}`"


def _ticked(words: Sequence[str]) -> str:
    return ", ".join(map(_code, words))


if __name__ == "__main__":
    sys.stdout.write(page())
