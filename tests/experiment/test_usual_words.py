"""What people type who come from other programs leads to what can be typed here, with the value that they gave."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dcgan.cli import parsed
from dcgan.common import paths
from dcgan.common.errors import Misuse
from dcgan.common.overrides import parse_words
from dcgan.experiment import Experiment, keys, load
from dcgan.experiment.usual_words import MEANT, OPTIONS, OTHER_UNITS, PLACES

_BOTH = ["optimizer.generator.{}", "optimizer.discriminator.{}"]


def _of_both(name: str) -> list[str]:
    return [key.format(name) for key in _BOTH]


def _said(word: str) -> str:
    with pytest.raises(Misuse) as refused:
        load("digits", parse_words([word]))
    return str(refused.value)


@pytest.mark.parametrize(
    ("word", "suggestions"),
    [
        ("lr=1e-4", _of_both("lr")),
        ("learning_rate=0.0001", _of_both("lr")),
        ("lr_d=1e-4", ["optimizer.discriminator.lr"]),
        ("beta1=0.5", _of_both("beta1")),
        ("optimizer=rmsprop", _of_both("kind")),
        ("epochs=3", ["budget.epochs"]),
        ("iterations=5", ["budget.epochs"]),
        ("steps=5", ["budget.epochs"]),
        ("nimg=5", ["budget.epochs"]),
        ("kimg=5", ["budget.epochs"]),
        ("batch_size=64", ["update.batch"]),
        ("n_critic=5", ["update.d_steps"]),
        ("gradient_penalty=r1", ["objective.penalty.kind"]),
        ("gradient_penalty=5", ["objective.penalty.weight"]),
        ("lambda_gp=10", ["objective.penalty.weight"]),
        ("ema=5000", ["average.half_life"]),
        ("nz=100", ["latent.dim"]),
        ("z_dim=64", ["latent.dim"]),
        ("ngf=32", ["generator.width"]),
        ("ndf=32", ["discriminator.width"]),
        ("device=cpu", ["compute.device"]),
        ("gpu=auto", ["compute.device"]),
        ("data=digits", ["data.name"]),
        ("dataset=digits", ["data.name"]),
        ("seeds=3", ["seed"]),
        ("image_size=32", ["data.size"]),
        ("channels=1", ["data.channels"]),
        ("loss=hinge", ["objective.loss"]),
    ],
)
def test_a_usual_word_leads_to_keys_that_take_its_value(word: str, suggestions: list[str]) -> None:
    said, (value,) = _said(word), parse_words([word]).values()
    assert re.findall(r"'([^']+)'", said.partition("did you mean")[2]) == suggestions
    for suggestion in suggestions:
        assert isinstance(load("digits", {suggestion: value}), Experiment)
    assert (word.partition("=")[0] in OTHER_UNITS) == ("a run is budget.epochs times" in said)


@pytest.mark.parametrize("word", ["name=mine", "seed=3"])
def test_words_that_are_keys_are_no_others(word: str) -> None:
    load("digits", parse_words([word]))


@pytest.mark.parametrize("word", ["workers=3", "launcher=ray", "storage=grpc://host:13000", "for=2h"])
def test_an_option_of_a_sweep_is_named_as_it_is_typed(word: str) -> None:
    name, _, value = word.partition("=")
    typed = f"{OPTIONS[name]} {value}"
    assert _said(word).endswith(f"it is an option of `dcgan sweep`, typed {typed}")
    _, args = parsed(["sweep", "demo", *typed.split()])
    assert getattr(args, "time" if name == "for" else name) in {value, 3}


def test_a_password_is_not_repeated() -> None:
    said = _said("storage=postgresql://me:secret@host/db")
    assert "typed --storage postgresql://" in said and "secret" not in said


@pytest.mark.parametrize("word", PLACES)
def test_where_results_go_is_said_by_a_variable(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    variable, value = re.findall(r"(DCGAN_\w+)=(\w+)", _said(f"{word}=there"))[0]
    monkeypatch.setenv(variable, value)
    assert paths.home() == Path("there")


def test_every_word_leads_to_keys_and_is_none() -> None:
    assert {key for found in MEANT.values() for key in found} <= set(keys())
    assert not {*MEANT, *OPTIONS, *PLACES} & set(keys())
    assert not {*OPTIONS, *PLACES} & set(MEANT)
