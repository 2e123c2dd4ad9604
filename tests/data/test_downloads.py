"""The real download code of torchvision, against a server on this machine and files small enough to make here."""

import gzip
import hashlib
import io
import pickle
import struct
import tarfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import torch
from torchvision import datasets

from dcgan.common.errors import DcganError
from dcgan.data import is_here, load
from dcgan.experiment.sections import Data

NOWHERE = "http://127.0.0.1:9/"  # the discard port: nobody answers


def _idx(array: np.ndarray) -> bytes:
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def _mnist_files() -> dict[str, bytes]:
    """Forty training and ten test images, packed, under MNIST's names."""
    random = np.random.RandomState(0)
    files = {}
    for part, count in (("train", 40), ("t10k", 10)):
        files[f"{part}-images-idx3-ubyte"] = _idx(random.randint(0, 256, (count, 28, 28)).astype(np.uint8))
        files[f"{part}-labels-idx1-ubyte"] = _idx((np.arange(count) % 10).astype(np.uint8))
    return files


@pytest.fixture
def raw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with MNIST's .gz files only."""
    folder = tmp_path / "data" / "MNIST" / "raw"
    folder.mkdir(parents=True)
    for name, content in _mnist_files().items():
        (folder / f"{name}.gz").write_bytes(gzip.compress(content))
    monkeypatch.setenv("DCGAN_DATA", str(tmp_path / "data"))
    return folder


@pytest.fixture
def served(tmp_path: Path):
    """A folder that is served over HTTP, and its address."""
    folder = tmp_path / "served"
    folder.mkdir()

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield folder, f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def _serve_fashion(folder: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    resources = []
    for name, content in _mnist_files().items():
        packed = gzip.compress(content, mtime=0)
        (folder / f"{name}.gz").write_bytes(packed)
        resources.append((f"{name}.gz", hashlib.md5(packed).hexdigest()))  # noqa: S324
    monkeypatch.setattr(datasets.FashionMNIST, "mirrors", [address])
    monkeypatch.setattr(datasets.FashionMNIST, "resources", resources)


def test_mnist_is_read_from_packed_files_and_nothing_is_written(raw: Path):
    before = sorted(path.name for path in raw.iterdir())
    dataset = load(Data(name="mnist", size=32))
    assert {split: len(of) for split, of in dataset.images.items()} == {"train": 36, "validation": 4, "test": 10}
    assert dataset.labels["test"].tolist() == list(range(10))
    assert sorted(path.name for path in raw.iterdir()) == before
    assert not (raw.parents[1] / ".download.lock").exists()


def test_unpacked_files_give_the_same_data(raw: Path):
    packed = load(Data(name="mnist", size=32)).fingerprint
    for name, content in _mnist_files().items():
        (raw / f"{name}.gz").unlink()
        (raw / name).write_bytes(content)
    assert load(Data(name="mnist", size=32)).fingerprint == packed


def test_official_test_images_stay_out_of_training(raw: Path):
    with gzip.open(raw / "t10k-images-idx3-ubyte.gz") as file:
        official = np.frombuffer(file.read(), np.uint8, offset=16)
    dataset = load(Data(name="mnist", size=32))
    from dcgan.data.pixels import resize

    expected = resize(torch.from_numpy(official.copy()).view(10, 1, 28, 28), 32)
    assert torch.equal(dataset.images["test"], expected)


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:200],
        lambda content: gzip.compress(b"not an IDX file"),
        lambda content: gzip.compress(bytes(2**20), 9) * 65,
    ],
)
def test_a_damaged_file_is_named(raw: Path, damage):
    path = raw / "train-images-idx3-ubyte.gz"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DcganError, match="train-images-idx3-ubyte.gz is damaged .*delete it"):
        load(Data(name="mnist", size=32))


def test_labels_that_do_not_fit_are_noticed(raw: Path):
    (raw / "t10k-labels-idx1-ubyte.gz").write_bytes(gzip.compress(_idx(np.zeros(9, np.uint8))))
    with pytest.raises(DcganError, match="differ in number"):
        load(Data(name="mnist", size=32))


def test_no_files_and_no_network_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.setattr(datasets.FashionMNIST, "mirrors", [NOWHERE])
    monkeypatch.setenv("DCGAN_DATA", str(tmp_path / "empty"))
    with pytest.raises(DcganError) as caught:
        load(Data(name="fashion-mnist", size=32))
    message = str(caught.value)
    assert "'fashion-mnist'" in message
    assert str(tmp_path / "empty" / "FashionMNIST" / "raw") in message
    assert "DCGAN_DATA" in message
    assert "\n" not in message
    assert capsys.readouterr().err == ""
    assert not list((tmp_path / "empty").glob(".download-*"))


