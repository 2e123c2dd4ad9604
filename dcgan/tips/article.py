"""What the article is, and its tips. `on` and `off` are a tip's two levels; the others are what else its name means.

A level also sets back what another level of its tip would have set: each is the same whatever the experiment had.
"""

from __future__ import annotations

from dcgan.experiment.description import PLAYERS
from dcgan.tips.tip import Fragment, OneLayerFewer, Relative, Times, Tip, both

_NO_WARMUP = {"schedule.warmup_epochs": 0.0}
_QUARTER = {"schedule.every_epochs": Times("budget.epochs", 0.25), "schedule.factor": 0.5, **_NO_WARMUP}


# Its copy here prints no title, address or date; what names it is its author and the heading above the list.
REFERENCE = (
    'an article in Chinese on training DCGANs by the author 禅与计算机程序设计艺术 ("Zen and the Art of Computer '
    'Programming"), whose list of ten stands under the heading GAN优化与训练技巧分享 ("Tips for optimising and '
    'training GANs")'
)


def _penalty(kind: str, every: int = 1) -> Fragment:
    return {"objective.penalty.kind": kind, "objective.penalty.weight": 10.0, "objective.penalty.every": every}


def _pretraining(warmup_images: int | Relative) -> Fragment:
    return {
        "pretrain.images": Times("budget.images_per_epoch", 1),
        "pretrain.epochs": 1,
        "pretrain.warmup_images": warmup_images,
    }


