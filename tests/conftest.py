"""What all tests share: folders of their own, a number of threads, and an experiment small enough to train in a blink."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
import torch
import yaml

from dcgan.common.messages import say_once
from dcgan.experiment import Experiment, parse
from dcgan.runs.run import scorer_for
from tests.postgres import postgres
from tests.tiny import CURVED

__all__ = ["postgres"]

# One, so that the tests can run beside each other; `make test-processors` asks for two as well.
THREADS = int(os.environ.get("DCGAN_TEST_THREADS", "1"))
torch.set_num_threads(THREADS)

# How long an example may take is a matter of the machine and of who else is at work on it.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests come first, whole programs before all: processes that share the files end together."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (item.path not in slow, "system" not in item.path.parts))


@pytest.fixture(autouse=True)
def _own_threads() -> None:
    """Each test starts with that number: a trial within another one may have set its own for the whole process."""
    torch.set_num_threads(THREADS)


@pytest.fixture(autouse=True)
def _own_notes() -> None:
    """What is said once a process is said once a test."""
    say_once.cache_clear()


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's folders, and none talks to W&B."""
    monkeypatch.setenv("DCGAN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("WANDB_MODE", "disabled")
    # W&B's process of an earlier test: a program that a test starts would use it, and find its runs there.
    monkeypatch.delenv("WANDB_SERVICE", raising=False)
    monkeypatch.delenv("DCGAN_DATA", raising=False)


@pytest.fixture
def at_once() -> Iterator[None]:
    """A test that waits, for somebody to write into a pipe, fails after ten seconds instead of never ending."""

    def late(*_: object) -> None:
        pytest.fail("it waits")  # no Exception: what is tested may catch those

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(10)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def no_home(_own_folders: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user without a home folder and without an entry in the list of users, as in many containers."""

    def unknown(_: object) -> None:
        raise KeyError("uid not found")

    for name in ("HOME", "XDG_CACHE_HOME", "TORCH_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", unknown)
    scorer_for.cache_clear()  # what an earlier test of this process found in its folders


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for all tests that ask for it, and for all processes that run them: its classifiers are trained once."""
    base = tmp_path_factory.getbasetemp()
    path = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shared-cache"
    path.mkdir(exist_ok=True)
    return path


@pytest.fixture
def shared_extractor(shared_cache: Path, _own_folders: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets a test use the shared cache, and with it the extractors that are there."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(shared_cache))


def tiny_experiment() -> Experiment:
    """Digits at 16 x 16 with narrow networks: 200 images in batches of 20, one score at the end."""
    return parse(
        {
            "name": "tiny",
            "data": {"name": "digits", "size": 16},
            "latent": {"dim": 8},
            "generator": {"width": 8},
            "discriminator": {"width": 8},
            "update": {"batch": 20},
            "budget": {"epochs": 4, "images_per_epoch": 50},
            "score": {"extractor": "none"},
            "tracking": {"tick_images": 60, "grid": 4},
            "compute": {"threads": THREADS, "device": "cpu"},
        },
        "tiny",
    )


@pytest.fixture
def tiny() -> Experiment:
    """See `tiny_experiment`."""
    return tiny_experiment()


WriteSweep = Callable[..., str]


@pytest.fixture
def write_sweep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WriteSweep:
    """Writes a sweep over the tiny experiment and gives its path; keyword arguments are its keys. It starts from the
    network without any tip, or where one is left out, with all."""
    monkeypatch.setenv("DCGAN_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DCGAN_STORAGE", raising=False)
    experiment = tmp_path / "tiny.yaml"
    experiment.write_text(yaml.safe_dump(CURVED))

    def write(name: str = "small", **keys: object) -> str:
        start = "all" if keys.get("design") == "leave-one-out" else "bare"
        usual = {"experiment": str(experiment), "start": start, "factors": ["batch_norm", "he_init"], "seeds": 2}
        content = {**usual, **keys}
        path = tmp_path / f"{name}.yaml"
        path.write_text(yaml.safe_dump(content))
        return str(path)

    return write
