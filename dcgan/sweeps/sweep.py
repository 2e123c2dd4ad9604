"""Sweep: the typed, frozen description of a study, read from `sweeps/*.yaml` and `KEY=VALUE` words."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from glob import escape
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    field_validator,
    model_validator,
)

from dcgan.common import paths
from dcgan.common.errors import Misuse, did_you_mean
from dcgan.common.files import checked_name
from dcgan.common.metrics import GOALS, Goal, Scale, usual_scale
from dcgan.common.overrides import flatten
from dcgan.common.yaml_text import read_yaml
from dcgan.experiment import Experiment, keys
from dcgan.experiment.key_hints import key_hint, meant
from dcgan.experiment.sections.running import WATCHERS
from dcgan.records import plan_file, run_ids
from dcgan.sweeps.designs import MOST_TRIALS, Design, OneAtATime, read_design
from dcgan.sweeps.factors import (
    PathFactor,
    RangeFactor,
    SweepFactor,
    check_paths,
    check_setting,
    first_repeated,
    read_factor,
)
from dcgan.sweeps.planned_before import planned_before
from dcgan.sweeps.stopping import Stop, planned_seeds, read_stop
from dcgan.sweeps.stopping import check as check_stop
from dcgan.sweeps.tuning import Tune, read_tune
from dcgan.sweeps.tuning import check as check_tune
from dcgan.sweeps.whole_keys import WHOLE, as_a_whole
from dcgan.tips import TIPS

_AN_ID = 4  # letters of a name from which on it may be the beginning of a run's id


def _known_metric(name: str) -> str:
    if name not in GOALS:
        raise ValueError(f"metric='{name}': no such score{did_you_mean(name, GOALS)}")
    return name


class Sweep(BaseModel):
    """What is compared with what: factors in a design, on paired seeds, judged by one metric."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    study: Annotated[str, AfterValidator(lambda name: checked_name(name, "study"))]
    experiment: str
    start: Literal["experiment", "bare", "all"] = "experiment"
    factors: Annotated[tuple[SweepFactor, ...], Field(min_length=1)]
    design: Annotated[Design, PlainSerializer(lambda design: design.settings())] = OneAtATime()
    seeds: tuple[int, ...]
    stop: Stop | None = None
    tune: Tune | None = None
    tuning_of: str | None = None  # the study whose arms this one tunes: `dcgan.study.stages.tuning_stage` writes it
    replicates: str | None = None  # the study of which this is a replication: `dcgan.study.replicating` writes it
    metric: Annotated[str, AfterValidator(_known_metric)] = "fid"
    scale: Scale  # the metric's own unless told: fixed when a study is planned, never by looking at its runs
    set: dict[str, Any] = {}
    overruled: tuple[str, ...] = ()  # keys of `set` that `start` changes all the same: `planned_before` has them
    retries: Annotated[int, Field(ge=0)] = 3  # how many workers may die of a trial before it is given up

    @model_validator(mode="before")
    @classmethod
    def _usual_scale(cls, content: dict[str, Any]) -> dict[str, Any]:
        """Unless told, the scale is the metric's."""
        design = read_design(content.get("design", OneAtATime()))
        scale = usual_scale(str(content.get("metric", "fid")))
        return {"scale": scale, **content, "design": design}

    @field_validator("factors", mode="before")
    @classmethod
    def _names_or_paths(cls, factors: Any) -> Any:
        if isinstance(factors, str):
            raise ValueError(f"factors: expected a list, in brackets: factors='[{factors}]'")
        if not isinstance(factors, list | tuple):
            raise ValueError("factors: expected a list of tips and {path: KEY, levels: [...]}")
        return [read_factor(factor) for factor in factors]

    @field_validator("seeds", mode="before")
    @classmethod
    def _count_or_list(cls, seeds: Any) -> Any:
        """`seeds: 5` is 0, 1, 2, 3, 4: more seeds later keep the first ones."""
        if isinstance(seeds, bool) or not isinstance(seeds, int | list | tuple):
            raise ValueError(f"seeds={seeds!r}: expected a number of seeds or a list of them")
        count = seeds if isinstance(seeds, int) else len(seeds)
        if count > MOST_TRIALS:
            raise ValueError(f"seeds={count}: {MOST_TRIALS:,} are the most")
        return tuple(range(seeds)) if isinstance(seeds, int) else seeds

    @field_validator("tuning_of", "replicates")
    @classmethod
    def _names_of_studies(cls, name: str | None) -> str | None:
        return None if name is None else checked_name(name, "study")  # whose folders are looked into

    @field_validator("stop", mode="before")
    @classmethod
    def _stop_rule(cls, stop: Any) -> Any:
        return read_stop(stop)

    @field_validator("tune", mode="before")
    @classmethod
    def _tune_rule(cls, tune: Any) -> Any:
        return read_tune(tune)

    @model_validator(mode="after")
    def _sound(self) -> Self:
        self.design.check_start(self.start)
        if not self.seeds:
            raise ValueError("seeds: give at least one")
        if any(not 0 <= seed < 2**31 for seed in self.seeds):
            raise ValueError(f"seeds: {min(self.seeds)}..{max(self.seeds)} must lie in 0..{2**31 - 1}")
        if twice := first_repeated([str(seed) for seed in self.seeds]):
            raise ValueError(f"seeds: {twice} is given twice")
        if self.stop is not None:
            check_stop(self.stop, self.seeds, self.design.name)
        check_paths(self.factors)
        if self.tuning_of is not None and self.tune is None:
            raise ValueError("tuning_of: this is a study of candidates, and tune, which says of which, is missing")
        if self.tune is not None:
            if self.design.grows:
                raise ValueError("tune: a search tries settings itself: make them factors, or leave tune out")
            check_tune(self.tune, () if self.tuning_of else self.all_seeds, self.factors)
        for key in self.set:
            check_setting(key, self.factors, self.start)
        return self

    @property
    def all_seeds(self) -> tuple[int, ...]:
        """`seeds`, and where the study stops when decided, those that may be added."""
        return planned_seeds(self.seeds, self.stop)

    @property
    def typed(self) -> tuple[str, ...]:
        """The keys of `set` that hold in every arm, whatever the start says of them."""
        return tuple(key for key in self.set if key not in self.overruled)

    @property
    def goal(self) -> Goal:
        """Which way the metric is better."""
        return GOALS[self.metric]

    def to_yaml(self) -> str:
        """The resolved sweep; `load` of it gives an equal one, but for who watches: that is nobody's on another
        machine. Seeds 0, 1, ... are written as their number."""
        content = self.model_dump(mode="json")
        if not self.overruled:
            del content["overruled"]
        for key in WATCHERS:
            content["set"].pop(f"tracking.{key}", None)
        if content["seeds"] == list(range(len(self.seeds))):
            content["seeds"] = len(self.seeds)
        return yaml.safe_dump(content, sort_keys=False)


