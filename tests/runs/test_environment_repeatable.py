"""The arithmetic that trials are made in, as far as a machine without a GPU can tell."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
import torch

from dcgan.common.errors import Misuse
from dcgan.experiment.sections import Compute
from dcgan.runs.environment import choose_device, configure, repeatable
from tests.tiny import record


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    threads = torch.get_num_threads()
    yield
    repeatable(torch.device("cpu"))
    torch.set_num_threads(threads)


def test_a_gpu_is_asked_for_the_same_bits_again_and_a_cpu_left_alone() -> None:
    torch.backends.cudnn.benchmark = True
    configure(Compute(), torch.device("cuda"), None)
    assert torch.are_deterministic_algorithms_enabled()
    assert not torch.is_deterministic_algorithms_warn_only_enabled()
    assert torch.backends.cudnn.deterministic
    assert not torch.backends.cudnn.benchmark
    configure(Compute(), torch.device("cpu"), None)
    assert not torch.are_deterministic_algorithms_enabled(), "the same process may train on either"


def test_fp32_is_no_tf32() -> None:
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = True
    configure(Compute(), torch.device("cuda"), None)
    assert not torch.backends.cudnn.allow_tf32
    assert not torch.backends.cuda.matmul.allow_tf32


def test_a_run_that_goes_on_keeps_its_threads() -> None:
    configure(Compute(threads=1), torch.device("cpu"), record(environment={"threads": 2}))
    assert torch.get_num_threads() == 2


def test_a_device_that_is_not_there_is_refused() -> None:
    with pytest.raises(
        Misuse, match=r"compute.device=cuda:99: not available here; use one of those that are: auto, cpu"
    ):
        choose_device("cuda:99")


@pytest.mark.slow
def test_asking_for_it_imports_no_compiler() -> None:
    """PyTorch's own way to ask takes seconds for that."""
    look = (
        "import sys, torch\n"
        "from dcgan.runs.environment import repeatable\n"
        "repeatable(torch.device('cuda'))\n"
        "print('torch._inductor' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
