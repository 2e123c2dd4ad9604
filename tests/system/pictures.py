"""The pictures of the dashboards in the documents: `make pictures`, of the demo and of a longer one. Not among the
tests: it draws into docs/."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from tests.browser import Browser, browser
from tests.postgres import free_port

ROOT = Path(__file__).parents[2]
HOME = Path(os.environ.get("DEMO", ROOT / "demo"))
STUDY, LONGER = "demo", "demo-longer"
TEXT = "([...document.querySelectorAll('iframe')].map(each => each.contentDocument)[0]?.body?.innerText ?? '')"


@contextmanager
def _served(study: str, *words: str) -> Iterator[tuple[str, Browser]]:
    """The address of a study's dashboard, and a browser to look at it."""
    port = free_port()
    command = [sys.executable, "-m", "dcgan", "dashboard", study, "--port", str(port), *words]
    server = subprocess.Popen(command, env={**os.environ, "DCGAN_HOME": str(HOME)}, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr is not None
        assert "(Ctrl-C ends it)" in server.stderr.readline()
        with browser() as page:
            yield f"http://127.0.0.1:{port}/", page
        server.send_signal(signal.SIGINT)
        server.wait(timeout=30)
    finally:
        server.kill()
        server.wait()


def _draw(page: Browser, name: str) -> None:
    """What the window shows as docs/NAME, in as many colours as a page has, so that it is not heavy."""
    page.settle()
    path = ROOT / "docs" / name
    page.picture(path)
    Image.open(path).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


@pytest.fixture(autouse=True)
def _there() -> None:
    for study in (STUDY, LONGER):
        assert (HOME / "studies" / study / "plan.json").exists(), f"no study {study} in {HOME}: make pictures"


def test_the_study() -> None:
    with _served(STUDY) as (address, page):
        page.open(address, width=1280, height=900)
        page.wait(f"{TEXT}.includes('Verdicts') && {TEXT}.includes('Samples from the same noise')")
        page.wait("[...document.querySelectorAll('iframe')][0].contentDocument.images.length >= 12")
        page.wait("[...[...document.querySelectorAll('iframe')][0].contentDocument.images].every(x => x.naturalWidth)")
        top = "[...document.querySelectorAll('iframe')][0].contentDocument.querySelector('#trials').offsetTop"
        page.resize(1280, 64 + int(page.ask(top)) + 330)
        _draw(page, "dashboard.png")


def test_the_curves_of_a_longer_one() -> None:
    with _served(LONGER) as (address, page):
        page.open(address, width=1280, height=1000)
        page.wait("location.hash === '#study'")
        page.ask("location.hash = '#timeseries'")
        page.wait("document.querySelectorAll('tb-data-table-content-row').length")
        page.wait("document.querySelectorAll('scalar-card-component canvas').length > 4")
        _draw(page, "dashboard-curves.png")


def test_optunas() -> None:
    with _served(STUDY, "--optuna") as (address, page):
        page.open(address + "dashboard/studies/0/trials?numbers=0", width=1280, height=1100)
        page.wait("[...document.images].filter(each => each.src.includes('/artifacts/')).length")
        _draw(page, "optuna-dashboard.png")
