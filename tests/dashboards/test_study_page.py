"""The page of a study: how it stands, what its report would say, and every trial."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from dcgan.dashboards import followed_study
from dcgan.dashboards.followed_study import FollowedStudy
from dcgan.dashboards.study_page import StudyPage
from dcgan.study.plan import Plan
from tests.dashboards.conftest import begun, finish, go_on


@pytest.fixture(autouse=True)
def _every_look_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(followed_study, "SECONDS", 0.0)
    monkeypatch.setattr("dcgan.dashboards.study_page._PATIENCE", 0.0)


@pytest.fixture
def page(plan: Plan) -> StudyPage:
    return StudyPage(FollowedStudy("small", None))


def _text(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL))).strip()


def test_without_a_run_it_says_that_it_waits(plan: Plan, page: StudyPage) -> None:
    text = _text(page.page().html)
    assert "0 of 6 trials finished, 6 waiting" in text
    assert "study 'small' has no finished trial yet" in text
    assert text.count("waiting") == 7


def test_the_version_is_another_when_the_page_is(plan: Plan, page: StudyPage) -> None:
    first = page.page()
    assert page.page() == first
    run = begun(plan.trials[0], 50)
    second = page.page()
    go_on(run, 100)
    third = page.page()
    assert len({first.version, second.version, third.version}) == 3


def test_a_trial_that_is_trained_shows_how_far_it_is(plan: Plan, page: StudyPage) -> None:
    trial = plan.trials[0]
    run = begun(trial, 50)
    go_on(run, 0, fid=512.5)
    with run.held(lambda: False):
        assert "512.5" not in _text(page.page().html), "the untrained network's is no score of the run"
    go_on(run, 100, fid=77.25)
    with run.held(lambda: False):
        text = _text(page.page().html)
    assert f"{trial.arm} {trial.seed} running, 50" in text
    assert "77.25" in text


def test_verdicts_are_those_of_a_report_that_is_not_over(plan: Plan, page: StudyPage) -> None:
    of_arm = {"bare": (100.0, 101.0, 99.0), "batch_norm": (60.0, 60.5, 59.8)}
    scores = {trial.run: of_arm[trial.arm][trial.seed] for trial in plan.trials}
    for trial in plan.trials[:5]:
        finish(trial, scores[trial.run])
    text = _text(page.page().html)
    assert "5 of 6 trials finished" in text
    assert "Verdicts so far" in text
    assert "no verdict before all are in" in text
    finish(plan.trials[5], scores[plan.trials[5].run])
    over = _text(page.page().html)
    assert "6 of 6 trials finished" in over
    assert "Verdicts so far" not in over and "no verdict before" not in over
    assert re.search(r"batch_norm off to on \u2212\d+", over)
    assert "helps" in over
    assert "scored as test_360" in over


def test_every_arm_has_its_latest_grid_from_one_seed(plan: Plan, page: StudyPage) -> None:
    of_seed = {seed: [trial for trial in plan.trials if trial.seed == seed] for seed in (0, 1)}
    begun(of_seed[0][0], 50)
    for trial in of_seed[1]:
        begun(trial, 50, 100)
    html = page.page().html
    shown = re.findall(r'src="grid\?run=(\w+)&amp;file=(\w+\.png)', html)
    assert shown == [(trial.run, "000000100.png") for trial in sorted(of_seed[1], key=lambda each: each.arm != "bare")]
    for run, file in shown:
        found = page.grid(run, file)
        assert found is not None and found.parent.parent.name == run
    assert page.grid(shown[0][0], "../run.json") is None
    assert page.grid("nothing", "000000100.png") is None


def test_a_failure_and_markup_are_shown_as_text(plan: Plan, page: StudyPage) -> None:
    finish(plan.trials[0], 0.0, status="failed", failure="<script>alert(1)</script>", scores={})
    finish(plan.trials[1], 0.0, status="diverged", failure="not finite", scores={})
    html = page.page().html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html and "<script" not in html
    assert "not finite" in html


def test_analyses_are_put_off_by_as_long_as_they_take(
    plan: Plan, page: StudyPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dcgan.dashboards.study_page._PATIENCE", 1e6)
    finish(plan.trials[0], 90.0)
    assert "Partial." in page.page().html or "nothing" in page.page().html
    for trial in plan.trials[1:]:
        finish(trial, 80.0)
    later = _text(page.page().html)
    assert "6 of 6 trials finished" in later and "Partial." in later


def test_it_says_so_where_the_records_cannot_be_compared(plan: Plan, page: StudyPage, tmp_path: Any) -> None:
    for trial in plan.trials:
        finish(trial, 80.0 + trial.seed)
    file = plan.trials[0].directory.path / "run.json"
    file.write_text(file.read_text().replace('"extractor_hash": "0123456789abcdef"', '"extractor_hash": "aaaa"'))
    assert "were scored differently" in _text(page.page().html)
