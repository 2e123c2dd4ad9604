"""One tip: levels relative to the experiment, and the level that an experiment is at."""

from __future__ import annotations

from dcgan.experiment import Experiment
from dcgan.tips import TIPS, apply


def test_relative_levels_follow_the_experiment() -> None:
    base = Experiment().with_({"update.batch": 16, "budget.epochs": 12})
    assert apply(base, {"mini_batch": "off"}).update.batch == 160
    assert apply(base, {"mini_batch": "on"}).update.batch == 16
    assert apply(base, {"lr_decay": "on"}).schedule.every_epochs == 3
    assert apply(Experiment(), {"mini_batch": "off"}).update.batch == 1000  # ten times the article's 100


def test_the_level_of_an_experiment() -> None:
    article = {name: TIPS[name].level_of(Experiment()) for name in TIPS}
    on = {name for name, level in article.items() if level == "on"}
    assert on == {"batch_norm", "leaky_relu", "mini_batch", "d_first"}
    assert set(article.values()) == {"on", "off"}
    assert TIPS["he_init"].level_of(Experiment().with_({"generator.init": "dcgan"})) is None
