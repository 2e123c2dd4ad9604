"""References in the cache: never stale, made again where damaged, the same for two processes at once."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load, save_file

from dcgan.data import Dataset
from dcgan.data.dataset import build
from dcgan.data.pixels import resize
from dcgan.experiment.sections import Score
from dcgan.records.protocol import Protocol
from dcgan.scoring import Scorer, reference
from dcgan.scoring.classifier import classifier, weights_digest
from dcgan.scoring.extractors import extractor
from dcgan.scoring.reference import choose
from dcgan.scoring.scorer import FILES

CPU = torch.device("cpu")


def _score(scorer: Scorer, images: torch.Tensor, split: str = "test") -> tuple[dict[str, float], Protocol]:
    return scorer.score(scorer.features([images], len(images)), split, FILES)


def _prepared(dataset: Dataset, score: Score | None = None) -> Scorer:
    return Scorer.prepare(score or Score(), dataset, CPU)


def _references(cache: Path) -> list[Path]:
    return sorted((cache / "references").glob("*.safetensors"))


def test_a_second_scorer_reads_the_reference_and_writes_nothing(cache: Path, dataset: Dataset, generated: torch.Tensor):
    _score(_prepared(dataset), generated)
    before = {path: path.stat().st_mtime_ns for path in _references(cache)}
    assert before
    _score(_prepared(dataset), generated)
    assert {path: path.stat().st_mtime_ns for path in _references(cache)} == before


def _changed(dataset: Dataset, change: Callable[[torch.Tensor], torch.Tensor]) -> Dataset:
    """The data set with its test images changed."""
    images = {**dataset.images, "test": change(dataset.images["test"].clone())}
    return build(dataset.name, images, dataset.labels, dataset.classes)


def _one_pixel(images: torch.Tensor) -> torch.Tensor:
    images[0, 0, 8, 8] ^= 1
    return images


def _resized_by_another_rule(images: torch.Tensor) -> torch.Tensor:
    """Cut to the middle and brought back to their size."""
    return resize(images[:, :, 1:-1, 1:-1], 16)


@pytest.mark.slow
@pytest.mark.parametrize("change", [_one_pixel, _resized_by_another_rule])
def test_other_pixels_are_another_reference(cache: Path, dataset: Dataset, generated: torch.Tensor, change):
    one, protocol = _score(_prepared(dataset), generated)
    before = set(_references(cache))
    other, changed = _score(_prepared(_changed(dataset, change)), generated)
    assert before < set(_references(cache))
    assert len(_references(cache)) == 2 * len(before)
    assert other["fid"] != one["fid"]
    assert changed.data_fingerprint != protocol.data_fingerprint


def test_one_weight_is_another_reference(cache: Path, dataset: Dataset, generated: torch.Tensor, monkeypatch):
    real, name = dataset.images["test"], "small-test"
    chosen = extractor("classifier", dataset)
    first = reference.features(real, name, chosen, CPU)
    trained = classifier(dataset)
    trained.network.body[0].weight[0, 0, 0, 0] += 1e-3
    monkeypatch.setattr(
        "dcgan.scoring.extractors.classifier", lambda _: replace(trained, digest=weights_digest(trained.network))
    )
    changed = extractor("classifier", dataset)
    assert changed.name != chosen.name
    second = reference.features(real, name, changed, CPU)
    assert not torch.equal(first["features"], second["features"])
    assert len(_references(cache)) == 2


def test_another_classifier_is_another_reference(
    cache: Path, dataset: Dataset, generated: torch.Tensor, monkeypatch: pytest.MonkeyPatch
):
    one, protocol = _score(_prepared(dataset), generated)
    before = set(_references(cache))
    monkeypatch.setattr("dcgan.scoring.classifier._RECIPE", 99)
    monkeypatch.setattr("dcgan.scoring.classifier._FEWEST_SEEN", 4000)
    other, changed = _score(_prepared(dataset), generated)
    assert changed.extractor_hash != protocol.extractor_hash
    assert other["fid"] != one["fid"]
    assert before < set(_references(cache))


def _one_feature(path: Path) -> None:
    """A whole file of the same length with one feature altered by one unit in its last place."""
    held = load(path.read_bytes())
    held["features"].view(torch.int64)[3, 5] ^= 1
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata()
    save_file(held, path, metadata=metadata)


def _bytes(change: Callable[[bytes], bytes]) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(change(path.read_bytes()))


@pytest.mark.parametrize(
    "damage",
    [
        _bytes(lambda content: content[:100]),
        _bytes(lambda content: content[:-1]),
        _bytes(lambda content: b""),
        _bytes(lambda content: content + b"0"),
        _bytes(lambda content: content[:-9] + bytes([content[-9] ^ 1]) + content[-8:]),
        _bytes(lambda content: content[:20] + bytes([content[20] ^ 1]) + content[21:]),
        _bytes(lambda content: content.replace(b'"digest"', b'"digesd"')),
        _bytes(lambda content: content.replace(b"F64", b"I64")),
        lambda path: save_file(load(path.read_bytes()), path),
        _one_feature,
    ],
)
def test_a_damaged_reference_is_made_again(cache: Path, dataset: Dataset, generated: torch.Tensor, damage, capsys):
    expected = _score(_prepared(dataset), generated)
    (path,) = (path for path in _references(cache) if "-test-120-" in path.name)
    whole = path.read_bytes()
    damage(path)
    assert path.read_bytes() != whole
    assert _score(_prepared(dataset), generated) == expected
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert f"{path} is damaged: the real images' features are made again" in said
    assert path.read_bytes() == whole
    assert _score(_prepared(dataset), generated) == expected
    assert capsys.readouterr().err == ""


_SCRIPT = """
import json, sys, torch
from dcgan.data.dataset import build
from dcgan.scoring import Scorer
from dcgan.scoring.scorer import FILES
from dcgan.experiment.sections import Score
torch.set_num_threads(int(sys.argv[2]))
small = build("small", **torch.load(sys.argv[1]))
scorer = Scorer.prepare(Score(), small, torch.device("cpu"))
scores, protocol = scorer.score(scorer.features([small.images["train"][:120]], 120), "test", FILES)
print(json.dumps([scores, protocol.to_dict()]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("damaged", [False, True])
def test_two_processes_filling_a_cache_agree(tmp_path: Path, cache: Path, dataset: Dataset, damaged: bool):
    """An empty one, or one whose reference is damaged."""
    torch.save({"images": dataset.images, "labels": dataset.labels, "classes": dataset.classes}, tmp_path / "small.pt")
    expected, _ = _score(_prepared(dataset), dataset.images["train"][:120])
    shared = cache if damaged else tmp_path / "shared" / "dcgan"
    if damaged:
        path = next(path for path in _references(cache) if "-test-" in path.name)
        path.write_bytes(path.read_bytes()[:-100])
    environment = {**os.environ, "XDG_CACHE_HOME": str(shared.parent)}
    threads = str(torch.get_num_threads())  # as many as here: they decide the last bits
    command = [sys.executable, "-c", _SCRIPT, str(tmp_path / "small.pt"), threads]
    pipe = subprocess.PIPE
    both = [subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True) for _ in range(2)]
    outputs = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    assert json.loads(outputs[0][0]) == json.loads(outputs[1][0])
    assert json.loads(outputs[0][0])[0] == expected
    assert sum(err.count("is damaged") for _, err in outputs) == damaged
    assert len(list((shared / "extractors").glob("*.safetensors"))) == 1
    assert len(_references(shared)) == 2  # of the test split and, for the noise floor, of the train split


def test_the_choice_of_images_is_random_and_always_the_same():
    images = torch.arange(1000)
    chosen = choose(images, 100)
    assert torch.equal(chosen, choose(images, 100))
    assert len(chosen.unique()) == 100
    assert 400 < chosen.float().mean().item() < 600
    assert torch.equal(choose(images, 1000), images)
