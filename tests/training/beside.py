"""The trainer beside a second build of its training, step by step: how far the two get from each other.

Both are given float64, where two ways of computing one thing differ by rounding alone, 1e-14 after twenty steps
on any processor and with any number of threads, and two different things by far more. So the comparison needs no bits
that some processor once computed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import Tensor, nn

from dcgan.training.trainer import Trainer

# Relative, to a loss's own size or a tensor's Euclidean norm: far above the rounding and far below the smallest change
# that the tests make on purpose.
TOLERANCE = 1e-9


def worst(
    trainer: Trainer,
    step: Callable[[], tuple[float, float]],
    networks: Sequence[tuple[nn.Module, nn.Module]],
    steps: int,
) -> dict[str, float]:
    """The largest relative distance of the two in any step: of a loss, of a weight tensor, of a running statistic.

    `step` makes the other build's next step and tells its losses, (D's, G's); `networks` are its own two, each with
    the trainer's.
    """
    found = {"loss": 0.0, "weight": 0.0, "statistic": 0.0}
    for _ in range(steps):
        losses = step()
        trainer.step()
        row = trainer.read()
        for mine, theirs in zip(losses, (row["loss_d"], row["loss_g"]), strict=True):
            found["loss"] = max(found["loss"], abs(theirs - mine) / abs(mine))
        for mine, theirs in networks:
            for kind, of in (("weight", nn.Module.parameters), ("statistic", nn.Module.buffers)):
                distances = [_distance(*pair) for pair in zip(of(mine), of(theirs), strict=True)]
                found[kind] = max(found[kind], *distances)
    return found


def _distance(mine: Tensor, theirs: Tensor) -> float:
    return ((theirs - mine).double().norm() / mine.double().norm()).item()
