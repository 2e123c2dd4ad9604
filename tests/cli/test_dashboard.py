"""`dcgan dashboard` as it is typed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dcgan.cli import main
from dcgan.study import plan, stored_plans
from dcgan.sweeps import sweep
from tests.browser import CHROMIUM, browser
from tests.postgres import free_port


def _planned() -> None:
    stored_plans.write(plan.make(sweep.load("small.yaml")))


@contextmanager
def dashboard(*words: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """The command as a process of its own, once it says that it listens."""
    command = [sys.executable, "-m", "dcgan", "dashboard", *words]
    server = subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert server.stderr is not None
        told = server.stderr.readline()
        assert "(Ctrl-C ends it)" in told, told
        yield server
    finally:
        server.kill()
        server.wait()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["journal", "postgresql", "grpc"])
def test_the_dashboard_opens_each_storage(small: str, kind: str, request: pytest.FixtureRequest) -> None:
    pytest.importorskip("optuna_dashboard")
    from dcgan import queue
    from dcgan.queue import storage

    made = plan.make(sweep.load(small))
    stored_plans.write(made)
    url = None if kind == "journal" else request.getfixturevalue("postgres").new_database(f"dashboard_{kind}")
    if kind == "grpc":
        behind, grpc_port = url, free_port()
        url = f"grpc://127.0.0.1:{grpc_port}"
        proxy = storage.proxy(storage.open_storage(made.directory, behind), "127.0.0.1", grpc_port)
        request.addfinalizer(lambda: proxy.stop(0).wait())
    queue.Queue(made, url).fill()
    port = free_port()
    environment = {"DCGAN_STORAGE": url} if url else {}
    with dashboard("small", "--optuna", "--port", str(port), "--json", **environment) as server:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/studies", timeout=30) as answer:
            assert [study["study_name"] for study in json.load(answer)["study_summaries"]] == ["small"]
        assert b"127.0.0.1" not in Path(f"/proc/{server.pid}/cmdline").read_bytes()
        server.send_signal(signal.SIGINT)
        assert json.loads(server.communicate(timeout=30)[0])["storage"] in (
            url,
            "studies/small/optuna.journal",
            "postgresql://dcgan@" + (url or "").rpartition("@")[2],
        )
    assert server.returncode == 0


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_a_study_is_seen_while_it_is_trained(small: str, tmp_path: Path) -> None:
    """From before its first run to its verdict, in one page that is never touched."""
    pytest.importorskip("tensorboard")
    _planned()
    port = free_port()
    text = "([...document.querySelectorAll('iframe')].map(each => each.contentDocument)[0]?.body?.innerText ?? '')"
    with dashboard("small", "--port", str(port), "--json") as server, browser() as page:
        page.open(f"http://127.0.0.1:{port}/")
        page.wait(f"{text}.includes('has no finished trial yet')")
        study = subprocess.Popen(
            [sys.executable, "-m", "dcgan", "sweep", small], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            page.wait(f"{text}.includes('4 of 4 trials finished')", patience=240)
            assert study.wait(timeout=60) == 0
        finally:
            study.kill()
            study.wait()
        page.wait(f"{text}.includes('FID along the way') && {text}.includes('Samples from the same noise')")
        page.wait(f"!{text}.includes('Verdicts so far') && {text}.includes('Verdicts')")
        assert main(["report", "small", "--json"]) == 0
        headline = json.loads((tmp_path / "reports" / "small" / "report.json").read_text())["headline"]
        assert headline in page.ask(text)
        assert page.complaints == []
        server.send_signal(signal.SIGINT)
        told = json.loads(server.communicate(timeout=30)[0])
        assert told == {"study": "small", "storage": "runs", "address": f"http://127.0.0.1:{port}/"}
        page.wait(f"{text}.includes('The dashboard was stopped')")
    assert server.returncode == 0


def _error(words: list[str], capsys: pytest.CaptureFixture[str], code: int) -> str:
    assert main(["dashboard", *words]) == code
    lines = [line for line in capsys.readouterr().err.splitlines() if line]
    assert len(lines) == 1, lines
    return lines[0]


@pytest.mark.parametrize("kind", [[], ["--optuna"]])
def test_what_cannot_be_served_is_one_line(small: str, kind: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("tensorboard")
    pytest.importorskip("optuna_dashboard")
    _planned()
    Path("studies/small/optuna.journal").touch()
    assert "did you mean 'small'" in _error(["smal", *kind], capsys, 2)
    assert "expected 1 to 65535" in _error(["small", "--port", "0", *kind], capsys, 2)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        told = _error(["small", "--port", str(port), *kind], capsys, 1)
        assert f"--port {port}: address already in use; port " in told
        free = int(told.rpartition("port ")[2].split()[0])
        with socket.socket() as other:
            other.bind(("127.0.0.1", free))


@pytest.mark.parametrize(("kind", "package"), [([], "tensorboard"), (["--optuna"], "optuna_dashboard")])
def test_without_the_extra_it_says_how_to_get_it(
    small: str, kind: list[str], package: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _planned()
    Path("studies/small/optuna.journal").touch()
    monkeypatch.setitem(sys.modules, package, None)
    for name in ("run_provider", "study_board"):
        monkeypatch.delitem(sys.modules, f"dcgan.dashboards.{name}", raising=False)
    told = _error(["small", *kind], capsys, 1)
    assert f"{package.replace('_', '-')} is not installed: pip install -e '.[dashboard]'" in told


def test_a_queue_that_is_gone_is_not_made_by_looking(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("optuna_dashboard")
    _planned()
    assert "optuna.journal is gone" in _error(["small", "--optuna"], capsys, 1)
    assert not Path("studies/small/optuna.journal").exists()
