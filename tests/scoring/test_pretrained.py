"""Published weights: found, downloaded, checked and hashed; damage and other networks refused."""

import hashlib
import os
import threading
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch
from torch_fidelity.registry import FEATURE_EXTRACTORS_REGISTRY

from dcgan.common.errors import DcganError
from dcgan.data import Dataset
from dcgan.scoring.classifier import weights_digest
from dcgan.scoring.dinov2 import SHAPES, DinoV2, Shape
from dcgan.scoring.extractors import extractor
from dcgan.scoring.pretrained import PUBLISHED, fetch, weights_file
from tests.scoring.conftest import take_for_published

NOWHERE = "http://127.0.0.1:9/"  # the discard port: nobody answers


def _from(url: str, sha256: str | None, monkeypatch: pytest.MonkeyPatch, kind: str = "inception") -> None:
    """Lets a network's weights be downloaded from there, and that be their digest."""
    monkeypatch.setitem(PUBLISHED, kind, replace(PUBLISHED[kind], url=url, sha256=sha256, file=""))


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_missing_weights_without_a_network_say_where_to_put_them(
    checkpoints: Path, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
):
    _from(f"{NOWHERE}weights-12345678.pth", 64 * "0", monkeypatch)
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
        _from(f"http://127.0.0.1:{server.server_port}/{random_weights.name}", _sha256(random_weights), monkeypatch)
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
    _from((tmp_path / "weights-12345678.pth").as_uri(), 64 * "0", monkeypatch)
    with pytest.raises(DcganError, match="invalid hash value"):
        extractor("inception", dataset)
    assert not list(checkpoints.glob("*"))


@pytest.mark.parametrize("kind", ["inception", "vgg16", "clip-vit-b-32", "dinov2-vit-s-14"])
def test_a_file_that_is_not_the_published_one_is_refused_unopened(
    tmp_path: Path, checkpoints: Path, dataset: Dataset, kind: str
):
    class Trap:
        def __reduce__(self):
            return Path.touch, (tmp_path / "sprung",)

    checkpoints.mkdir(parents=True)
    torch.save(Trap(), weights_file(kind))
    with pytest.raises(DcganError, match=r"is not the published file: .* delete it to download it again$") as caught:
        extractor(kind, dataset)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "sprung").exists()


def test_a_pipe_in_the_place_of_weights_is_not_waited_for(checkpoints: Path, dataset: Dataset):
    checkpoints.mkdir(parents=True)
    os.mkfifo(weights_file("inception"))
    with pytest.raises(DcganError, match="cannot read .*: not a regular file"):
        extractor("inception", dataset)


@pytest.mark.parametrize("content", [{"fc.weight": torch.zeros(3)}, torch.zeros(3), [1, 2], {}])
@pytest.mark.parametrize("kind", ["inception", "dinov2-vit-s-14"])
def test_weights_of_something_else_are_refused(
    checkpoints: Path, dataset: Dataset, content: object, kind: str, monkeypatch: pytest.MonkeyPatch
):
    checkpoints.mkdir(parents=True)
    torch.save(content, weights_file(kind))
    take_for_published(kind, monkeypatch)
    with pytest.raises(DcganError, match=f"not torch-fidelity's {kind}") as caught:
        extractor(kind, dataset)
    assert "\n" not in str(caught.value)


def test_weights_that_are_a_program_are_not_run(
    tmp_path: Path, checkpoints: Path, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
):
    class Trap:
        def __reduce__(self):
            return Path.touch, (tmp_path / "sprung",)

    checkpoints.mkdir(parents=True)
    for kind in ("inception", "dinov2-vit-s-14"):
        torch.save(Trap(), weights_file(kind))
        take_for_published(kind, monkeypatch)
        with pytest.raises(DcganError, match="is damaged"):
            extractor(kind, dataset)
    assert not (tmp_path / "sprung").exists()


def _small_dinov2(monkeypatch: pytest.MonkeyPatch) -> DinoV2:
    """A small network in the place of DINOv2's giant one, whose digest nobody publishes."""
    monkeypatch.setitem(SHAPES, "dinov2-vit-g-14", Shape(16, 1, 2, gated=True))
    return DinoV2(SHAPES["dinov2-vit-g-14"])


def test_dinov2_is_read_from_its_published_weights_and_fetches_no_code(
    checkpoints: Path, dataset: Dataset, cache: Path, monkeypatch: pytest.MonkeyPatch, capfd
):
    monkeypatch.setattr(torch.hub, "load", lambda *args, **kwargs: pytest.fail("code is fetched"))
    network = _small_dinov2(monkeypatch)
    served = checkpoints.parent / "served.pth"
    served.parent.mkdir(parents=True)
    torch.save(network.model.state_dict(), served)
    _from(served.as_uri(), None, monkeypatch, "dinov2-vit-g-14")
    found = extractor("dinov2-vit-g-14", dataset)
    assert found.digest == weights_digest(network)
    grey = torch.randint(0, 256, (2, 1, 16, 16), dtype=torch.uint8)
    assert torch.equal(found(grey)[0], network(grey.repeat(1, 3, 1, 1))[0])
    assert "no SHA-256 of it is published" in capfd.readouterr().err

    extractor("dinov2-vit-g-14", dataset)
    assert capfd.readouterr().err == ""
    torch.save(_small_dinov2(monkeypatch).model.state_dict(), checkpoints / "served.pth")
    with pytest.raises(
        DcganError, match=r"first used here: its SHA-256 begins with .* delete its line in .*pinned\.json"
    ):
        extractor("dinov2-vit-g-14", dataset)


def test_every_network_that_torch_fidelity_ships_is_known():
    assert {"inception" if name == "inception-v3-compat" else name for name in FEATURE_EXTRACTORS_REGISTRY} == set(
        PUBLISHED
    )
    assert all(chosen.layers for chosen in PUBLISHED.values())
    digests = {name: chosen.sha256 for name, chosen in PUBLISHED.items()}
    assert [name for name, sha256 in digests.items() if sha256 is None] == ["dinov2-vit-g-14"]
    assert all(len(bytes.fromhex(sha256)) == 32 for sha256 in digests.values() if sha256)
    for name, chosen in PUBLISHED.items():  # as their publishers put it into names and addresses
        if chosen.sha256 and not name.startswith("dinov2"):
            assert chosen.sha256[:8] in chosen.url
