"""Published weights: found, downloaded, checked and hashed; damage and other networks refused."""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch

from dcgan.common.errors import DcganError
from dcgan.data import Dataset
from dcgan.scoring import pretrained
from dcgan.scoring.extractors import extractor
from dcgan.scoring.pretrained import PUBLISHED, Published, fetch, weights_file


def _from(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets Inception's weights be downloaded from there."""
    usual = PUBLISHED["inception"]
    elsewhere = Published(usual.registered, usual.layers, usual.batch, url)
    monkeypatch.setitem(pretrained.PUBLISHED, "inception", elsewhere)


def test_missing_weights_without_a_network_say_where_to_put_them(
    checkpoints: Path, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
):
    _from("http://127.0.0.1:9/weights-12345678.pth", monkeypatch)
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

    torch.manual_seed(3)
    before = torch.get_rng_state()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=random_weights.parent)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        _from(f"http://127.0.0.1:{server.server_port}/{random_weights.name}", monkeypatch)
        assert fetch("inception") == checkpoints / random_weights.name
        server.shutdown()
    found = extractor("inception", dataset)
    assert (checkpoints / random_weights.name).read_bytes() == random_weights.read_bytes()
    assert found.name == f"inception-{found.digest}"
    assert torch.equal(torch.get_rng_state(), before)
    assert capfd.readouterr() == ("", "")

    grey = torch.randint(0, 256, (2, 1, 16, 16), dtype=torch.uint8)
    as_grey, as_colour = found(grey), found(grey.expand(-1, 3, -1, -1))
    assert as_grey[found.roles["features"]].shape == (2, 2048)
    assert as_grey[found.roles["logits"]].shape == (2, 1008)
    assert all(torch.equal(one, other) for one, other in zip(as_grey, as_colour, strict=True))


def test_a_download_with_another_hash_is_refused(
    tmp_path: Path, checkpoints: Path, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "weights-12345678.pth").write_bytes(b"not what the name says")
    _from((tmp_path / "weights-12345678.pth").as_uri(), monkeypatch)
    with pytest.raises(DcganError, match="invalid hash value"):
        extractor("inception", dataset)
    assert not list(checkpoints.glob("*"))


@pytest.mark.parametrize("content", [b"cut short", b"", b"PK\x03\x04 an archive, perhaps", b"\x80\x02}q\x00."])
def test_damaged_weights_are_named(checkpoints: Path, dataset: Dataset, content: bytes):
    checkpoints.mkdir(parents=True)
    weights_file("inception").write_bytes(content)
    with pytest.raises(DcganError, match="inception-.*pth is damaged .*delete it") as caught:
        extractor("inception", dataset)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [{"fc.weight": torch.zeros(3)}, torch.zeros(3), [1, 2], {}])
def test_weights_of_something_else_are_refused(checkpoints: Path, dataset: Dataset, content: object):
    checkpoints.mkdir(parents=True)
    torch.save(content, weights_file("inception"))
    with pytest.raises(DcganError, match="not torch-fidelity's inception") as caught:
        extractor("inception", dataset)
    assert "\n" not in str(caught.value)


def test_weights_that_are_a_program_are_not_run(tmp_path: Path, checkpoints: Path, dataset: Dataset):
    class Trap:
        def __reduce__(self):
            return Path.touch, (tmp_path / "sprung",)

    checkpoints.mkdir(parents=True)
    torch.save(Trap(), weights_file("inception"))
    with pytest.raises(DcganError, match="is damaged"):
        extractor("inception", dataset)
    assert not (tmp_path / "sprung").exists()


def test_every_network_that_torch_fidelity_ships_is_known():
    assert {"inception", "vgg16", "dinov2-vit-b-14", "clip-vit-b-32"} <= set(PUBLISHED)
    assert all(chosen.layers for chosen in PUBLISHED.values())
