"""The sweep file: what it takes and what it refuses, each in one line."""

from __future__ import annotations

from typing import Any

import pytest

from dcgan.common.errors import Misuse
from dcgan.sweeps import sweep
from dcgan.sweeps.sweep import Sweep

GOOD: dict[str, Any] = {"study": "s", "experiment": "digits", "factors": ["he_init"], "seeds": 3}


def test_defaults() -> None:
    made = sweep.parse(GOOD, "s")
    assert (made.start, str(made.design), made.metric, made.goal) == ("experiment", "one-at-a-time", "fid", "minimize")
    assert made.seeds == (0, 1, 2)
    assert sweep.parse({**GOOD, "design": "leave-one-out"}, "s").start == "experiment"
    assert sweep.parse({**GOOD, "metric": "recall"}, "s").goal == "maximize"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"factros": []}, "unknown key 'factros'; did you mean 'factors'?"),
        ({"seeds": 10**9}, "seeds=1000000000: 100,000 are the most"),
        ({"seeds": list(range(100_001))}, "seeds=100001: 100,000 are the most"),
        ({"seed": 2}, "unknown key 'seed'; did you mean 'seeds'?"),
        ({"lr": 2}, "did you mean 'optimizer.generator.lr' or 'optimizer.discriminator.lr'? (under set)"),
        ({"factors": ["batch_nrm"]}, "no tip named 'batch_nrm'; did you mean 'batch_norm'?"),
        ({"factors": []}, "factors: give at least 1"),
        ({"factors": "he_init"}, "factors: expected a list"),
        ({"factors": [3]}, "factors: 3 is neither a tip's name nor {path: KEY, levels: [...]}"),
        ({"factors": ["he_init", "he_init"]}, "factor 'he_init' is given twice"),
        ({"factors": [{"path": "generator.widht", "levels": [1, 2]}]}, "did you mean 'generator.width'?"),
        ({"factors": [{"path": "generator.width", "levels": [8]}]}, "give at least 2"),
        ({"factors": [{"path": "generator.width", "levels": [8, 8]}]}, "has level 8 twice"),
        ({"factors": [{"path": "seed", "levels": [1, 2]}]}, "'seed' is not a factor"),
        (
            {"factors": ["he_init", {"path": "generator.init", "levels": ["he", "torch"]}]},
            "factors 'he_init' and 'generator.init' both vary generator.init",
        ),
        ({"design": "one-at-time"}, "did you mean 'one-at-a-time'?"),
        ({"design": "search"}, "design=search: 'trials' is missing"),
        ({"design": {"search": {"trials": 1}}}, "trials=1: input should be greater than or equal to 2"),
        ({"design": {"search": {"trials": 9, "sampler": "tpee"}}}, "no such sampler; did you mean 'tpe'?"),
        ({"design": {"search": {"trials": 9, "pruner": "medan"}}}, "no such pruner; did you mean 'median'?"),
        ({"design": {"search": {"trials": 9, "sampler": "nsga2", "pruner": "median"}}}, "weighs two: use pruner=none"),
        ({"design": {"search": {"trials": 9, "pruner": "wilcoxon"}}}, "give seeds=5 or more"),
        ({"design": {"search": {"trials": 3}}}, "confirm=3: a search of 3 trials has fewer beside the baseline"),
        (
            {"factors": [{"path": "generator.width", "range": [9, 4]}]},
            "range [9, 4] is empty: give the lower end first",
        ),
        ({"factors": [{"path": "generator.wdth", "range": [4, 9]}]}, "did you mean 'generator.width'?"),
        ({"design": {"given": {"combinations": {}}}}, "expected one combination or more"),
        ({"design": {"fractonal": {"resolution": 4}}}, "did you mean 'fractional'?"),
        ({"design": {"fractional": {"resoluton": 4}}}, "'resoluton'; did you mean 'resolution'?"),
        ({"design": {"fractional": {"resolution": 2}}}, "resolution=2: input should be greater than or equal to 3"),
        ({"design": {"fractional": {"resolution": "IV"}}}, "resolution='IV': input should be a valid integer"),
        ({"design": {"fractional": 4}}, "expected a mapping of settings, not 4"),
        ({"design": {"factorial": {"runs": 8}}}, "design=factorial has no setting 'runs': it has none"),
        (
            {"design": {"plackett-burman": {"foldover": "perhaps"}}},
            "foldover='perhaps': input should be a valid boolean",
        ),
        ({"design": {"both": {}, "grid": {}}}, "expected a name, or one name with its settings"),
        ({"design": ["both"]}, "expected a name, or one name with its settings"),
        ({"design": "leave-one-out", "start": "bare"}, "takes one tip away from all"),
        ({"start": "some"}, "start='some'"),
        ({"metric": "fidd"}, "metric='fidd': no such score; did you mean 'fid'?"),
        ({"seeds": [1, 2, 1]}, "seeds: 1 is given twice"),
        ({"seeds": [-1]}, "must lie in 0.."),
        ({"seeds": 0}, "give at least one"),
        ({"seeds": "three"}, "expected a number of seeds"),
        ({"study": "a/b"}, "study 'a/b': use letters"),
        ({"study": "<script>"}, "use letters"),
        ({"set": {"budget.epoch": 3}}, "set: unknown key 'budget.epoch'; did you mean 'budget.epochs'?"),
        ({"set": {"seed": 3}}, "'seed' cannot be set"),
        (
            {"set": {"generator.init": "he"}, "start": "bare"},
            "generator.init is what the factor 'he_init' varies: it cannot be set for all arms with start=bare",
        ),
        (
            {"set": {"generator.init": "he"}, "factors": [{"tip": "he_init", "levels": ["off", "dcgan"]}]},
            "list he_init alone, or compare values by {path: generator.init, levels: [A, B]}",
        ),
        (
            {"set": {"latent.dim": 8}, "factors": [{"path": "latent.dim", "levels": [4, 8]}]},
            "latent.dim is what the factor 'latent.dim' varies: it cannot be set for all arms",
        ),
    ],
)
def test_refusals_are_one_telling_line(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(Misuse) as refusal:
        sweep.parse({**GOOD, **changes}, "sweeps/s.yaml")
    text = str(refusal.value)
    assert text.startswith("sweeps/s.yaml: ")
    assert message in text
    assert "\n" not in text


def test_a_missing_key_is_named() -> None:
    with pytest.raises(Misuse, match="'experiment' is missing"):
        sweep.parse({"study": "s", "factors": ["he_init"], "seeds": 3}, "s")


def test_a_value_relative_to_itself_can_be_set_for_all_arms() -> None:
    made = sweep.parse({**GOOD, "factors": ["mini_batch"], "set": {"update.batch": 20}}, "s")
    assert made.set == {"update.batch": 20}
    with pytest.raises(Misuse, match=r"schedule.factor is what the factor 'lr_decay' varies"):
        sweep.parse({**GOOD, "start": "all", "factors": ["lr_decay"], "set": {"schedule.factor": 0.1}}, "s")


def test_words_go_to_the_sweep_or_to_every_arm(write_sweep: Any) -> None:
    path = write_sweep(set={"latent": {"dim": 6}})
    made = sweep.load(path, {"seeds": 5, "study": "other", "budget.epochs": 7})
    assert made.study == "other"
    assert len(made.seeds) == 5
    assert made.set == {"latent.dim": 6, "budget.epochs": 7}
    assert sweep.load(path).study == "small"
    with pytest.raises(Misuse, match="unknown key 'seds'; did you mean 'seeds'"):
        sweep.load(path, {"seds": 5})


def test_set_is_typed_as_a_whole_too(write_sweep: Any) -> None:
    path = write_sweep(set={"latent": {"dim": 6}, "update.batch": 20})
    made = sweep.load(path, {"set": {"update": {"batch": 5}}, "budget.epochs": 7})
    assert made.set == {"latent.dim": 6, "update.batch": 5, "budget.epochs": 7}
    for changes, message in (
        ({"set": {"update.batch": 5}, "update.batch": 6}, "update.batch is given twice, 5 in set and 6: leave one out"),
        ({"set": {"update.bach": 5}}, "set: unknown key 'update.bach'; did you mean 'update.batch'?"),
        ({"set": 5}, "set: expected a mapping"),
        ({"set.update.batch": 5}, "'set.update.batch': a setting of every arm is typed without set, update.batch=5"),
        ({"tips": "ema"}, "tips= is for --new: here it is factors='[ema]'"),
    ):
        with pytest.raises(Misuse) as refusal:
            sweep.load(path, changes)
        assert message in str(refusal.value)


def test_yaml_round_trip(write_sweep: Any, tmp_path: Any) -> None:
    factors = ["he_init", {"path": "latent.distribution", "levels": ["normal", "uniform"]}]
    made = sweep.load(write_sweep(factors=factors, seeds=[3, 1]))
    (tmp_path / "again.yaml").write_text(made.to_yaml())
    assert sweep.load(str(tmp_path / "again.yaml")) == made
    assert isinstance(made, Sweep)


def test_a_key_of_the_experiment_is_told_its_place(write_sweep: Any) -> None:
    with pytest.raises(Misuse, match=r"'budget.epochs' is a key of the experiment: put it under set, as in set: "):
        sweep.load(write_sweep(**{"budget.epochs": 1}))


def test_no_factors_is_one_plain_line(write_sweep: Any) -> None:
    with pytest.raises(Misuse, match="factors: give at least 1"):
        sweep.load(write_sweep(factors=[]))
