"""A study whose runs were scored with two extractors: refused before more is trained, repaired by scoring all again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import dcgan
from dcgan.cli import main
from dcgan.common.errors import Interrupted
from dcgan.queue.study_extractor import extractors_of
from dcgan.runs.run import scorer_for
from dcgan.scoring import classifier
from dcgan.study import stored_plans
from dcgan.workers.rescoring import Rescored, rescore

pytestmark = pytest.mark.slow


def _records() -> dict[str, dict[str, Any]]:
    return {path.parent.name: json.loads(path.read_text()) for path in Path("runs").glob("*/run.json")}


def _hashes() -> set[str]:
    return {record["protocol"]["extractor_hash"] for record in _records().values()}


@pytest.fixture
def mixed(small: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """A study of which the first seed's runs were scored with another classifier than it has now.

    Another seed of its training stands for another machine's arithmetic: it comes to other weights in the same way.
    """
    assert main(["sweep", small, "seeds=1", "--workers", "1", "--no-report"]) == 0
    shutil.rmtree("studies/small/extractors")
    monkeypatch.setattr(classifier, "_SEED", 1)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache of another machine"))
    scorer_for.cache_clear()
    return small


def test_a_study_keeps_its_extractor_when_the_cache_is_gone(
    small: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert main(["sweep", small, "seeds=1", "--workers", "1", "--no-report"]) == 0
    (path,) = Path("studies/small/extractors").glob("*.json")
    monkeypatch.setattr(classifier, "_SEED", 1)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "empty"))
    assert main(["sweep", small, "--workers", "1", "--no-report"]) == 0
    assert _hashes() == {json.loads(path.read_text())["digest"]}
    run = next(iter(_records()))
    assert main(["score", run, "--samples", "20"]) == 0, "a run is scored with the extractor that it was scored with"
    assert not list((tmp_path / "empty").glob("dcgan/extractors/*"))


def test_another_study_takes_the_extractor_of_the_runs_that_it_shares(
    small: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert main(["sweep", small, "--workers", "1", "--no-report"]) == 0
    monkeypatch.setattr(classifier, "_SEED", 1)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "empty"))
    assert main(["sweep", small, "study=larger", "factors=[batch_norm, he_init]", "--workers", "1"]) == 0
    assert len(_records()) == 6
    assert len(_hashes()) == 1


def test_refused_before_training_then_repaired(mixed: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = _records()
    assert len(before) == 2
    assert main(["sweep", mixed, "--workers", "1"]) == 1
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error:")]
    assert "`dcgan score small` scores them again, then the same command goes on" in line
    assert "2 with" in line
    assert _records() == before, "nothing was trained"
    assert main(["sweep", mixed, "--dry-run"]) == 1, "what the sweep would refuse, before that"
    assert line in capsys.readouterr().err

    assert main(["score", "small", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["scored"], told["missing"]) == (2, 0)
    after = _records()
    assert after.keys() == before.keys()
    for run, record in after.items():
        assert record["protocol"]["extractor_hash"] != before[run]["protocol"]["extractor_hash"]
        assert record["earlier_scores"][0]["scores"] == before[run]["scores"]
        assert record["scores"] == told["scores"][run]
        assert record["digest"] == before[run]["digest"], "the run itself is what it was"
    assert main(["sweep", mixed, "--workers", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["finished"] == 4
    assert len(_hashes()) == 1
    assert main(["report", "small"]) == 0


def test_what_is_scored_as_it_should_be_is_left_alone(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    """And what is not comes to the same scores again, where only another version's protocol was recorded."""
    assert main(["sweep", small, "--workers", "1", "--no-report"]) == 0
    before = _records()
    old, *_ = sorted(before)
    protocol = {**before[old]["protocol"], "recipe": 1}
    Path("runs", old, "run.json").write_text(json.dumps({**before[old], "protocol": protocol}))
    capsys.readouterr()
    assert main(["score", "small"]) == 0
    said = capsys.readouterr().out
    assert said.splitlines() == [
        "study small: 1 runs scored again; 3 were scored so already",
        "next: dcgan report small",
    ]
    after = _records()
    assert after[old]["scores"] == before[old]["scores"], "by the same kernels, with the run's own threads"
    assert after[old]["protocol"] == before[old]["protocol"]
    assert after[old]["curve"] == before[old]["curve"]
    assert after[old]["scored"]["version"] == dcgan.__version__
    assert {run: after[run] for run in after if run != old} == {run: before[run] for run in before if run != old}
    assert main(["score", "studies/small"]) == 0
    assert "0 runs scored again; 4 were scored so already" in capsys.readouterr().out