ARTICLE = [
    Tip(
        "small_networks",
        "Use smaller networks: half as many channels in every layer of both players. `shallow` has one layer fewer: "
        "of a perceptron with four, the article's three.",
        "article, tip 1",
        {
            "off": {},
            "on": {key: Times(key, 0.5) for key in both("width", None)},
            "shallow": {f"{player}.depth": OneLayerFewer(player) for player in PLAYERS},
        },
        common=True,
    ),
    Tip(
        "he_init",
        "Initialise the weights with He's variance, which allows for the activation, instead of Xavier's. Both count "
        "the connections that there are: an input of a layer with stride 2 feeds a quarter of the kernel's positions. "
        "PyTorch's functions leave the stride out and take a transposed layer's outputs for its inputs: with "
        "`xavier_torch` strided layers begin 1.4 to 2 times as narrow as here, and with `he_torch` most of the "
        "generator's 1.4 times. `torch` is what PyTorch's layers begin with.",
        "article, tip 2; He et al. 2015; Glorot and Bengio 2010; orthogonal: Saxe et al. 2014",
        {
            "off": both("init", "xavier"),
            "on": both("init", "he"),
            "dcgan": both("init", "dcgan"),
            "orthogonal": both("init", "orthogonal"),
            "torch": both("init", "torch"),
            "xavier_torch": both("init", "xavier_torch"),
            "he_torch": both("init", "he_torch"),
        },
        common=True,
    ),
    Tip(
        "batch_norm",
        "Normalise each channel over the batch after a convolution and before its activation. The normalisations "
        "`none` and `spectral` have no shift of their own: the convolution then has a bias in its place, which starts "
        "at 0, so that nothing but the normalisation comes or goes.",
        "article, tip 3; Ioffe and Szegedy 2015; Radford et al. 2016; layer: Ba et al. 2016; instance: Ulyanov et al. "
        "2016; group: Wu and He 2018; spectral: Miyato et al. 2018",
        {
            "off": both("normalisation", "none"),
            "on": both("normalisation", "batch"),
            "generator_only": {"generator.normalisation": "batch", "discriminator.normalisation": "none"},
            "discriminator_only": {"generator.normalisation": "none", "discriminator.normalisation": "batch"},
            "layer": both("normalisation", "layer"),
            "instance": both("normalisation", "instance"),
            "group": both("normalisation", "group"),
            "spectral": {"generator.normalisation": "batch", "discriminator.normalisation": "spectral"},
        },
        common=True,
    ),
    Tip(
        "leaky_relu",
        "Let the discriminator's activations pass a fifth of their negative side, instead of nothing.",
        "article, tip 4; Maas et al. 2013; Radford et al. 2016",
        {
            "off": {"discriminator.slope": 0.0},
            "on": {"discriminator.slope": 0.2},
            "both_players": both("slope", 0.2),
        },
        common=True,
    ),
    Tip(
        "gradient_penalty",
        "Keep the length of the discriminator's gradient near 1 between real and generated images. Its authors leave "
        "BatchNorm out of the discriminator with it, since the gradients of a batch are then not each image's own. "
        "`dragan` does so around real images, under normal noise in each pixel where its authors' code adds a random "
        "share of uniform noise that only brightens; `lazy` at every fourth step with four times the weight; `r1` and "
        "`r2` keep the gradient near 0 instead, at real or at generated images, with the weight as their gamma, and "
        "`r1_r2` at both, as R3GAN does beside the loss of `relativistic`. Of "
        "augmented images the gradient is taken at what the discriminator sees; `objective.penalty.at=image` takes it "
        "at the image before, as ADA, StudioGAN and R3GAN do.",
        "article, tip 5; Gulrajani et al. 2017, equation 3; dragan: Kodali et al. 2017; r1, r2: Mescheder et al. 2018, "
        "equations 9 and 10; r1_r2: Huang et al. 2024 (R3GAN), section 2; lazy: Karras et al. 2020 (StyleGAN2), "
        "appendix B",
        {
            "off": {"objective.penalty.kind": "none"},
            "on": _penalty("wgan_gp"),
            "dragan": _penalty("dragan"),
            "r1": _penalty("r1"),
            "r2": _penalty("r2"),
            "r1_r2": _penalty("r1_r2"),
            "lazy": _penalty("wgan_gp", every=4),
        },
        common=True,
    ),
    Tip(
        "lr_decay",
        "Halve both learning rates after every quarter of the epochs, rounded to whole epochs.",
        "article, tip 6; cosine: Loshchilov and Hutter 2017, equation 5; warm-up: Goyal et al. 2017, section 2.2",
        {
            "off": {"schedule.kind": "constant", **_NO_WARMUP},
            "on": {"schedule.kind": "step", **_QUARTER},
            "exponential": {"schedule.kind": "exponential", **_QUARTER},
            "linear": {"schedule.kind": "linear", **_NO_WARMUP},
            "cosine": {"schedule.kind": "cosine", **_NO_WARMUP},
            "warmup": {"schedule.kind": "constant", "schedule.warmup_epochs": Times("budget.epochs", 0.1, whole=False)},
        },
        common=True,
    ),
    Tip(
        "mini_batch",
        "Update on the experiment's mini-batch instead of a batch ten times as large, for the same number of images.",
        "article, tip 7",
        {
            "off": {"update.batch": Times("update.batch", 10)},
            "on": {},
            "full": {"update.batch": Times("budget.images_per_epoch", 1)},
        },
        common=True,
    ),
    Tip(
        "replay",
        "Draw half of the discriminator's generated images from a history of earlier ones.",
        "article, tip 8; Shrivastava et al. 2017, section 2.3",
        {
            "off": {"replay.share": 0.0},
            "on": {"replay.share": 0.5, "replay.capacity": Times("update.batch", 50)},
        },
        common=True,
    ),
    Tip(
        "d_first",
        "Let the discriminator step first and the generator answer the new one, instead of both stepping at once. With "
        "`five_steps` the generator steps a fifth as often within the same budget, which counts what the discriminator "
        "sees.",
        "article, tip 9; Goodfellow et al. 2014, algorithm 1",
        {
            "off": {"update.order": "simultaneous", "update.d_steps": 1},
            "on": {"update.order": "d_first", "update.d_steps": 1},
            "five_steps": {"update.order": "d_first", "update.d_steps": 5},
        },
        common=True,
    ),
    Tip(
        "virtual_adversarial",
        "Keep the discriminator's output from changing in the direction that would change it most. This is what the "
        "name of the article's tip 9 means elsewhere; what the article describes under it is `d_first`.",
        "article, tip 9, by its name; Miyato et al. 2018, equations 5 to 8",
        {
            "off": {"objective.virtual_adversarial.weight": 0.0},
            "on": {"objective.virtual_adversarial.weight": 1.0},
        },
    ),
    Tip(
        "pretrain",
        "Before adversarial training: the generator makes images, the discriminator learns to tell them from real "
        "ones, then the generator learns against it.",
        "article, tip 10",
        {
            "off": {"pretrain.images": 0, "pretrain.epochs": 1, "pretrain.warmup_images": 0},
            "on": _pretraining(0),
            "warmed_up": _pretraining(Times("budget.images_per_epoch", 1)),
        },
        common=True,
    ),
    Tip(
        "optimizer",
        "Adam for the discriminator and RMSprop for the generator, instead of Adam for both.",
        "article, section 4 (2.2); Kingma and Ba 2015; Tieleman and Hinton 2012; adamw: Loshchilov and Hutter 2019",
        {
            "off": {"optimizer.discriminator.kind": "adam", "optimizer.generator.kind": "adam"},
            "on": {"optimizer.discriminator.kind": "adam", "optimizer.generator.kind": "rmsprop"},
            "adamw": {f"optimizer.{player}.kind": "adamw" for player in PLAYERS},
            "rmsprop": {f"optimizer.{player}.kind": "rmsprop" for player in PLAYERS},
            "sgd": {
                f"optimizer.{player}.{key}": value
                for player in PLAYERS
                for key, value in {
                    "kind": "sgd",
                    "momentum": 0.9,
                    "lr": Times(f"optimizer.{player}.lr", 50),
                }.items()
            },
        },
        common=True,
    ),
]
