"""The results that a report is made of: which scores count, and what is chosen where nothing is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dcgan.common.errors import DcganError, Misuse
from dcgan.report import from_csv, from_study

Write = Callable[..., Path]


def test_a_finished_run_without_its_score_is_named(csv_file: Write) -> None:
    results = from_csv(csv_file("arm,seed,fid,kid", "a,0,1,0.1", "a,1,2,NaN", "b,0,3,0.2"))
    assert results.scores("fid", "a") == {0: 1.0, 1: 2.0}
    with pytest.raises(DcganError, match="arm 'a', seed 1 is finished but has no kid"):
        results.scores("kid", "a")


def test_the_score_of_a_run_that_did_not_finish_does_not_count(csv_file: Write) -> None:
    results = from_csv(csv_file("arm,seed,status,fid", "a,0,finished,1", "a,1,pruned,90", "a,2,diverged,"))
    assert results.scores("fid", "a") == {0: 1.0}


def test_choices_fall_back_on_what_is_usual(csv_file: Write) -> None:
    results = from_csv(csv_file("arm,seed,kid,fid", "x,0,0.1,1", "bare,0,0.2,2"))
    assert results.choose_metric(None) == "fid"
    assert results.choose_baseline(None) == "bare"
    assert results.choose_goal("fid", None) == "minimize"
    assert results.choose_goal("isc", None) == "maximize"
    assert results.choose_goal("fid", "maximize") == "maximize"


def test_choices_that_cannot_be_are_refused_with_the_closest_name(three_arms: Path) -> None:
    results = from_csv(three_arms)
    with pytest.raises(Misuse, match="has no arm 'god'; did you mean 'good'"):
        results.choose_baseline("god")
    with pytest.raises(Misuse, match="has no metric 'fd'; did you mean 'fid'"):
        results.choose_metric("fd")
    with pytest.raises(Misuse, match="is a higher 'error' better or worse"):
        results.choose_goal("error", None)


def test_a_metric_beside_the_usual_one_has_a_folder_of_its_own(csv_file: Write, study: Callable[..., Path]) -> None:
    planned = from_study(study())
    assert (planned.folder(None), planned.folder("fid"), planned.folder("kid")) == ("tips", "tips", "tips-kid")
    results = from_csv(csv_file("arm,seed,kid,fid,eval/loss", "x,0,0.1,1,3", "x,1,0.2,1,4", "y,0,0.2,2,5"))
    assert results.usual_metric == "fid"
    assert (results.folder("fid"), results.folder("kid")) == ("table", "table-kid")
    assert results.folder("eval/loss") == "table-eval-loss", "a folder, not one in another"
    unknown = from_csv(csv_file("arm,seed,error,loss", "x,0,0.1,1", "x,1,0.2,2", "y,0,0.2,2"))
    assert (unknown.usual_metric, unknown.folder("loss")) == (None, "table-loss")
