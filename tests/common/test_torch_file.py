"""Files of torch.save from strangers: no code, no more memory than they take on the disk, no endless walk."""

import io
import os
import pickle
import resource
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from dcgan.common import torch_file
from dcgan.common.hashing import digest

Write = Callable[[Path], None]


def _repacked(path: Path, compression: int, *, content: bytes | None = None) -> None:
    """A file of one large tensor with its parts packed, or with another list of what is in it."""
    buffer = io.BytesIO()
    torch.save({"x": torch.zeros(4_000_000 if compression else 4)}, buffer)
    with zipfile.ZipFile(buffer) as before, zipfile.ZipFile(path, "w", compression) as after:
        for entry in before.infolist():
            own = before.read(entry)
            after.writestr(entry.filename, content if content and entry.filename.endswith("data.pkl") else own)


def _deflated(path: Path) -> None:
    _repacked(path, zipfile.ZIP_DEFLATED)


def _saved(value: Any) -> Write:
    return lambda path: torch.save(value, path)


def _shared() -> list[Any]:
    value: list[Any] = ["x"]
    for _ in range(40):
        value = [value, value]
    return value


def _nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


def _calls(name: str, argument: bytes) -> Write:
    """A list of what is in the file that calls something with a number."""
    module, what = name.split()
    content = b"\x80\x02c" + f"{module}\n{what}\n".encode() + argument + b"\x85R."
    return lambda path: _repacked(path, zipfile.ZIP_STORED, content=content)


def _stored_elsewhere(numbers: int, shape: tuple[int, ...], stride: tuple[int, ...]) -> Write:
    """A tensor of a storage that says that it has so many numbers."""

    class Storage:
        pass

    class Pickler(pickle.Pickler):
        def persistent_id(self, value: Any) -> Any:
            return ("storage", torch.FloatStorage, "0", "cpu", numbers) if isinstance(value, Storage) else None

    class Stored:
        def __reduce__(self) -> Any:
            return torch._utils._rebuild_tensor_v2, (Storage(), 0, shape, stride, False, OrderedDict())

    buffer = io.BytesIO()
    Pickler(buffer, 2).dump({"x": Stored()})
    return lambda path: _repacked(path, zipfile.ZIP_STORED, content=buffer.getvalue())


def _endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _overlapping(path: Path) -> None:
    """Twenty names for the same bytes in the archive."""
    torch.save({"x": torch.zeros(200_000)}, path)
    with zipfile.ZipFile(path, "a") as archive:
        large = max(archive.infolist(), key=lambda entry: entry.file_size)
        for number in range(20):
            other = zipfile.ZipInfo(f"archive/data/{number + 1}")
            for name in ("header_offset", "file_size", "compress_size", "CRC"):
                setattr(other, name, getattr(large, name))
            archive.filelist.append(other)
        archive.comment = b"written anew"


@pytest.mark.parametrize(
    "write",
    [
        *(_deflated, _overlapping, _endless, os.mkfifo),
        *map(_saved, (_shared(), _nested(101), _nested(300), [[0] * 1000] * 1000, torch.zeros(1).expand(10**12))),
        _calls("builtins bytearray", b"\x8a\x06" + (10**12).to_bytes(6, "little")),
        _calls("torch Tensor", b"\x8a\x06" + (10**11).to_bytes(6, "little")),
        _stored_elsewhere(10**11, (10**11,), (1,)),
        _stored_elsewhere(4, (10**11,), (1,)),
        _stored_elsewhere(4, (10**6, 10**6), (0, 0)),
        lambda path: path.write_bytes(pickle.dumps({"x": 1})),
        lambda path: torch.save({"x": 1}, path, _use_new_zipfile_serialization=False),
        lambda path: torch.jit.save(torch.jit.script(torch.nn.Linear(1, 1)), path),
    ],
)
def test_a_file_that_wants_more_than_it_has_is_refused(tmp_path: Path, write: Write) -> None:
    write(tmp_path / "x.pt")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(torch_file.DAMAGE):
        torch_file.read(tmp_path / "x.pt")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60 * 1024  # KiB


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    one = torch.arange(12.0).view(3, 4)
    state = {
        "a": [one, one.t(), one[1:]],
        "b": OrderedDict(c=torch.ones(2, dtype=torch.bfloat16), d=torch.nn.Parameter(torch.ones(1))),
        "e": (1, 2.5, None, True, "text", 2**70, float("nan")),
        "f": {3: torch.zeros(0), "g": torch.tensor(5), "h": torch.ones(3, dtype=torch.uint8)},
    }
    torch.save(state, tmp_path / "x.pt")
    assert digest(torch_file.read(tmp_path / "x.pt")) == digest(state)
