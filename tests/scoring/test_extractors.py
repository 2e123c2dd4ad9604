"""Inception's weights are not on this machine: random ones of the same shape stand for them."""

import hashlib
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch
from torch_fidelity.registry import FEATURE_EXTRACTORS_REGISTRY

from dcgan.data import Dataset
from dcgan.errors import DcganError
from dcgan.scoring import extractors
from dcgan.scoring.extractors import extractor


@pytest.fixture(scope="session")
def random_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A served folder's file of Inception weights, named by its hash as torch.hub wants it."""
    from torchvision.models import inception_v3

    torch.manual_seed(0)
    state = inception_v3(weights=None, num_classes=1008, aux_logits=False, init_weights=False).state_dict()
    path = tmp_path_factory.mktemp("weights") / "weights.pth"
    torch.save(state, path)
    return path.rename(path.with_name(f"weights-{hashlib.sha256(path.read_bytes()).hexdigest()[:8]}.pth"))


@pytest.fixture
def checkpoints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    return tmp_path / "torch" / "hub" / "checkpoints"


def test_missing_weights_without_a_network_say_where_to_put_them(
    checkpoints: Path, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(extractors, "URL_INCEPTION_V3", "http://127.0.0.1:9/weights-12345678.pth")
    with pytest.raises(DcganError) as caught:
        extractor("inception", dataset)
    message = str(caught.value)
    assert str(checkpoints / "weights-12345678.pth") in message
    assert "score.extractor=classifier" in message
    assert "\n" not in message


def test_weights_are_downloaded_checked_and_hashed(
    random_weights: Path, checkpoints: Path, dataset: Dataset, monkeypatch: pytest.MonkeyPatch, capfd
):
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=random_weights.parent)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/{random_weights.name}"
        monkeypatch.setattr(extractors, "URL_INCEPTION_V3", address)
        found = extractor("inception", dataset)
        server.shutdown()
    assert found.digest == hashlib.sha256(random_weights.read_bytes()).hexdigest()[:16]
    assert found.name in FEATURE_EXTRACTORS_REGISTRY
    assert capfd.readouterr() == ("", "")

    network = FEATURE_EXTRACTORS_REGISTRY[found.name](found.name, ["2048"], **found.options)
    grey = torch.randint(0, 256, (2, 1, 16, 16), dtype=torch.uint8)
    (as_grey,), (as_colour,) = network(grey), network(grey.expand(-1, 3, -1, -1))
    assert as_grey.shape == (2, 2048)
    assert torch.equal(as_grey, as_colour)


@pytest.mark.parametrize("content", [b"cut short", b""])
def test_damaged_weights_are_named(checkpoints: Path, dataset: Dataset, content: bytes):
    checkpoints.mkdir(parents=True)
    path = checkpoints / Path(extractors.URL_INCEPTION_V3).name
    path.write_bytes(content)
    with pytest.raises(DcganError, match="inception-.*pth is damaged .*delete it"):
        extractor("inception", dataset)


def test_weights_of_something_else_are_refused(checkpoints: Path, dataset: Dataset):
    checkpoints.mkdir(parents=True)
    torch.save({"fc.weight": torch.zeros(3)}, checkpoints / Path(extractors.URL_INCEPTION_V3).name)
    with pytest.raises(DcganError, match="not torch-fidelity's Inception"):
        extractor("inception", dataset)


def test_the_registered_name_holds_the_hash_of_the_weights(cache: Path, dataset: Dataset):
    found = extractor("classifier", dataset)
    assert found.name == f"classifier-{found.digest}"
    assert extractor("classifier", dataset).name == found.name
