"""Which keys of a description nothing reads, and why. They are no part of a run's id, and a user is told of them."""

from __future__ import annotations

from dcgan.description import PLAYERS, Description, Player

_READS = {
    "adam": {"beta1", "beta2"},
    "adamw": {"beta1", "beta2", "weight_decay"},
    "rmsprop": {"alpha", "momentum"},
    "sgd": {"momentum"},
}
_OPTIMIZER_KEYS = ("beta1", "beta2", "alpha", "momentum", "weight_decay")


def void(d: Description) -> dict[str, str]:
    """Dotted keys that nothing reads, each with the setting that makes it so."""
    objective = d.objective
    unread = {}
    if d.latent.distribution != "truncated":
        unread["latent.truncation"] = f"latent.distribution={d.latent.distribution}"
    if objective.penalty.kind == "none":
        unread |= dict.fromkeys(("objective.penalty.weight", "objective.penalty.every"), "objective.penalty.kind=none")
    if not d.clipped:
        loss, kind = objective.loss, objective.penalty.kind
        unread["objective.clip"] = (
            f"objective.penalty.kind={kind} bounds D" if loss == "wasserstein" else f"objective.loss={loss}"
        )
    if d.discriminator.head != "sigmoid":
        unread["objective.epsilon"] = f"discriminator.head={d.discriminator.head}"
    if not objective.virtual_adversarial.weight:
        for key in ("epsilon", "xi", "power_iterations"):
            unread[f"objective.virtual_adversarial.{key}"] = "objective.virtual_adversarial.weight=0"
    if d.schedule.kind not in {"step", "exponential"}:
        unread |= dict.fromkeys(("schedule.every_epochs", "schedule.factor"), f"schedule.kind={d.schedule.kind}")
    if not d.replay.share:
        unread["replay.capacity"] = "replay.share=0"
    if not d.pretrain.images:
        unread |= dict.fromkeys(("pretrain.epochs", "pretrain.warmup_images"), "pretrain.images=0")
    if len(d.parts) == 1:
        unread["update.micro_batch"] = f"update.batch={d.update.batch} is not larger"
    for player in PLAYERS:
        unread |= _of_player(d, player)
    return unread


def _of_player(d: Description, player: Player) -> dict[str, str]:
    kind = getattr(d.optimizer, player).kind
    chosen = f"optimizer.{player}.kind={kind}"
    unread = {f"optimizer.{player}.{key}": chosen for key in _OPTIMIZER_KEYS if key not in _READS[kind]}
    network = d.network(player)
    if player == "discriminator" and d.depth(player) == 2 and network.normalisation != "spectral":
        unread["discriminator.normalisation"] = "discriminator.depth=2 leaves no layer between the first and the last"
    if network.depth == d.usual_depth(player):
        unread[f"{player}.depth"] = "it is the usual one"
    return unread
