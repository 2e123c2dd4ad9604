"""The records of a study's runs: one protocol, true to the table, and damage named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dcgan.common.errors import DcganError
from dcgan.report import from_study

Make = Callable[..., Path]


def test_curves_are_of_one_protocol_only(study: Make) -> None:
    results = from_study(study())
    assert results.curves is not None
    assert sorted(results.curves["images"].unique()) == [100, 200, 300]
    assert len(results.curves) == 4 * 5 * 3  # the final score on the test split is another protocol
    assert results.curves_protocol == "300 images against the validation split, classifier features"


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
        ({"protocol": [1]}, r"run.json is damaged \(not a run's record\): protocol is \[1\]: delete it"),
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


def test_a_damaged_record_is_named(study: Make) -> None:
    folder = study()
    record = folder.parent.parent / "runs" / "000001000001" / "run.json"
    record.write_text("{")
    with pytest.raises(DcganError, match=r"000001000001/run.json is damaged"):
        from_study(folder)


def test_runs_whose_folders_are_gone_still_count_and_are_told_of(study: Make) -> None:
    folder = study()
    shutil.rmtree(folder.parent.parent / "runs" / "000001000001")
    results = from_study(folder)
    assert results.scores("fid", "he_init").keys() == {0, 1, 2, 3, 4}
    assert ("he_init", 1) not in results.grids
    assert "folders of 1 of the finished runs are not here" in results.notes[0]
