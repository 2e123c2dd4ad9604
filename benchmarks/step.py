"""The training step beside the article's own loop, in one run on this machine.

    python benchmarks/step.py [--size 64] [--batch 100] [--rounds 5] [--steps 3] [--threads N] [--device auto]

Each round times the article's step, ours in fp32 and ours in bf16 one after the other, so that a drift of the
machine's speed meets all three; the ratio is taken within a round and its median is quoted. Both get their images from
memory: the article's DataLoader is left out, in the article's favour. Ours includes its indexing and normalisation.
On a GPU all of them take kernels that repeat their bits, as trials do, and ours is timed without them too.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn

from dcgan.experiment import Experiment
from dcgan.networks import build_discriminator, build_generator
from dcgan.runs.environment import choose_device, describe, repeatable
from dcgan.training.trainer import Trainer


def article_step(experiment: Experiment, images: Tensor) -> Callable[[], None]:
    """The loop body of the article's listing: one `zero_grad` per iteration, no detach, losses in eps-log form."""
    device, batch, epsilon = images.device, experiment.update.batch, 1e-8
    generator = build_generator(experiment).to(device)
    discriminator = nn.Sequential(build_discriminator(experiment), nn.Sigmoid()).to(device)
    optimizer_g = torch.optim.RMSprop(generator.parameters(), lr=2e-4)
    optimizer_d = torch.optim.Adam(discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999))
    real = images[:batch].float() / 127.5 - 1

    def step() -> None:
        optimizer_g.zero_grad()
        optimizer_d.zero_grad()
        fake = generator(torch.randn(batch, experiment.latent.dim, 1, 1, device=device, requires_grad=True))
        log_real = torch.log(discriminator(real) + epsilon)
        log_fake = torch.log(1 - discriminator(fake) + epsilon)
        loss_d = -(log_real.mean() + log_fake.mean()) / batch
        loss_d.backward()
        optimizer_d.step()
        again = generator(torch.randn(batch, experiment.latent.dim, 1, 1, device=device, requires_grad=True))
        loss_g = -torch.log(discriminator(again) + epsilon).mean() / batch
        loss_g.backward()
        optimizer_g.step()
        loss_d.item(), loss_g.item()  # as the listing does for its running losses

    return step


def freely(step: Callable[[], None], device: torch.device) -> Callable[[], None]:
    """The same step with whatever kernels are fastest, still in its own precision."""

    def free() -> None:
        torch.set_deterministic_debug_mode("default")
        torch.backends.cudnn.deterministic = False
        step()
        repeatable(device)

    return free


def seconds(step: Callable[[], None], steps: int, device: torch.device) -> float:
    """Wall seconds of so many steps."""
    _wait(device)
    began = time.perf_counter()
    for _ in range(steps):
        step()
    _wait(device)
    return time.perf_counter() - began


def matrix_speed(dtype: torch.dtype, device: torch.device) -> float:
    """GFLOP/s of a 2048 x 2048 matrix product: whether the machine has units for that type at all."""
    matrix = torch.randn(2048, 2048, device=device).to(dtype)
    seconds(lambda: matrix @ matrix, 2, device)
    return 5 * 2 * 2048**3 / seconds(lambda: matrix @ matrix, 5, device) / 1e9


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def main() -> None:
    """Prints a line per contender and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--device", default="auto")
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    device = choose_device(args.device)
    repeatable(device)
    optimizer = {"optimizer.generator.kind": "rmsprop"}
    article = Experiment().with_({"data.size": args.size, "update.batch": args.batch, **optimizer})
    shape = (args.batch * 4, *article.data.shape)
    images = torch.randint(0, 256, shape, dtype=torch.uint8, generator=torch.Generator().manual_seed(0)).to(device)
    contenders = {"the article's loop, fp32": article_step(article, images)}
    for precision in ("fp32", "bf16"):
        contenders[f"this trainer, {precision}"] = Trainer(article.with_({"compute.precision": precision}), images).step
    if device.type == "cuda":
        contenders |= {f"{name}, any kernel": freely(contenders[name], device) for name in list(contenders)[1:]}
    for step in contenders.values():
        seconds(step, 2, device)  # warm-up
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(args.rounds):
        for name, step in contenders.items():
            times[name].append(seconds(step, args.steps, device))
    where = describe(device, article.compute)
    print(f"{where['device']}, {where['threads']} threads, torch {where['torch']}")
    speeds = [matrix_speed(dtype, device) for dtype in (torch.float32, torch.bfloat16)]
    print(f"matrix product: fp32 {speeds[0]:,.0f} GFLOP/s, bf16 {speeds[1]:,.0f} GFLOP/s")
    print(f"{args.size} x {args.size}, batch {args.batch}, {args.rounds} rounds of {args.steps} steps")
    base = times["the article's loop, fp32"]
    for name, taken in times.items():
        speed = args.steps * args.batch / statistics.median(taken)
        ratio = statistics.median(first / mine for first, mine in zip(base, taken, strict=True))
        print(f"{name:32} {speed:8.0f} images/s   {ratio:5.2f} x")


if __name__ == "__main__":
    main()
