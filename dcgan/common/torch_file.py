"""Files of torch.save, read without running any code and without more memory than they take on the disk.

Such a file is a ZIP archive of one pickle and the tensors' bytes. `weights_only` keeps code out of it. What it lets
through and is refused here: entries that are packed or that overlap, of which a megabyte unpacks to terabytes; tensors
of more elements than the file has bytes; pickles that call anything but what rebuilds a tensor or an ordered dict;
lists within lists, a hundred deep or shared so that they stand for billions of values.
"""

from __future__ import annotations

import pickle
import pickletools
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

import torch
from torch import Tensor

from dcgan.common import regular_files
from dcgan.common.json_text import DEEPEST

DAMAGE = (
    *(OSError, RuntimeError, EOFError, ValueError, KeyError, TypeError, AttributeError, IndexError, AssertionError),
    *(NotImplementedError, pickle.UnpicklingError, zipfile.BadZipFile),
)  # what `read` raises
_MOST_PICKLED = 4 * 2**20  # bytes: names, shapes and plain values of hundreds of networks
_MOST_VALUES = 500_000
_SHARED = 4  # bytes of tensors for one of the file: some may be parts of others
_CALLED = {"torch._utils _rebuild_tensor_v2", "torch._utils _rebuild_parameter", "collections OrderedDict"}


def read(path: Path) -> Any:
    """The plain values and tensors in a file, on the CPU. Raises one of `DAMAGE` for anything else, and OSError for
    what is no regular file."""
    with regular_files.opened(path) as file:
        _check(file)
        file.seek(0)
        state = torch.load(file, map_location="cpu", weights_only=True)
        _check_values(state, file.seek(0, 2))
    return state


def _check(file: BinaryIO) -> None:
    """Raises ValueError for an archive that takes more than its own size, or that does more than to hold tensors."""
    size = file.seek(0, 2)
    with zipfile.ZipFile(file) as archive:
        entries = archive.infolist()
        if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
            raise ValueError("its parts are packed, which torch.save does not do")
        if sum(entry.file_size for entry in entries) > size:
            raise ValueError("its parts are larger than the file")
        pickles = [entry for entry in entries if entry.filename.endswith("/data.pkl")]
        if len(pickles) != 1 or pickles[0].file_size > _MOST_PICKLED:
            raise ValueError("it has no list of what is in it, or one of many megabytes")
        content = archive.read(pickles[0])
    for operation, argument, _ in pickletools.genops(content):
        if operation.name == "GLOBAL" and argument not in _CALLED and not _is_plain(str(argument)):
            raise ValueError(f"it calls {argument}")


def _is_plain(name: str) -> bool:
    """Whether it is a kind of storage or a kind of number, neither of which is called."""
    module, _, what = name.partition(" ")
    if module != "torch":
        return False
    storage = what.endswith("Storage") and what not in {"TypedStorage", "UntypedStorage"}
    return storage or isinstance(getattr(torch, what, None), torch.dtype)


def _check_values(state: Any, size: int) -> None:
    """Raises ValueError for values that are nested deeply, that are too many, each counted wherever it stands, or for
    tensors that are larger than the file."""
    level, values, elements = [state], 1, 0
    for _ in range(DEEPEST):
        below: list[Any] = []
        for whole in level:
            if isinstance(whole, Tensor):
                elements += whole.numel() * whole.element_size()
            elif isinstance(whole, dict | list | tuple | set | frozenset):
                below.extend(whole.values() if isinstance(whole, dict) else whole)
                if values + len(below) > _MOST_VALUES:
                    raise ValueError("it has more values than any checkpoint")
        values += len(below)
        if elements > _SHARED * size:
            raise ValueError("its tensors are larger than the file")
        level = below
        if not level:
            return
    raise ValueError("it is nested too deeply")
