"""A launcher's options as they are typed."""

from __future__ import annotations

import pytest

from dcgan.common.errors import Misuse
from dcgan.workers.launchers import launcher
from dcgan.workers.launchers.local import Local
from dcgan.workers.launchers.ray import Ray
from dcgan.workers.launchers.slurm import Slurm


def test_options_are_read_as_the_types_of_the_launchers_fields() -> None:
    assert launcher("ray", ["address=10.0.0.1:6379", "gpus_per_worker=0.25"]) == Ray("10.0.0.1:6379", None, 0.25)
    assert launcher("slurm", ["time=8:00:00", "partition=gpu"]) == Slurm(time="8:00:00", partition="gpu")
    assert launcher("local", ["workers_per_gpu=3"]) == Local(3)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("locl", [], "--launcher locl is not offered; did you mean 'local'?"),
        ("kubernetes", [], "--launcher kubernetes is not offered; valid: local, ray, slurm"),
        ("ray", ["adress=auto"], "--option adress: launcher ray has no such option; did you mean 'address'?"),
        ("local", ["address=auto"], "--option address: launcher local has no such option; valid: workers_per_gpu"),
        ("ray", ["address"], "--option address: expected KEY=VALUE"),
        ("ray", ["address=a:1", "address=b:1"], "--option address is given twice"),
        ("ray", ["gpus_per_worker=half"], "--option gpus_per_worker=half: expected a number"),
        ("ray", ["gpus_per_worker=-1"], "--option gpus_per_worker=-1: expected a number, 0 or more"),
        ("ray", ["gpus_per_worker=nan"], "--option gpus_per_worker=nan: expected a number, 0 or more"),
        ("local", ["workers_per_gpu=1.5"], "--option workers_per_gpu=1.5: expected a whole number"),
        ("local", ["workers_per_gpu=0"], "--option workers_per_gpu=0: expected 1 or more"),
        ("slurm", ["cluster=pbs"], "--option cluster=pbs: expected slurm or local"),
        ("slurm", ["time=long"], "--option time=long: expected minutes, H:M:S or D-H:M:S"),
        ("slurm", ["time=1"], "--option time=1: expected more than the grace of 120 seconds"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(name: str, options: list[str], message: str) -> None:
    with pytest.raises(Misuse) as refusal:
        launcher(name, options)
    assert str(refusal.value) == message
