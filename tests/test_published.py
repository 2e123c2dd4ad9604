"""The published reports: tips told from off to on whatever the report, the page out of its template, all made anew."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import pytest
from jinja2 import UndefinedError

from dcgan.common.errors import DcganError

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "benchmarks"))  # where these scripts find each other when one of them is run

import matrix_figure  # noqa: E402
import published  # noqa: E402
import reports_page  # noqa: E402
import tip_matrix  # noqa: E402
from published_report import Origin, Report  # noqa: E402
from tip_matrix import Cell  # noqa: E402

SLOWER = Cell(0.5, (0.2, 0.8), "hurts", 0.25)


def _tip(name: str, effect: float | None, verdict: str, level: str = "on") -> dict[str, Any]:
    interval = None if effect is None else [effect - 0.1, effect + 0.2]
    return {"tip": name, "label": name, "level": level, "effect": effect, "interval": interval, "verdict": verdict}


def _content(*tips: dict[str, Any], scale: str = "ratio") -> dict[str, Any]:
    return {"title": "made up", "scale": scale, "seeds": 4, "tips": list(tips)}


def _reports() -> dict[str, dict[str, Any]]:
    """The report.json of every published study."""
    return published.contents(ROOT / "reports")


def test_a_tip_of_a_study_is_told_as_it_stands() -> None:
    [(name, cell)] = tip_matrix.cells_of(_content(_tip("replay", 0.5, "hurts"))).items()
    assert (name, cell.effect, cell.interval, cell.verdict) == ("replay", 0.5, (0.4, 0.7), "hurts")


def test_an_arm_that_lacks_a_tip_is_turned_and_one_that_has_it_is_not() -> None:
    arms = [_tip("with-he_init", 0.5, "hurts", ""), _tip("without-replay", 0.5, "hurts", "")]
    cells = tip_matrix.cells_of(_content(*arms, _tip("bare", 2.0, "hurts", "")))
    assert cells["he_init"] == Cell(0.5, (0.4, 0.7), "hurts")
    assert cells["replay"] == Cell(-0.5, (-0.7, -0.4), "helps")
    assert cells.keys() == {"he_init", "replay"}, "the bare network is no tip"


def test_what_is_turned_has_its_interval_swapped_its_verdict_and_its_time_turned() -> None:
    turned = SLOWER.turned()
    assert (turned.effect, turned.interval, turned.verdict) == (-0.5, (-0.8, -0.2), "helps")
    assert turned.extra == pytest.approx(1 / 1.25 - 1)
    assert Cell(None, None, "inconclusive").turned() == Cell(None, None, "inconclusive")
    assert Cell(0.01, (-0.02, 0.03), "no effect").turned().verdict == "no effect"


def test_an_arm_of_the_committed_tables_agrees_with_the_scores_it_was_made_from() -> None:
    """Taking mini-batches away raises FID, whatever the rest is: so they help, by the inverse of that ratio."""
    content = json.loads((ROOT / "reports" / "digits-tips" / "report.json").read_text())
    means = {arm["arm"]: arm["mean"] for arm in content["arms"]}
    cell = tip_matrix.cells_of(content)["mini_batch"]
    assert means["without-mini_batch"] > 2 * means["plain"]
    assert cell.verdict == "helps"
    assert cell.effect is not None and cell.effect < 0


def test_levels_other_than_on_and_effects_in_units_have_no_cell() -> None:
    assert tip_matrix.cells_of(_content(_tip("gradient_penalty", 0.5, "hurts", "r1"))) == {}
    with pytest.raises(ValueError, match="no per cents"):
        tip_matrix.cells_of(_content(_tip("replay", 0.5, "hurts"), scale="difference"))


def test_the_most_helpful_tip_comes_first_and_one_without_an_effect_last() -> None:
    cells = {name: Cell(effect, None, "inconclusive") for name, effect in (("a", 0.1), ("b", -0.4), ("c", None))}
    assert tip_matrix.ordered(["d", "c", "a", "b"], cells) == ["b", "a", "d", "c"]


def test_a_cell_says_effect_interval_and_time() -> None:
    assert (SLOWER.effect_words(), SLOWER.interval_words(), SLOWER.time_words()) == (
        "+65 %", "[+22 %, ×2.2]", "time +25 %",  # noqa: RUF001 - the sign of multiplication
    )  # fmt: skip
    nothing = Cell(None, None, "inconclusive")
    assert (nothing.effect_words(), nothing.interval_words(), nothing.time_words()) == ("–", "", "")  # noqa: RUF001
    assert Cell(0.5, None, "hurts", limited=True).effect_words() == "+65 %†"


def test_the_matrix_has_the_studies_that_are_there_and_no_times_that_mean_nothing() -> None:
    timed = {**_tip("replay", -0.5, "helps"), "extra_seconds": 0.25}
    made = tip_matrix.matrix({"demo": _content(timed), "digits-tips": _content(timed), "other": _content()})
    assert [column.report for column in made.columns] == ["digits-tips", "demo"]
    assert [cells["replay"].extra for cells in made.cells] == [None, 0.25]
    row = tip_matrix.table(made).splitlines()[-1]
    assert row == "| `replay` | **▼ −39 %**<br>[−45 %, −26 %] | **▼ −39 %**<br>[−45 %, −26 %]<br>time +25 % |"  # noqa: RUF001


def test_tips_that_help_here_and_hurt_there_are_found() -> None:
    more = _tip("d_first", -0.5, "helps"), _tip("he_init", 0.1, "inconclusive"), _tip("pretrain", -0.2, "helps")
    one = _content(_tip("replay", 0.5, "hurts"), *more)
    two = _content(_tip("replay", -0.5, "helps"), _tip("d_first", -0.1, "helps"), _tip("he_init", 0.5, "hurts"))
    made = tip_matrix.matrix({"mnist-tips": one, "demo": two})
    assert tip_matrix.both_ways(made) == [("replay", ["digits, short, added alone"], ["MNIST, added alone"])]
    assert tip_matrix.everywhere(made, "helps") == ["d_first", "pretrain"]
    assert tip_matrix.everywhere(made, "hurts") == []
    assert tip_matrix.nowhere(made, "hurts") == ["d_first", "pretrain"]
    assert tip_matrix.nowhere(made, "helps") == ["he_init"]


def test_two_reports_agree_are_opposed_or_leave_open() -> None:
    verdicts = {
        "small_networks": ("helps", "helps"), "he_init": ("helps", "hurts"), "batch_norm": ("no effect", "hurts"),
        "leaky_relu": ("inconclusive", "helps"), "replay": ("inconclusive", "inconclusive"),
    }  # fmt: skip
    one, two = (
        Report(
            "x",
            _content(*(_tip(name, 0.1, both[side]) for name, both in verdicts.items())),
            Origin(Path("y"), Path("z")),
        )
        for side in (0, 1)
    )
    found = reports_page.agreement(one, two)
    assert found.same == ("small_networks",)
    assert found.opposite == ("he_init",)
    assert found.otherwise == ("batch_norm",)
    assert found.open == ("leaky_relu", "replay")
    assert found.both == len(verdicts)


def test_intervals_without_a_common_value_are_found_on_either_side() -> None:
    def report(**effects: float) -> Report:
        tips = [_tip(name, effect, "inconclusive") for name, effect in effects.items()]
        return Report("x", _content(*tips), Origin(Path("y"), Path("z")))

    one = report(replay=0.0, d_first=0.0, he_init=0.0, pretrain=0.0)
    assert reports_page.apart(one, report(replay=0.5, d_first=-0.5, he_init=0.25)) == ["replay", "d_first"]


def _shapes(svg: str) -> list[str]:
    """What is drawn as an outline, without its colour."""
    return re.findall(r'<path d="([^"]+)"', svg)


def test_the_picture_tells_verdicts_apart_by_shape_and_is_the_same_bytes() -> None:
    cells = {
        verdict: tip_matrix.matrix({"demo": _content(_tip("replay", 0.5, verdict))}) for verdict in tip_matrix.MARKS
    }
    drawn = {verdict: matrix_figure.figure(each) for verdict, each in cells.items()}
    assert drawn["hurts"] == matrix_figure.figure(cells["hurts"])
    assert "<svg" in drawn["hurts"]
    words = re.findall(r"<text[^>]*>([^<]+)</text>", drawn["hurts"])
    assert {"replay", "+65 %", "[+49 %, ×2.0]", "digits, short", "added alone", "4 seeds"} <= set(words)  # noqa: RUF001
    assert len({tuple(_shapes(svg)) for svg in drawn.values()}) == len(drawn) == 4


def test_the_page_has_every_section_once_its_studies_are_published() -> None:
    everything, origins = _reports(), published.ORIGINS
    full = reports_page.documents(everything, origins, ROOT / "reports")["README.md"]
    first = reports_page.documents({"demo": everything["demo"]}, origins, ROOT / "reports")["README.md"]
    own = [line for line in full.splitlines() if line.startswith("## ") and line not in first.splitlines()]
    assert own == [
        "## Where tips need each other", "## Fresh seeds, processors and bf16",
        "## The article's own listing",
    ]  # fmt: skip
    assert "mnist-" not in first
    assert "networks of width 64, 1,600 images a run in batches of 16, in fp32" in first
    assert not any(mark in full for mark in ("{{", "{%", "None", "[]"))


def test_a_report_is_of_the_scale_of_its_own_baseline() -> None:
    contents, origins = _reports(), published.ORIGINS
    told = {name: Report(name, contents[name], origins[name]) for name in ("mnist-precision", "mnist-best")}
    assert told["mnist-precision"].scale.endswith("in batches of 25, in bf16"), "not in fp32, which the sweep varies"
    assert told["mnist-best"].updates == "200 updates"
    small = Report("small", contents["mnist-best-against-small"], origins["mnist-best-against-small"])
    assert small.updates == "800 updates", "the same runs, against another arm"


def test_scores_are_those_of_the_tables() -> None:
    report = Report("x", _reports()["mnist-screen"], published.Study("mnist-screen").origin)
    assert report.score_of("baseline", 0) in {f"{value:.1f}" for value in _scores_of("mnist-screen", "baseline")}
    of_baseline = _scores_of("mnist-screen", "baseline")
    assert report.span("baseline") == f"{min(of_baseline):.1f} to {max(of_baseline):.1f}"
    low, high = report.between("without-mini_batch").split(" to ")
    without = [arm for arm in report.content["arms"] if "without-mini_batch" in arm["arm"]]
    assert len(without) == 12 and int(low) == round(min(arm["mean"] for arm in without)) < int(high)
    assert (
        report.score("baseline")
        == f"{fmean(scores := _scores_of('mnist-screen', 'baseline')):.1f} ({stdev(scores):.1f})"
    )


def _scores_of(name: str, arm: str) -> list[float]:
    with (ROOT / "reports" / name / "tables" / "runs.csv").open(encoding="utf-8") as file:
        return [float(row["scores.fid"]) for row in csv.DictReader(file) if row["arm"] == arm]


def test_what_a_report_lacks_is_named() -> None:
    report = Report("x", {"arms": [], "tips": []}, published.Study("demo").origin)
    with pytest.raises(DcganError, match="arm 'nobody', which report x does not have"):
        report.score("nobody")
    with pytest.raises(DcganError, match="'nothing', which report x does not judge"):
        report.effect_of("nothing")
    with pytest.raises(DcganError, match=r"arm 'nobody' with seed 3, which .*runs.csv does not have"):
        report.score_of("nobody", 3)
    with pytest.raises(DcganError, match=r"'scores.fid' of arm 'nobody', which .*runs.csv does not have"):
        report.span("nobody")
    with pytest.raises(DcganError, match="arms with 'nothing'"):
        report.between("nothing")


def test_every_published_study_has_its_sweep() -> None:
    assert [each.name for each in published.PUBLISHED if not (ROOT / each.origin.sweep).is_file()] == []


def test_a_placeholder_that_nothing_fills_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        reports_page.page("{{ nothing }}", {})


def test_a_study_that_would_train_is_refused() -> None:
    published.check_complete("demo", {"reused": 3, "trials": 3})
    with pytest.raises(DcganError, match="demo: 2 of 3 trials are in its table"):
        published.check_complete("demo", {"reused": 2, "trials": 3})


def test_the_first_file_that_differs_is_named(tmp_path: Path) -> None:
    made, committed = tmp_path / "made", tmp_path / "committed"
    for root in (made, committed):
        (root / "a").mkdir(parents=True)
        (root / "a" / "x").write_text("same")
        (root / "page").write_text("same")
    (committed / "unpublished").mkdir()
    (committed / "unpublished" / "x").write_text("made by another command")
    assert published.first_difference(made, committed) is None
    (committed / "page").write_text("else")
    assert published.first_difference(made, committed) == "page"
    (committed / "a" / "more").write_text("stale")
    assert published.first_difference(made, committed) == "a/more"
    (made / "a" / "fresh").write_text("new")
    assert published.first_difference(made, committed) == "a/fresh"


@pytest.mark.slow
def test_the_committed_reports_are_what_their_tables_give() -> None:
    """Of those that are published; the two of the digits' tables always are."""
    command = [sys.executable, str(ROOT / "benchmarks" / "published.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "digits-tips ..." in done.stdout
