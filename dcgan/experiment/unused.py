"""Settings of a description that have no effect, and remarks about what a combination of settings does.

Settings that nothing reads are no part of a run's id.
"""

from __future__ import annotations

from dcgan.experiment.description import GROUP, PLAYERS, Description, Player

_READS = {
    "adam": {"beta1", "beta2"},
    "adamw": {"beta1", "beta2", "weight_decay"},
    "rmsprop": {"alpha", "momentum"},
    "sgd": {"momentum"},
}
_OPTIMIZER_KEYS = ("beta1", "beta2", "alpha", "momentum", "weight_decay")


def unused_settings(d: Description) -> dict[str, str]:
    """Dotted keys that nothing reads, each with the setting that makes it so."""
    objective = d.objective
    unused = {}
    if d.latent.distribution != "truncated":
        unused["latent.truncation"] = f"latent.distribution={d.latent.distribution}"
    if objective.penalty.kind == "none":
        keys = ("objective.penalty.weight", "objective.penalty.at", "objective.penalty.every")
        unused |= dict.fromkeys(keys, "objective.penalty.kind=none")
    elif not d.augment.changes:
        unused["objective.penalty.at"] = "augment changes no image"
    if not d.clipped:
        unused["objective.clip"] = _why_not_clipped(d)
    if d.discriminator.head != "sigmoid":
        unused["objective.epsilon"] = f"discriminator.head={d.discriminator.head}"
    if not objective.virtual_adversarial.weight:
        for key in ("epsilon", "xi", "power_iterations"):
            unused[f"objective.virtual_adversarial.{key}"] = "objective.virtual_adversarial.weight=0"
    if d.schedule.kind not in {"step", "exponential"}:
        unused |= dict.fromkeys(("schedule.every_epochs", "schedule.factor"), f"schedule.kind={d.schedule.kind}")
    if not d.replay.share:
        unused["replay.capacity"] = "replay.share=0"
    if not d.pretrain.images:
        unused |= dict.fromkeys(("pretrain.epochs", "pretrain.warmup_images"), "pretrain.images=0")
    if len(d.parts) == 1:
        unused["update.micro_batch"] = f"update.batch={d.update.batch} is not larger"
    for player in PLAYERS:
        unused |= _of_player(d, player)
    return unused


def _why_not_clipped(d: Description) -> str:
    if not d.objective.chosen_loss.bounded_slope:
        return f"objective.loss={d.objective.loss}"
    kind = d.objective.penalty.kind
    return f"{f'objective.penalty.kind={kind}' if kind != 'none' else 'discriminator.normalisation=spectral'} bounds D"


def _of_player(d: Description, player: Player) -> dict[str, str]:
    kind = getattr(d.optimizer, player).kind
    chosen = f"optimizer.{player}.kind={kind}"
    unused = {f"optimizer.{player}.{key}": chosen for key in _OPTIMIZER_KEYS if key not in _READS[kind]}
    network = d.network(player)
    if player == "discriminator" and d.depth(player) == 2 and network.normalisation != "spectral":
        unused["discriminator.normalisation"] = "discriminator.depth=2 leaves no layer between the first and the last"
    if network.depth == d.usual_depth(player):
        unused[f"{player}.depth"] = "it is the usual one"
    return unused


def remarks(d: Description) -> list[str]:
    """What a user should know of this combination beyond its keys, a line each."""
    notes = []
    if d.clipped:
        notes.append(
            f"objective.loss={d.objective.loss} without a penalty: D's weights are clipped to +-{d.objective.clip:g} "
            "(objective.clip); its authors take rmsprop and update.d_steps=5"
        )
    normalised = d.discriminator.normalisation == "batch" and "discriminator.normalisation" not in unused_settings(d)
    if d.objective.penalty.kind != "none" and normalised:
        notes.append(
            f"objective.penalty.kind={d.objective.penalty.kind} beside discriminator.normalisation=batch: D's gradient "
            "at an image then depends on the others of its batch; Gulrajani et al. 2017 take layer normalisation there"
        )
    if d.objective.virtual_adversarial.weight and d.discriminator.dropout:
        notes.append(
            "objective.virtual_adversarial compares two outputs of D, and discriminator.dropout silences others in "
            "each: part of what it smooths is that"
        )
    for key, whole in (("images", d.update.batch), ("warmup_images", d.images_per_step)):
        given = getattr(d.pretrain, key)
        if given % whole:
            notes.append(f"pretrain.{key}={given}: {given - given % whole}, in whole steps of {whole} images")
    if d.update.d_steps > 1:
        steps = -(-d.budget.images // d.images_per_step)
        notes.append(
            f"update.d_steps={d.update.d_steps}: G steps {steps:,} times within this budget of images that D sees"
        )
    for player in PLAYERS:
        notes += _remarks_on(d, player)
    return notes


def _remarks_on(d: Description, player: Player) -> list[str]:
    network, optimizer = d.network(player), getattr(d.optimizer, player)
    notes = []
    key = f"{player}.normalisation"
    if network.normalisation != "none" and (why := unused_settings(d).get(key)):
        notes.append(f"{key}={network.normalisation} has no effect: {why}")
    widest = network.width * network.kind.widest(d.depth(player))
    if network.normalisation == "group" and widest <= GROUP:
        notes.append(f"{key}=group is layer normalisation here: {player}.width={network.width} makes one group a layer")
    if player == "generator" and network.normalisation == "spectral":
        notes.append(f"{key}=spectral leaves no layer of G any gain, and none normalised: short runs stay grey")
    if optimizer.kind == "adamw" and not optimizer.weight_decay:
        notes.append(f"optimizer.{player}.kind=adamw with weight_decay=0 is adam")
    return notes
