"""The description of a run: refused at the door, or exact."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcgan.common import paths
from dcgan.common.errors import Misuse
from dcgan.common.overrides import flatten, nest, parse_words
from dcgan.common.yaml_text import read_yaml
from dcgan.experiment import Experiment, keys, load, parse
from dcgan.experiment.description import PLAYERS


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["generater.width=3"], "unknown key 'generater.width'; did you mean 'generator.width'?"),
        (["generator.widht=3"], "unknown key 'generator.widht'; did you mean 'generator.width'?"),
        (["data.name=minst"], "data.name='minst': expected one of digits, mnist,"),
        (["data.name=minst"], "did you mean 'mnist'?"),
        (["data.size=48"], "data.size=48: expected one of 16, 28, 32, 64, 128"),
        (["seed=-1"], "seed=-1: input should be greater than or equal to 0"),
        (["update.batch=many"], "update.batch='many': input should be a valid integer"),
        (["objective.penalty.weight=-1"], "objective.penalty.weight=-1"),
        (["optimizer.generator.lr=inf"], "optimizer.generator.lr"),
        (["update.order=simultaneous", "update.d_steps=2"], "update.d_steps=2 needs update.order=d_first"),
        (["replay.share=0.5", "replay.capacity=10"], "replay.capacity=10 is below update.batch=100"),
        (
            ["schedule.kind=step", "schedule.every_epochs=100"],
            "schedule.every_epochs=100 never comes within budget.epoc",
        ),
        (
            ["update.batch=900", "budget.epochs=1", "budget.images_per_epoch=500"],
            "update.batch=900 is larger than the wh",
        ),
        (["pretrain.images=5"], "pretrain.images=5 is below update.batch=100"),
        (["replay.share=0.004"], "replay.share=0.004 of update.batch=100 is less than one image"),
        (["data.folder=pictures"], "data.name=folder and data.folder=PATH go together"),
        (["data.name=folder"], "data.name=folder and data.folder=PATH go together"),
        (["name=a/b"], "use letters, digits"),
        (["name=<script>"], "use letters, digits"),
        (["data=7"], "data=7"),
    ],
)
def test_refuses_in_one_line_that_names_the_key(words: list[str], message: str) -> None:
    with pytest.raises(Misuse) as refused:
        parse(nest(parse_words(words)), "here")
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)
    assert str(refused.value).startswith("here: ")


def test_id_leaves_out_names_tracking_device_and_paths() -> None:
    base = Experiment()
    same = base.with_(
        {
            "name": "other",
            "tracking.wandb": "offline",
            "tracking.tick_images": 1,
            "compute.device": "cpu",
            "compute.threads": 2,
        }
    )
    assert same.id == base.id
    folder = {"data": {"name": "folder", "folder": "/a", "fingerprint": "f"}}
    moved = {"data": {"name": "folder", "folder": "/b", "fingerprint": "f"}}
    changed = {"data": {"name": "folder", "folder": "/a", "fingerprint": "g"}}
    assert parse(folder, "x").id == parse(moved, "x").id != parse(changed, "x").id


_CHANGES = {
    "seed": 1, "data.name": "cifar10", "data.size": 32, "data.channels": 3,
    "latent.dim": 10, "latent.distribution": "uniform",
    **{f"{player}.{key}": value for player in PLAYERS for key, value in {
        "architecture": "mlp", "width": 8, "depth": 3, "normalisation": "none", "init": "he", "slope": 0.1,
    }.items()},
    "discriminator.head": "two_class", "discriminator.dropout": 0.1, "discriminator.minibatch_stddev": True,
    "discriminator.pack": 2,
    "objective.loss": "hinge", "objective.smoothing": 0.1, "objective.scale": "listing",
    "objective.feature_matching": 1.0, "objective.penalty.kind": "wgan_gp", "objective.virtual_adversarial.weight": 1.0,
    **{f"optimizer.{player}.{key}": value for player in PLAYERS for key, value in {
        "kind": "sgd", "lr": 1.0, "beta1": 0.1, "beta2": 0.1,
    }.items()},
    "schedule.kind": "step", "schedule.warmup_epochs": 1.0,
    "update.order": "simultaneous", "update.d_steps": 2, "update.g_steps": 2, "update.batch": 10, "update.leak": True,
    "replay.share": 0.1, "pretrain.images": 500,
    "augment.instance_noise": 0.1, "augment.color": True, "augment.translation": True, "augment.cutout": True,
    "average.half_life": 100, "budget.epochs": 33, "budget.images_per_epoch": 500,
    "score.extractor": "none", "score.split": "train", "score.repeats": 2, "score.samples": 100, "score.every_epochs": 1,
    "compute.precision": "bf16",
}  # fmt: skip
# Keys that something reads only beside another setting, which is given too.
_READ_WITH = {
    "latent.truncation": (1.0, {"latent.distribution": "truncated"}),
    "objective.clip": (0.1, {"objective.loss": "wasserstein"}),
    "objective.epsilon": (0.1, {"discriminator.head": "sigmoid"}),
    **{f"objective.penalty.{key}": (2, {"objective.penalty.kind": "wgan_gp"}) for key in ("weight", "every")},
    "objective.penalty.at": ("image", {"objective.penalty.kind": "r1", "augment.cutout": True}),
    **{f"objective.virtual_adversarial.{key}": (3, {"objective.virtual_adversarial.weight": 1.0})
       for key in ("epsilon", "xi", "power_iterations")},
    **{f"optimizer.{player}.{key}": (0.1, {f"optimizer.{player}.kind": kind}) for player in PLAYERS
       for key, kind in {"alpha": "rmsprop", "momentum": "rmsprop", "weight_decay": "adamw"}.items()},
    "schedule.every_epochs": (3, {"schedule.kind": "step"}), "schedule.factor": (0.1, {"schedule.kind": "exponential"}),
    "update.micro_batch": (500, {"update.batch": 2000}),
    "replay.capacity": (500, {"replay.share": 0.5}),
}  # fmt: skip
# These are refused, not unused, without pretrain.images.
_REFUSED_WITHOUT = {
    "pretrain.epochs": (2, {"pretrain.images": 500}),
    "pretrain.warmup_images": (100, {"pretrain.images": 500}),
}
_OUTSIDE = {"name", "compute.device", "compute.threads", "data.folder", "data.fingerprint"}  # the test above


def test_every_other_key_changes_the_id_where_something_reads_it() -> None:
    base = Experiment()
    inside = {key for key in keys() if key not in _OUTSIDE and not key.startswith("tracking.")}
    assert {*_CHANGES, *_READ_WITH, *_REFUSED_WITHOUT} == inside
    ids = {base.with_({key: value}).id for key, value in _CHANGES.items()}
    assert len(ids) == len(_CHANGES)
    assert base.id not in ids
    for key, (value, context) in {**_READ_WITH, **_REFUSED_WITHOUT}.items():
        assert base.with_({**context, key: value}).id != base.with_(context).id, key
    for key, (value, _) in _READ_WITH.items():
        assert base.with_({key: value}).id == base.id, f"nothing reads {key} here"


def test_a_data_sets_own_channels_are_the_default() -> None:
    assert Experiment().data.shape == (1, 64, 64)
    assert Experiment().with_({"data.name": "cifar10"}).data.shape == (3, 64, 64)
    assert Experiment().with_({"data.channels": 1}).id == Experiment().id


@given(
    seed=st.integers(0, 2**31 - 1),
    size=st.sampled_from([16, 28, 32, 64, 128]),
    batch=st.integers(2, 500),
    lr=st.floats(1e-9, 10),
    slope=st.floats(0, 0.99),
    order=st.sampled_from(["d_first", "simultaneous"]),
)
def test_yaml_round_trip_keeps_the_id(seed: int, size: int, batch: int, lr: float, slope: float, order: str) -> None:
    import yaml

    changes = {"seed": seed, "data.size": size, "update.batch": batch, "optimizer.generator.lr": lr,
               "generator.slope": slope, "update.order": order}  # fmt: skip
    experiment = Experiment().with_(changes)
    again = parse(yaml.safe_load(experiment.to_yaml()), "yaml")
    assert again == experiment
    assert again.id == experiment.id
    words = [f"{key}={value!r}" for key, value in changes.items()]
    assert parse(nest(parse_words(words)), "words").id == experiment.id


def test_load_finds_by_name_and_by_path_and_names_by_the_stem(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("update: {batch: 7}\n")
    assert load(str(file), {"seed": 3}).model_dump()["update"]["batch"] == 7
    assert load(str(file)).name == "mine"
    assert load("digits").name == "digits"
    with pytest.raises(Misuse, match="no experiment named 'digit'; did you mean 'digits'"):
        load("digit")
    with pytest.raises(Misuse, match="no file"):
        load("digits.yml")


@pytest.mark.parametrize(
    ("name", "changes", "period"),
    [
        ("digits", {}, 1600),  # as its file says
        ("mnist", {}, 50_000),
        ("mnist", {"budget.epochs": 3}, 6_000),  # the file's five epochs were meant for twenty
        ("mnist", {"budget": {"epochs": 3}}, 6_000),
        ("mnist", {"budget.epochs": 40}, 50_000),
        ("mnist", {"budget.epochs": 3, "score.every_epochs": 3}, 30_000),
        ("mnist", {"budget.epochs": 3, "score.every_epochs": 0}, 0),
        ("mnist", {"budget.epochs": 3, "tracking.curve_points": 0}, 50_000),
        ("mnist", {"budget.epochs": 3, "score.extractor": "none"}, 50_000),
        ("mnist", {"tracking.curve_points": 50}, 4_000),
    ],
)
def test_a_budget_of_which_nobody_says_how_often_has_five_scores_along_it(
    name: str, changes: dict[str, object], period: int
) -> None:
    experiment = load(name, changes)
    assert experiment.score_period == period
    assert experiment.id == parse(experiment.given() | {"tracking": {}}, name).id, "no part of the id"


def test_a_file_that_says_nothing_has_five_scores_and_the_id_that_it_had(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("budget: {epochs: 3, images_per_epoch: 100}\nupdate: {batch: 10}\n")
    experiment = load(str(path))
    assert experiment.score_period == 60
    assert experiment.id == parse(read_yaml(path), "mine").id
    again = tmp_path / "again.yaml"
    again.write_text(experiment.to_yaml())
    assert load(str(again)) == experiment


@pytest.mark.parametrize("name", sorted(paths.named("experiments")))
def test_every_named_experiment_is_valid_and_complete(name: str) -> None:
    path = paths.named("experiments")[name]
    content = read_yaml(path)
    needed = {"data": {"name": "folder", "folder": "x"}} if name == "folder" else {}
    assert parse({**content, **needed, "name": name}, name).name == name
    assert set(flatten(content)) <= set(keys())
    assert path.read_text().startswith("# ")
