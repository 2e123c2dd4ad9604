"""The data sets that torchvision downloads, as raw uint8 tensors.

What is already in the data folder is read where it lies, also from a read-only folder and from archives that
were never unpacked. The rest is downloaded aside, checked by torchvision's checksums, and moved into place.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import socket
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dcgan.common import paths, regular_files
from dcgan.common.errors import DcganError
from dcgan.common.files import cannot, locked

_MOST_BYTES = 64 * 2**20  # of a file: 60,000 images of 28 x 28 are 47 million
_TIMEOUT = 30.0  # seconds without an answer before a download is given up
_IDX = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
_CLOTHES = ("top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")
_DAMAGE = (OSError, EOFError, ValueError, zlib.error)


@dataclass(frozen=True)
class Raw:
    """A data set as published: uint8 images (n, C, H, H) and int64 labels (n)."""

    train: Tensor
    train_labels: Tensor
    test: Tensor
    test_labels: Tensor
    classes: tuple[str, ...]


def is_here(name: str) -> bool:
    """Whether the data set of that name is in the data folder, so that reading it downloads nothing."""
    if name == "cifar10":
        from torchvision.datasets import CIFAR10

        unpacked: Path = paths.data() / CIFAR10.base_folder
        archive: Path = paths.data() / CIFAR10.filename
        return unpacked.is_dir() or archive.is_file()
    return _has_idx(paths.data() / {"mnist": "MNIST", "fashion-mnist": "FashionMNIST"}[name] / "raw")


def mnist() -> Raw:
    """MNIST: 60,000 + 10,000 handwritten digits, 28 x 28, grey."""
    return _idx("mnist", "MNIST", tuple("0123456789"))


def fashion_mnist() -> Raw:
    """Fashion-MNIST: 60,000 + 10,000 pieces of clothing, 28 x 28, grey."""
    return _idx("fashion-mnist", "FashionMNIST", _CLOTHES)


def cifar10() -> Raw:
    """CIFAR-10: 50,000 + 10,000 photographs of ten classes, 32 x 32, colour."""
    from torchvision.datasets import CIFAR10
    from torchvision.datasets.utils import check_integrity, extract_archive

    root = paths.data()
    batches = root / CIFAR10.base_folder
    if batches.is_dir():
        return _cifar(CIFAR10, root)
    archive = root / CIFAR10.filename
    if archive.is_file():
        if not check_integrity(archive, CIFAR10.tgz_md5):
            raise DcganError(f"{archive} is damaged: delete it to download it again")
        with tempfile.TemporaryDirectory() as aside:  # not in the data folder, which may be read-only
            extract_archive(str(archive), aside)
            return _cifar(CIFAR10, Path(aside))
    _download("cifar10", CIFAR10, CIFAR10.base_folder, batches.is_dir)
    return _cifar(CIFAR10, root)


def _cifar(kind: Any, root: Path) -> Raw:
    try:
        train, test = kind(root, train=True), kind(root, train=False)
    except RuntimeError as error:
        raise DcganError(f"{root / kind.base_folder} is damaged: delete it to download it again ({error})") from error
    images = [torch.from_numpy(part.data).permute(0, 3, 1, 2).contiguous() for part in (train, test)]
    labels = [torch.tensor(part.targets) for part in (train, test)]
    return Raw(images[0], labels[0], images[1], labels[1], tuple(train.classes))


def _idx(name: str, kind: str, classes: tuple[str, ...]) -> Raw:
    """A data set in MNIST's files, downloaded by torchvision's class `kind` if one of them is missing."""
    raw = paths.data() / kind / "raw"
    if not _has_idx(raw):
        from torchvision import datasets  # only here: it takes seconds to import

        _download(name, getattr(datasets, kind), f"{kind}/raw", lambda: _has_idx(raw))
    train, train_labels, test, test_labels = (_read_idx(raw, file) for file in _IDX)
    if len(train) != len(train_labels) or len(test) != len(test_labels):
        raise DcganError(f"{raw} is damaged: images and labels differ in number; delete it to download it again")
    return Raw(train.unsqueeze(1), train_labels.long(), test.unsqueeze(1), test_labels.long(), classes)


def _has_idx(raw: Path) -> bool:
    return all(_file(raw, file) for file in _IDX)


def _file(raw: Path, name: str) -> Path | None:
    present = [path for path in (raw / name, raw / f"{name}.gz") if path.is_file()]
    return present[0] if present else None


def _read_idx(raw: Path, name: str) -> Tensor:
    """An IDX file, packed or not: 0, 0, 8 (bytes), the number of dimensions, big-endian sizes, the bytes."""
    path = _file(raw, name)
    if path is None:
        raise DcganError(f"{raw / name} is missing")
    try:
        content = _unpacked(path) if path.suffix == ".gz" else regular_files.read(path, _MOST_BYTES)
        dimensions = 3 if "images" in name else 1
        if content[:4] != bytes([0, 0, 8, dimensions]):
            raise ValueError("not an IDX file of bytes")
        start = 4 + 4 * dimensions
        shape = np.frombuffer(content[4:start], dtype=">u4").tolist()
        return torch.from_numpy(np.frombuffer(content, dtype=np.uint8, offset=start).reshape(shape).copy())
    except PermissionError as error:
        raise cannot("read", path, error) from error
    except _DAMAGE as error:
        raise DcganError(f"{path} is damaged ({error}): delete it to download it again") from error


def _unpacked(path: Path) -> bytes:
    """The content of a packed file. Raises ValueError for one that has more than any of these data sets."""
    with regular_files.opened(path) as packed, gzip.GzipFile(fileobj=packed) as file:
        content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise ValueError("it unpacks to more than any file of the data set")
    return content


def _download(name: str, kind: Any, folder: str, there: Callable[[], bool]) -> None:
    """Downloads aside by torchvision's class `kind`, then moves the files to `paths.data() / folder`."""
    root = paths.data()
    with _not_there(name, root / folder), locked(paths.cache() / "download.lock", wait=True):
        if there():  # another process was quicker
            return
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=root, prefix=".download-") as aside:
            kind(aside, download=True)
            (root / folder).mkdir(parents=True, exist_ok=True)
            for path in (Path(aside) / folder).iterdir():
                path.replace(root / folder / path.name)


@contextlib.contextmanager
def _not_there(name: str, place: Path) -> Iterator[None]:
    """Turns what a failed download raises into one line; shows no progress where stderr is no terminal."""
    quiet = contextlib.nullcontext() if sys.stderr.isatty() else contextlib.redirect_stderr(io.StringIO())
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(_TIMEOUT)
    try:
        with quiet:
            yield
    except (OSError, RuntimeError, HTTPException, EOFError, DcganError) as error:
        reason = " ".join(str(error).split())[-200:]
        raise DcganError(
            f"data set '{name}' is not in {place} and cannot be downloaded ({reason}): "
            "connect to the network, or set DCGAN_DATA to a folder that has it"
        ) from error
    finally:
        socket.setdefaulttimeout(before)
