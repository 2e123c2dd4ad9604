"""A table at the door: what is taken, and what is refused with which words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dcgan.common.errors import DcganError, Misuse
from dcgan.comparison.analysis import analyse
from dcgan.comparison.results import known_goal
from dcgan.report import from_csv

Write = Callable[..., Path]


def test_columns_find_their_roles(three_arms: Path) -> None:
    results = from_csv(three_arms)
    assert results.title == "arms"
    assert results.arms == ("bare", "good", "bad")
    assert results.metrics == ("fid", "kid")
    assert results.factors == ("depth",)
    assert list(results.table["status"].unique()) == ["finished"]
    assert results.table["seconds"].tolist()[:3] == [13.0, 14.0, 15.0]


def test_an_unknown_numeric_column_that_varies_is_a_metric(csv_file: Write) -> None:
    results = from_csv(csv_file("arm,seed,error,host", "a,0,1.5,x", "a,1,2.5,y", "b,0,1,x", "b,1,2,y"))
    assert (results.metrics, results.factors) == (("error",), ())


def test_a_metric_that_is_asked_for_is_one_even_with_one_seed(csv_file: Write) -> None:
    path = csv_file("arm,seed,fid,error", "a,0,1,2", "b,0,2,3")
    assert from_csv(path).metrics == ("fid",)
    assert from_csv(path, metric="error").metrics == ("fid", "error")


def test_what_stands_beside_a_score_is_neither_a_metric_nor_a_factor(csv_file: Write) -> None:
    """As `fid_floor` is, which says how low FID can be: the same in a whole arm, or another in each run."""
    path = csv_file(
        "arm,seed,fid_test_10k,fid_floor,fid_sd,memorisation,kid_seconds,depth",
        *("a,0,9,3.5,0.5,0.1,7,3", "a,1,8,3.5,0.6,0.2,8,3", "b,0,5,2.5,0.7,0.3,9,4", "b,1,4,2.5,0.8,0.4,9,4"),
    )
    results = from_csv(path)
    assert (results.metrics, results.factors) == (("fid_test_10k",), ("depth",))
    assert results.table["fid_floor"].tolist() == [3.5, 3.5, 2.5, 2.5], "it is in the tables all the same"
    analysis = analyse(results)
    assert (analysis.metric, analysis.goal, analysis.baseline.mean) == ("fid_test_10k", "minimize", 8.5)


@pytest.mark.parametrize("name", ["fid_floor", "fid_sd", "fid_infinity_error", "memorisation", "fid_floor_test_10k"])
def test_nothing_is_ranked_by_a_diagnostic(csv_file: Write, name: str) -> None:
    path = csv_file(f"arm,seed,fid,{name}", "a,0,9,3.5", "a,1,8,3.6", "b,0,5,2.5", "b,1,4,2.6")
    assert known_goal(name) is None
    with pytest.raises(Misuse, match=f"'{name}' is told beside the scores, and nothing is ranked by it; .*fid"):
        from_csv(path, metric=name)
    with pytest.raises(Misuse, match=f"table: '{name}' is told beside the scores"):
        analyse(from_csv(path), metric=name, goal="minimize")


def test_a_cost_is_compared_only_where_one_says_which_way(csv_file: Write) -> None:
    path = csv_file("arm,seed,fid,fid_seconds", "a,0,9,3.5", "a,1,8,3.6", "b,0,5,2.5", "b,1,4,2.6")
    results = from_csv(path, metric="fid_seconds")
    assert results.metrics == ("fid", "fid_seconds")
    with pytest.raises(Misuse, match="is a higher 'fid_seconds' better or worse"):
        analyse(results, metric="fid_seconds")
    assert analyse(results, metric="fid_seconds", goal="minimize").baseline.mean == pytest.approx(3.55)


def test_a_byte_order_mark_blank_lines_and_spaces_do_no_harm(csv_file: Write) -> None:
    results = from_csv(csv_file("\ufeffarm, seed ,fid", "a,0, 1.5", "", "b,0,2"))
    assert results.scores("fid", "a") == {0: 1.5}


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["arms,seed,fid", "a,0,1"], "has no column 'arm'; did you mean 'arms'?"),
        (["arm,sead,fid", "a,0,1"], "has no column 'seed'; did you mean 'sead'?"),
        (["arm,seed,fidd", "a,0,1", "b,0,2"], "has no column with a metric, for example 'fid'; did you mean 'fidd'?"),
        (["arm,seed,fid", "a,0,1", "b,0,good"], "line 3: fid='good' is not a finite number"),
        (["arm,seed,fid", "a,0,inf"], "line 2: fid='inf' is not a finite number"),
        (["arm,seed,fid", "a,one,1"], "line 2: seed='one' is not a whole number"),
        (["arm,seed,fid", "a,0.5,1"], "line 2: seed='0.5' is not a whole number"),
        (["arm,seed,fid", "a,0,1", "b,0,2", "a,0,3"], "line 4: arm 'a' with seed 0 is there twice"),
        (["arm,seed,fid,status", "a,0,1,finised"], "line 2: unknown status 'finised'; did you mean 'finished'?"),
        (["arm,seed,fid", ",0,1"], "line 2: arm=''"),
        (["arm,seed,fid", "a\x1b[31m,0,1"], "line 2: arm='a\\x1b[31m'"),
        (["arm,seed,fid", "a,0"], "line 2: 2 cells for 3 columns"),
        (["arm,seed,fid,fid", "a,0,1,2"], "has two columns named 'fid'"),
        (["arm,seed,fid"], "has no rows"),
        (["arm,seed,fid,samples", "a,0,1,500", "b,0,2,1000"], "line 3: samples is '1000', but '500' before"),
    ],
)
def test_a_table_that_does_not_fit_is_refused_in_one_line(csv_file: Write, lines: list[str], message: str) -> None:
    with pytest.raises(DcganError) as refusal:
        from_csv(csv_file(*lines))
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_what_is_not_there_or_not_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DcganError, match="cannot read .*nowhere.csv: No such file"):
        from_csv(tmp_path / "nowhere.csv")
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00arm")
    with pytest.raises(DcganError, match="is not a CSV table in UTF-8"):
        from_csv(tmp_path / "binary.csv")
    (tmp_path / "empty.csv").write_bytes(b"")
    with pytest.raises(DcganError, match="has no rows"):
        from_csv(tmp_path / "empty.csv")


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
