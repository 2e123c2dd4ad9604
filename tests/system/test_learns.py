"""Baseline, all tips, each loss and each part with a gradient of its own learn: on digits, within a small budget, to a
stated FID.

A loss whose sign is turned or a gradient that does not arrive can pass tests of shapes and numbers, but not these.
`benchmarks/learns.py` measures the same cases over many seeds, intact and broken, and proposes the limits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import torch

from dcgan import data
from dcgan.common.rng import stream
from dcgan.data import Dataset
from dcgan.experiment import Experiment, parse
from dcgan.experiment.sections import ADVERSARIAL_LOSSES, GRADIENT_PENALTIES
from dcgan.scoring import Scorer
from dcgan.scoring.scorer import ImageSource
from dcgan.tips import TIPS, apply
from dcgan.training.sampling import sample
from dcgan.training.trainer import Trainer

pytestmark = pytest.mark.slow

# `digits` with narrower networks and less noise, ten times DCGAN's learning rate for so short a run: 160 steps.
BASE = parse(
    {
        "data": {"name": "digits", "size": 16},
        "latent": {"dim": 32},
        "generator": {"width": 32},
        "discriminator": {"width": 32},
        "optimizer": {"generator": {"lr": 2e-3}, "discriminator": {"lr": 2e-3}},
        "update": {"batch": 20},
        "budget": {"epochs": 4, "images_per_epoch": 800},
        "compute": {"threads": 1, "device": "cpu"},
    },
    "learns",
)


@dataclass(frozen=True)
class Case:
    """The FID to stay below, and what is changed in BASE: keys, then tips at their levels."""

    limit: float
    keys: Mapping[str, Any] = field(default_factory=dict)
    tips: Mapping[str, str] = field(default_factory=dict)

    def experiment(self, seed: int) -> Experiment:
        """The run with that seed."""
        return apply(BASE.with_({**self.keys, "seed": seed}), self.tips)


def _both(key: str, value: Any) -> dict[str, Any]:
    return {f"generator.{key}": value, f"discriminator.{key}": value}


def _rates(generator: float, discriminator: float) -> dict[str, Any]:
    return {"optimizer.generator.lr": generator, "optimizer.discriminator.lr": discriminator}


_NOT_NORMALISED = {"discriminator.normalisation": "none"}  # as the authors of the penalties have it
_LISTING = {  # experiments/article-listing.yaml
    **_both("init", "torch"),
    "discriminator.head": "sigmoid",
    "objective.scale": "listing",
    "optimizer.discriminator.beta1": 0.9,
    "optimizer.generator.kind": "rmsprop",
    "update.leak": True,
}
_MINIMAX = {"objective.loss": "minimax", **_rates(2e-3, 5e-4)}  # flat for G where D is sure: D is kept slow
# Against so quick a D minimax alone has no gradient left: what G learns is from the features.
_FEATURES = {"objective.loss": "minimax", "objective.feature_matching": 10.0}
_CLIPPED = {  # RMSprop and several steps of D: Arjovsky et al. 2017, algorithm 1
    "objective.loss": "wasserstein",
    "objective.clip": 0.03,
    **_both("init", "torch"),
    **_rates(2e-3, 1e-3),
    "optimizer.generator.kind": "rmsprop",
    "optimizer.discriminator.kind": "rmsprop",
    "update.d_steps": 2,
    "budget.epochs": 6,
}
# R3GAN's objective: its loss with both penalties, and no BatchNorm in D.
_R3GAN = {**_NOT_NORMALISED, "objective.penalty.kind": "r1_r2", "objective.penalty.weight": 1.0, "budget.epochs": 3}
_WASSERSTEIN_GP = {"objective.loss": "wasserstein", **_NOT_NORMALISED, "update.d_steps": 2, "budget.epochs": 5}
# BatchNorm over vectors of 20 images takes from D much of what tells real from generated batches.
_MLP = {**_both("architecture", "mlp"), **_NOT_NORMALISED, **_rates(5e-4, 5e-4), "latent.dim": 16, "budget.epochs": 8}
_PROSE = {  # its G moves all images at once: at D's learning rate it runs in circles around D
    **_both("architecture", "article_prose"),
    **_both("width", 16),
    **_both("init", "he"),
    **_rates(4e-4, 2e-3),
    "optimizer.generator.beta1": 0.0,
    "optimizer.discriminator.beta1": 0.0,
    "budget.epochs": 5,
}


def _penalty(kind: str, weight: float) -> dict[str, Any]:
    return {"objective.penalty.kind": kind, "objective.penalty.weight": weight, "budget.epochs": 3}


# `python benchmarks/learns.py`: 10 seeds, one CPU thread (Xeon with AVX-512), torch 2.14.1. FID of the untrained (the
# least), after training, and with something broken (the least of 2 seeds): G's gradient switched off (frozen), its sign
# turned, the sign of the penalty or smoothness turned (terms). x: the least of all but the trained, in limits.
#
#                      untrained      mean        sd       min       max    frozen    turned     terms     limit         x
# baseline                 295.6      41.6       4.7      36.0      49.8     351.6     317.4                70.0       4.2
# all_tips                 190.6      50.5       7.5      40.3      66.9     246.8     294.3     509.3      90.0       2.1
# minimax                  295.6      45.4       6.2      32.9      52.9     351.6     539.8                80.0       3.7
# least_squares            295.6      55.1       6.8      45.6      68.3     351.6     220.6                90.0       2.5
# hinge                    295.6      37.5       5.3      28.7      44.6     351.6     349.4                65.0       4.5
# wasserstein_clipped      346.8      58.1       7.0      47.2      67.8     682.4    1189.2                95.0       3.7
# wasserstein_gp           295.6      46.1       7.8      31.7      56.3     348.2     668.4     141.3      90.0       1.6
# relativistic             295.6      36.6       3.9      31.4      43.3     345.7     557.8     388.3      60.0       4.9
# dragan                   295.6      38.3       7.0      28.7      50.7     345.7     362.6     723.9      75.0       3.9
# r1                       295.6      47.4      11.4      37.8      72.1     345.7     543.0     210.2     105.0       2.0
# r2                       295.6      49.8       8.5      41.2      70.6     345.7     495.0     480.4      95.0       3.1
# virtual_adversarial      295.6      31.3       4.3      25.8      38.9     345.7     307.0     272.9      55.0       5.0
# feature_matching         295.6      37.4       3.4      30.4      41.2     351.6     370.9                55.0       5.4
# diffaugment              295.6      56.3       6.6      47.9      64.3     351.6     774.4                90.0       3.3
# spectral_norm            295.6      59.9      15.3      41.8      97.3     351.6     525.0               140.0       2.1
# ema                      295.6      40.6       4.9      33.0      50.6     348.0     324.8                70.0       4.2
# sigmoid                  295.6      41.0       6.2      30.6      49.8     351.6     330.7                75.0       3.9
# two_class                295.6      43.8      10.1      29.6      66.5     351.6     310.6                95.0       3.1
# listing                  346.8      69.3       9.5      52.3      82.3     680.9     587.4               120.0       2.9
# mlp                      299.8      61.7       8.2      51.3      78.5     289.3    2352.1               105.0       2.8
# article_prose            159.6      63.4       6.9      48.1      70.5     153.4     382.0               100.0       1.5
# packing                  295.6      39.9       7.5      29.9      54.1     351.6     327.2                80.0       3.7
# minibatch_stddev         295.6      43.0       7.1      34.1      58.1     351.6     322.2                80.0       3.7
# dropout                  295.6      44.4       5.5      34.4      51.5     351.6     315.9                75.0       3.9
#
# Other kernels and numbers of threads make another run of each seed, as far from the first as another seed's: the limits
# are several standard deviations above the mean, and hold under all that `make test-processors` runs.
#
# Left out: sgd, and spectral weights in place of G's normalisation. Neither learns to draw within such a budget.
CASES = {
    "baseline": Case(70),
    "all_tips": Case(90, _both("width", 64), {name: "on" for name, tip in TIPS.items() if tip.common}),
    "minimax": Case(80, _MINIMAX),
    "least_squares": Case(90, {"objective.loss": "least_squares"}),
    "hinge": Case(65, {"objective.loss": "hinge"}),
    "wasserstein_clipped": Case(95, _CLIPPED),
    "wasserstein_gp": Case(90, _WASSERSTEIN_GP, {"gradient_penalty": "on"}),
    "relativistic": Case(60, _R3GAN, {"relativistic": "on"}),
    "dragan": Case(75, _penalty("dragan", 10.0)),
    "r1": Case(105, {**_penalty("r1", 1.0), **_NOT_NORMALISED}),
    "r2": Case(95, {**_penalty("r2", 1.0), **_NOT_NORMALISED}),
    "virtual_adversarial": Case(55, {"budget.epochs": 3}, {"virtual_adversarial": "on"}),
    "feature_matching": Case(55, _FEATURES),
    "diffaugment": Case(90, tips={"diffaugment": "on"}),
    "spectral_norm": Case(140, tips={"spectral_norm": "on"}),
    "ema": Case(70, {"average.half_life": 200}),
    "sigmoid": Case(75, {"discriminator.head": "sigmoid"}),
    "two_class": Case(95, {"discriminator.head": "two_class"}),
    "listing": Case(120, _LISTING),
    "mlp": Case(105, _MLP),
    "article_prose": Case(100, _PROSE),
    "packing": Case(80, tips={"packing": "on"}),
    "minibatch_stddev": Case(80, tips={"minibatch_stddev": "on"}),
    "dropout": Case(75, tips={"dropout": "on"}),
}
# A loss or penalty that none of these has is tried as it comes, and is to come half the way down from the untrained.
_OBJECTIVES = [case.experiment(seed=0).objective for case in CASES.values()]
for _name in ADVERSARIAL_LOSSES:
    if _name not in {each.loss for each in _OBJECTIVES}:
        CASES[_name] = Case(150, {"objective.loss": _name})
for _kind in GRADIENT_PENALTIES:
    if _kind not in {each.penalty.kind for each in _OBJECTIVES}:
        CASES[_kind] = Case(150, {**_penalty(_kind, 1.0), **_NOT_NORMALISED})


def intact(_trainer: Trainer) -> None:
    """Leaves all gradients as they are."""


def turned(trainer: Trainer) -> None:
    """Lets G go up its loss."""
    trainer.players.optimizer_g.param_groups[0]["maximize"] = True


def frozen(experiment: Experiment) -> Experiment:
    """The run without a gradient for G to speak of; BatchNorm's running statistics still follow."""
    return experiment.with_({"optimizer.generator.lr": 1e-12})


