"""What does not go together in a description, and what has no effect in it. Pure functions, one rule each.

A rule takes a Description and returns what is wrong, naming both keys and what to change, or None.
"""

from __future__ import annotations

from collections.abc import Callable

from dcgan.experiment.description import PLAYERS, Description
from dcgan.experiment.sections import ADVERSARIAL_LOSSES
from dcgan.experiment.sections.architectures import to_one_pixel
from dcgan.experiment.unused import unused_settings

Rule = Callable[[Description], str | None]

# The losses in which D's output is read as a probability, and those with a target for real images.
_CROSS_ENTROPIES = " or ".join(name for name, loss in ADVERSARIAL_LOSSES.items() if loss.cross_entropy)
_SMOOTHABLE = " or ".join(name for name, loss in ADVERSARIAL_LOSSES.items() if loss.smoothable)


def problem(described: Description) -> str | None:
    """The first thing that does not go together, if any."""
    return next((conflict for rule in _RULES if (conflict := rule(described))), None)


def _simultaneous_steps(d: Description) -> str | None:
    if d.update.order == "simultaneous":
        for key in ("d_steps", "g_steps"):
            if getattr(d.update, key) > 1:
                more = f"update.{key}={getattr(d.update, key)}"
                return f"{more} needs update.order=d_first: simultaneous players step once each"
    return None


def _replay_capacity(d: Description) -> str | None:
    if d.replay.share and d.replay.capacity < d.update.batch:
        return f"replay.capacity={d.replay.capacity} is below update.batch={d.update.batch}: raise the capacity"
    return None


def _replay_share(d: Description) -> str | None:
    if d.replay.share and not round(d.replay.share * d.update.batch):
        share, batch = d.replay.share, d.update.batch
        return f"replay.share={share} of update.batch={batch} is less than one image: raise the share"
    return None


def _decay_within_budget(d: Description) -> str | None:
    """Whether the schedule has changed the rates by the last step."""
    kind, every, epochs = d.schedule.kind, d.schedule.every_epochs, d.budget.epochs
    if kind == "step" and every >= epochs:
        return (
            f"schedule.every_epochs={every} never comes within budget.epochs={epochs}: lower it or use "
            "schedule.kind=constant"
        )
    first = every * d.budget.images_per_epoch if kind == "step" else 1
    if kind != "constant" and d.last_step < first:
        return (
            f"schedule.kind={kind} changes nothing within budget.epochs={epochs}, since the last step of update.batch="
            f"{d.update.batch} begins too early: lower the batch, raise the budget or use schedule.kind=constant"
        )
    return None


def _warmup_within_budget(d: Description) -> str | None:
    warmup, epochs = d.schedule.warmup_epochs, d.budget.epochs
    if warmup > epochs:
        return f"schedule.warmup_epochs={warmup:g} never ends within budget.epochs={epochs}: lower it"
    if 0 < warmup * d.budget.images_per_epoch <= d.images_per_step:
        return (
            f"schedule.warmup_epochs={warmup:g} is over within the first step of update.batch={d.update.batch}: "
            "raise it or use 0"
        )
    return None


def _batch_within_budget(d: Description) -> str | None:
    if d.images_per_step > d.budget.images:
        steps = f" x update.d_steps={d.update.d_steps}" if d.update.d_steps > 1 else ""
        return (
            f"update.batch={d.update.batch}{steps} is larger than the whole budget of {d.budget.images} images "
            "(budget.epochs x budget.images_per_epoch): lower the batch or raise the budget"
        )
    return None


def _batch_of_packs(d: Description) -> str | None:
    pack = d.discriminator.pack
    if d.update.batch % pack:
        return f"update.batch={d.update.batch} is not a multiple of discriminator.pack={pack}: make it one"
    if d.update.micro_batch < pack:
        return f"update.micro_batch={d.update.micro_batch} is below discriminator.pack={pack}: raise it or pack fewer"
    return None


def _batch_statistics(d: Description) -> str | None:
    """What is taken over a batch needs two of them; only the head's layer has no more than one position."""
    smallest = min(d.parts)
    packs = smallest // d.discriminator.pack
    size = "update.micro_batch" if len(d.parts) > 1 else "update.batch"
    given = getattr(d.update, size.removeprefix("update."))
    if d.generator.normalisation == "batch" and smallest < 2:
        return f"generator.normalisation=batch needs two images or more at once: raise {size}={given}"
    if packs < 2:
        few = f"raise {size}={given}"
        if d.discriminator.pack > 1:
            few += f" or lower discriminator.pack={d.discriminator.pack}"
        if d.discriminator.normalisation == "batch" and "discriminator.normalisation" not in unused_settings(d):
            return f"discriminator.normalisation=batch needs two inputs or more at once: {few}"
        if d.discriminator.minibatch_stddev:
            return f"discriminator.minibatch_stddev=true needs two inputs or more at once: {few}"
    return None


