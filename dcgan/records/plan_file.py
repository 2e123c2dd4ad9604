"""plan.json: what a study's trials are and what they were worked out from. Read and written here alone."""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, get_args

from dcgan.common.errors import DcganError, Misuse
from dcgan.common.files import checked_name, read_json, write_json
from dcgan.common.json_text import UNEXPECTED
from dcgan.common.metrics import GOALS, Goal, Scale, usual_scale
from dcgan.records.growth import Growth
from dcgan.records.plain_values import is_count
from dcgan.records.seed_changes import SeedChange
from dcgan.records.tuned import Tuned
from dcgan.statistics.contrasts import Alias, Aliases, Effect, Reading, Word, codes
from dcgan.statistics.sequential.interim_analysis import Looks

NAME = "plan.json"  # in the folder of the study

T = TypeVar("T")

_TEXTS = ("experiment", "start", "design", "baseline", "metric", "goal", "scale", "tune", "tuning_of", "replicates")
_KINDS: Mapping[str, Any] = {
    "study": str,
    **dict.fromkeys(("factors", "seeds"), list),
    **dict.fromkeys(("held", "arms", "ranges"), dict),
    **dict.fromkeys(_TEXTS, str | None),
    "content": dict | None,
}


class PlannedTrial(NamedTuple):
    """An arm with a seed, and the id of the run that it becomes."""

    arm: str
    seed: int
    run: str


@dataclass(frozen=True, kw_only=True)
class PlanRecord:
    """The content of plan.json: enough to work the plan out again on another machine, and to report on its runs.

    `arms` maps arm -> factor -> level, `ranges` the path of a factor to the range that a search draws it from, and
    `held` are the dotted keys that tips which are no factors set in every arm. `content` is the experiment that the
    arms start from. `tuned`, `grown` and `stop` are None where a study does not tune, search, or stop when decided.
    `replicates` is the study of which this one is a replication, and `seed_changes` are those of a study whose seeds
    were changed after some of its runs were over.
    """

    study: str
    experiment: str | None = None
    start: str | None = None
    design: str | None = None
    baseline: str | None = None
    metric: str | None = None
    goal: Goal | None = None
    scale: Scale | None = None
    factors: tuple[str, ...] = ()
    held: Mapping[str, Any] = field(default_factory=dict)
    arms: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    grown: Growth | None = None
    ranges: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    reading: Reading = field(default_factory=Reading)
    seeds: tuple[int, ...] = ()
    stop: Looks | None = None
    tune: str | None = None
    tuning_of: str | None = None
    tuned: Tuned | None = None
    replicates: str | None = None
    seed_changes: tuple[SeedChange, ...] = ()
    trials: tuple[PlannedTrial, ...] = ()
    content: Mapping[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """As it stands in the file."""
        return {
            "study": self.study,
            "experiment": self.experiment,
            "start": self.start,
            "design": self.design,
            "baseline": self.baseline,
            "metric": self.metric,
            "goal": self.goal,
            "scale": self.scale,
            "factors": list(self.factors),
            "held": dict(self.held),
            "arms": {arm: dict(levels) for arm, levels in self.arms.items()},
            "grown": None if self.grown is None else self.grown.to_json(),
            "ranges": {path: dict(settings) for path, settings in self.ranges.items()},
            "effects": [effect.to_json() for effect in self.reading.effects],
            "aliases": self.reading.aliases.to_json() if self.reading.aliases else None,
            "seeds": list(self.seeds),
            "stop": None if self.stop is None else asdict(self.stop),
            "tune": self.tune,
            "tuning_of": self.tuning_of,
            "tuned": None if self.tuned is None else self.tuned.to_json(),
            "replicates": self.replicates,
            "seed_changes": [change.to_json() for change in self.seed_changes],
            "trials": [trial._asdict() for trial in self.trials],
            "content": self.content,
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any], where: str) -> PlanRecord:
        """What `to_json` gave, here or in an earlier version. Raises DcganError, naming `where`, for anything else."""
        plain = _plain(content, where)
        decoders: dict[str, Callable[[Any], Any]] = {
            "grown": Growth.from_json,
            "stop": lambda looks: _looks(looks, len(plain["seeds"])),
            "tuned": Tuned.from_json,
            "seed_changes": lambda changes: tuple(SeedChange.from_json(change) for change in changes),
            "trials": lambda trials: tuple(
                PlannedTrial(str(entry["arm"]), _seed(entry["seed"]), str(entry["run"])) for entry in trials
            ),
        }
        decoded = {
            key: _decoded(key, content[key], decode, where) for key, decode in decoders.items() if content.get(key)
        }
        scale = content.get("scale") or _former_scale(content)
        start = content.get("start") or _former_start(content)
        return cls(**{**plain, "scale": scale, "start": start}, **decoded, reading=_reading(content, where))


def read(folder: Path) -> PlanRecord:
    """The plan of the study in that folder. Raises DcganError for a file that is damaged or not there."""
    path = folder / NAME
    content = {"study": folder.name, **read_json(path)}
    try:
        return PlanRecord.from_json(content, str(path))
    except DcganError as error:
        raise DcganError(f"{error}: delete it, then type the `dcgan sweep` command again") from None


def write(folder: Path, record: PlanRecord) -> None:
    """Replaces the plan in that folder."""
    write_json(folder / NAME, record.to_json())


