import json
import math
import os
import random
import subprocess
import sys
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
import torch
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
from torch_fidelity.metric_isc import isc_features_to_metric
from torch_fidelity.metric_kid import kid_features_to_metric
from torch_fidelity.metric_prc import prc_features_to_metric

from dcgan.data import Dataset
from dcgan.data.dataset import build
from dcgan.errors import DcganError, Misuse
from dcgan.scoring import Scorer
from dcgan.scoring.classifier import classifier
from dcgan.scoring.metrics import settings
from dcgan.scoring.reference import choose
from dcgan.sections import Score

CPU = torch.device("cpu")


@pytest.fixture
def scorer(cache: Path, dataset: Dataset) -> Scorer:
    return Scorer.prepare(Score(), dataset, CPU)


def _references(cache: Path) -> list[Path]:
    return sorted((cache / "references").glob("*.pt"))


def test_scores_are_those_of_torch_fidelity_on_the_same_features(
    scorer: Scorer, dataset: Dataset, generated: torch.Tensor
):
    scores, _ = scorer.score(generated, "test")
    network = classifier(dataset).network
    (one, logits), (two, _) = network(generated), network(dataset.images["test"])
    first, second = (fid_features_to_statistics(features) for features in (one, two))
    kid = kid_features_to_metric(
        one / network.unit, two / network.unit, kid_subsets=1, kid_subset_size=120, verbose=False
    )
    prc = prc_features_to_metric(one, two, verbose=False)
    assert scores == pytest.approx(
        {
            "fid": fid_statistics_to_metric(first, second, verbose=False)["frechet_inception_distance"],
            "isc": isc_features_to_metric(logits, splits=1)["inception_score_mean"],
            "kid": kid["kernel_inception_distance_mean"],
            "precision": prc["precision"],
            "recall": prc["recall"],
        },
        rel=1e-4,
    )


def test_fid_follows_its_formula(scorer: Scorer, dataset: Dataset, generated: torch.Tensor):
    from scipy.linalg import sqrtm

    network = classifier(dataset).network
    one, two = (network(images)[0].double().numpy() for images in (generated, dataset.images["test"]))
    product = sqrtm(np.cov(one, rowvar=False) @ np.cov(two, rowvar=False) + 1e-9 * np.eye(64))
    shift = one.mean(axis=0) - two.mean(axis=0)
    fid = shift @ shift + np.trace(np.cov(one, rowvar=False)) + np.trace(np.cov(two, rowvar=False))
    assert scorer.score(generated, "test")[0]["fid"] == pytest.approx(fid - 2 * np.trace(product).real, rel=1e-3)


def test_the_real_images_themselves_score_best(scorer: Scorer, dataset: Dataset, generated: torch.Tensor):
    same, _ = scorer.score(dataset.images["test"], "test")
    noisy, _ = scorer.score(generated, "test")
    noise, _ = scorer.score(torch.randint(0, 256, (120, 1, 16, 16), dtype=torch.uint8), "test")
    assert abs(same["fid"]) < 1e-3 < noisy["fid"] < noise["fid"]
    assert (same["precision"], same["recall"]) == (1.0, 1.0)
    assert noise["isc"] < same["isc"]
    assert noise["precision"] < 0.1


def test_every_random_state_is_left_as_it_was(scorer: Scorer, generated: torch.Tensor):
    torch.manual_seed(5)
    before = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].copy()
    scorer.score(generated, "test")
    scorer.score(generated, "validation", 60)
    assert torch.equal(torch.get_rng_state(), before[0])
    assert random.getstate() == before[1]
    assert np.array_equal(np.random.get_state()[1], before[2])


def test_the_same_bits_from_a_cold_and_a_warm_cache(cache: Path, dataset: Dataset, generated: torch.Tensor):
    cold = Scorer.prepare(Score(), dataset, CPU).score(generated, "test")
    warm = Scorer.prepare(Score(), dataset, CPU)
    torch.manual_seed(99)
    assert warm.score(generated, "test") == warm.score(generated, "test") == cold


