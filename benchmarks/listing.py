"""How much of G's gradient the listing's leak is.

    python benchmarks/listing.py [--steps 200] [--every 40] [KEY=VALUE ...]

The listing zeroes its gradients once an iteration and does not detach the generated images in D's step, so G steps by
the gradient of its own loss plus that of D's. With p = D(G(z)), an image's logit gets p - 1 from the one and p from the
other: they point against each other, p / (1 - p) is the ratio of their sizes, and what G then minimises is
-log p - log(1 - p), least where D is undecided and not where it is fooled.

Trains `article-listing` on digits with narrow networks in batches of 20 (KEY=VALUE changes all but the leak) and takes
both gradients with respect to all of G's weights out of the steps, before G's optimizer uses their sum. Prints means of
so many steps each: the ratio of their Euclidean norms, the cosine of the angle between them and D(G(z)) in D's step.
"""

from __future__ import annotations

import argparse
import statistics

import torch
from torch import Tensor
from torch.nn.functional import cosine_similarity

from dcgan import data
from dcgan.common.overrides import parse_words
from dcgan.experiment import load
from dcgan.training.trainer import Trainer

SMALL = {"data.name": "digits", "generator.width": 16, "discriminator.width": 16, "update.batch": 20}


class Leak:
    """Watches a trainer's steps: the ratio of the leaked gradient to G's own, and the cosine between them."""

    def __init__(self, trainer: Trainer) -> None:
        self._generator = trainer.players.generator
        self._leaked = torch.zeros(())
        self.ratios: list[float] = []
        self.cosines: list[float] = []
        trainer.players.optimizer_d.register_step_pre_hook(lambda *_: self._before_d())
        trainer.players.optimizer_g.register_step_pre_hook(lambda *_: self._before_g())

    def _gradient(self) -> Tensor:
        return torch.cat([weight.grad.flatten() for weight in self._generator.parameters() if weight.grad is not None])

    def _before_d(self) -> None:
        """All that G has got so far is from D's loss."""
        self._leaked = self._gradient().clone()

    def _before_g(self) -> None:
        own = self._gradient() - self._leaked
        self.ratios.append((self._leaked.norm() / own.norm()).item())
        self.cosines.append(cosine_similarity(self._leaked, own, dim=0).item())


def main() -> None:
    """Prints a line per so many steps."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--every", type=int, default=40)
    parser.add_argument("changes", nargs="*", metavar="KEY=VALUE")
    args = parser.parse_args()
    experiment = load("article-listing", {**SMALL, **parse_words(args.changes), "update.leak": True})
    trainer = Trainer(experiment, data.load(experiment.data).images["train"])
    leak = Leak(trainer)
    print("  steps   |leak| / |own|   cosine   D(G(z))")
    for step in range(args.every, args.steps + 1, args.every):
        for _ in range(args.every):
            trainer.step()
        ratio, cosine = (statistics.mean(all_[-args.every :]) for all_ in (leak.ratios, leak.cosines))
        print(f"{step:7}   {ratio:14.2f}   {cosine:6.2f}   {trainer.read()['d_fake']:7.2f}")


if __name__ == "__main__":
    main()
