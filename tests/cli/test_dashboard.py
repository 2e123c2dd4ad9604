"""`dcgan dashboard` as it is typed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.postgres import free_port


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["journal", "postgresql", "grpc"])
def test_the_dashboard_opens_each_storage(small: str, kind: str, request: pytest.FixtureRequest) -> None:
    pytest.importorskip("optuna_dashboard")
    from dcgan import queue
    from dcgan.queue import storage
    from dcgan.study import plan, stored_plans
    from dcgan.sweeps import sweep

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
    words = [sys.executable, "-m", "dcgan", "dashboard", "small", "--port", str(port), "--json"]
    environment = {**os.environ, **({"DCGAN_STORAGE": url} if url else {})}
    server = subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr is not None
        assert "(Ctrl-C ends it)" in server.stderr.readline()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/studies", timeout=30) as answer:
            assert [study["study_name"] for study in json.load(answer)["study_summaries"]] == ["small"]
        assert b"127.0.0.1" not in Path(f"/proc/{server.pid}/cmdline").read_bytes()
        server.send_signal(signal.SIGINT)
        assert json.loads(server.communicate(timeout=30)[0])["storage"] in (
            url,
            "studies/small/optuna.journal",
            "postgresql://dcgan@" + (url or "").rpartition("@")[2],
        )
    finally:
        server.kill()
        server.wait()
    assert server.returncode == 0
