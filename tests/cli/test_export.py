"""`dcgan export` as it is typed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from dcgan.cli import main


def test_export_gives_the_same_images(run: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from safetensors.torch import load_file

    from dcgan.runs.samples import load_generator

    assert main(["export", run["id"], "--out", str(tmp_path / "g.safetensors")]) == 0
    _, generator = load_generator(run["id"])
    exported = load_file(tmp_path / "g.safetensors")
    assert all(torch.equal(tensor, exported[name]) for name, tensor in generator.state_dict().items())
    runtime = pytest.importorskip("onnxruntime")
    assert main(["export", run["id"], "--format", "onnx", "--out", str(tmp_path / "g.onnx")]) == 0
    noise = torch.randn(3, 8)
    (images,) = runtime.InferenceSession(str(tmp_path / "g.onnx")).run(None, {"noise": noise.numpy()})
    with torch.no_grad():
        torch.testing.assert_close(torch.from_numpy(images), generator(noise), atol=1e-5, rtol=1e-4)
