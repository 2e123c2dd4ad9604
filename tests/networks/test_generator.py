"""Generators of every kind: images in range, and the same through ONNX."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from dcgan.experiment.sections.architectures import ARCHITECTURE_KINDS

Build = Callable[..., Any]


@pytest.mark.parametrize(("channels", "size"), [(1, 16), (3, 32)])
def test_images_are_between_minus_one_and_one(build: Build, kind: dict[str, str], channels: int, size: int) -> None:
    changes = {"data.channels": channels, "data.size": size}
    images = build("generator", **kind, changes=changes)(torch.randn(5, 7))
    assert images.shape == (5, channels, size, size)
    assert images.abs().max() <= 1
    assert len(images[:, 0].flatten(1).mean(1).unique()) == 5  # each its own


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ARCHITECTURE_KINDS)
@pytest.mark.parametrize("normalisation", ["batch", "group", "spectral"])
def test_generators_go_to_onnx(build: Build, tmp_path: Path, architecture: str, normalisation: str) -> None:
    runtime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    generator = build("generator", architecture=architecture, normalisation=normalisation).eval()
    path = tmp_path / "generator.onnx"
    torch.onnx.export(
        generator,
        (torch.zeros(2, 7),),
        path,
        input_names=["noise"],
        dynamic_shapes=({0: torch.export.Dim("batch")},),
        verbose=False,
    )
    noise = torch.randn(5, 7)
    images = runtime.InferenceSession(path).run(None, {"noise": noise.numpy()})[0]
    assert np.abs(images - generator(noise).detach().numpy()).max() < 1e-5