def trained(experiment: Experiment, dataset: Dataset, spoil: Callable[[Trainer], None] = intact) -> Trainer:
    """The trainer at the end of its budget; `spoil` may break it before it begins."""
    trainer = Trainer(experiment, dataset.images["train"])
    spoil(trainer)
    trainer.prepare(lambda: False)
    while not trainer.done:
        trainer.step()
    return trainer


def fid(trainer: Trainer, experiment: Experiment, scorer: Scorer) -> float:
    """FID of the generator as it is against the test split, as `run_trial` takes it; infinite for broken weights."""
    if trainer.divergence({}):
        return float("inf")
    noise = stream(experiment.seed, "evaluation", "scores")
    images = sample(trainer.players.evaluation_generator, experiment.latent, scorer.sample_count("test"), noise)
    features = scorer.features([images], len(images))
    return scorer.score(features, "test", ImageSource.of(experiment))[0]["fid"]


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return data.load(BASE.data)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache for all tests of this module: the classifier is trained once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def scorer(kept: Path, dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> Scorer:
    monkeypatch.setenv("XDG_CACHE_HOME", str(kept))
    return Scorer.prepare(BASE.score, dataset, torch.device("cpu"))


@pytest.mark.parametrize("name", CASES)
def test_case_learns(name: str, dataset: Dataset, scorer: Scorer) -> None:
    experiment = CASES[name].experiment(seed=0)
    assert fid(trained(experiment, dataset), experiment, scorer) < CASES[name].limit


def test_limit_is_not_reached_without_gs_gradient(dataset: Dataset, scorer: Scorer) -> None:
    experiment = frozen(CASES["baseline"].experiment(seed=0))
    assert fid(trained(experiment, dataset), experiment, scorer) > 2 * CASES["baseline"].limit


def test_limit_is_not_reached_with_gs_gradient_turned(dataset: Dataset, scorer: Scorer) -> None:
    experiment = CASES["baseline"].experiment(seed=0)
    assert fid(trained(experiment, dataset, turned), experiment, scorer) > 2 * CASES["baseline"].limit
