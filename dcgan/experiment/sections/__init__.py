"""The sections of an experiment, one for each thing that a tip or a user may change.

Each is immutable and checks its own values; what must fit together across sections stands in
`dcgan.experiment.constraints`.
"""

from dcgan.experiment.sections.images import CHANNELS, Data, Latent
from dcgan.experiment.sections.networks import DiscriminatorSettings, GeneratorSettings, NetworkSettings
from dcgan.experiment.sections.objective_choices import ADVERSARIAL_LOSSES, GRADIENT_PENALTIES
from dcgan.experiment.sections.objectives import Objective, Penalty, VirtualAdversarial
from dcgan.experiment.sections.running import Compute, Score, Tracking
from dcgan.experiment.sections.section import Section
from dcgan.experiment.sections.training import (
    Augment,
    Average,
    Budget,
    Optimizers,
    PlayerOptimizer,
    Pretrain,
    Replay,
    Schedule,
    Update,
)

__all__ = [
    "ADVERSARIAL_LOSSES",
    "CHANNELS",
    "GRADIENT_PENALTIES",
    "Augment",
    "Average",
    "Budget",
    "Compute",
    "Data",
    "DiscriminatorSettings",
    "GeneratorSettings",
    "Latent",
    "NetworkSettings",
    "Objective",
    "Optimizers",
    "Penalty",
    "PlayerOptimizer",
    "Pretrain",
    "Replay",
    "Schedule",
    "Score",
    "Section",
    "Tracking",
    "Update",
    "VirtualAdversarial",
]
