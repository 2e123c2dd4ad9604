"""Random experiments, drawn from the settings' own types and bounds: sound ones train, the others are refused.

A setting that is added to a section is drawn here without a line being written.
"""

from __future__ import annotations

import functools
import math
from collections import Counter
from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types
import pytest
import torch
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pydantic.fields import FieldInfo
from torch import Tensor, nn

from dcgan import data
from dcgan.common.errors import Misuse
from dcgan.common.hashing import digest
from dcgan.common.overrides import flatten
from dcgan.experiment import Experiment, keys, parse
from dcgan.experiment.sections import Section
from dcgan.experiment.unused import unused_settings
from dcgan.training.sampling import sample
from dcgan.training.trainer import Trainer
from tests.conftest import tiny_experiment

SMALL = tiny_experiment().with_({"update.batch": 12, "generator.width": 4, "discriminator.width": 4})
_SPREAD = 12  # how far whole numbers are drawn above their least: what is trained has to stay small

Values = st.SearchStrategy[Any]


def fields(section: type[Section], prefix: str = "") -> Iterator[tuple[str, Any, list[Any]]]:
    """Every setting's (dotted key, type, bounds)."""
    for name, info in section.model_fields.items():
        kind = info.annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            yield from fields(kind, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", kind, info.metadata


def values(kind: Any, bounds: list[Any]) -> Values:
    """Values of a type within bounds, from those that Python's and pydantic's annotations state."""
    if get_origin(kind) is Annotated:
        inner, *marks = get_args(kind)
        stated = [bound for mark in marks for bound in (mark.metadata if isinstance(mark, FieldInfo) else [mark])]
        return values(inner, [*bounds, *stated])
    if get_origin(kind) in (Union, UnionType):
        return st.one_of([values(each, bounds) for each in get_args(kind)])
    if get_origin(kind) is Literal:
        return st.sampled_from(get_args(kind))
    least, most, over, under = (
        next((getattr(bound, name) for bound in bounds if isinstance(bound, mark)), None)
        for mark, name in ((annotated_types.Ge, "ge"), (annotated_types.Le, "le"), (annotated_types.Gt, "gt"), (annotated_types.Lt, "lt"))
    )  # fmt: skip
    if kind is int:
        return st.integers(least, min(least + _SPREAD, math.inf if most is None else most))
    if kind is float:
        low, high = over if least is None else least, under if most is None else most
        return st.floats(low, 10 if high is None else high, exclude_min=least is None, exclude_max=under is not None)
    return {bool: st.booleans(), NoneType: st.none(), str: st.text(max_size=6)}[kind]


# What hardly any setting takes: other types, no numbers, numbers out of bounds.
WRONG = st.one_of(
    st.sampled_from([[], [1], {"a": 1}, {"a\nb": 1}, "no such\nchoice", math.nan, math.inf, -math.inf]),
    st.floats(max_value=-1e-6),
    st.integers(max_value=-1),
    st.integers(2**40, 2**80),
    st.binary(max_size=3),
)
VALUES = {key: values(kind, bounds) for key, kind, bounds in fields(Experiment)}
TRAINED = [key for key in VALUES if key not in ("data.name", "data.size", "data.folder", "data.fingerprint", "name")]


@st.composite
def some_changes(draw: st.DrawFn, among: list[str], most: int = 8) -> dict[str, Any]:
    """A few keys, each with a value that it takes by itself."""
    chosen = draw(st.lists(st.sampled_from(among), min_size=1, max_size=most, unique=True))
    return {key: draw(VALUES[key]) for key in chosen}


def examples(count: int) -> settings:
    return settings(
        max_examples=count, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )


def made(changes: dict[str, Any], base: Experiment = SMALL) -> Experiment | None:
    """The base with changes, or None where it is refused as it should be: in one line that names a key."""
    try:
        return base.with_(changes)
    except Misuse as refusal:
        message = str(refusal)
        assert len(message.splitlines()) == 1
        assert any(f"{key}=" in message or f" {key} " in message for key in keys())
        return None


@functools.cache
def images(channels: int) -> Tensor:
    return data.load(SMALL.with_({"data.channels": channels}).data).images["train"]


def trained(experiment: Experiment, steps: int = 3) -> Trainer:
    trainer = Trainer(experiment, images(experiment.data.shape[0]))
    trainer.prepare(lambda: False)
    for _ in range(steps):
        trainer.step()
    return trainer


def shapes(network: nn.Module) -> dict[str, torch.Size]:
    return {name: tensor.shape for name, tensor in network.state_dict().items()}


def test_every_setting_is_drawn() -> None:
    assert sorted(VALUES) == sorted(keys())


@pytest.mark.slow
def test_sound_experiments_train_and_keep_their_shapes() -> None:
    """Finite or honestly diverged: no exception either way."""
    became: Counter[str] = Counter()

    @examples(250)
    @given(some_changes(TRAINED))
    def check(changes: dict[str, Any]) -> None:
        experiment = made(changes)
        if experiment is None:
            became["refused"] += 1
            return
        fresh, trainer = trained(experiment, steps=0).players, trained(experiment)
        became["finite" if trainer.divergence(trainer.read()) is None else "diverged"] += 1
        for player in ("generator", "discriminator"):
            assert shapes(getattr(trainer.players, player)) == shapes(getattr(fresh, player))
        drawn = sample(trainer.players.evaluation_generator, experiment.latent, 3, torch.Generator().manual_seed(0))
        assert drawn.shape == (3, *experiment.data.shape)
        assert drawn.dtype == torch.uint8

    check()
    assert became["finite"] > 100
    assert became["refused"] > 10
    assert became["diverged"] < 0.1 * became["finite"]


@pytest.mark.slow
def test_sound_experiments_survive_yaml_and_changes() -> None:
    sound = 0

    @examples(400)
    @given(some_changes(list(VALUES)))
    def check(changes: dict[str, Any]) -> None:
        nonlocal sound
        experiment = made(changes, Experiment())
        assume(experiment is not None)
        assert experiment is not None
        sound += 1
        written = parse(yaml.safe_load(experiment.to_yaml()), "yaml")
        given_again = parse(yaml.safe_load(yaml.safe_dump(experiment.given())), "given")
        for again in (written, given_again, experiment.with_({}), Experiment().with_(flatten(experiment.model_dump()))):
            assert again == experiment
            assert again.id == experiment.id

    check()
    assert sound > 100


def test_values_that_a_setting_does_not_take_are_refused_by_its_key() -> None:
    refused = 0

    @examples(500)
    @given(st.sampled_from(list(VALUES)), WRONG)
    def check(key: str, value: Any) -> None:
        nonlocal refused
        try:
            Experiment().with_({key: value})
        except Misuse as refusal:
            refused += 1
            assert len(str(refusal).splitlines()) == 1
            assert key in str(refusal)

    check()
    assert refused > 400


@examples(300)
@given(some_changes(TRAINED), st.data())
def test_the_id_ignores_unused_keys_and_changes_with_any_other(changes: dict[str, Any], drawn: st.DataObject) -> None:
    experiment = made(changes)
    assume(experiment is not None)
    assert experiment is not None
    inside = [key for key in keys() if not key.startswith(("tracking.", "compute.", "name", "data."))]
    key = drawn.draw(st.sampled_from(inside))
    other = made({**changes, key: drawn.draw(VALUES[key])})
    assume(other is not None)
    assert other is not None
    unread = [key in unused_settings(each) for each in (experiment, other)]
    same = flatten(experiment.model_dump())[key] == flatten(other.model_dump())[key]
    if same or all(unread):
        assert experiment.id == other.id
    elif not any(unread):
        assert experiment.id != other.id


@pytest.mark.slow
def test_what_is_unused_changes_no_bit_of_the_training() -> None:
    compared: Counter[str] = Counter()

    @examples(150)
    @given(some_changes(TRAINED, most=4), st.data())
    def check(changes: dict[str, Any], drawn: st.DataObject) -> None:
        experiment = made(changes)
        assume(experiment is not None)
        assert experiment is not None
        other = made(
            {
                **changes,
                **{key: drawn.draw(VALUES[key]) for key in unused_settings(experiment) if "pretrain" not in key},
            }
        )
        assume(other is not None and other.id == experiment.id)
        assert other is not None
        first, second = (digest(trained(each, steps=2).state_dict()) for each in (experiment, other))
        assert first == second
        compared.update(key for key in unused_settings(experiment) if key in unused_settings(other))

    check()
    assert sum(compared.values()) > 500