def load(name: str, changes: Mapping[str, Any] | None = None) -> Sweep:
    """The sweep of that name or file with changes laid over it.

    A change is either a key of the sweep (`seeds`, `study`, `design`, ...) or a dotted key of the experiment, which
    then holds for every arm, as what `set` has does. A study that was planned keeps what it was planned with where
    nothing is said of it (`planned_before`). Raises Misuse or DcganError with one line that names the file and the key.
    """
    path = _found(name)
    given = read_yaml(path)
    if not given.keys() & {"factors", "experiment", "study"} and given.keys() & Experiment.model_fields.keys():
        raise Misuse(f"{name}: that is an experiment, no sweep: dcgan train {shlex.quote(name)}")
    content = {"study": path.stem, "seeds": 5, **given}
    where = str(path) if path.is_absolute() else name
    settings = _settings(content.pop("set", None), where)
    if plan_file.is_study(path.parent):  # of a study that was planned, here or by anybody: not who watches
        settings = {key: value for key, value in settings.items() if key.removeprefix("tracking.") not in WATCHERS}
    of_the_sweep, of_the_experiment = split_changes(changes or {}, where, str(content.get("experiment")))
    settings |= of_the_experiment
    content |= of_the_sweep
    kept = planned_before(str(content["study"]), settings)
    return parse({**kept, **content, "set": settings}, where)


def _found(name: str) -> Path:
    """The file of a sweep. Raises Misuse, with what goes on with it where a study of that name was planned."""
    try:
        return paths.find("sweeps", name)
    except Misuse:
        planned = paths.studies() / name / "sweep.yaml"
        own = next((file for file in (f"{name}.yaml", f"{name}.yml") if Path(file).is_file()), None)
        if "/" in name or not planned.exists():
            raise
        again = shlex.join(["dcgan", "sweep", own or str(planned)])
        raise Misuse(f"no sweep named '{name}': the study of that name goes on with `{again}`") from None


