"""A study's folder as input."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from dcgan.common.errors import DcganError, Misuse
from dcgan.comparison.analysis import analyse
from dcgan.report import from_study
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


def test_diagnostics_of_a_study_are_carried_and_not_compared(study: Make) -> None:
    folder = study(seeds=2)
    table = folder / "trials.csv"
    header, *lines = table.read_text().splitlines()
    table.write_text("\n".join([f"{header},fid_floor", *(f"{line},4.25" for line in lines)]) + "\n")
    for record in (folder.parents[1] / "runs").glob("*/run.json"):
        content = json.loads(record.read_text())
        record.write_text(json.dumps({**content, "scores": {**content["scores"], "fid_floor": 4.25}}))
    results = from_study(folder)
    assert results.metrics == ("fid", "kid")
    assert set(results.table["fid_floor"]) == {4.25}
    with pytest.raises(Misuse, match="tips: 'fid_floor' is told beside the scores, and nothing is ranked by it"):
        analyse(results, metric="fid_floor", goal="minimize")
    table.write_text(table.read_text().replace(",4.25\n", ",4.5\n", 1))
    with pytest.raises(DcganError, match=r"fid_floor is 4.5, and in .* it is 4.25"):
        from_study(folder)


def test_trials_that_are_only_planned_are_counted(study: Make) -> None:
    folder = study()
    lines = (folder / "trials.csv").read_text().splitlines(keepends=True)
    (folder / "trials.csv").write_text("".join(lines[:-2]))
    trials = analyse(from_study(folder)).trials
    assert (trials["finished"], trials["planned"]) == (18, 2)


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


def test_a_damaged_table_is_named(study: Make) -> None:
    folder = study()
    table = folder / "trials.csv"
    table.write_text(table.read_text().replace(",run,", ",ran,"))
    with pytest.raises(DcganError, match="has no column 'run'"):
        from_study(folder)