def test_download(served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    _serve_fashion(served[0], served[1], monkeypatch)
    monkeypatch.setenv("DCGAN_DATA", str(tmp_path / "data"))
    first = load(Data(name="fashion-mnist", size=16))
    assert (len(first.images["test"]), first.classes[9]) == (10, "ankle boot")
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(datasets.FashionMNIST, "mirrors", [NOWHERE])
    assert load(Data(name="fashion-mnist", size=16)).fingerprint == first.fingerprint


def test_a_corrupt_download_is_refused_and_leaves_nothing(served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    _serve_fashion(served[0], served[1], monkeypatch)
    (served[0] / "t10k-images-idx3-ubyte.gz").write_bytes(gzip.compress(b"something else"))
    monkeypatch.setenv("DCGAN_DATA", str(tmp_path / "data"))
    with pytest.raises(DcganError, match="cannot be downloaded"):
        load(Data(name="fashion-mnist", size=16))
    assert not list((tmp_path / "data").rglob("*ubyte*"))


def _pack_cifar(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A CIFAR-10 archive with four images a batch, and torchvision's checksums set to it."""
    random = np.random.RandomState(0)

    def checksum(content: bytes) -> str:
        return hashlib.md5(content).hexdigest()  # noqa: S324

    names = [f"data_batch_{number}" for number in range(1, 6)] + ["test_batch"]
    batches = {
        name: {"data": random.randint(0, 256, (4, 3072)).astype(np.uint8), "labels": [0, 1, 2, 3]} for name in names
    }
    contents = {name: pickle.dumps(value) for name, value in batches.items()}
    contents["batches.meta"] = pickle.dumps({"label_names": [f"class {number}" for number in range(10)]})
    archive = folder / "cifar-10-python.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        for name, content in contents.items():
            entry = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    kind = datasets.CIFAR10
    monkeypatch.setattr(kind, "tgz_md5", checksum(archive.read_bytes()))
    monkeypatch.setattr(kind, "train_list", [[name, checksum(contents[name])] for name in names[:5]])
    monkeypatch.setattr(kind, "test_list", [["test_batch", checksum(contents["test_batch"])]])
    monkeypatch.setattr(kind, "meta", {**kind.meta, "md5": checksum(contents["batches.meta"])})
    return archive


def test_cifar_is_downloaded_then_read(served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    archive = _pack_cifar(served[0], monkeypatch)
    monkeypatch.setattr(datasets.CIFAR10, "url", served[1] + archive.name)
    monkeypatch.setenv("DCGAN_DATA", str(tmp_path / "data"))
    dataset = load(Data(name="cifar10", size=32))
    assert tuple(dataset.images["train"].shape) == (18, 3, 32, 32)
    assert dataset.labels["test"].tolist() == [0, 1, 2, 3]
    monkeypatch.setattr(datasets.CIFAR10, "url", NOWHERE)
    grey = load(Data(name="cifar10", size=16, channels=1))
    assert tuple(grey.images["test"].shape) == (4, 1, 16, 16)


def test_cifar_is_read_from_an_archive_that_was_never_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    archive = _pack_cifar(tmp_path, monkeypatch)
    monkeypatch.setattr(datasets.CIFAR10, "url", NOWHERE)
    monkeypatch.setenv("DCGAN_DATA", str(tmp_path))
    assert len(load(Data(name="cifar10", size=32)).images["test"]) == 4
    assert not (tmp_path / "cifar-10-batches-py").exists()
    archive.write_bytes(archive.read_bytes()[:300])
    with pytest.raises(DcganError, match="tar.gz is damaged"):
        load(Data(name="cifar10", size=32))


def test_cifar_of_another_content_is_not_unpickled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    class Trap:
        def __reduce__(self):
            return Path.touch, (tmp_path / "sprung",)

    archive = _pack_cifar(tmp_path, monkeypatch)
    monkeypatch.setattr(datasets.CIFAR10, "url", NOWHERE)
    monkeypatch.setenv("DCGAN_DATA", str(tmp_path))
    with tarfile.open(archive) as tar:
        tar.extractall(tmp_path, filter="data")
    assert len(load(Data(name="cifar10", size=32)).images["test"]) == 4
    for name in ("data_batch_3", "test_batch", "batches.meta"):
        file = tmp_path / "cifar-10-batches-py" / name
        before = file.read_bytes()
        file.write_bytes(pickle.dumps(Trap()))
        with pytest.raises(DcganError, match="is damaged: delete it to download it again"):
            load(Data(name="cifar10", size=32))
        file.write_bytes(before)
    assert not (tmp_path / "sprung").exists()


def test_cifar_that_cannot_be_had_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(datasets.CIFAR10, "url", NOWHERE)
    monkeypatch.setenv("DCGAN_DATA", str(tmp_path / "data"))
    for _ in range(2):
        with pytest.raises(DcganError, match="'cifar10' is not in"):
            load(Data(name="cifar10", size=32))
    assert list((tmp_path / "data").iterdir()) == []


def test_what_is_here_is_known_without_reading_it(raw: Path):
    assert is_here(Data(name="mnist"))
    assert is_here(Data(name="digits"))
    assert not is_here(Data(name="fashion-mnist"))
    assert not is_here(Data(name="cifar10"))
    next(raw.iterdir()).unlink()
    assert not is_here(Data(name="mnist"))
