"""What a run's record says of the machine it was made on."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
import torch

from dcgan.experiment.sections import Compute
from dcgan.runs.environment import describe, processor

TELL = """
import json, torch
from dcgan.runs.environment import describe
from dcgan.experiment.sections import Compute
print(json.dumps(describe(torch.device("cpu"), Compute())))
"""


@pytest.mark.slow
@pytest.mark.parametrize("instructions", ["default", "avx2"])
def test_the_instruction_set_is_the_one_in_use(instructions: str) -> None:
    if instructions == "avx2" and torch.backends.cpu.get_cpu_capability() not in {"AVX2", "AVX512"}:
        pytest.skip("this processor has no AVX2")
    environment = {**os.environ, "ATEN_CPU_CAPABILITY": instructions}
    done = subprocess.run([sys.executable, "-c", TELL], env=environment, capture_output=True, text=True, check=True)
    lowered = json.loads(done.stdout)
    assert lowered["instructions"] == instructions.upper()
    here = describe(torch.device("cpu"), Compute())
    assert {**lowered, "instructions": "", "threads": 0} == {**here, "instructions": "", "threads": 0}


def test_an_x86_processor_is_called_by_its_name_and_told_by_its_family_and_model() -> None:
    one = "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 143\nmodel name\t: Intel(R) Xeon(R)\n"
    assert processor(one + "\n" + one.replace(": 0", ": 1")) == {
        "device": "Intel(R) Xeon(R)",
        "model": "GenuineIntel family 6 model 143",
    }


def test_an_arm_processor_without_a_name_is_called_by_its_codes() -> None:
    core = "processor\t: {}\nBogoMIPS\t: 243.75\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU part\t: {}\n"
    assert processor(core.format(0, "0xd0c")) == {"device": "ARM, maker 0x41, part 0xd0c"}
    both = core.format(0, "0xd46") + core.format(1, "0xd41") + core.format(2, "0xd46")
    assert processor(both) == {"device": "ARM, maker 0x41, part 0xd41 and 0xd46"}


def test_a_machine_that_tells_nothing_is_called_by_what_the_system_says() -> None:
    assert processor("") == {}
    assert describe(torch.device("cpu"), Compute())["device"]
