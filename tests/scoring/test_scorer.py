"""The scorer: scores of nothing but the images, references that are never stale, and one line for what does not fit."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from dcgan.common.errors import DcganError, Misuse
from dcgan.data import Dataset
from dcgan.experiment.sections import Score
from dcgan.records.protocol import Protocol
from dcgan.scoring import Scorer
from dcgan.scoring.scorer import FILES

CPU = torch.device("cpu")


def _score(scorer: Scorer, images: torch.Tensor, split: str = "test") -> tuple[dict[str, float], Protocol]:
    return scorer.score(scorer.features([images], len(images)), split, FILES)


def _prepared(dataset: Dataset, score: Score | None = None) -> Scorer:
    return Scorer.prepare(score or Score(), dataset, CPU)


def test_the_real_images_themselves_score_best(scorer: Scorer, dataset: Dataset, generated: torch.Tensor):
    same, _ = _score(scorer, dataset.images["test"])
    noisy, _ = _score(scorer, generated)
    noise, _ = _score(scorer, torch.randint(0, 256, (120, 1, 16, 16), dtype=torch.uint8))
    assert abs(same["fid"]) < 1e-3 < noisy["fid"] < noise["fid"]
    assert (same["precision"], same["recall"]) == (1.0, 1.0)
    assert noise["isc"] < same["isc"]
    assert noise["precision"] < 0.1


def test_the_same_bits_from_a_cold_and_a_warm_cache(cache: Path, dataset: Dataset, generated: torch.Tensor):
    cold = _score(_prepared(dataset), generated)
    warm = _prepared(dataset)
    torch.manual_seed(99)
    assert _score(warm, generated) == _score(warm, generated) == cold


def test_sample_counts(cache: Path, dataset: Dataset):
    usual = _prepared(dataset)
    assert (usual.sample_count("test"), usual.sample_count("validation")) == (120, 60)
    hundred = _prepared(dataset, Score(samples=100))
    assert (hundred.sample_count("test"), hundred.sample_count("validation")) == (100, 60)
    assert _prepared(dataset, Score(split="train")).sample_count("train") == 400


def test_only_scores_leave_the_scorer(scorer: Scorer, generated: torch.Tensor, capfd):
    scores, _ = _score(scorer, generated)
    assert list(scores) == ["fid", "isc", "kid", "precision", "recall", "fid_floor"]
    assert all(type(score) is float and math.isfinite(score) for score in scores.values())
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("count", [2, 3, 63, 64, 65])
def test_fewer_images_than_features_are_scored(scorer: Scorer, generated: torch.Tensor, count: int):
    """FID is defined, if far too large: its protocol says of how many images."""
    scores, protocol = _score(scorer, generated[:count])
    assert all(math.isfinite(score) for score in scores.values())
    assert scores["fid"] > 0
    assert (protocol.generated, protocol.real) == (count, count)


def test_a_generator_that_makes_one_image_only_is_scored(scorer: Scorer, generated: torch.Tensor):
    scores, _ = _score(scorer, generated[:1].expand(120, -1, -1, -1))
    assert scores["recall"] < 0.1
    assert scores["isc"] == pytest.approx(1.0, abs=1e-6)


def test_bad_input(scorer: Scorer, dataset: Dataset, generated: torch.Tensor):
    features = scorer.features([generated], 120)
    with pytest.raises(Misuse, match="120 samples: the validation split of small has 60 images"):
        scorer.score(features, "validation", FILES)
    with pytest.raises(Misuse, match="1 samples: the test split"):
        _score(scorer, generated[:1])
    with pytest.raises(Misuse, match="121 samples: the test split of small has 120 images"):
        _prepared(dataset, Score(samples=121))
    with pytest.raises(DcganError, match="120 images were promised and 60 came"):
        scorer.features([generated[:60]], 120)
    with pytest.raises(Misuse, match="no split 'tset'; valid: "):
        scorer.score(features, "tset", FILES)
    for wrong in (generated.float(), generated * torch.nan, generated.repeat(1, 3, 1, 1), generated[:, :, :8]):
        with pytest.raises(DcganError, match=r"expected torch.uint8 \(1, 16, 16\)"):
            scorer.features([generated[:60], wrong[:60]], 120)  # of mixed sizes, too
    with pytest.raises(Misuse, match="score.extractor=none"):
        _prepared(dataset, Score(extractor="none"))
    with pytest.raises(Misuse, match="no labels"):
        _prepared(replace(dataset, labels=None))


@pytest.mark.parametrize("role", ["features", "unit_features", "logits"])
def test_a_score_that_is_no_number_is_an_error(scorer: Scorer, generated: torch.Tensor, role: str):
    features = scorer.features([generated], 120)
    features[role][7, 3] = torch.nan
    with pytest.raises(DcganError, match="cannot be scored") as caught:
        scorer.score(features, "test", FILES)
    assert "\n" not in str(caught.value)


def test_a_cache_that_cannot_be_written_is_one_line(dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(DcganError, match="cannot lock .*file"):
        _prepared(dataset)


def test_images_that_are_all_alike_are_called_so_before_anything_is_trained(dataset: Dataset, cache: Path):
    alike = dataset.images["test"][:1].expand(60, -1, -1, -1)
    same = replace(dataset, images={**dataset.images, "test": alike}, fingerprint="alike")
    for extractor in ("classifier", "inception"):
        with pytest.raises(
            Misuse, match="all 60 images of the test split of .* are alike: there is nothing to compare"
        ):
            _prepared(same, Score(extractor=extractor))
    changed = alike.clone()
    changed[59, 0, 3, 3] ^= 1
    Scorer.check(Score(), replace(same, images={**dataset.images, "test": changed}))
