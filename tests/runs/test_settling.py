"""What `score.extractor=auto` comes to is what is recorded, hashed and trained."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dcgan.common.errors import Misuse
from dcgan.experiment import Experiment, parse
from dcgan.experiment.sections import Data, Score
from dcgan.runs.directory import RunDirectory
from dcgan.runs.run import run_trial
from dcgan.runs.settling import settled, settled_run, settled_score
from dcgan.scoring.pretrained import weights_file
from tests.tiny import TINY, record

AUTO = {"extractor": "auto", "repeats": 1}


@pytest.fixture(autouse=True)
def _no_inception(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))


def _inception_arrives() -> None:
    """A file where its weights are looked for: which of the extractors is meant is settled without reading it."""
    weights_file("inception").parent.mkdir(parents=True)
    weights_file("inception").touch()


@pytest.fixture
def unlabelled(tmp_path: Path) -> Data:
    """A folder of 30 images without classes."""
    (tmp_path / "images").mkdir()
    draws = np.random.default_rng(0)
    for number in range(30):
        pixels = draws.integers(0, 256, (16, 16), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / "images" / f"{number}.png")
    return Data(name="folder", folder=str(tmp_path / "images"), size=16, channels=1)


def _auto() -> Experiment:
    return parse({**TINY, "score": AUTO}, "auto")


def test_it_is_the_experiment_with_that_extractor_typed(
    shared_extractor: None, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = parse({**TINY, "score": {**AUTO, "extractor": "classifier"}}, "typed")
    assert settled(_auto()) == typed
    assert settled(_auto()).id == typed.id
    assert settled(typed) == typed
    settled(_auto())
    assert capsys.readouterr().err.count("score.extractor=auto: classifier, right on 9") <= 1, "once a process"


def test_a_run_of_auto_is_the_run_of_what_it_came_to(shared_extractor: None) -> None:
    ended = run_trial(_auto())
    run = RunDirectory.of(settled(_auto()))
    assert ended.id == run.path.name
    assert run.experiment().score.extractor == "classifier"
    assert ended.protocol["extractor"] == "classifier"


def test_a_run_that_was_begun_goes_on_with_its_extractor(shared_extractor: None) -> None:
    classifier = settled(_auto())
    begun = RunDirectory.of(classifier)
    begun.describe(classifier)
    begun.write_record(record(id=classifier.id, status="running"))
    other = _auto().with_({"seed": 1})
    _inception_arrives()
    assert settled_run(_auto()).score.extractor == "classifier"
    assert settled_run(other).score.extractor == "classifier", "it recognises digits, whatever else is here"


def test_without_classes_it_hangs_on_inceptions_weights(unlabelled: Data) -> None:
    asked = Score(extractor="auto")
    with pytest.raises(Misuse, match="have no labels"):
        settled_score(asked, unlabelled)
    _inception_arrives()
    assert settled_score(asked, unlabelled) == Score(extractor="inception")
    assert settled_score(Score(extractor="none"), unlabelled) == Score(extractor="none")
