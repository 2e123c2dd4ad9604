"""Earlier generated images among the new ones: their share, and that it goes on where it was."""

from __future__ import annotations

import torch

from dcgan.common.rng import stream
from dcgan.data import normalise, to_uint8
from dcgan.training.replay_buffer import ReplayBuffer


def test_replay_mixes_its_share_of_earlier_images() -> None:
    replay = ReplayBuffer(share=0.5, capacity=12, shape=(1, 2, 2), generator=stream(0, "replay"))
    batches = [normalise(torch.full((8, 1, 2, 2), value, dtype=torch.uint8)) for value in range(10)]
    seen_late = set()
    for number, fake in enumerate(batches):
        mixed = to_uint8(replay.mix(fake))
        assert mixed.shape == fake.shape
        assert (mixed[4:] == number).all()  # the current half is untouched
        assert number == 0 or (mixed[:4] < number).all()  # the history is of earlier ones
        if number > 5:
            seen_late |= set(mixed[:4].flatten().tolist())
    assert min(seen_late) < 5  # it remembers longer than a batch


def test_replay_goes_on_where_it_was() -> None:
    first, second = (
        ReplayBuffer(share=0.5, capacity=6, shape=(1, 2, 2), generator=stream(0, "replay")) for _ in range(2)
    )
    fakes = torch.rand(9, 4, 1, 2, 2, generator=stream(0, "test")) * 2 - 1
    for fake in fakes[:5]:
        first.mix(fake)
    second.load_state_dict({**first.state_dict(), "images": first.state_dict()["images"].clone()})
    for fake in fakes[5:]:
        assert torch.equal(first.mix(fake), second.mix(fake))
