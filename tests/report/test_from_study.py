"""A study's folder as input."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dcgan.common.errors import DcganError
from dcgan.report import from_study
from dcgan.report.analysis import analyse
from tests.tiny import PROTOCOL

Make = Callable[..., Path]
ARMS = ("bare", "he_init", "batch_norm", "optimizer")


def test_everything_of_a_study_is_found(study: Make) -> None:
    results = from_study(study())
    assert (results.title, results.baseline, results.metric, results.start) == ("tips", "bare", "fid", "bare")
    assert results.arms == ("bare", "he_init", "batch_norm", "optimizer")
    assert results.metrics == ("fid", "kid")
    assert results.factors == ("he_init", "batch_norm", "optimizer")
    assert results.protocol["name"] == PROTOCOL.key
    assert {key: results.protocol[key] for key in ("split", "generated", "weights")} == {
        "split": "test", "generated": 360, "weights": "raw",
    }  # fmt: skip
    assert results.environment == {"torch": "2.14.1", "dcgan": "0.1.0"}
    assert set(results.grids) == {(arm, seed) for arm in results.arms for seed in range(5)}
    assert results.notes == ()


def test_curves_are_of_one_protocol_only(study: Make) -> None:
    results = from_study(study())
    assert results.curves is not None
    assert sorted(results.curves["images"].unique()) == [100, 200, 300]
    assert len(results.curves) == 4 * 5 * 3  # the final score on the test split is another protocol
    assert results.curves_protocol == "300 images against the validation split, classifier features"


def test_trials_that_are_only_planned_are_counted(study: Make) -> None:
    folder = study()
    lines = (folder / "trials.csv").read_text().splitlines(keepends=True)
    (folder / "trials.csv").write_text("".join(lines[:-2]))
    trials = analyse(from_study(folder)).trials
    assert (trials["finished"], trials["planned"]) == (18, 2)


def test_runs_scored_differently_are_not_compared(study: Make) -> None:
    folder = study(protocols={("he_init", 1): {"generated": 500}})
    with pytest.raises(
        DcganError,
        match=r"runs 000000000000 and 000001000001 .*generated is 360 and 500.* move the folder .*trained and scored",
    ):
        from_study(folder)


def test_a_diverged_run_has_no_protocol_to_compare(study: Make) -> None:
    folder = study(statuses={("he_init", 1): "diverged"}, protocols={("he_init", 1): {"generated": 1}})
    assert from_study(folder).protocol["generated"] == 360


def test_what_is_a_runs_own_is_compared_and_told(study: Make) -> None:
    """Its noise, and whether an average of its weights is judged."""
    average = {("he_init", seed): {"weights": "average", "noise_seed": seed} for seed in range(5)}
    results = from_study(study(protocols=average))
    assert results.protocol["weights"] == "average (5 runs), raw (15 runs)"
    assert "noise_seed" not in results.protocol
    assert any("judged by a running average" in note for note in results.notes)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"protocol": {}}, "protocol is damaged or another version's: channels is missing"),
        ({"protocol": [1]}, r"protocol is damaged: \[1\]"),
        ({"scores": {"fid": 1.0}}, "fid is .*, and in .*run.json it is 1.0: `dcgan status` writes the table anew"),
        ({"scores": {}}, "and in .*run.json it is None"),
        ({"scores": "abc"}, r"run.json is damaged \(not a run's record\)"),
    ],
)
def test_a_record_that_is_not_what_the_table_was_made_of_is_named(
    study: Make, change: dict[str, Any], message: str
) -> None:
    folder = study()
    path = folder.parent.parent / "runs" / "000001000001" / "run.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(DcganError, match=message) as caught:
        from_study(folder)
    assert "\n" not in str(caught.value)


def test_a_study_without_a_finished_trial_is_refused(study: Make) -> None:
    folder = study(seeds=1, statuses={**dict.fromkeys(((arm, 0) for arm in ARMS), "diverged"), ("bare", 0): "failed"})
    with pytest.raises(DcganError, match="study 'tips' has no finished trial yet"):
        from_study(folder)
    (folder / "trials.csv").unlink()
    with pytest.raises(DcganError, match="study 'tips' has no finished trial yet"):
        from_study(folder)


@pytest.mark.parametrize(
    ("one", "words"),
    [("diverged", "every run diverged: 4 of 4"), ("pruned", "every run diverged or was pruned: 4 of 4")],
)
def test_a_study_that_lost_every_run_is_over(study: Make, one: str, words: str) -> None:
    statuses = {**dict.fromkeys(((arm, 0) for arm in ARMS), "diverged"), ("bare", 0): one}
    with pytest.raises(DcganError, match=words):
        from_study(study(seeds=1, statuses=statuses))


@pytest.mark.parametrize(
    ("key", "value"), [("study", "../../evil/x"), ("study", 3), ("arms", []), ("seeds", 5), ("factors", "he_init")]
)
def test_a_damaged_plan_is_named(study: Make, key: str, value: object) -> None:
    plan = study() / "plan.json"
    plan.write_text(json.dumps({**json.loads(plan.read_text()), key: value}))
    with pytest.raises(DcganError, match=r"plan.json is damaged: .*") as refusal:
        from_study(plan.parent)
    assert key in str(refusal.value) and "\n" not in str(refusal.value)


@pytest.mark.parametrize("run", ["../../../etc", "00000000000", "00000000000G", "/000000000000"])
def test_a_run_that_is_no_id_is_refused(study: Make, run: str) -> None:
    table = study() / "trials.csv"
    table.write_text(table.read_text().replace("000001000001", run))
    with pytest.raises(DcganError, match=r"trials.csv, line \d+: run='.*' is not the id of a run: delete the table"):
        from_study(table.parent)


def test_a_finished_run_without_its_score_names_the_mend(study: Make) -> None:
    table = study() / "trials.csv"
    lines = table.read_text().splitlines()
    *others, _, kid, seconds = lines[2].split(",")
    lines[2] = ",".join([*others, "", kid, seconds])
    table.write_text("\n".join(lines))
    with pytest.raises(DcganError, match=r"has no fid: move its run's folder .* trained and scored anew"):
        analyse(from_study(table.parent))


def test_a_damaged_record_is_named(study: Make) -> None:
    folder = study()
    record = folder.parent.parent / "runs" / "000001000001" / "run.json"
    record.write_text("{")
    with pytest.raises(DcganError, match=r"000001000001/run.json is damaged"):
        from_study(folder)


def test_a_damaged_table_is_named(study: Make) -> None:
    folder = study()
    table = folder / "trials.csv"
    table.write_text(table.read_text().replace(",run,", ",ran,"))
    with pytest.raises(DcganError, match="has no column 'run'"):
        from_study(folder)


def test_runs_whose_folders_are_gone_still_count_and_are_told_of(study: Make) -> None:
    folder = study()
    shutil.rmtree(folder.parent.parent / "runs" / "000001000001")
    results = from_study(folder)
    assert results.scores("fid", "he_init").keys() == {0, 1, 2, 3, 4}
    assert ("he_init", 1) not in results.grids
    assert "folders of 1 of the finished runs are not here" in results.notes[0]
