"""`dcgan export` as it is typed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import torch

from dcgan.cli import main
from dcgan.common.errors import DcganError


def test_export_gives_the_same_images(run: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from safetensors.torch import load_file

    from dcgan.runs.samples import load_generator

    assert main(["export", run["id"], "--out", str(tmp_path / "g.safetensors")]) == 0
    _, generator = load_generator(run["id"])
    exported = load_file(tmp_path / "g.safetensors")
    assert exported.keys() == generator.state_dict().keys()
    assert all(torch.equal(tensor, exported[name]) for name, tensor in generator.state_dict().items())
    runtime = pytest.importorskip("onnxruntime")
    assert main(["export", run["id"], "--format", "onnx", "--out", str(tmp_path / "g.onnx")]) == 0
    noise = torch.randn(3, 8)
    (images,) = runtime.InferenceSession(str(tmp_path / "g.onnx")).run(None, {"noise": noise.numpy()})
    with torch.no_grad():
        torch.testing.assert_close(torch.from_numpy(images), generator(noise), atol=1e-5, rtol=1e-4)


@pytest.mark.usefixtures("at_once")
def test_a_pipe_for_weights_is_one_line(
    run: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from dcgan.runs.directory import RunDirectory
    from dcgan.runs.samples import load_generator, read_weights

    directory = RunDirectory.find(run["id"])
    _, generator = load_generator(run["id"])
    content = directory.weights.read_bytes()
    try:
        directory.weights.unlink()
        os.mkfifo(directory.weights)
        assert main(["export", run["id"], "--out", str(tmp_path / "g")]) == 1
        assert capsys.readouterr().err == f"error: cannot read {directory.weights}: not a regular file\n"
        with pytest.raises(DcganError, match="generator.safetensors: not a regular file"):
            read_weights(directory, generator)
    finally:
        directory.weights.unlink()
        directory.weights.write_bytes(content)
