"""The catalogue: complete, and each tip moves its own keys only."""

from __future__ import annotations

import pytest

from dcgan.common.errors import Misuse
from dcgan.common.overrides import flatten
from dcgan.experiment import Experiment
from dcgan.tips import TIPS, apply, tip

ARTICLE = {
    "small_networks", "he_init", "batch_norm", "leaky_relu", "gradient_penalty", "lr_decay", "mini_batch", "replay",
    "d_first", "pretrain", "optimizer",
}  # fmt: skip


def test_every_tip_of_the_article_is_a_toggle() -> None:
    assert set(TIPS) >= ARTICLE
    for each in TIPS.values():
        assert {"off", "on"} <= set(each.levels)
        assert each.source
        assert each.sentence.endswith(".")


@pytest.mark.parametrize("name", sorted(TIPS))
def test_on_and_off_differ_in_the_tips_own_keys_only(name: str) -> None:
    base = Experiment()
    off, on = (flatten(apply(base, {name: level}).model_dump()) for level in ("off", "on"))
    changed = {key for key in off if off[key] != on[key]}
    named = {key for fragment in TIPS[name].levels.values() for key in fragment}
    assert changed
    assert changed <= named


def test_two_tips_of_the_article_never_claim_one_key() -> None:
    claimed: dict[str, str] = {}
    for each in TIPS.values():
        if not each.beyond:
            for key in {key for level in ("off", "on") for key in each.levels[level]}:
                assert claimed.setdefault(key, each.name) == each.name


def test_two_tips_that_want_different_values_of_one_key_are_refused() -> None:
    message = (
        r"tips 'batch_norm' and 'spectral_norm' want discriminator.normalisation=batch and "
        r"discriminator.normalisation=spectral: leave one out"
    )
    with pytest.raises(Misuse, match=message):
        apply(Experiment(), {"batch_norm": "on", "spectral_norm": "on"})
    assert apply(Experiment(), {"batch_norm": "generator_only", "he_init": "on"}).generator.init == "he"


def test_relative_levels_follow_the_experiment() -> None:
    base = Experiment().with_({"update.batch": 16, "budget.epochs": 12})
    assert apply(base, {"mini_batch": "off"}).update.batch == 160
    assert apply(base, {"mini_batch": "on"}).update.batch == 16
    assert apply(base, {"lr_decay": "on"}).schedule.every_epochs == 3
    assert apply(Experiment(), {"mini_batch": "off"}).update.batch == 1000  # ten times the article's 100


def test_a_tip_that_would_be_void_is_refused() -> None:
    with pytest.raises(Misuse, match=r"schedule.every_epochs=1 never comes within budget.epochs=1"):
        apply(Experiment().with_({"budget.epochs": 1}), {"lr_decay": "on"})


def test_the_level_of_an_experiment() -> None:
    article = {name: TIPS[name].level_of(Experiment()) for name in TIPS}
    on = {name for name, level in article.items() if level == "on"}
    assert on == {"batch_norm", "leaky_relu", "mini_batch", "d_first"}
    assert set(article.values()) == {"on", "off"}
    assert TIPS["he_init"].level_of(Experiment().with_({"generator.init": "dcgan"})) is None


def test_unknown_names_get_the_closest() -> None:
    with pytest.raises(Misuse, match="no tip named 'batchnorm'; did you mean 'batch_norm'"):
        tip("batchnorm")
    with pytest.raises(Misuse, match="no level 'onn'; did you mean 'on'"):
        apply(Experiment(), {"he_init": "onn"})
