"""Samples of a run: from its own weights, of the running average where one is kept, and as former recipes made them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from dcgan.common import paths
from dcgan.common.errors import DcganError, Interrupted, Misuse
from dcgan.experiment import Experiment
from dcgan.runs.directory import RunDirectory
from dcgan.runs.run import run_trial
from dcgan.runs.samples import drawing, generate, load_generator
from dcgan.training import checkpoint
from tests.kept_runs import keep_run


def test_weights_are_the_generators(tiny: Experiment) -> None:
    record = run_trial(tiny)
    weights = load_file(RunDirectory.of(tiny).weights)
    assert {"main.up4.weight", "main.norm4.running_mean", "main.up8.weight"} <= weights.keys()
    file = RunDirectory.of(tiny).weights
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(DcganError, match="generator.safetensors is damaged"):
        generate(record.id, 1)
    with pytest.raises(Misuse, match="no run 'nothing'"):
        generate("nothing", 1)


@pytest.mark.parametrize("key", ["latent.dim", "generator.width"])
@pytest.mark.parametrize("size", [10**6, 2**53])
@pytest.mark.parametrize("file", ["generator.safetensors", "checkpoint.pt"])
def test_networks_that_a_strangers_run_describes_take_no_memory(
    tiny: Experiment, key: str, size: int, file: str
) -> None:
    """The run's folder has the right name, and weights of an ordinary network beside what would fill any memory."""
    huge = RunDirectory.of(tiny.with_({key: size}))
    huge.path.mkdir(parents=True)
    huge.describe(tiny.with_({key: size}))
    if file == "checkpoint.pt":
        checkpoint.save(huge.checkpoint, {"seen": 1, "players": {"generator": {}}})
    else:
        save_file({"main.up4.weight": torch.zeros(3)}, huge.weights)
    with pytest.raises(DcganError, match=rf"{file} is damaged: it is smaller than the weights of the generator"):
        drawing(huge.path.name)


def test_a_running_average_is_what_is_kept_drawn_and_scored(tiny: Experiment, tmp_path: Path) -> None:
    from safetensors.torch import load_file

    from dcgan import data
    from dcgan.common.rng import stream
    from dcgan.runs.samples import load_generator
    from dcgan.scoring import Scorer
    from dcgan.scoring.scorer import ImageSource
    from dcgan.training.sampling import sample, write_grid

    record = run_trial(tiny.with_({"average.half_life": 100, "score.extractor": "classifier"}))
    directory = RunDirectory.find(record.id)
    weights = load_file(directory.weights)
    players = checkpoint.load(directory.checkpoint)["players"]
    name = "main.up4.weight"
    assert torch.equal(weights[name], players["average"]["network"][name])
    assert not torch.equal(weights[name], players["generator"][name])
    experiment, generator = load_generator(record.id)
    grid = sample(generator, tiny.latent, 4, stream(tiny.seed, "evaluation", "grid"))
    write_grid(grid, tmp_path / "grid.png")
    assert (tmp_path / "grid.png").read_bytes() == (directory.samples / "final.png").read_bytes()
    scorer = Scorer.prepare(experiment.score, data.load(experiment.data), torch.device("cpu"))
    count = scorer.sample_count("test")
    again, _ = scorer.score(scorer.features([generate(record.id, count)], count), "test", ImageSource.of(experiment))
    assert again.items() <= record.scores.items()


@pytest.fixture
def old(tiny: Experiment) -> RunDirectory:
    """A run of the description without normalisation as earlier versions made it: under its old id, without biases."""
    experiment = tiny.with_({"generator.normalisation": "none"})
    record = run_trial(experiment)
    made, former = RunDirectory.of(experiment), RunDirectory(paths.runs() / experiment.former_ids()[0])
    assert made.path.name == record.id != former.path.name
    shutil.copytree(made.path, former.path)
    weights = {name: each for name, each in load_file(made.weights).items() if not name.endswith(".bias")}
    assert len(weights) < len(load_file(made.weights))
    save_file(weights, former.weights)
    return former


def test_a_run_of_a_former_recipe_is_sampled_as_it_was(old: RunDirectory) -> None:
    _, generator = load_generator(old.path.name)
    biases = [each for name, each in generator.named_parameters() if name.endswith(".bias")]
    assert biases
    assert not any(bias.any() for bias in biases), "a bias of 0 is none"
    of_now = generate(old.experiment().id, 4)
    assert not torch.equal(generate(old.path.name, 4), of_now), "another run"


def test_a_new_run_without_its_biases_is_damaged(old: RunDirectory) -> None:
    now = RunDirectory.of(old.experiment())
    shutil.copy(old.weights, now.weights)
    with pytest.raises(DcganError, match="is damaged"):
        load_generator(now.path.name)


def test_a_former_run_is_not_taken_for_a_new_one(old: RunDirectory) -> None:
    experiment = old.experiment()
    now = RunDirectory.of(experiment)
    shutil.rmtree(now.path)
    assert run_trial(experiment).attempts == 1
    assert now.weights.exists()


@pytest.mark.parametrize("half_life", [0, 100])
def test_an_interrupted_run_is_drawn_from_its_checkpoint(tiny: Experiment, half_life: int) -> None:
    experiment = tiny.with_({"average.half_life": half_life})
    steps = iter(range(100))
    with pytest.raises(Interrupted):
        run_trial(experiment, stop=lambda: next(steps) >= 4)
    drawn = drawing(experiment.id[:6])
    assert drawn.seen == 80
    images, walk = drawn.images(4), drawn.walk(4)
    assert images.shape == walk.shape == (4, 1, 16, 16) and images.float().std() > 1
    with pytest.raises(DcganError, match="not finished"):
        load_generator(experiment.id)
    finished = run_trial(experiment)
    assert drawing(finished.id).seen is None
    assert not torch.equal(generate(finished.id, 4), images)


def test_at_its_end_the_checkpoint_draws_what_the_generator_does(tiny: Experiment) -> None:
    for half_life in (0, 100):
        directory = RunDirectory.of(tiny.with_({"average.half_life": half_life}))
        images = generate(run_trial(tiny.with_({"average.half_life": half_life})).id, 4)
        directory.weights.unlink()
        assert torch.equal(generate(directory.path.name, 4), images)


def test_a_run_without_checkpoint_has_nothing_to_draw_with(tiny: Experiment) -> None:
    RunDirectory.of(tiny).describe(tiny)
    with pytest.raises(DcganError, match="no generator and no checkpoint yet"):
        drawing(tiny.id)


def test_a_run_that_is_over_before_its_first_checkpoint_is_not_to_be_gone_on_with(tiny: Experiment) -> None:
    keep_run(tiny, status="diverged")
    with pytest.raises(DcganError, match=f"run {tiny.id} has no generator: it diverged before its first checkpoint"):
        drawing(tiny.id)
