"""`dcgan status` and its like look without writing: on what is mounted read-only, as another user, on a full disk."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dcgan.cli import main
from dcgan.common import paths
from dcgan.common.files import locked
from dcgan.runs.directory import LOCK
from dcgan.study import plan as planning
from dcgan.study import stored_plans
from dcgan.sweeps import sweep
from tests.disk import fill, small_disk
from tests.study.recorded import write_run

LOOKS = (["status"], ["status", "small", "--json"], ["runs"], ["tips", "ema"])
NOBODY = 65534


@pytest.fixture
def begun(small: str) -> Path:
    """The home of a study with a finished run, one that is trained, and one that was killed."""
    plan = planning.make(sweep.load(small))
    stored_plans.write(plan)
    write_run(plan.trials[0], status="finished", scores={"fid": 40.0})
    for trial in plan.trials[1:3]:
        (write_run(trial, status="running", images=100).path / LOCK).touch()
    return paths.home()


def snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(path): (path.stat().st_mtime_ns, path.stat().st_ino) for path in [folder, *folder.rglob("*")]}


def seen(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What every look shows, while the second run is trained."""
    shown = []
    [running] = [path for path in paths.runs().iterdir() if path.name == _second()]
    with locked(running / LOCK, wait=False) as mine:
        assert mine
        before = snapshot(paths.home())
        for words in LOOKS:
            assert main(words) == 0
            shown.append(capsys.readouterr().out)
        assert snapshot(paths.home()) == before
    return shown


def _second() -> str:
    return stored_plans.load("small").trials[1].run


def test_looking_writes_nothing(begun: Path, capsys: pytest.CaptureFixture[str]) -> None:
    overview, _, runs, _ = seen(capsys)
    assert "running at 100 images" in runs
    assert "interrupted at 100 images" in runs
    assert "100 images, fid" in overview  # of the one that is trained


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """The folder mounted over itself, read-only; skips where nothing may be mounted."""
    done = subprocess.run(["mount", "--bind", folder, folder], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"nothing can be mounted ({done.stderr.strip()}): needs root")
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def test_what_is_mounted_read_only_is_looked_at(begun: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with locked(paths.runs() / _second() / LOCK, wait=False):
        usual = [main(words) or capsys.readouterr().out for words in LOOKS]
        with read_only(begun.absolute()):
            with pytest.raises(OSError, match="Read-only"):
                (begun.absolute() / "probe").touch()
            assert [main(words) or capsys.readouterr().out for words in LOOKS] == usual


def test_a_full_disk_is_looked_at(
    begun: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    usual = seen(capsys)
    with small_disk(tmp_path / "disk", 2) as disk:
        shutil.copytree(begun / "runs", disk / "runs")
        shutil.copytree(begun / "studies", disk / "studies")
        monkeypatch.setenv("DCGAN_HOME", str(disk))
        fill(disk / "filler")
        again = seen(capsys)
    assert again[0] == usual[0]
    assert again[2].replace(str(disk), "") == usual[2]


def as_nobody(look: Callable[[], object]) -> str:
    """What it prints as another user, in a child: all that it imports was imported here."""
    read, write = os.pipe()
    if (child := os.fork()) == 0:
        code = 1
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            with contextlib.redirect_stdout(io.StringIO()) as shown:
                code = int(bool(look()))
            os.write(write, shown.getvalue().encode())
        finally:
            os._exit(code)
    os.close(write)
    with os.fdopen(read, encoding="utf-8") as file:
        shown_there = file.read()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    return shown_there


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_looks(begun: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        for part in ("runs", "studies"):
            shutil.copytree(begun / part, Path(folder, part))
        monkeypatch.setenv("DCGAN_HOME", folder)
        with locked(paths.runs() / _second() / LOCK, wait=False):
            for words in LOOKS:
                assert main(words) == 0
                assert as_nobody(lambda words=words: main(words)) == capsys.readouterr().out


@pytest.mark.usefixtures("at_once")
def test_a_pipe_in_the_place_of_a_lock_is_not_waited_for(begun: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lock = begun / "runs" / _second() / LOCK
    assert main(["status", "small", "--json"]) == 0
    before = capsys.readouterr().out
    lock.unlink()
    os.mkfifo(lock)
    assert main(["status", "small", "--json"]) == 0
    assert capsys.readouterr().out == before
    assert main(["runs"]) == 0
