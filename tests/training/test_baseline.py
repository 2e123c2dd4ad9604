"""With every tip off, training is bit for bit what it was before there were any: what later versions add is not there.

The digest is that of version 0.1's commit "A branch that could not be reached and an argument nobody read: gone", which
had the article's eleven toggles and no other setting. Processors differ in the last bits, so the run is made in a
process of its own with the plainest kernels that PyTorch, oneDNN and MKL have.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

BEFORE = {
    "without tips": ([], "e2811c94c2255aaa5071917773b18c38d14fd67e59959866def7da7354bfeae9"),
    "with those that there were": (
        [
            "generator.init=he", "discriminator.init=he", "objective.penalty.kind=wgan_gp", "replay.share=0.5",
            "replay.capacity=100", "pretrain.images=40", "schedule.kind=step", "schedule.every_epochs=1",
            "optimizer.generator.kind=rmsprop", "update.order=simultaneous", "discriminator.slope=0.0",
        ],
        "e20e0d88480ea7b75368e46d535341de8a2b39340d7adf34ca8af3d3ace11cf6",
    ),
}  # fmt: skip
TORCH = "2.14.1"  # whose kernels those bits came from: constraints.txt's
PLAIN = {"ATEN_CPU_CAPABILITY": "default", "ONEDNN_MAX_CPU_ISA": "SSE41", "MKL_CBWR": "COMPATIBLE"}
LOOK = """
import sys
import torch
torch.set_num_threads(1)
from dcgan import data
from dcgan.overrides import nest, parse_words
from dcgan.experiment import parse
from dcgan.training import checkpoint
from dcgan.training.trainer import Trainer
experiment = parse(nest(parse_words(sys.argv[1:])), "test")
trainer = Trainer(experiment, data.load(experiment.data).images["train"])
trainer.prepare(lambda: False)
for _ in range(5):
    trainer.step()
players = trainer.state_dict()["players"]
print(checkpoint.digest([players["generator"], players["discriminator"]]))
"""
WORDS = ["data.name=digits", "data.size=16", "latent.dim=8", "generator.width=8", "discriminator.width=8",
         "update.batch=20", "budget.epochs=4", "budget.images_per_epoch=50"]  # fmt: skip


def _digest(*words: str) -> str:
    environment = {**os.environ, **PLAIN}
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", LOOK, *WORDS, *words],
        env=environment,
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


here = pytest.mark.skipif(torch.__version__.split("+")[0] != TORCH, reason=f"the stored bits are torch {TORCH}'s")


@here
@pytest.mark.parametrize("case", BEFORE)
def test_the_weights_are_those_of_a_build_without_the_new_tips(case: str) -> None:
    words, before = BEFORE[case]
    assert _digest(*words) == before


@here
def test_the_digest_sees_small_differences() -> None:
    assert _digest("optimizer.generator.lr=2.00001e-4") != BEFORE["without tips"][1]


def test_the_bits_are_those_of_the_pinned_torch() -> None:
    """So that they are compared where the pins are followed, and made anew with the pin."""
    pins = (Path(__file__).parents[2] / "constraints.txt").read_text().splitlines()
    assert f"torch=={TORCH}" in pins
