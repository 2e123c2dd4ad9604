"""The published networks that torch-fidelity ships, with their weights: found, downloaded, checked and hashed."""

from __future__ import annotations

import hashlib
import pickle
import sys
from collections.abc import Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

import torch
from torch import Tensor, nn
from torch_fidelity.feature_extractor_clip import MODEL_METADATA as CLIP
from torch_fidelity.feature_extractor_clip import MODEL_URLS as CLIP_URLS
from torch_fidelity.feature_extractor_inceptionv3 import URL_INCEPTION_V3
from torch_fidelity.registry import FEATURE_EXTRACTORS_REGISTRY

from dcgan.common import regular_files
from dcgan.common.errors import DcganError, Misuse, did_you_mean
from dcgan.common.files import cannot
from dcgan.common.paths import without_home
from dcgan.scoring import pinned
from dcgan.scoring.classifier import weights_digest
from dcgan.scoring.dinov2 import SHAPES, DinoV2

_URL_VGG16 = "https://download.pytorch.org/models/vgg16-397923af.pth"
_URL_DINOV2 = "https://dl.fbaipublicfiles.com/dinov2/{name}/{name}_pretrain.pth"
_DAMAGE = (OSError, RuntimeError, pickle.UnpicklingError, EOFError, KeyError, TypeError, AttributeError)


@dataclass(frozen=True)
class Published:
    """A network whose weights are at `url`, kept in a `file` whose SHA-256 is `sha256`.

    `registered` is torch-fidelity's name, `layers` its features and, where there are any, its logits. Without a
    `sha256`, which nobody publishes, the first file that is seen decides.
    """

    registered: str
    layers: tuple[str, ...]
    batch: int
    url: str
    sha256: str | None
    file: str = ""  # by default as the URL ends

    @property
    def name(self) -> str:
        """What its file is called."""
        return self.file or Path(self.url).name


def _clip(name: str) -> Published:
    """Of OpenAI's, whose addresses hold their SHA-256."""
    sha256 = CLIP[name]["hash"]
    return Published(name, ("clip",), 64, CLIP_URLS[name], sha256, f"{name}-{sha256}.pt")


def _dinov2(name: str, size: str, sha256: str | None) -> Published:
    return Published(name, ("dinov2",), 64, _URL_DINOV2.format(name=f"dinov2_vit{size}14"), sha256)


PUBLISHED: dict[str, Published] = {
    "inception": Published(
        "inception-v3-compat",
        ("2048", "logits_unbiased"),
        64,
        URL_INCEPTION_V3,
        "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2",
    ),
    "vgg16": Published(
        "vgg16", ("fc2_relu",), 64, _URL_VGG16, "397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0"
    ),
    **{name: _clip(name) for name in CLIP},
    # Their publisher gives no digests; those that are here are of the files that everybody else has had.
    "dinov2-vit-s-14": _dinov2(
        "dinov2-vit-s-14", "s", "b938bf1bc15cd2ec0feacfe3a1bb553fe8ea9ca46a7e1d8d00217f29aef60cd9"
    ),
    "dinov2-vit-b-14": _dinov2(
        "dinov2-vit-b-14", "b", "0b8b82f85de91b424aded121c7e1dcc2b7bc6d0adeea651bf73a13307fad8c73"
    ),
    "dinov2-vit-l-14": _dinov2(
        "dinov2-vit-l-14", "l", "d5383ea8f4877b2472eb973e0fd72d557c7da5d3611bd527ceeb1d7162cbf428"
    ),
    "dinov2-vit-g-14": _dinov2("dinov2-vit-g-14", "g", None),
}