def split_changes(changes: Mapping[str, Any], where: str, base: str = "") -> tuple[dict[str, Any], dict[str, Any]]:
    """What was typed for the sweep itself, and what for its experiment, as `set={...}` is; `base` names the latter.
    Raises Misuse."""
    sweep = {key: value for key, value in changes.items() if key in Sweep.model_fields and key != "set"}
    experiment = _settings(changes.get("set"), where)
    for key, value in changes.items():
        first, _, rest = key.partition(".")
        if key == "set" or key in sweep:
            continue
        if key in keys():
            if experiment.get(key, value) != value:
                raise Misuse(f"{where}: {key} is given twice, {experiment[key]} in set and {value}: leave one out")
            experiment[key] = value
        elif first == "set" and rest in keys():
            raise Misuse(f"{where}: '{key}': a setting of every arm is typed without set, {rest}={value}")
        elif first in WHOLE:
            raise Misuse(f"{where}: {as_a_whole(key, value)}")
        elif key == "tips":
            raise Misuse(f"{where}: tips= is for --new: here it is factors='[{value}]'")
        elif key in TIPS:
            compares = f"factors='[{key}]' compares it, and `dcgan tips {key}` shows what its levels set"
            raise Misuse(f"{where}: '{key}' is a tip: {compares}")
        else:
            base = str(changes.get("experiment", base))
            raise Misuse(f"{where}: unknown key '{key}'" + key_hint(key, value, Sweep.model_fields, base))
    return sweep, experiment


def _settings(given: Any, where: str) -> dict[str, Any]:
    """A `set` as dotted keys and values."""
    if not isinstance(given or {}, dict):
        raise Misuse(f"{where}: set: expected a mapping of experiment keys to values")
    return flatten(given or {})


def parse(content: dict[str, Any], where: str) -> Sweep:
    """A Sweep from plain values. Raises Misuse with one line that names `where` and the key."""
    for key, value in content.items():
        if key in keys() and key != "seed":
            raise Misuse(f"{where}: '{key}' is a key of the experiment: put it under set, as in set: {{{key}: VALUE}}")
        if key not in Sweep.model_fields:
            fields = Sweep.model_fields
            found = meant(key, value, fields)
            under = " (under set)" if found and not any(name in fields for name in found) else ""
            raise Misuse(f"{where}: unknown key '{key}'{key_hint(key, value, fields)}{under}")
    try:
        return Sweep.model_validate(content)
    except ValidationError as error:
        raise Misuse(f"{where}: {_one_line(error)}") from None


def find_study(name: str) -> Path:
    """The folder of a study that was planned. Raises Misuse with the closest name."""
    root = paths.studies()
    known = [path.parent.name for path in root.glob("*/plan.json")] if root.is_dir() else []
    if name not in known:
        hint = _elsewhere(name) or did_you_mean(name, known) or ": start one with `dcgan sweep demo`"
        if len(name) >= _AN_ID and any(run.startswith(name) for run in run_ids.known(paths.runs())):
            hint = f": it is a run, and `dcgan runs id={name}` says of which study"
        raise Misuse(f"no study named '{name}' in {root}{hint}")
    return root / name


def _elsewhere(name: str) -> str:
    """Where a study is that was planned in another folder: in the working directory or one below it."""
    for plan in [Path("studies", name, "plan.json"), *sorted(Path().glob(f"[!.]*/studies/{escape(name)}/plan.json"))]:
        if plan.is_file() and plan.parents[1].resolve() != paths.studies().resolve():
            home = plan.parents[2]
            return f": it is in {home}/: DCGAN_HOME={shlex.quote(str(home))}"
    return ""


def _one_line(error: ValidationError) -> str:
    """The most telling of pydantic's complaints as one line with its key."""
    complaints = error.errors()
    own = [entry for entry in complaints if entry["type"] == "value_error"]
    first = own[0] if own else max(complaints, key=lambda entry: len(entry["loc"]))
    message = first["msg"].removeprefix("Value error, ")
    # A union names its branches in the location: keep the keys and positions only.
    known = {*Sweep.model_fields, *PathFactor.model_fields, *RangeFactor.model_fields}
    key = ".".join(str(part) for part in first["loc"] if isinstance(part, int) or part in known)
    if first["type"] == "missing":
        return f"'{key}' is missing"
    if first["type"] == "too_short":
        return f"{key}: give at least {first['ctx']['min_length']}"
    if first["type"] == "value_error":
        return message if not key or key in message else f"{key}: {message}"
    return f"{key}={first['input']!r}: {message[0].lower()}{message[1:]}"
