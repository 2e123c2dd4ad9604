"""Is everything there that the program can use? Each check that fails comes with the fix."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import optuna
import torch

from dcgan.common import paths
from dcgan.common.errors import DcganError
from dcgan.common.files import write_text
from dcgan.experiment.sections import Compute
from dcgan.queue.storage import open_storage
from dcgan.runs.environment import choose_device, describe
from dcgan.scoring.pretrained import weights_file
from dcgan.tracking import wandb_settings

_LIBRARIES = ("torch", "torchvision", "torch-fidelity", "optuna", "wandb", "pandas", "pydantic")
_OPTIONAL = {
    "ray": "ray",
    "submitit": "slurm",
    "psycopg": "postgres",
    "tensorboard": "dashboard",
    "optuna_dashboard": "dashboard",
    "onnx": "onnx",
}


@dataclass(frozen=True)
class Check:
    """One thing looked at: whether it is there, in what state, and what to do if it is not."""

    what: str
    ok: bool
    state: str
    fix: str = ""
    needed: bool = False

    def to_json(self) -> dict[str, str | bool]:
        """Under the names that scripts rely on."""
        return {"what": self.what, "ok": self.ok, "found": self.state, "mend": self.fix, "needed": self.needed}


def examine(storage: str | None = None) -> list[Check]:
    """All checks, the needed ones first. Touches no network but that of a `storage` URL, if one is given."""
    looks: list[tuple[str, Callable[[], Check]]] = [
        ("device", _device),
        ("precision", _precision),
        *((name, partial(_library, name)) for name in _LIBRARIES),
        ("folder DCGAN_HOME", lambda: _writable(paths.home(), "DCGAN_HOME")),
        ("folder XDG_CACHE_HOME", lambda: _writable(paths.cache(), "XDG_CACHE_HOME")),
        *((f"data set {name}", partial(_data, name, folder)) for name, folder in _DATA.items()),
        ("extractor inception", _inception),
        ("W&B", _wandb),
        *([("storage", partial(_storage, storage))] if storage else []),
        *((f"optional {module}", partial(_extra, module, extra)) for module, extra in _OPTIONAL.items()),
    ]
    return [_survived(what, look) for what, look in looks]


def _survived(what: str, look: Callable[[], Check]) -> Check:
    """What was found, whatever happens: one thing that is broken hides none of the others."""
    needed = what.startswith(("device", "folder"))
    try:
        return look()
    except DcganError as error:  # which says what mends it
        state, _, fix = str(error).partition(": ")
        return Check(what, False, state, fix or "see docs/troubleshooting.md", needed=needed)
    except Exception as error:
        why = " ".join(str(error).split())[:240]
        return Check(what, False, f"{type(error).__name__}: {why}", "see docs/troubleshooting.md", needed=needed)


_DATA = {"mnist": "MNIST/raw", "fashion-mnist": "FashionMNIST/raw", "cifar10": "cifar-10-batches-py"}


def _device() -> Check:
    device = choose_device("auto")
    here = describe(device, Compute())
    name = str(here["device"])
    if device.type == "cpu":
        name = f"CPU, {name}, {here['instructions']}, {here['threads']} threads"
    return Check("device", True, name, needed=True)


def _precision() -> Check:
    """Times a matrix product in both precisions: that bf16 is supported does not say that it is faster."""
    device = choose_device("auto")
    speed = {dtype: _products_per_second(dtype, device) for dtype in (torch.float32, torch.bfloat16)}
    ratio = speed[torch.bfloat16] / speed[torch.float32]
    advice = "compute.precision=bf16 is worth trying" if ratio > 1.5 else "stay with compute.precision=fp32"
    return Check("precision", True, f"bf16 matrix products run at {ratio:.1f} x the speed of fp32: {advice}")


def _products_per_second(dtype: torch.dtype, device: torch.device) -> float:
    matrix = torch.ones(1024, 1024, device=device).to(dtype)
    (matrix @ matrix).sum().item()  # warm-up
    began = time.perf_counter()
    for _ in range(5):
        product = matrix @ matrix
    product.sum().item()
    return 5 / (time.perf_counter() - began)


def _storage(url: str) -> Check:
    try:
        studies = len(optuna.get_all_study_names(open_storage(paths.studies(), url)))
    except Exception as error:  # any driver's, of any database
        why = " ".join(str(error).split())[:240]
        return Check("storage", False, f"not reachable ({type(error).__name__}: {why})", "check --storage", needed=True)
    return Check("storage", True, f"reachable, {studies} studies", needed=True)


def _library(name: str) -> Check:
    try:
        return Check(name, True, importlib.metadata.version(name), needed=True)
    except importlib.metadata.PackageNotFoundError:
        return Check(name, False, "not installed", f"pip install {name}", needed=True)


def _writable(folder: Path, variable: str) -> Check:
    probe = folder / ".dcgan-doctor"
    try:
        write_text(probe, "")
        probe.unlink()
    except (DcganError, OSError) as error:
        return Check(f"folder {folder}", False, str(error), f"choose another with {variable}", needed=True)
    free = shutil.disk_usage(folder).free / 2**30
    return Check(f"folder {folder}", True, f"writable, {free:.0f} GiB free", needed=True)


def _data(name: str, folder: str) -> Check:
    path = paths.data() / folder
    if path.is_dir() and any(path.iterdir()):
        return Check(f"data set {name}", True, str(path))
    return Check(f"data set {name}", False, f"not in {paths.data()}", "downloaded at first use, or set DCGAN_DATA")


def _inception() -> Check:
    path = weights_file("inception")
    if path.is_file():
        return Check("extractor inception", True, str(path))
    if path.parts[0] == "~":
        return Check("extractor inception", False, "this user has no home folder", "set TORCH_HOME, or set HOME")
    return Check("extractor inception", False, f"not at {path}", "dcgan doctor --fetch inception, or put it there")


def _wandb() -> Check:
    """Whether runs are shown in W&B, or why not."""
    try:
        mode = wandb_settings.check()
    except DcganError as error:
        return Check("W&B", False, str(error), "see docs/wandb.md")
    if mode == "disabled":
        return Check("W&B", False, "not logged in, or turned off: runs are not sent", "wandb login, or wandb offline")
    return Check("W&B", True, {"online": "runs are sent", "offline": "offline: runs are written below wandb/"}[mode])


def _extra(module: str, extra: str) -> Check:
    if importlib.util.find_spec(module):
        return Check(f"optional {module}", True, "installed")
    return Check(f"optional {module}", False, "not installed", f"pip install -e '.[{extra}]' in the clone")
