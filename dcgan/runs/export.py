"""A run's generator in formats that other programs read."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import torch

from dcgan.common.errors import DcganError, Misuse
from dcgan.common.files import write_atomically
from dcgan.runs.directory import RunDirectory
from dcgan.runs.samples import load_generator, read_weights


def to_safetensors(run: str, path: Path) -> None:
    """Copies the run's weights; `experiment.yaml` in the run's folder says which network they are for."""
    _, generator = load_generator(run)  # refuses a run without whole weights
    content = read_weights(RunDirectory.find(run), generator)
    write_atomically(path, lambda file: file.write(content))


def to_onnx(run: str, path: Path) -> None:
    """Writes an ONNX model: noise (N, dim) to images (N, channels, size, size) in [-1, 1], N free.

    Raises Misuse if the packages for it are not installed.
    """
    experiment, generator = load_generator(run)
    example = (torch.zeros(2, experiment.latent.dim),)
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / "generator.onnx"
        try:
            torch.onnx.export(
                generator,
                example,
                draft,
                input_names=["noise"],
                output_names=["images"],
                dynamic_shapes=({0: torch.export.Dim("batch")},),
                external_data=False,
                verbose=False,
            )
        except ImportError as error:
            raise Misuse("ONNX export needs more packages: pip install -e '.[onnx]' in the clone") from error
        except torch.onnx.OnnxExporterError as error:
            raise DcganError(f"ONNX export of run {run} failed: {error}".splitlines()[0]) from error
        content = draft.read_bytes()
    write_atomically(path, lambda file: file.write(content))


EXPORTS: dict[str, Callable[[str, Path], None]] = {"safetensors": to_safetensors, "onnx": to_onnx}
