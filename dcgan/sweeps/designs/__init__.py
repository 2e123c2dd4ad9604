"""Designs: which arms are run, and how they are read together. Nothing here trains or writes.

One idea a file behind a small base class; `registry` knows them by name. To add one: a class and its line there.
"""

from dcgan.sweeps.designs.arm import Arm, check_distinct, experiments, held
from dcgan.sweeps.designs.design import MOST_TRIALS, Design
from dcgan.sweeps.designs.factor import OWN, Factor, level_text, own_factor, path_factor, tip_factor
from dcgan.sweeps.designs.one_at_a_time import OneAtATime
from dcgan.sweeps.designs.registry import DESIGNS, read_design

__all__ = [
    "DESIGNS",
    "MOST_TRIALS",
    "OWN",
    "Arm",
    "Design",
    "Factor",
    "OneAtATime",
    "check_distinct",
    "experiments",
    "held",
    "level_text",
    "own_factor",
    "path_factor",
    "read_design",
    "tip_factor",
]
