"""Workers dealt out over GPUs."""

from __future__ import annotations

import pytest

from dcgan.common.errors import Misuse
from dcgan.workers.launchers.gpus import assign, names

GIB = 2**30


def test_workers_are_spread_evenly_over_the_gpus_that_have_room() -> None:
    assert assign({0: 8 * GIB, 1: 8 * GIB}, 2 * GIB, 4) == [0, 1, 0, 1]
    assert assign({0: 8 * GIB, 1: 3 * GIB}, 2 * GIB, 4) == [0, 1, 0, 0], "somebody else is on GPU 1"
    assert assign({1: GIB, 3: 9 * GIB}, 2 * GIB, 2) == [3, 3]
    assert assign({0: 4 * GIB}, 2 * GIB, 2) == [0, 0], "exactly full is not too full"


def test_too_many_workers_for_the_memory_are_refused_in_one_line() -> None:
    with pytest.raises(Misuse) as refusal:
        assign({0: 5 * GIB, 1: 3 * GIB}, 2 * GIB, 4)
    assert str(refusal.value) == (
        "no GPU memory for the packing asked for: 4 workers need 2.0 GiB each, and GPU 0 has 5.0 GiB free, "
        "GPU 1 has 3.0 GiB free: --workers 3 fit"
    )
    with pytest.raises(Misuse, match="GPU 0 has 1.0 GiB free: not one fits"):
        assign({0: GIB}, 2 * GIB, 2)


@pytest.mark.parametrize(
    ("visible", "expected"),
    [(None, ["0", "2"]), ("", ["0", "2"]), ("4,5,7", ["4", "7"]), ("GPU-a,GPU-b,MIG-c", ["GPU-a", "MIG-c"])],
)
def test_gpus_keep_the_names_that_this_process_knows_them_by(visible: str | None, expected: list[str]) -> None:
    assert names([0, 2], visible) == expected
