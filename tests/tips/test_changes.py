"""What a level changes: what `apply` does, what is refused, and what nothing reads."""

from __future__ import annotations

from dcgan.common.overrides import flatten
from dcgan.experiment import Experiment
from dcgan.tips import TIPS, apply
from dcgan.tips.changes import changes, conflicts, refusal, unused_in_level


def test_changes_are_what_apply_does_to_any_experiment(tiny: Experiment) -> None:
    tiny = tiny.with_({"update.batch": 8})  # small enough for every level
    for name, each in TIPS.items():
        for level in each.levels:
            made = changes(each, level, tiny)
            applied = flatten(apply(tiny, {name: level}).model_dump(mode="json"))
            assert {change.key: change.after for change in made} == {change.key: applied[change.key] for change in made}
            before = flatten(tiny.model_dump(mode="json"))
            assert {change.key for change in made if change.moves} == {
                key for key in applied if applied[key] != before[key]
            }


def test_a_level_that_is_refused_alone_is_no_conflict() -> None:
    short = Experiment().with_({"budget.epochs": 1})
    assert refusal(short, {"lr_decay": "on"}) == (
        "schedule.every_epochs=1 never comes within budget.epochs=1: lower it or use schedule.kind=constant"
    )
    assert not any("on" in each.levels for each in conflicts(TIPS["lr_decay"], short))


def test_a_level_that_nothing_reads_says_why() -> None:
    shallow = Experiment().with_({"discriminator.depth": 2})
    assert unused_in_level(TIPS["batch_norm"], "layer", Experiment()) == []
    (why,) = unused_in_level(TIPS["batch_norm"], "layer", shallow)
    assert why.startswith("discriminator.normalisation=layer has no effect: discriminator.depth=2")