def test_a_second_scorer_reads_the_reference_and_writes_nothing(cache: Path, dataset: Dataset, generated: torch.Tensor):
    Scorer.prepare(Score(), dataset, CPU).score(generated, "test")
    before = {path: path.stat().st_mtime_ns for path in _references(cache)}
    assert before
    Scorer.prepare(Score(), dataset, CPU).score(generated, "test")
    assert {path: path.stat().st_mtime_ns for path in _references(cache)} == before


def test_one_changed_pixel_is_another_reference(cache: Path, dataset: Dataset):
    Scorer.prepare(Score(), dataset, CPU)
    before = set(_references(cache))
    images = {split: of.clone() for split, of in dataset.images.items()}
    images["test"][0, 0, 8, 8] ^= 255
    Scorer.prepare(Score(), build("small", images, dataset.labels, dataset.classes), CPU)
    after = set(_references(cache))
    assert before < after
    assert len(after) == 2 * len(before)


def test_changed_weights_are_another_reference(
    cache: Path, dataset: Dataset, generated: torch.Tensor, monkeypatch: pytest.MonkeyPatch
):
    one, protocol = Scorer.prepare(Score(), dataset, CPU).score(generated, "test")
    before = set(_references(cache))
    monkeypatch.setattr("dcgan.scoring.classifier._RECIPE", 99)
    monkeypatch.setattr("dcgan.scoring.classifier._FEWEST_SEEN", 4000)
    other, changed = Scorer.prepare(Score(), dataset, CPU).score(generated, "test")
    assert changed["extractor_hash"] != protocol["extractor_hash"]
    assert other["fid"] != one["fid"]
    assert before < set(_references(cache))


@pytest.mark.parametrize("which", ["features", "stat-fid", "seal"])
@pytest.mark.parametrize("damage", [lambda content: content[:100], lambda content: content[:-9] + b"?" + content[-8:]])
def test_a_damaged_reference_is_made_again(
    cache: Path, dataset: Dataset, generated: torch.Tensor, which: str, damage, capsys
):
    expected = Scorer.prepare(Score(), dataset, CPU).score(generated, "test")
    pattern = "*.json" if which == "seal" else f"*{which}-features.pt"
    (path,) = (cache / "references").glob(pattern)
    path.write_bytes(damage(path.read_bytes()))
    assert Scorer.prepare(Score(), dataset, CPU).score(generated, "test") == expected
    assert "features are made again" in capsys.readouterr().err
    assert Scorer.prepare(Score(), dataset, CPU).score(generated, "test") == expected
    assert capsys.readouterr().err == ""


_SCRIPT = """
import json, sys, torch
from dcgan.data.dataset import build
from dcgan.sections import Score
from dcgan.scoring import Scorer
torch.set_num_threads(1)
small = build("small", **torch.load(sys.argv[1]))
scorer = Scorer.prepare(Score(), small, torch.device("cpu"))
print(json.dumps(scorer.score(small.images["train"][:120], "test")))
"""


def test_two_processes_filling_an_empty_cache_agree(tmp_path: Path, dataset: Dataset):
    parts = {"images": dataset.images, "labels": dataset.labels, "classes": dataset.classes}
    torch.save(parts, tmp_path / "small.pt")
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "shared"), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", _SCRIPT, str(tmp_path / "small.pt")]
    pipe = subprocess.PIPE
    both = [subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True) for _ in range(2)]
    outputs = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    assert json.loads(outputs[0][0]) == json.loads(outputs[1][0])
    assert [err for _, err in outputs] == ["", ""]
    assert len(list((tmp_path / "shared" / "dcgan" / "extractors").glob("*.safetensors"))) == 1


def test_sample_counts(cache: Path, dataset: Dataset):
    usual = Scorer.prepare(Score(), dataset, CPU)
    assert (usual.sample_count("test"), usual.sample_count("validation")) == (120, 60)
    hundred = Scorer.prepare(Score(samples=100), dataset, CPU)
    assert (hundred.sample_count("test"), hundred.sample_count("validation")) == (100, 60)
    assert Scorer.prepare(Score(split="train"), dataset, CPU).sample_count("train") == 400


