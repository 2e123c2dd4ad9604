"""From images to features: batch by batch, once for all scores, without a trace on the random state."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Iterator

import torch
from torch import Tensor

from dcgan.common.errors import DcganError
from dcgan.common.tracked_items import tracked
from dcgan.scoring.extractors import Extractor

Features = dict[str, Tensor]  # by role: `features`, `unit_features`, `logits`; each (n, d), on the CPU


def extract(
    batches: Iterable[Tensor],
    count: int,
    extractor: Extractor,
    device: torch.device,
    what: str,
    *,
    roles: Collection[str] | None = None,
) -> Features:
    """The features of `count` uint8 images that come in batches (n, C, H, W) of any size; of all roles, or of these.

    They are cut anew into the extractor's own batches, so that a score does not depend on how they came. Nothing but
    the features is held, and a layer of two roles once. Raises DcganError for features that are not finite, and for
    fewer images than `count`.
    """
    wanted = {role: layer for role, layer in extractor.roles.items() if roles is None or role in roles}
    kept_layers: dict[int, Tensor] = {}
    done = 0
    steps = -(-count // extractor.batch)
    with _alone(device), torch.no_grad():
        for batch in tracked(_rebatched(batches, extractor.batch), steps, what):
            if done + len(batch) > count:
                raise DcganError(f"{what}: more images came than the {count} that were promised")
            layers = extractor(batch.to(device))
            for layer in set(wanted.values()):
                values = layers[layer]
                if layer not in kept_layers:
                    kept_layers[layer] = torch.empty((count, values.shape[1]), dtype=values.dtype)
                kept_layers[layer][done : done + len(batch)] = values.cpu()
            done += len(batch)
    if done != count:
        raise DcganError(f"{what}: {count} images were promised and {done} came")
    for role, layer in wanted.items():
        if not torch.isfinite(kept_layers[layer]).all():
            raise DcganError(f"the {extractor.kind} extractor gave {role} that are not finite: it cannot score these")
    return {role: kept_layers[layer] for role, layer in wanted.items()}


def _rebatched(batches: Iterable[Tensor], size: int) -> Iterator[Tensor]:
    """The same images in batches of `size`, the last one of what is left."""
    held: list[Tensor] = []
    waiting = 0
    for batch in batches:
        rest = batch
        while waiting + len(rest) >= size:
            taken = size - waiting
            yield torch.cat([*held, rest[:taken]])
            held, waiting, rest = [], 0, rest[taken:]
        if len(rest):
            held.append(rest)
            waiting += len(rest)
    if held:
        yield torch.cat(held)


@contextlib.contextmanager
def _alone(device: torch.device) -> Iterator[None]:
    """Full precision whatever the caller's settings, on `device`, with torch's random states restored after."""
    devices = [device] if device.type == "cuda" else []
    with contextlib.ExitStack() as stack:
        stack.enter_context(torch.random.fork_rng(devices=devices))
        stack.enter_context(torch.autocast(device.type, enabled=False))
        if device.type == "cuda":
            stack.enter_context(torch.cuda.device(device))
            stack.enter_context(torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False))
        yield
