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
from typing import Any

import torch
from torch import Tensor, nn
from torch_fidelity.feature_extractor_inceptionv3 import URL_INCEPTION_V3
from torch_fidelity.registry import FEATURE_EXTRACTORS_REGISTRY

from dcgan.common.errors import DcganError, Misuse, did_you_mean
from dcgan.common.messages import note
from dcgan.common.paths import without_home
from dcgan.scoring.classifier import weights_digest

_URL_VGG16 = "https://download.pytorch.org/models/vgg16-397923af.pth"
_DAMAGE = (OSError, RuntimeError, pickle.UnpicklingError, EOFError, KeyError, TypeError, AttributeError)


@dataclass(frozen=True)
class Published:
    """`registered` is torch-fidelity's name, `layers` its features and, where there are any, its logits.

    `url` is where the weights come from; None: torch-fidelity finds and fetches them itself, under `TORCH_HOME`.
    """

    registered: str
    layers: tuple[str, ...]
    batch: int
    url: str | None = None


PUBLISHED: dict[str, Published] = {
    "inception": Published("inception-v3-compat", ("2048", "logits_unbiased"), 64, URL_INCEPTION_V3),
    "vgg16": Published("vgg16", ("fc2_relu",), 64, _URL_VGG16),
    **{
        name: Published(name, (name.split("-", maxsplit=1)[0],), 64)
        for name in FEATURE_EXTRACTORS_REGISTRY
        if name.startswith(("clip-", "dinov2-"))
    },
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
    network = _from_file(kind, chosen) if chosen.url else _from_hub(kind, chosen)
    roles = {"features": 0, "unit_features": 0} | ({"logits": 1} if len(chosen.layers) > 1 else {})
    return _Colour(network), weights_digest(network), roles, chosen.batch


def fetch(kind: str) -> Path:
    """Where a published network's weights are, downloaded if they are not there yet, and loaded once as a check.

    Raises Misuse for a name that is none, and DcganError as `published`.
    """
    if kind not in PUBLISHED:
        raise Misuse(f"--fetch {kind}: no published network" + did_you_mean(kind, PUBLISHED))
    published(kind)
    return weights_file(kind) if PUBLISHED[kind].url else Path(torch.hub.get_dir())


def weights_file(kind: str) -> Path:
    """Where a network's weights are, or would be downloaded to: in `TORCH_HOME`'s hub/checkpoints."""
    return Path(torch.hub.get_dir()) / "checkpoints" / Path(PUBLISHED[kind].url or "").name


def _from_file(kind: str, chosen: Published) -> nn.Module:
    path = weights_file(kind)
    if not path.is_file():
        _download(kind, chosen.url or "", path)
    try:
        torch.load(path, map_location="cpu", weights_only=True)  # refuses code: torch-fidelity's own loading does not
        network = _build(chosen, feature_extractor_weights_path=path)
        own = hashlib.sha256(path.read_bytes()).hexdigest().startswith(_start(path))
    except _DAMAGE as error:
        raise DcganError(
            f"{path} is damaged or not torch-fidelity's {kind}: delete it to download it again ({_line(error)})"
        ) from error
    if not own:
        note(
            f"{path} is not the published file, whose SHA-256 begins with {_start(path)}: its scores compare "
            "with nobody else's"
        )
    return network


def _from_hub(kind: str, chosen: Published) -> nn.Module:
    try:
        return _build(chosen)
    except (*_DAMAGE, HTTPException) as error:
        raise DcganError(
            f"score.extractor={kind}: its weights are not in {torch.hub.get_dir()} and cannot be downloaded "
            f"({_line(error)}): use score.extractor=classifier, or bring that folder from a machine with a network"
        ) from error


def _build(chosen: Published, **arguments: Any) -> nn.Module:
    """torch-fidelity's module, in silence and without a trace on the random state."""
    with torch.random.fork_rng(devices=[]), redirect_stdout(sys.stderr):
        network: nn.Module = FEATURE_EXTRACTORS_REGISTRY[chosen.registered](
            chosen.registered, list(chosen.layers), verbose=False, **arguments
        )
    return network.eval().requires_grad_(False)


def _download(kind: str, url: str, path: Path) -> None:
    """Fetches weights, checked against the start of their SHA-256 that their name holds."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.hub.download_url_to_file(url, str(path), hash_prefix=_start(path), progress=sys.stderr.isatty())
    except (OSError, RuntimeError, HTTPException) as error:
        raise DcganError(
            f"score.extractor={kind}: its weights are not at {path} and cannot be downloaded ({_line(error)}): "
            f"put {url} there, or use score.extractor=classifier"
        ) from error


def _start(path: Path) -> str:
    """The start of the published file's SHA-256, which its name ends in."""
    return path.stem.rpartition("-")[2]


def _line(error: Exception) -> str:
    """The first sentence of what went wrong."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 120 else text[:120].rpartition(" ")[0] + " ..."