def test_a_damaged_generator_is_named_and_the_others_are_scored(mixed: str, capsys: pytest.CaptureFixture[str]) -> None:
    broken, whole = sorted(_records())
    Path("runs", broken, "generator.safetensors").write_bytes(b"no weights")
    before = _records()
    capsys.readouterr()
    assert main(["score", "small"]) == 1
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error:")]
    assert f"move runs/{broken} away and type the sweep command again" in line
    after = _records()
    assert after[broken] == before[broken]
    assert after[whole]["protocol"] != before[whole]["protocol"]


def test_what_stops_the_scoring_is_no_damage(mixed: str) -> None:
    """Nobody is told to move a run away because somebody else was at it when Ctrl-C came, or the disk was full."""
    plan, told, asked = stored_plans.load("small"), Rescored(), iter([False, True])
    first = next(trial for trial in plan.trials if trial.run in _records())
    with first.directory.held(lambda: False), pytest.raises(Interrupted):
        rescore(plan, extractors_of(plan, None), told, lambda: next(asked))
    assert not told.damaged
    assert not told.scored


def test_a_study_of_a_former_recipe_is_scored_and_reported_and_not_trained(
    small: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its runs stand under the ids that an earlier version gave them."""
    with monkeypatch.context() as patch:
        patch.setattr("dcgan.experiment.experiment.RECIPES", ())
        patch.setattr("dcgan.experiment.recipes.RECIPES", ())
        assert main(["sweep", small, "--workers", "1", "--no-report"]) == 0
    old = set(_records())
    assert main(["status", "small", "--json"]) == 0
    capsys.readouterr()
    run = sorted(old)[0]
    record = _records()[run]
    Path("runs", run, "run.json").write_text(json.dumps({**record, "protocol": {**record["protocol"], "recipe": 1}}))
    assert main(["score", "small"]) == 0
    assert main(["report", "small"]) == 0
    capsys.readouterr()
    for words, complaint in [
        (["sweep", small], "(since then layers with normalisation=none or spectral have a bias"),
        (
            ["worker", "small"],
            "its runs can be scored and reported; to train them as they are now, name the study anew",
        ),
    ]:
        assert main(words) == 2
        (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error:")]
        assert complaint in line
        assert "change it back" not in line
    assert set(_records()) == old, "nothing was trained"


def test_generators_that_are_elsewhere_are_named(mixed: str, capsys: pytest.CaptureFixture[str]) -> None:
    run = sorted(_records())[0]
    Path("runs", run, "generator.safetensors").unlink()
    assert main(["score", "small"]) == 1
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error:")]
    assert line.startswith("error: 1 finished runs have no generator here, such as ")
    assert run in line
    assert "type the same command where they were trained" in line


def test_options_for_one_run_are_refused_for_a_study(mixed: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", "small", "--samples", "20"]) == 2
    assert "--samples: all runs of a study are scored as its sweep says" in capsys.readouterr().err


def test_a_damaged_extractor_is_refused_before_training(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", small, "seeds=1", "--workers", "1", "--no-report"]) == 0
    (path,) = Path("studies/small/extractors").glob("*.json")
    whole = json.loads(path.read_text())
    for content, complaint in [
        ("{", "is damaged (not JSON)"),
        (json.dumps({**whole, "weights": "AAAA"}), "is damaged: it has not the hash"),
        (json.dumps({**whole, "weights": 5}), "is damaged: it is no extractor of a study"),
        (
            json.dumps({**whole, "references": {key: [[0.0], [1.0]] for key in whole["references"]}}),
            "other features here",
        ),
    ]:
        path.write_text(content)
        assert main(["sweep", small, "--workers", "1"]) == 1
        (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error:")]
        assert complaint in line
        assert len(_records()) == 2, "nothing was trained"
