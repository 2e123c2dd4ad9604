"""TensorBoard as we lay it out: asked as a browser asks it, and seen in one."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

pytest.importorskip("tensorboard")

from werkzeug.test import Client

from dcgan.cli.serving import local_server
from dcgan.common.errors import DcganError
from dcgan.dashboards import followed_study
from dcgan.dashboards.followed_study import FollowedStudy
from dcgan.dashboards.study_board import layout, study_board
from dcgan.dashboards.study_page import StudyPage
from dcgan.study.plan import Plan
from tests.browser import CHROMIUM, Browser, browser
from tests.dashboards.conftest import begun, finish, go_on
from tests.postgres import free_port


@pytest.fixture(autouse=True)
def _every_look_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(followed_study, "SECONDS", 0.0)


@pytest.fixture
def client(plan: Plan) -> Client:
    return Client(study_board(FollowedStudy("small", None)))


def test_the_front_leads_to_our_layout_and_keeps_what_its_user_chose(client: Client) -> None:
    front = client.get("/").text
    [place] = re.findall(r"location\.replace\((\".*?\")\)", front)
    parts = urlsplit(json.loads(place))
    asked = parse_qs(parts.query)
    assert parts.fragment == "study" and asked["runColorGroup"] == ["regex:^(.*)/s"]
    assert [pin["tag"] for pin in json.loads(asked["pinnedCards"][0])][:2] == ["validation/fid", "training/loss_d"]
    assert re.search(r"\.\.\.\{.*autoReload.*\}, \.\.\.kept", front)
    assert json.loads(place) == layout("fid")
    assert "http" not in re.sub(r"\s", "", front)


def test_tensorboard_itself_is_behind_it(plan: Plan, client: Client) -> None:
    for trial in plan.trials:
        go_on(begun(trial, 50), 100, fid=90.0)
    assert "<tb-webapp" in client.get("/?darkMode=false").text
    assert list(client.get("/data/plugins_listing").json or {}) == ["study", "timeseries", "hparams"]
    runs = client.get("/data/runs").json
    assert runs and len(runs) == 6
    tags = client.get("/data/plugin/timeseries/tags").json or {}
    assert tags["scalars"]["runTagInfo"][runs[0]] == ["training/loss_d", "training/lr_d", "validation/fid"]
    assert tags["images"]["tagRunSampledInfo"]["samples"][runs[0]] == {"maxSamplesPerStep": 1}
    asked = json.dumps([{"plugin": "images", "tag": "samples", "run": runs[0], "sample": 0}])
    series = client.post("/data/plugin/timeseries/timeSeries", data={"requests": asked}).json or []
    [_, last] = series[0]["runToSeries"][runs[0]]
    picture = client.get(f"/data/plugin/timeseries/imageData?imageId={last['imageId']}")
    assert picture.mimetype == "image/png" and picture.data.startswith(b"\x89PNG")
    table = client.get("/data/plugin/hparams/experiment?request={}").json or {}
    assert [one["name"] for one in table["hparamInfos"]] == ["arm", "seed", "batch_norm"]


def test_the_page_is_sent_when_it_changed(plan: Plan, client: Client) -> None:
    first = client.get("/data/plugin/study/page")
    assert first.mimetype == "text/html" and "0 of 6 trials finished" in first.text
    version = first.headers["X-Version"]
    assert client.get(f"/data/plugin/study/page?have={version}").status_code == 204
    run = begun(plan.trials[0], 50)
    assert client.get(f"/data/plugin/study/page?have={version}").status_code == 200
    grid = client.get(f"/data/plugin/study/grid?run={plan.trials[0].run}&file=000000050.png")
    assert grid.data == (run.samples / "000000050.png").read_bytes() and grid.mimetype == "image/png"
    for other in ("run.json", "../run.json", "000000075.png"):
        assert client.get(f"/data/plugin/study/grid?run={plan.trials[0].run}&file={other}").status_code == 404
    script = client.get("/data/plugin/study/study.js")
    assert script.mimetype == "text/javascript" and "export async function render" in script.text


def test_an_error_of_the_page_is_answered_in_one_line_and_the_next_one_is_made(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: StudyPage) -> None:
        raise KeyError("no such\nthing")

    with monkeypatch.context() as until:
        until.setattr(StudyPage, "page", broken)
        answer = client.get("/data/plugin/study/page")
        assert (answer.status_code, answer.mimetype) == (500, "text/plain")
        assert re.fullmatch(r"KeyError: .*no such.*thing.* \(test_study_board\.py, line \d+\)", answer.text)
        until.setattr(StudyPage, "page", lambda _: _raise(DcganError("the plan is damaged")))
        assert client.get("/data/plugin/study/page").text == "the plan is damaged"
    assert client.get("/data/plugin/study/page").status_code == 200


def _raise(error: Exception) -> None:
    raise error


@contextmanager
def served() -> Iterator[str]:
    """The board of the study `small` on a port of its own."""
    port = free_port()
    with local_server(study_board(FollowedStudy("small", None)), port) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{port}/"
        finally:
            server.shutdown()
            thread.join()


# The page of the study is in a frame of its own, and TensorBoard's elements are in shadow trees.
FRAME = "[...document.querySelectorAll('iframe')].map(each => each.contentDocument)[0]"
CANVAS = "document.querySelector('scalar-card-component canvas').toDataURL()"
TEXT = f"({FRAME}?.body?.innerText ?? '')"


def _of_the_time_series(page: Browser) -> dict[str, Any]:
    """What TensorBoard's own tab shows: the runs with their colours, the cards, and the lines that are drawn."""
    found: dict[str, Any] = page.ask(
        """(() => ({
          runs: [...document.querySelectorAll('tb-data-table-content-row')].map(row => [row.innerText.trim(),
            getComputedStyle(row.querySelector('.run-color-swatch')).backgroundColor]),
          cards: [...document.querySelectorAll('scalar-card-component .tag, image-card .tag')].map(x => x.innerText.replace(/\\s/g, '')),
          settings: !!document.querySelector('metrics-dashboard-settings, metrics-dashboard-settings-component'),
          images: [...document.querySelectorAll('image-card img')].map(each => each.naturalWidth),
        }))()"""
    )
    return found


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_it_is_seen_live_in_a_browser_that_reaches_no_network(plan: Plan) -> None:
    of_arm = {"bare": (100.0, 101.0, 99.0), "batch_norm": (60.0, 60.5, 59.8)}
    growing = plan.trials[-1]
    for trial in plan.trials[:-1]:
        for images in (50, 100, 200):
            fid = of_arm[trial.arm][trial.seed]
            go_on(begun(trial) if images == 50 else trial.directory, images, fid=fid + 1000 / images)
        finish(trial, of_arm[trial.arm][trial.seed])
    run = begun(growing, 50)
    with served() as address, browser() as page:
        page.open(address)
        page.wait("location.hash === '#study'")
        page.wait(f"{TEXT}.includes('no verdict before all are in')")
        assert page.ask(f"{FRAME}.querySelectorAll('#curves svg path').length") > 5
        assert page.wait(f"[...{FRAME}.images].every(each => each.naturalWidth) && {FRAME}.images.length") == 2
        assert page.ask(f"{TEXT}.includes('5 of 6 trials finished')")
        with run.held(lambda: False):
            go_on(run, 150, fid=75.5)
            page.wait(f"{TEXT}.includes('running, 75') && {TEXT}.includes('75.5')")
            page.ask("location.hash = '#timeseries'")
            page.wait("document.querySelectorAll('tb-data-table-content-row').length === 6")
            page.wait("document.querySelectorAll('image-card img').length")
            shown = _of_the_time_series(page)
            colours: dict[str, set[str]] = {}
            for name, colour in shown["runs"]:
                colours.setdefault(name.partition("/")[0], set()).add(colour)
            assert colours.keys() == {"bare", "batch_norm"}
            assert all(len(of) == 1 for of in colours.values()) and len(set.union(*colours.values())) == 2
            assert shown["cards"][:2] == ["validation/fid", "training/loss_d"]
            assert not shown["settings"] and all(shown["images"])
            drawn = page.ask(CANVAS)
            go_on(run, 175, fid=70.25)  # seen when TensorBoard reloads by itself, as we told it to
            page.was_told("/timeSeries", '"step": 175, "value": 70.25')
            page.wait(f"{CANVAS} !== {json.dumps(drawn)}")
        finish(growing, of_arm[growing.arm][growing.seed])
        page.ask("location.hash = '#study'")
        page.wait(f"{TEXT}.includes('6 of 6 trials finished') && {TEXT}.includes('helps')")
        assert "no verdict before" not in page.ask(TEXT)
        assert page.complaints == []
        assert {urlsplit(url).hostname for url in page.fetched if url.startswith("http")} == {"127.0.0.1"}


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_the_page_says_what_went_wrong_and_goes_on_asking(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_it() -> None:
        monkeypatch.setattr(StudyPage, "page", lambda _: _raise(DcganError("<b>damaged</b>")))

    made = StudyPage.page
    break_it()
    told = "The page cannot be made anew: <b>damaged</b>. It is tried again"
    with served() as address, browser() as page:
        page.open(address)
        page.wait(f"{TEXT}.includes({json.dumps(told)})")  # before there was a page
        monkeypatch.setattr(StudyPage, "page", made)
        page.wait(f"{TEXT}.includes('0 of 6 trials finished') && !{TEXT}.includes('damaged')")
        break_it()
        page.wait(f"{TEXT}.includes({json.dumps(told)}) && {TEXT}.includes('0 of 6 trials finished')")
        assert "was stopped" not in page.ask(TEXT)
        monkeypatch.setattr(StudyPage, "page", made)
        page.wait(f"!{TEXT}.includes('damaged')")
