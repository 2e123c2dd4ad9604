"""What people call settings who come from other programs for GANs, and what is no setting here but is typed as one."""

from __future__ import annotations

_LR = ("optimizer.generator.lr", "optimizer.discriminator.lr")

# Of a run's length, which is counted in epochs here.
OTHER_UNITS = (
    *("iterations", "iters", "n_iter", "niter", "num_iterations", "max_iter"),
    *("steps", "n_steps", "num_steps", "max_steps", "nimg", "kimg"),
)
LENGTH = " (a run is budget.epochs times budget.images_per_epoch images long)"

# Words for keys, in lower case, which go before keys that end so: `epochs` is how long a run is, rarely a stage of it.
MEANT: dict[str, tuple[str, ...]] = {
    "learning_rate": _LR,
    **dict.fromkeys(("lr_g", "g_lr", "lrg", "glr"), _LR[:1]),
    **dict.fromkeys(("lr_d", "d_lr", "lrd", "dlr"), _LR[1:]),
    **dict.fromkeys(("epochs", "epoch", "n_epochs", "num_epochs", "max_epochs", *OTHER_UNITS), ("budget.epochs",)),
    **dict.fromkeys(("batch", "batch_size", "batchsize", "bs"), ("update.batch",)),
    **dict.fromkeys(("n_critic", "ncritic", "critic_iters", "n_dis", "d_iters"), ("update.d_steps",)),
    **dict.fromkeys(("nz", "z_dim", "zdim", "latent_dim", "latent_size", "noise_dim"), ("latent.dim",)),
    "ngf": ("generator.width",),
    "ndf": ("discriminator.width",),
    **dict.fromkeys(("image_size", "img_size", "imsize", "imagesize", "resolution"), ("data.size",)),
    **dict.fromkeys(("nc", "num_channels", "img_channels", "image_channels"), ("data.channels",)),
    "data": ("data.name", "data.folder"),
    "dataset": ("data.name", "data.folder"),
    **dict.fromkeys(("dataroot", "data_root", "data_dir", "data_path", "datadir"), ("data.folder",)),
    "loss": ("objective.loss",),
    "gan_mode": ("objective.loss",),
    "optim": ("optimizer.generator.kind", "optimizer.discriminator.kind"),
    **dict.fromkeys(("gradient_penalty", "gp"), ("objective.penalty.kind", "objective.penalty.weight")),
    **dict.fromkeys(("lambda_gp", "gp_weight", "gp_lambda", "r1_gamma"), ("objective.penalty.weight",)),
    "ema": ("average.half_life",),
    **dict.fromkeys(("gpu", "cuda", "gpu_id", "gpu_ids", "accelerator"), ("compute.device",)),
    "num_workers": ("compute.threads",),
    "seeds": ("seed",),
    "manualseed": ("seed",),
}

# Of `dcgan sweep`, with a value.
OPTIONS = {word: f"--{word}" for word in ("workers", "launcher", "storage", "for")}

# Where results go is no setting of a run.
PLACES = ("out", "outdir", "out_dir", "outf", "output", "output_dir", "logdir", "log_dir", "save_dir", "results")