def is_study(folder: Path) -> bool:
    """Whether a study was planned in that folder."""
    return (folder / NAME).is_file()


def studies(root: Path) -> list[str]:
    """The names of the studies that were planned below that folder, in alphabetical order."""
    return sorted(path.parent.name for path in root.glob(f"*/{NAME}"))


def _plain(content: Mapping[str, Any], where: str) -> dict[str, Any]:
    """What is text, lists or mappings of it; what an earlier version did not write is left to its default."""
    if wrong := next(_wrong(content), None):
        raise DcganError(f"{where} is damaged: {wrong}")
    try:
        checked_name(content["study"], "study")
    except Misuse as error:
        raise DcganError(f"{where} is damaged: {error}") from None
    plain = {key: content[key] for key in _KINDS if key in content}
    lists = {"factors": tuple(str(factor) for factor in plain.get("factors", ()))}
    return {**plain, **lists, "seeds": tuple(plain.get("seeds", ()))}


def _former_scale(content: Mapping[str, Any]) -> Scale | None:
    """The scale of a plan that does not name it: the metric's own. One that stops when decided has looked at plain
    differences, and goes on so."""
    if content.get("metric") is None:
        return None
    return "difference" if content.get("stop") else usual_scale(str(content["metric"]))


def _former_start(content: Mapping[str, Any]) -> str | None:
    """The start of a plan that does not name it, which was made when none was given."""
    if content.get("design") is None:
        return None
    return "all" if str(content["design"]).startswith("leave-one-out") else "bare"


def _wrong(content: Mapping[str, Any]) -> Iterator[str]:
    """What is not of its kind."""
    for key, kind in _KINDS.items():
        if key in content and not isinstance(content[key], kind):
            yield f"{key} is {reprlib.repr(content[key])}"
    for key in ("arms", "ranges"):
        for name, entry in content.get(key, {}).items():
            if not isinstance(entry, dict):
                yield f"{key}: {name} is {reprlib.repr(entry)}"
    named = {"goal": get_args(Goal), "scale": get_args(Scale), "metric": GOALS, "baseline": content.get("arms", {})}
    for key, known in named.items():
        if content.get(key) not in (None, *known):
            yield f"{key} is {content[key]!r}"
    if not all(map(_is_seed, content.get("seeds", ()))):
        yield f"seeds is {reprlib.repr(content['seeds'])}"


def _is_seed(value: object) -> bool:
    return is_count(value, 2**63 - 1)


def _seed(value: Any) -> int:
    if not _is_seed(value):
        raise ValueError(f"seed is {reprlib.repr(value)}")
    return int(value)


def _decoded(key: str, content: Any, decode: Callable[[Any], T], where: str) -> T:
    try:
        return decode(content)
    except UNEXPECTED as error:
        raise DcganError(f"{where} is damaged: {key} is not as it was written ({error})") from None


def _reading(content: Mapping[str, Any], where: str) -> Reading:
    """How the arms are read together, checked against them."""
    try:
        reading = Reading(
            tuple(_effect(entry) for entry in content.get("effects") or ()),
            _aliases(content["aliases"]) if content.get("aliases") else None,
        )
        _check_effects(reading.effects, content.get("arms", {}))
    except UNEXPECTED as error:
        raise DcganError(f"{where} is damaged: its effects or aliases are not as they were written ({error})") from None
    return reading


def _check_effects(effects: Sequence[Effect], arms: Mapping[str, Mapping[str, str]]) -> None:
    """Raises one of UNEXPECTED for effects that no design of these arms has: of one or two factors each, all of all
    arms, or else each factor beside one baseline and then beside the other."""
    for effect in effects:
        if len(effect.terms) not in (1, 2):
            raise ValueError(f"an effect of {len(effect.terms)} factors")
        codes(effect.terms, {arm: arms[arm] for arm in effect.arms or arms})
    if not any(effect.beside for effect in effects):
        return
    if lost := [effect.beside for effect in effects if effect.beside not in effect.arms]:
        raise ValueError(f"beside {reprlib.repr(lost[0])}, which is none of its arms")
    if [each.terms for each in effects[::2]] != [each.terms for each in effects[1::2]]:
        raise ValueError("not every factor beside two baselines")


def _looks(content: Mapping[str, Any], seeds: int) -> Looks:
    """When a study of so many seeds is looked at."""
    looks = Looks(**content)
    if not all(isinstance(number, int) and number >= 1 for number in asdict(looks).values()):
        raise ValueError("expected numbers of seeds")
    if not looks.first <= looks.at_most <= seeds:
        raise ValueError(f"looks from {looks.first} to {looks.at_most} of {seeds} seeds")
    return looks


def _effect(entry: Mapping[str, Any]) -> Effect:
    terms = tuple((str(factor), str(low), str(high)) for factor, low, high in entry["of"])
    return Effect(terms, tuple(entry.get("arms", ())), entry.get("beside", ""))


def _aliases(content: Mapping[str, Any]) -> Aliases:
    table = tuple(
        Alias(tuple(line["effect"]), tuple((tuple(other["effect"]), float(other["weight"])) for other in line["with"]))
        for line in content["table"]
    )
    generators, words = (
        tuple(Word(tuple(word["factors"]), word["sign"]) for word in content.get(key, ()))
        for key in ("generators", "words")
    )
    return Aliases(int(content["resolution"]), table, generators, words)