def test_the_protocol_says_what_was_done(scorer: Scorer, dataset: Dataset, generated: torch.Tensor):
    _, protocol = scorer.score(generated, "test", 100)
    assert all(isinstance(value, str | int | float) for value in protocol.values())
    assert protocol["extractor"] == "classifier"
    assert protocol["extractor_hash"] == classifier(dataset).digest
    assert protocol["extractor_accuracy"] > 0.9
    assert (protocol["split"], protocol["real"], protocol["generated"]) == ("test", 100, 100)
    assert protocol["data_fingerprint"] == dataset.fingerprint
    assert protocol["torch_fidelity"] == version("torch-fidelity")
    assert protocol["kid_subset_size"] == 100


def test_only_scores_leave_the_scorer(scorer: Scorer, generated: torch.Tensor, capfd):
    scores, _ = scorer.score(generated, "test")
    assert list(scores) == ["fid", "isc", "kid", "precision", "recall"]
    assert all(math.isfinite(score) for score in scores.values())
    assert capfd.readouterr() == ("", "")


def test_autocast_and_tiny_samples(scorer: Scorer, generated: torch.Tensor):
    plain = scorer.score(generated, "test")
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert scorer.score(generated, "test") == plain
    scores, _ = scorer.score(generated, "test", 2)
    assert all(math.isfinite(score) for score in scores.values())


def test_a_generator_that_makes_one_image_only_is_scored(scorer: Scorer, generated: torch.Tensor):
    scores, _ = scorer.score(generated[:1].expand(120, -1, -1, -1), "test")
    assert scores["recall"] < 0.1
    assert scores["isc"] == pytest.approx(1.0, abs=1e-6)


def test_settings_fit_small_and_usual_counts():
    assert settings(2) == {"isc_splits": 1, "kid_subsets": 1, "kid_subset_size": 2, "prc_neighborhood": 1}
    assert settings(10_000) == {
        "isc_splits": 10,
        "kid_subsets": 100,
        "kid_subset_size": 1000,
        "prc_neighborhood": 3,
    }


def test_the_choice_of_images_is_random_and_always_the_same():
    images = torch.arange(1000)
    chosen = choose(images, 100)
    assert torch.equal(chosen, choose(images, 100))
    assert len(chosen.unique()) == 100
    assert 400 < chosen.float().mean().item() < 600
    assert torch.equal(choose(images, 1000), images)


def test_bad_input(scorer: Scorer, dataset: Dataset, generated: torch.Tensor):
    with pytest.raises(Misuse, match="121 samples: the test split of small has 120 images"):
        scorer.score(generated, "test", 121)
    with pytest.raises(Misuse, match="121 samples"):
        Scorer.prepare(Score(samples=121), dataset, CPU)
    with pytest.raises(Misuse, match="60 images to score, 120 asked for"):
        scorer.score(generated[:60], "test")
    with pytest.raises(Misuse, match="no split 'tset'; valid: "):
        scorer.score(generated, "tset", 10)
    with pytest.raises(DcganError, match=r"expected torch.uint8 \(1, 16, 16\)"):
        scorer.score(generated.float(), "test")
    with pytest.raises(DcganError, match=r"expected torch.uint8 \(1, 16, 16\)"):
        scorer.score(generated.repeat(1, 3, 1, 1), "test")
    with pytest.raises(Misuse, match="score.extractor=none"):
        Scorer.prepare(Score(extractor="none"), dataset, CPU)
    with pytest.raises(Misuse, match="no labels"):
        Scorer.prepare(Score(), replace(dataset, labels=None), CPU)


def test_a_cache_that_cannot_be_written_is_one_line(dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(DcganError, match="cannot lock .*file"):
        Scorer.prepare(Score(), dataset, CPU)
