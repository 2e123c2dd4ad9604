"""A working directory in which the real `wandb sweep` and `wandb agent` run a study against the tests' own server."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from tests.tiny import CURVED
from tests.wandb_server import USER, Run, WandbServer

_SECONDS = 900.0  # for whatever is waited for: programs start slowly on a busy machine
# `wandb agent`, as it is but for one number: it looks every five seconds whether its program has ended, and for the next.
_AGENT = """
from wandb.cli.cli import cli
from wandb.wandb_agent import Agent
Agent.POLL_INTERVAL = 0.2
cli(prog_name="wandb")
"""
_WATCHED = {key: value for key, value in CURVED.items() if key != "tracking"}


class Place:
    """A working directory with a study in it, a W&B server, and the programs that run there."""

    def __init__(self, folder: Path, server: WandbServer, cache: Path) -> None:
        self.folder = folder
        self.server = server
        bin_ = folder / "bin"
        bin_.mkdir()
        program = bin_ / "dcgan"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m dcgan "$@"\n')
        program.chmod(0o755)
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("WANDB_", "DCGAN_"))}
        self.env = {
            **inherited,
            **server.env(),
            "PATH": f"{bin_}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(Path(__file__).parents[1]),
            "XDG_CACHE_HOME": str(cache),
            "OMP_NUM_THREADS": "1",
            "WANDB_AGENT_KILL_DELAY": "600",  # a busy machine needs more than 30 seconds to end a run
            "WANDB_AGENT_MAX_INITIAL_FAILURES": "1",  # a program that fails ends its agent: here none is to fail
            "WANDB_X_FILE_STREAM_TRANSMIT_INTERVAL": "1",  # seconds until a row is sent, otherwise 15
        }
        self._running: list[subprocess.Popen[str]] = []

    def write(self, name: str, experiment: dict[str, Any] | None = None, **keys: Any) -> None:
        """A sweep file of that name over an experiment that is small unless told."""
        (self.folder / "tiny.yaml").write_text(yaml.safe_dump({**_WATCHED, **(experiment or {})}))
        (self.folder / f"{name}.yaml").write_text(yaml.safe_dump({"experiment": "tiny.yaml", "start": "bare", **keys}))

    def dcgan(self, *words: str, code: int = 0) -> str:
        """What `dcgan` said on both streams."""
        return self._run([sys.executable, "-m", "dcgan", *words], code)

    def sweep(self, file: str) -> str:
        """Begins a sweep by `wandb sweep`; returns ENTITY/PROJECT/ID."""
        said = self._run([sys.executable, "-m", "wandb", "sweep", file], 0)
        assert "violations" not in said
        [path] = [line.split("wandb agent ")[1].strip() for line in said.splitlines() if "wandb agent" in line]
        return path if path.count("/") == 2 else f"{USER}/{path}"

    def agent(self, path: str) -> subprocess.Popen[str]:
        """A `wandb agent`."""
        return self._start("-c", _AGENT, "agent", path)

    def start(self, *words: str) -> subprocess.Popen[str]:
        """A `dcgan` in a session of its own."""
        return self._start("-m", "dcgan", *words)

    def _start(self, *words: str) -> subprocess.Popen[str]:
        log = (self.folder / f"agent-{len(self._running)}.log").open("w", encoding="utf-8")
        with log:
            process = subprocess.Popen(
                [sys.executable, *words],
                cwd=self.folder, env=self.env, stdout=log, stderr=subprocess.STDOUT, text=True, start_new_session=True,
            )  # fmt: skip
        self._running.append(process)
        return process

    def wait(self, *programs: subprocess.Popen[str]) -> None:
        """Until those programs have ended by themselves, without a failure."""
        for program in programs:
            assert program.wait(timeout=_SECONDS) == 0, self.logs()

    def logs(self) -> str:
        """What the agents and their programs wrote."""
        return "\n".join(path.read_text() for path in sorted(self.folder.glob("agent-*.log")))

    def children(self, agent: subprocess.Popen[str]) -> list[int]:
        """The programs that an agent runs now."""
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                words = stat.read_text().rpartition(")")[2].split()
                command = (stat.parent / "cmdline").read_bytes()
            except OSError:
                continue
            if int(words[1]) == agent.pid and b"--trial" in command:
                found.append(int(stat.parent.name))
        return found

    def kill(self, agent: subprocess.Popen[str]) -> None:
        """Kills an agent with its programs at once."""
        children = self.children(agent)
        agent.kill()
        agent.wait()
        for child in children:
            os.kill(child, signal.SIGKILL)

    def close(self) -> None:
        for agent in self._running:
            if agent.poll() is None:
                self.kill(agent)

    def training(self, agent: subprocess.Popen[str]) -> bool:
        """Whether a program of that agent has a trial, and every run that goes on has been trained a while."""
        claimed = any(list(self.folder.glob(f"studies/*/workers/*-{child}-*.lock")) for child in self.children(agent))
        going_on = self.going_on()
        return claimed and bool(going_on) and all(_lines(folder / "metrics.csv") > 3 for folder in going_on)

    def going_on(self) -> list[Path]:
        """The runs that are being trained."""
        records = self.folder.glob("runs/*/run.json")
        return [path.parent for path in records if json.loads(path.read_text())["status"] == "running"]

    def rows(self, study: str) -> list[dict[str, str]]:
        """The table of a study."""
        with (self.folder / "studies" / study / "trials.csv").open(newline="") as file:
            return list(csv.DictReader(file))

    def attempts(self) -> list[int]:
        """How often each run was begun."""
        return [json.loads(path.read_text())["attempts"] for path in self.folder.glob("runs/*/run.json")]

    def runs(self, path: str) -> list[Run]:
        """The runs of a sweep in W&B."""
        entity, project, sweep = path.split("/")
        return [run for run in self.server.runs[f"{entity}/{project}"].values() if run.sweep == sweep]

    def _run(self, words: list[str], code: int) -> str:
        done = subprocess.run(
            words, cwd=self.folder, env=self.env, timeout=_SECONDS, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        assert done.returncode == code, done.stdout
        return done.stdout


def _lines(file: Path) -> int:
    return len(file.read_text().splitlines()) if file.exists() else 0


def until(look: Callable[[], Any], told: Callable[[], str]) -> Any:
    """What it finds, as soon as that is something."""
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.02)
    raise AssertionError(told())