def _pretraining(d: Description) -> str | None:
    chosen = d.pretrain
    if not chosen.images:
        for key in ("epochs", "warmup_images"):
            if getattr(chosen, key) != type(chosen).model_fields[key].default:
                return f"pretrain.{key}={getattr(chosen, key)} needs pretrain.images: say how many, or leave both out"
    if 0 < chosen.images < d.update.batch:
        return f"pretrain.images={chosen.images} is below update.batch={d.update.batch}: raise pretrain.images"
    if 0 < chosen.warmup_images < d.images_per_step:
        return (
            f"pretrain.warmup_images={chosen.warmup_images} is below one step of update.batch={d.update.batch}: "
            "raise pretrain.warmup_images"
        )
    return None


def _head_for_loss(d: Description) -> str | None:
    head, loss = d.discriminator.head, d.objective.loss
    if head != "logit" and not d.objective.chosen_loss.cross_entropy:
        return (
            f"discriminator.head={head} gives probabilities, and objective.loss={loss} needs an unbounded output: "
            f"use discriminator.head=logit or objective.loss={_CROSS_ENTROPIES}"
        )
    return None


def _smoothing_for_loss(d: Description) -> str | None:
    if d.objective.smoothing and not d.objective.chosen_loss.smoothable:
        return (
            f"objective.smoothing={d.objective.smoothing:g} changes the target for real images, and objective.loss="
            f"{d.objective.loss} has none: use objective.loss={_SMOOTHABLE}"
        )
    return None


def _smoothness_for_loss(d: Description) -> str | None:
    if d.objective.virtual_adversarial.weight and not d.objective.chosen_loss.cross_entropy:
        return (
            f"objective.virtual_adversarial.weight={d.objective.virtual_adversarial.weight:g} compares probabilities, "
            f"and objective.loss={d.objective.loss} has none: use objective.loss={_CROSS_ENTROPIES}"
        )
    return None


def _penalty_weighs(d: Description) -> str | None:
    if d.objective.penalty.kind != "none" and not d.objective.penalty.weight:
        kind = d.objective.penalty.kind
        return (
            f"objective.penalty.weight=0 leaves objective.penalty.kind={kind} without effect: raise it or use kind=none"
        )
    return None


def _depth_for_size(d: Description) -> str | None:
    size = d.data.size
    for player in PLAYERS:
        network = d.network(player)
        most = network.kind.deepest(size) if network.kind.deepest else None
        if most is not None and d.depth(player) > most:
            return (
                f"{player}.depth={network.depth} is more than data.size={size} can be halved: at most {most}, "
                f"or use {player}.architecture=mlp"
            )
    return None


def _instance_needs_positions(d: Description) -> str | None:
    unused = unused_settings(d)
    for player in PLAYERS:
        network = d.network(player)
        if network.normalisation != "instance" or f"{player}.normalisation" in unused:
            continue
        if network.kind.deepest is None:
            shape = f"{player}.architecture={network.architecture} has no positions"
        elif d.depth(player) == to_one_pixel(d.data.size):
            shape = f"{player}.depth={d.depth(player)} goes down to one pixel"
        else:
            continue
        return f"{player}.normalisation=instance is taken over positions, and {shape}: use {player}.normalisation=layer"
    return None


def _leak_in_one_part(d: Description) -> str | None:
    if d.update.leak and len(d.parts) > 1:
        return (
            f"update.leak=true keeps a whole batch's graph, and update.batch={d.update.batch} is accumulated: "
            f"raise update.micro_batch={d.update.micro_batch} or lower the batch"
        )
    return None


_RULES: tuple[Rule, ...] = (
    _simultaneous_steps,
    _replay_capacity,
    _replay_share,
    _decay_within_budget,
    _warmup_within_budget,
    _batch_within_budget,
    _batch_of_packs,
    _batch_statistics,
    _pretraining,
    _head_for_loss,
    _smoothing_for_loss,
    _smoothness_for_loss,
    _penalty_weighs,
    _depth_for_size,
    _instance_needs_positions,
    _leak_in_one_part,
)
