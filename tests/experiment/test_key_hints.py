"""What is suggested for a key that is none can be typed, and is what was meant."""

from __future__ import annotations

import re

import pytest

from dcgan.common.errors import Misuse
from dcgan.experiment import Experiment, keys, load
from dcgan.experiment.key_hints import meant, nested, takes
from dcgan.experiment.usual_words import MEANT


def _suggested(word: str, value: object) -> list[str]:
    """The keys that the refusal of `word=value` suggests."""
    with pytest.raises(Misuse) as refused:
        load("digits", {word: value})
    return re.findall(r"'([^']+)'", str(refused.value).partition("did you mean")[2])


def _misspelt(key: str) -> list[str]:
    """With the letter in its middle doubled, and with another in its place."""
    middle = len(key) // 2 - (key[len(key) // 2] == ".")
    return [key[:middle] + key[middle] + key[middle:], key[:middle] + "q" + key[middle + 1 :]]


@pytest.mark.parametrize("key", [key for key in keys() if key not in {"name", "seed"}])
def test_every_misspelt_key_leads_to_itself_and_its_last_part_too(key: str) -> None:
    usual = load("digits")
    value: object = usual
    for part in key.split("."):
        value = getattr(value, part)
    for word in (*_misspelt(key), key.rpartition(".")[2], key.upper()):
        if word in keys() or word in MEANT:  # `name` is a key of its own, and `epochs` the budget's alone
            continue
        suggestions = _suggested(word, value)
        assert key in suggestions or word == _misspelt(key)[1], word  # with another letter it may be nearer to another
        for suggestion in suggestions:
            own: object = usual
            for part in suggestion.split("."):
                own = getattr(own, part)
            assert isinstance(load("digits", {suggestion: own}), Experiment)


@pytest.mark.parametrize(
    ("word", "value", "suggestions"),
    [
        ("lr", 1e-4, ["optimizer.generator.lr", "optimizer.discriminator.lr"]),
        ("learning_rate", 1e-4, ["optimizer.generator.lr", "optimizer.discriminator.lr"]),
        ("optimizer.lr", 1e-4, ["optimizer.generator.lr", "optimizer.discriminator.lr"]),
        ("optimizr.generator.lr", 1e-4, ["optimizer.generator.lr"]),
        ("epochs", 3, ["budget.epochs"]),
        ("pretrain.epoch", 3, ["pretrain.epochs"]),
        ("weight", 3, ["objective.penalty.weight", "objective.virtual_adversarial.weight"]),
        ("batch_size", 3, ["update.batch"]),
        ("update.batch.size", 3, ["update.batch"]),
        ("penalty", "wgan_gp", ["objective.penalty.kind"]),
        ("objective.penalty", "wgan_gp", ["objective.penalty.kind"]),
        ("optimizer", "sgd", ["optimizer.generator.kind", "optimizer.discriminator.kind"]),
        ("data", "cifar10", ["data.name"]),
        ("dataset", "cifar10", ["data.name"]),
        ("data", "photos", ["data.folder"]),
        ("smooth", 0.1, ["objective.smoothing"]),
        ("smooth", "much", []),  # what is only spelt like a key must take the value
        ("nothing_like_it", 3, []),
    ],
)
def test_a_key_leads_to_those_that_were_meant(word: str, value: object, suggestions: list[str]) -> None:
    assert _suggested(word, value) == suggestions


def test_names_that_may_be_typed_beside_keys_come_first() -> None:
    assert meant("factor", 1, ["seeds", "factors"]) == ["factors", "schedule.factor"]
    assert meant("seed", 1, ["seeds", "factors"]) == ["seeds"]


def test_what_is_like_no_key_is_told_where_all_of_that_experiment_are_shown() -> None:
    with pytest.raises(Misuse, match="unknown key 'zzz': `dcgan train digits --dry-run` shows all keys"):
        load("digits", {"zzz": 1})
    with pytest.raises(Misuse, match="unknown key 'zzz': `dcgan train mnist --dry-run` shows all keys"):
        load("digits").with_({"zzz": 1})


def test_a_value_that_the_key_cannot_have_is_said_beside_one_that_it_can() -> None:
    with pytest.raises(Misuse, match="here it is compute.device, as in compute.device=auto, and cannot be 0$"):
        load("digits", {"gpu": 0})
    assert not takes("average.half_life", True) and takes("average.half_life", 1)
    assert takes("data.folder", "photos")  # though digits must make place for it


def test_a_section_with_a_value_names_its_keys() -> None:
    with pytest.raises(
        Misuse, match="generator=5: it has keys of its own, such as generator.architecture, generator.w"
    ):
        load("digits", {"generator": 5})


def test_a_dotted_key_is_written_out_for_a_file() -> None:
    assert nested("optimizer.generator.lr", 0.1) == "optimizer: {generator: {lr: 0.1}}"
    assert nested("seed", 1) == "seed: 1"
