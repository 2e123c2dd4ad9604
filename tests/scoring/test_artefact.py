"""An extractor that is carried: whole on the other side, and refused where it is not what it says."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
import torch

from dcgan.common.errors import DcganError, Misuse
from dcgan.data import Dataset
from dcgan.data.dataset import build
from dcgan.experiment.sections import Score
from dcgan.scoring import Scorer
from dcgan.scoring.artefact import Artefact, FeatureStatistics, artefact_name
from dcgan.scoring.extractors import extractor
from dcgan.scoring.pretrained import weights_file
from dcgan.scoring.scorer import FILES
from tests.scoring.conftest import take_for_published

CPU = torch.device("cpu")


@pytest.fixture
def made(cache: Path, dataset: Dataset) -> Artefact:
    """The data set's classifier, as a study would carry it."""
    return Scorer.prepare(Score(), dataset, CPU).artefact()


def _sent(artefact: Artefact) -> Artefact:
    return Artefact.from_json(json.loads(json.dumps(artefact.to_json())), "the post")


def test_it_comes_out_as_it_went_in(made: Artefact, dataset: Dataset) -> None:
    again = _sent(made)
    assert dataclasses.asdict(again) == dataclasses.asdict(made)
    assert again.name == artefact_name("classifier", dataset) == f"classifier-small-{dataset.fingerprint}"
    assert len(json.dumps(made.to_json())) < 400_000, "small enough for a database"


def test_another_machine_scores_the_same_with_it(
    made: Artefact, dataset: Dataset, generated: torch.Tensor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without training anything: its own cache stays without a classifier."""

    def scores(scorer: Scorer) -> tuple[dict[str, float], object]:
        return scorer.score(scorer.features([generated], 120), "test", FILES)

    here = scores(Scorer.prepare(Score(), dataset, CPU))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "other machine"))
    there = scores(Scorer.prepare(Score(), dataset, CPU, _sent(made)))
    assert there[0] == here[0]
    assert there[1] == here[1], "the protocol, with the classifier's hash and accuracy"
    assert not list((tmp_path / "other machine").glob("dcgan/extractors/*"))


@pytest.mark.parametrize("weights", [b"", b"nothing of the kind", None])
def test_damaged_weights_are_refused(made: Artefact, dataset: Dataset, weights: bytes | None) -> None:
    with pytest.raises(DcganError, match="is damaged: it has not the hash"):
        extractor("classifier", dataset, dataclasses.replace(made, weights=weights))


def test_another_number_of_classes_is_refused(made: Artefact, dataset: Dataset) -> None:
    assert dataset.labels is not None
    fewer = build("fewer", dataset.images, dataset.labels, dataset.classes[:9])
    with pytest.raises(DcganError, match="is damaged"):
        extractor("classifier", fewer, made)


@pytest.mark.parametrize(
    "change",
    [
        {"weights": "no base64!"},
        {"references": {"test-120": [[1.0]]}},
        {"references": {"test-120": [[10**400], [1.0]]}},
        {"precision": "float8"},
        {"references": None},
    ],
)
def test_what_is_no_artefact_is_refused(made: Artefact, change: dict[str, object]) -> None:
    with pytest.raises(DcganError, match="^the post is damaged: it is no extractor of a study"):
        Artefact.from_json({**made.to_json(), **change}, "the post")


def test_rounding_is_let_pass_and_nothing_else(made: Artefact) -> None:
    (key,) = made.references
    assert key == "test-120"
    there = made.references[key]
    largest = max(there.deviation)

    def moved(by: float) -> dict[str, FeatureStatistics]:
        return {key: FeatureStatistics((there.mean[0] + by * largest, *there.mean[1:]), there.deviation)}

    made.check(made.references)
    made.check(moved(1e-12))
    made.check({"train-120": moved(1.0)[key]})  # of which the study said nothing
    with pytest.raises(DcganError, match="the real images \\(test-120\\) have other features here"):
        made.check(moved(1e-6))
    dataclasses.replace(made, precision="float32").check(moved(1e-6))
    with pytest.raises(DcganError, match="other features here"):
        made.check({key: FeatureStatistics(there.mean[1:], there.deviation[1:])})


def test_a_published_network_is_known_by_its_hash(
    random_weights: Path, checkpoints: Path, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoints.mkdir(parents=True)
    state = torch.load(random_weights, weights_only=True)
    torch.save(state, weights_file("inception"))
    take_for_published("inception", monkeypatch)
    digest = extractor("inception", dataset).digest
    begun = Artefact(artefact_name("inception", dataset), digest, "float32", None, None, None, {})
    assert extractor("inception", dataset, begun).digest == digest
    with pytest.raises(
        Misuse, match=f"have the hash {digest} here, and the study was begun with other: use the same file"
    ):
        extractor("inception", dataset, dataclasses.replace(begun, digest="other"))
