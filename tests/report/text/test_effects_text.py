"""Effects in the report: true to the runs, judged as comparisons are, and plain about what cannot be told apart."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from dcgan.cli.report import show
from dcgan.common.errors import DcganError
from dcgan.comparison.analysis import analyse
from dcgan.report import from_study, write
from dcgan.statistics.paired import holm, t_interval
from tests.report.designs import response, tips, write_study

TRUTH = {("small_networks",): -6.0, ("he_init",): 4.0, ("small_networks", "batch_norm"): 5.0}


def _report(home: Path, design: Any, number: int, **settings: Any) -> dict[str, Any]:
    return write(from_study(write_study(home, design, tips(number), TRUTH, **settings)), home / "out")


def _estimates(record: dict[str, Any], key: str = "effects") -> dict[str, float]:
    return {entry["effect"]: entry["difference"] for entry in record[key]}


@pytest.mark.parametrize("design", ["factorial", {"fractional": {"resolution": 5}}])
def test_without_noise_effects_and_interactions_are_the_truth(tmp_path: Path, design: Any) -> None:
    record = _report(tmp_path, design, 5)
    mains, interactions = _estimates(record), _estimates(record, "interactions")
    expected = {"small_networks": -6.0, "he_init": 4.0, "batch_norm": 0.0, "leaky_relu": 0.0, "gradient_penalty": 0.0}
    assert mains == pytest.approx(expected, abs=1e-9)
    assert len(interactions) == 10
    for name, found in interactions.items():
        assert found == pytest.approx(5.0 if name == "small_networks x batch_norm" else 0.0, abs=1e-9)


def test_an_effect_is_judged_as_a_comparison_is(tmp_path: Path) -> None:
    """In the metric's units the interval is Student's over the seeds' own contrasts; the verdict is by the noise of all
    arms, and Holm's correction over main effects and interactions together."""
    folder = write_study(tmp_path, "fractional", tips(7), TRUTH, seeds=5, noise=1.5)
    analysis = analyse(from_study(folder))
    assert analysis.effects is not None
    assert len(analysis.effects.mains) == 7
    for estimate in analysis.effects.mains:
        high = [arm for arm in analysis.arms if analysis.results.levels[arm.arm][estimate.effect.terms[0][0]] == "on"]
        low = [arm for arm in analysis.arms if arm not in high]
        by_hand = {
            seed: sum(arm.scores[seed] for arm in high) / 8 - sum(arm.scores[seed] for arm in low) / 8
            for seed in range(5)
        }
        assert estimate.paired.differences == pytest.approx(by_hand)
        mean, sd = estimate.paired.difference, estimate.paired.sd
        assert estimate.paired.interval == pytest.approx(t_interval(mean, sd, 5, 0.95))
        assert estimate.estimate.effect == pytest.approx(mean)
        assert estimate.estimate.method == "pooled"
    every = [*analysis.effects.mains, *(each.estimate for each in analysis.effects.interactions)]
    p = [each.estimate.p for each in every]
    assert [each.estimate.p_adjusted for each in every] == pytest.approx(holm(p))
    verdicts = {estimate.effect.terms[0][0]: estimate.judgement.verdict for estimate in analysis.effects.mains}
    assert (verdicts["small_networks"], verdicts["he_init"]) == ("helps", "hurts")


def test_started_from_all_an_effect_is_still_on_minus_off(tmp_path: Path) -> None:
    folder = write_study(tmp_path, "fractional", tips(7, "all"), TRUTH, start="all")
    record = write(from_study(folder), tmp_path / "out")
    assert record["baseline"] == "all"
    assert _estimates(record)["small_networks"] == pytest.approx(-6.0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lost", "pairs", "left_out", "unfinished"),
    [
        ({(2, 1): "diverged"}, 4, 1, 0),
        ({(2, 1): "diverged", (3, 1): "failed", (5, 4): "failed"}, 3, 2, 0),
        ({(2, 1): "diverged", (6, 3): "planned"}, 3, 1, 1),
        ({(2, seed): "diverged" for seed in range(5)}, 0, 5, 0),
    ],
)
def test_seeds_that_lack_an_arm_are_left_out_of_every_effect_and_counted(
    tmp_path: Path, lost: Mapping[tuple[int, int], str], pairs: int, left_out: int, unfinished: int
) -> None:
    record = _report(tmp_path, "factorial", 3, seeds=5, noise=0.1, lost=lost)
    assert len(record["effects"]) == 3
    for entry in record["effects"]:
        assert (entry["pairs"], entry["left_out"], entry["unfinished"]) == (pairs, left_out, unfinished)
        assert entry["verdict"] == "inconclusive" if not pairs else entry["difference"] is not None
    page = (tmp_path / "out" / "report.md").read_text()
    assert "Only seeds with a score in every one of the 8 arms count; left out: " in page
    assert f"{left_out} because a run ended without a score" in page
    assert ("No seed has a score in every one of the 8 arms" in record["headline"]) == (not pairs)