class _Colour(nn.Module):
    """A network for colour images, which sees a grey one as three equal channels."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        layers: tuple[Tensor, ...] = self.network(images.repeat(1, 3, 1, 1) if images.shape[1] == 1 else images)
        return layers


def published(kind: str) -> tuple[nn.Module, str, Mapping[str, int], int]:
    """A published network, the hash of its weights, the layer of each role, and its batch.

    KID is taken on the plain features, as torch-fidelity does. Raises DcganError for weights that are neither there
    nor to be had, damaged, or another network's, and Misuse where there is no folder for them.
    """
    chosen = PUBLISHED[kind]
    if torch.hub.get_dir().startswith("~"):
        raise without_home("TORCH_HOME", f"the folder of networks' weights, which score.extractor={kind} needs")
    path = weights_file(kind)
    if not path.exists():
        _download(kind, chosen, path)
    _check(path, chosen)
    try:
        network = _build(kind, chosen, path)
    except _DAMAGE as error:
        raise DcganError(
            f"{path} is damaged or not torch-fidelity's {kind}: delete it to download it again ({_line(error)})"
        ) from error
    roles = {"features": 0, "unit_features": 0} | ({"logits": 1} if len(chosen.layers) > 1 else {})
    return _Colour(network), weights_digest(network), roles, chosen.batch


def fetch(kind: str) -> Path:
    """Where a published network's weights are, downloaded if they are not there yet, and loaded once as a check.

    Raises Misuse for a name that is none, and DcganError as `published`.
    """
    if kind not in PUBLISHED:
        raise Misuse(f"--fetch {kind}: no published network" + did_you_mean(kind, PUBLISHED))
    published(kind)
    return weights_file(kind)


def weights_file(kind: str) -> Path:
    """Where a network's weights are, or would be downloaded to: in `TORCH_HOME`'s hub/checkpoints."""
    return Path(torch.hub.get_dir()) / "checkpoints" / PUBLISHED[kind].name


def _check(path: Path, chosen: Published) -> None:
    """Refuses (DcganError) a file that is not the published one, before anything in it is read."""
    try:
        with regular_files.opened(path) as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise cannot("read", path, error) from error
    expected = chosen.sha256 or pinned.digest(chosen.url, found, path)
    if found != expected:
        digests = f"its SHA-256 begins with {found[:16]}, not {expected[:16]}"
        if chosen.sha256 is None:
            raise DcganError(
                f"{path} is not the file that was first used here: {digests}. Delete it to download it again; where "
                f"its publisher has changed it, and you trust that, delete its line in {pinned.file()}"
            )
        raise DcganError(f"{path} is not the published file: {digests}: delete it to download it again")


def _build(kind: str, chosen: Published, path: Path) -> nn.Module:
    """The network with its weights, in silence and without a trace on the random state.

    torch-fidelity's own loading of them would run code that is in the file; of CLIP's, which are TorchScript and known
    by their digest, nothing but the weights is used.
    """
    with torch.random.fork_rng(devices=[]), redirect_stdout(sys.stderr):
        network: nn.Module
        if kind in SHAPES:
            network = DinoV2(SHAPES[kind])
            network.model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
        else:
            if kind not in CLIP:
                torch.load(path, map_location="cpu", weights_only=True)
            network = FEATURE_EXTRACTORS_REGISTRY[chosen.registered](
                chosen.registered, list(chosen.layers), verbose=False, feature_extractor_weights_path=path
            )
    return network.eval().requires_grad_(False)


def _download(kind: str, chosen: Published, path: Path) -> None:
    """Fetches weights, checked by their SHA-256 before they have their name."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.hub.download_url_to_file(chosen.url, str(path), hash_prefix=chosen.sha256, progress=sys.stderr.isatty())
    except (OSError, RuntimeError, HTTPException) as error:
        raise DcganError(
            f"score.extractor={kind}: its weights are not at {path} and cannot be downloaded ({_line(error)}): "
            f"put {chosen.url} there, or use score.extractor=classifier"
        ) from error


def _line(error: Exception) -> str:
    """The first sentence of what went wrong."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 120 else text[:120].rpartition(" ")[0] + " ..."
