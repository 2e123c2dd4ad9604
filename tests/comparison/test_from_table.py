"""A table at the door: what is taken for what, and what is refused with which words."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from scipy.stats import ttest_ind

from dcgan.common.errors import DcganError, Misuse
from dcgan.comparison.analysis import analyse
from dcgan.comparison.results import known_goal
from dcgan.report import from_csv
from tests.report.reading import made

Write = Callable[..., Path]


def test_columns_find_their_roles(three_arms: Path) -> None:
    results = from_csv(three_arms)
    assert results.title == "arms"
    assert results.arms == ("bare", "good", "bad")
    assert results.metrics == ("fid", "kid")
    assert results.factors == ("depth",)
    assert list(results.table["status"].unique()) == ["finished"]
    assert results.table["seconds"].tolist()[:3] == [13.0, 14.0, 15.0]


def test_a_reports_own_table_is_told_from_the_table_of_another_report(
    three_arms: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "demo" / "tables" / "trials.csv"
    own.parent.mkdir(parents=True)
    shutil.copy(three_arms, own)
    assert from_csv(own).title == "trials", "a folder that is called so by chance"
    (tmp_path / "demo" / "report.json").write_text("{}")
    assert from_csv(own).title == "demo-trials"
    monkeypatch.chdir(own.parent)
    assert from_csv(Path("trials.csv")).title == "demo-trials"


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
    with pytest.raises(DcganError, match="is not text in UTF-8"):
        from_csv(tmp_path / "binary.csv")
    (tmp_path / "empty.csv").write_bytes(b"")
    with pytest.raises(DcganError, match="has no rows"):
        from_csv(tmp_path / "empty.csv")


UNPAIRED = [f"{arm},{20 + level + step}" for arm, level in (("bare", 0), ("x", -9)) for step in (0, 1, 2.5, 3)]


@pytest.mark.parametrize("header", ["arm,fid", "arm,fid,nothing"])
def test_a_table_without_seeds_is_compared_by_welchs_test(csv_file: Write, header: str) -> None:
    lines = UNPAIRED if header == "arm,fid" else [f"{line},7" for line in UNPAIRED]
    analysis = analyse(from_csv(csv_file(header, *lines)), scale="difference")
    (comparison,) = analysis.comparisons
    assert (analysis.method, comparison.verdict, comparison.paired.pairs) == ("unpaired", "helps", 0)
    expected = ttest_ind([11, 12, 13.5, 14], [20, 21, 22.5, 23], equal_var=False)
    assert comparison.estimate.p == pytest.approx(expected.pvalue)
    page = made(analysis.results)["report.md"].decode()
    assert "No column says the seeds, so runs are not paired: arms are compared by Welch's test." in page
    assert "runs not paired by seed" in page


def test_seeds_that_pair_nothing_can_be_left_out(csv_file: Write) -> None:
    lines = [f"{line},{index % 4}" for index, line in enumerate(UNPAIRED)]
    path = csv_file("arm,fid,seed", *lines)
    assert analyse(from_csv(path)).seeds == 4
    results = from_csv(path, seed_column="none")
    assert analyse(results).method == "unpaired"
    assert results.commands == ("dcgan report table.csv --seed-column none",)
    again = from_csv(csv_file(*made(results)["tables/trials.csv"].decode().splitlines(), name="trials.csv"))
    assert analyse(again).method == "unpaired", "numbers in place of seeds pair nothing either"


def test_arms_without_a_common_seed_are_compared_by_welchs_test(csv_file: Write) -> None:
    results = from_csv(csv_file("arm,fid,seed", *(f"{line},{index}" for index, line in enumerate(UNPAIRED))))
    assert (analyse(results).method, results.notes) == ("unpaired", ())


def test_a_single_run_without_a_pair_is_told_so(csv_file: Write) -> None:
    analysis = analyse(from_csv(csv_file("arm,fid", *UNPAIRED, "y,5")))
    assert analysis.comparisons[1].estimate.reason == "not paired by seed, and a single run shows no spread"


def test_the_users_names_of_columns(csv_file: Write) -> None:
    path = csv_file("optimizer,run id,FID,arm", "adam,1,9,q", "adam,2,8,q", "sgd,1,5,q", "sgd,2,x,q")
    with pytest.raises(Misuse, match="line 5: FID='x' is not a finite number"):
        from_csv(path, arm_column="optimizer", seed_column="run id", metric="FID")
    path.write_text(path.read_text().replace("x,q", "4,q"))
    results = from_csv(path, arm_column="optimizer", seed_column="run id")
    assert (results.arms, results.metrics, results.factors) == (("adam", "sgd"), ("FID",), ())
    assert results.scores("FID", "sgd") == {1: 5.0, 2: 4.0}
    assert results.commands == ("dcgan report table.csv --arm-column optimizer --seed-column 'run id'",)
    with pytest.raises(Misuse, match="has no column 'optimiser'; did you mean 'optimizer'"):
        from_csv(path, arm_column="optimiser")
    path.write_text(path.read_text().replace("sgd,2", "sgd,two"))
    with pytest.raises(Misuse, match="line 5: run id='two' is not a whole number"):
        from_csv(path, arm_column="optimizer", seed_column="run id")


def test_a_european_table_says_how_it_was_read(csv_file: Write) -> None:
    results = from_csv(csv_file("arm;seed;fid", "a;0;10,5", "a;1;11,25", "b;0;9", "b;1;8,125"))
    assert results.scores("fid", "b") == {0: 9.0, 1: 8.125}
    assert results.notes == ("How table.csv was read: separated by semicolons; decimal commas.",)


def test_an_export_of_wandb_by_its_own_names(csv_file: Write) -> None:
    header = "Name,State,Notes,User,Tags,Created,Runtime,Group,ID,_step,lr,train.seed,eval/noise,fid"
    runs = [
        f'"r{seed}-{lr}","{state}","","me","","2026-01-0{seed + 1}T00:00:00.000Z","{60 + seed}","{lr}","id{seed}","9",'
        f'"{lr}","{seed}","{noise}","{fid}"'
        for lr, level in (("0.1", 20), ("0.2", 10))
        for seed, state, noise, fid in (
            (0, "finished", 3, level), (1, "finished", 4, level + 1.5), (2, "crashed", "Infinity", ""), (3, "running", 1, 99)
        )
    ]  # fmt: skip
    results = from_csv(csv_file(header, *runs))
    assert (results.arms, results.factors, results.metrics) == (("0.1", "0.2"), ("lr",), ("eval/noise", "fid"))
    assert results.table["status"].tolist() == ["finished", "finished", "failed", "running"] * 2
    assert results.table["seconds"].tolist() == [60, 61, 62, 63] * 2
    assert results.scores("fid", "0.2") == {0: 10.0, 1: 11.5}
    assert results.notes == (
        "How table.csv was read: W&B's export (crashed as failed); the arm is 'Group'; the seed is 'train.seed'.",
    )