def test_both_says_of_each_tip_what_it_does_beside_either_baseline_and_whether_they_disagree(tmp_path: Path) -> None:
    record = _report(tmp_path, "both", 4, seeds=6, noise=0.2)
    found = _estimates(record)
    assert found["small_networks beside bare"] == pytest.approx(-11.0, abs=0.5)
    assert found["small_networks beside all"] == pytest.approx(-1.0, abs=0.5)
    disagreement = {entry["effect"]: entry for entry in record["interactions"]}
    assert {name: entry["verdict"] for name, entry in disagreement.items()} == {
        "small_networks": "interacts",
        "he_init": "consistent",
        "batch_norm": "interacts",
        "leaky_relu": "consistent",
    }
    for name, entry in disagreement.items():
        assert entry["difference"] == pytest.approx(found[f"{name} beside all"] - found[f"{name} beside bare"])
    assert {entry["method"] for entry in record["interactions"]} == {"moderated"}
    assert all(entry["p"] <= entry["p_adjusted"] for entry in record["interactions"])
    assert "2 of 4 interact with the others." in record["headline"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("design", "number", "words"),
    [
        ({"fractional": {"resolution": 3}}, 3, "The effect of small\\_networks cannot be told from the interaction of"),
        ("fractional", 7, "these are mixed with each other in 7 groups, of which only the sum is known"),
        ({"fractional": {"resolution": 5}}, 5, "Resolution V: main effects are clear"),
        ("plackett-burman", 11, "Every main effect contains 33 % of up to 45 interactions of two other factors"),
        ({"plackett-burman": {"foldover": True}}, 11, "these are mixed with each other, and not estimated"),
        ("factorial", 3, "Every combination was run: no effect is mixed with another"),
    ],
)
def test_what_cannot_be_told_apart_is_said_in_plain_words(tmp_path: Path, design: Any, number: int, words: str) -> None:
    record = _report(tmp_path, design, number, noise=0.5)
    assert words in (tmp_path / "out" / "report.md").read_text()
    mixed = any(line["with"] for line in record["aliases"]["table"])
    assert (tmp_path / "out" / "tables" / "aliases.csv").exists() == mixed
    assert ("Each is mixed with interactions of others." in record["headline"]) == (
        mixed and record["aliases"]["resolution"] == 3
    )


def test_an_average_over_an_interaction_is_not_left_to_speak_for_itself(tmp_path: Path) -> None:
    record = _report(tmp_path, "factorial", 3, seeds=5, noise=0.3)
    verdicts = {entry["effect"]: entry["verdict"] for entry in record["effects"]}
    assert verdicts["batch_norm"] == "no effect"
    assert "**no effect**, interacts with small\\_networks" in (tmp_path / "out" / "report.md").read_text()
    _report(tmp_path / "fraction", "fractional", 7, seeds=5, noise=0.3)
    page = (tmp_path / "fraction" / "out" / "report.md").read_text()
    assert "**no effect**, interacts perhaps with" in page


def test_the_page_is_one_file_that_opens_offline_and_the_same_every_time(tmp_path: Path) -> None:
    _report(tmp_path, "fractional", 7, noise=0.5)
    page = (tmp_path / "out" / "index.html").read_text()
    assert not re.findall(r"(?:src|href)=\"(?!data:|#)[^\"]+\"", page)
    assert "Main effects" in page and "Interactions" in page and "What is mixed with what" in page
    assert page.index("Main effects") < page.index("<h2>Every arm</h2>")
    figure = (tmp_path / "out" / "figures" / "effects.svg").read_text()
    assert "<title>seed 2: " in figure and "<title>small_networks: " in figure
    write(from_study(tmp_path / "studies" / "designed"), tmp_path / "again")
    assert (tmp_path / "again" / "index.html").read_text() == page


def test_the_command_prints_effects_and_the_interactions_that_were_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = _report(tmp_path, "factorial", 3, seeds=5, noise=0.3)
    show(record, tmp_path)
    out = capsys.readouterr().out
    assert "Of 3 tips, 1 helps, 1 hurts and 1 has no effect on average over 8 arms with 5 seeds." in out
    assert "small_networks x batch_norm" in out and "small_networks x he_init" not in out
    assert "without" not in out


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("effects", [{"of": [["he_init", "off"]]}]),
        ("effects", [{"of": [["nothing", "off", "on"]]}]),
        ("effects", [{"of": [["he_init", "off", "on"]], "arms": ["nobody"]}]),
        ("effects", 3),
        ("aliases", {"resolution": 3}),
        ("aliases", {"resolution": 3, "table": [{"effect": ["he_init"]}]}),
    ],
)
def test_damaged_effects_are_named(tmp_path: Path, key: str, value: Any) -> None:
    folder = write_study(tmp_path, "factorial", tips(3), TRUTH)
    plan = json.loads((folder / "plan.json").read_text())
    (folder / "plan.json").write_text(json.dumps({**plan, key: value}))
    with pytest.raises(DcganError, match=r"plan.json is damaged: its effects or aliases") as refusal:
        from_study(folder)
    assert "\n" not in str(refusal.value)


def test_the_synthetic_response_is_what_it_says() -> None:
    """On minus off, on average over the other."""
    from dcgan.sweeps.designs import read_design

    arms = {arm.name: arm for arm in read_design("factorial").arms(tips(2), "bare")}
    scores = {name: response(arm, {("small_networks",): -6.0}) for name, arm in arms.items()}
    assert scores == {"bare": 103.0, "he_init": 103.0, "small_networks": 97.0, "small_networks+he_init": 97.0}


def test_a_design_is_judged_once_by_its_effects(tmp_path: Path) -> None:
    """Its arms against the baseline would be second verdicts on the same runs."""
    _report(tmp_path, "factorial", 3, noise=0.2)
    page = (tmp_path / "out" / "index.html").read_text()
    assert "Every arm against" not in page and "<h2>Every arm</h2>" in page
    assert page.count("id=verdicts") == 1 and 'href="#verdicts"' in page
    text = (tmp_path / "out" / "report.md").read_text()
    assert "Every arm against" not in text
    assert "**Helps**: small\\_networks" in text and "- small\\_networks helps: FID " in text
