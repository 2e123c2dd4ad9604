"""Description: the sections that a run is described by, and what follows from several of them together."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from dcgan.common.files import checked_name
from dcgan.experiment.sections import (
    Augment,
    Average,
    Budget,
    Compute,
    Data,
    DiscriminatorSettings,
    GeneratorSettings,
    Latent,
    NetworkSettings,
    Objective,
    Optimizers,
    Pretrain,
    Replay,
    Schedule,
    Score,
    Section,
    Tracking,
    Update,
)

Player = Literal["generator", "discriminator"]
PLAYERS: tuple[Player, Player] = ("generator", "discriminator")

GROUP = 16  # channels that group normalisation takes together (Wu and He 2018, table 3)
SHIFTLESS = ("none", "spectral")  # normalisations that learn no shift of each channel, as BatchNorm does


def updates_of_g(images: int, images_per_step: int, g_steps: int) -> int:
    """How often G is updated while D sees so many real images, the last of them in a step that they need not fill."""
    return -(-images // images_per_step) * g_steps


class Description(Section):
    """What describes a run, not yet checked for what does not go together."""

    name: Annotated[str, AfterValidator(lambda name: checked_name(name, "name"))] = "experiment"
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    data: Data = Data()
    latent: Latent = Latent()
    generator: GeneratorSettings = GeneratorSettings()
    discriminator: DiscriminatorSettings = DiscriminatorSettings()
    objective: Objective = Objective()
    optimizer: Optimizers = Optimizers()
    schedule: Schedule = Schedule()
    update: Update = Update()
    replay: Replay = Replay()
    pretrain: Pretrain = Pretrain()
    augment: Augment = Augment()
    average: Average = Average()
    budget: Budget = Budget()
    score: Score = Score()
    tracking: Tracking = Tracking()
    compute: Compute = Compute()

    def network(self, player: Player) -> NetworkSettings:
        """The section of one player's network."""
        return self.generator if player == "generator" else self.discriminator

    def usual_depth(self, player: Player) -> int:
        """The layers of a network whose `depth` is not given."""
        return self.network(player).kind.usual_depth(self.data.size)

    def depth(self, player: Player) -> int:
        """The layers of a player's network."""
        return self.network(player).depth or self.usual_depth(player)

    @property
    def clipped(self) -> bool:
        """Whether D's weights are clipped: the loss needs a bounded slope, and nothing else bounds it."""
        bounded = self.objective.penalty.kind != "none" or self.discriminator.normalisation == "spectral"
        return self.objective.chosen_loss.bounded_slope and not bounded

    @property
    def images_per_step(self) -> int:
        """Real images that D sees before G steps."""
        return self.update.batch * self.update.d_steps

    @property
    def updates(self) -> int:
        """How often G is updated in a run."""
        return updates_of_g(self.budget.images, self.images_per_step, self.update.g_steps)

    @property
    def last_step(self) -> int:
        """Real images seen when the last step begins."""
        return (self.budget.images - 1) // self.images_per_step * self.images_per_step

    @property
    def score_period(self) -> int:
        """Images between two scores along the training; 0: none are taken.

        That of `score.every_epochs`, or where it gives fewer than `tracking.curve_points` that many over the budget.
        """
        period = self.score.every_epochs * self.budget.images_per_epoch
        points, images = self.tracking.curve_points, self.budget.images
        enough = period and images > period * (points - 1)  # the end is scored, too
        return period if enough or not points else max(1, images // points)

    @property
    def parts(self) -> list[int]:
        """The sizes, as equal as whole packs allow, of the parts that a batch goes through the networks in."""
        pack = self.discriminator.pack
        packs, most = self.update.batch // pack, max(self.update.micro_batch // pack, 1)
        count = -(-packs // most)
        return [pack * (packs // count + (number < packs % count)) for number in range(count)]
