"""Tips beyond the article: what users of other GAN suites expect to find, off by default."""

from __future__ import annotations

from dcgan.tips.tip import Times, Tip

_DIFFAUGMENT = ("color", "translation", "cutout")


def _augment(*kinds: str) -> dict[str, bool]:
    return {f"augment.{kind}": kind in kinds for kind in _DIFFAUGMENT}


EXTRA = [
    Tip(
        "ema",
        "Judge and keep a running average of the generator's weights instead of the last ones; it reaches back over "
        "the half-life, and at first over a twentieth of the images seen.",
        "Yazici et al. 2019; Karras et al. 2018, appendix A.1",
        {
            "off": {"average.half_life": 0},
            "on": {"average.half_life": Times("budget.images_per_epoch", 0.5)},
        },
        beyond=True,
    ),
    Tip(
        "spectral_norm",
        "Divide each weight matrix of the discriminator by its largest singular value, instead of normalising its "
        "activations.",
        "Miyato et al. 2018, equation 8",
        {
            "off": {},
            "on": {"discriminator.normalisation": "spectral"},
        },
        beyond=True,
    ),
    Tip(
        "ttur",
        "Give the discriminator four times the generator's learning rate instead of the same.",
        "Heusel et al. 2017; the factor: Zhang et al. 2019, sections 4.2 and 5",
        {
            "off": {"optimizer.discriminator.lr": Times("optimizer.generator.lr", 1)},
            "on": {"optimizer.discriminator.lr": Times("optimizer.generator.lr", 4)},
        },
        beyond=True,
    ),
    Tip(
        "relativistic",
        "Let both players' losses compare each generated image with a real one, instead of judging each alone. R3GAN "
        "has `gradient_penalty` at `r1_r2` beside it, without which it need not converge, and no BatchNorm.",
        "Jolicoeur-Martineau 2019; Huang et al. 2024 (R3GAN), section 2",
        {"off": {"objective.loss": "non_saturating"}, "on": {"objective.loss": "relativistic"}},
        beyond=True,
    ),
    Tip(
        "label_smoothing",
        "Ask the discriminator for 0.9 instead of 1 on real images; generated ones keep their 0.",
        "Salimans et al. 2016, section 3.4",
        {"off": {"objective.smoothing": 0.0}, "on": {"objective.smoothing": 0.1}},
        beyond=True,
    ),
    Tip(
        "instance_noise",
        "Add noise to every image that the discriminator sees, less and less until the end.",
        "Sonderby et al. 2017; Arjovsky and Bottou 2017, section 3",
        {"off": {"augment.instance_noise": 0.0}, "on": {"augment.instance_noise": 0.1}},
        beyond=True,
    ),
    Tip(
        "diffaugment",
        "Change colour, place and a square of every image that the discriminator sees, real or generated, and let the "
        "generator learn through it. The saturation of one-channel images has nothing to change.",
        "Zhao et al. 2020, section 3",
        {
            "off": _augment(),
            "on": _augment(*_DIFFAUGMENT),
            **{kind: _augment(kind) for kind in _DIFFAUGMENT},
        },
        beyond=True,
    ),
    Tip(
        "dropout",
        "Silence a quarter of the discriminator's activations at random.",
        "Srivastava et al. 2014; in the discriminator: Goodfellow et al. 2014, section 5",
        {"off": {"discriminator.dropout": 0.0}, "on": {"discriminator.dropout": 0.25}},
        beyond=True,
    ),
    Tip(
        "feature_matching",
        "Let the generator match the discriminator's mean features of real images, beside fooling it. Its authors put "
        "this in place of the generator's loss; here it is added, with a weight.",
        "Salimans et al. 2016, section 3.1",
        {"off": {"objective.feature_matching": 0.0}, "on": {"objective.feature_matching": 1.0}},
        beyond=True,
    ),
    Tip(
        "minibatch_stddev",
        "Show the discriminator how much the images of a batch vary.",
        "Karras et al. 2018, section 3",
        {"off": {"discriminator.minibatch_stddev": False}, "on": {"discriminator.minibatch_stddev": True}},
        beyond=True,
    ),
    Tip(
        "packing",
        "Let the discriminator judge two images together, all real or all generated, instead of one.",
        "Lin et al. 2018 (PacGAN), section 2",
        {"off": {"discriminator.pack": 1}, "on": {"discriminator.pack": 2}, "four": {"discriminator.pack": 4}},
        beyond=True,
    ),
    Tip(
        "uniform_noise",
        "Draw the generator's noise from a cube instead of the article's normal distribution.",
        "Radford et al. 2016, figure 1; truncated: Brock et al. 2019, section 3.1",
        {
            "off": {"latent.distribution": "normal"},
            "on": {"latent.distribution": "uniform"},
            "truncated": {"latent.distribution": "truncated"},
        },
        beyond=True,
    ),
]
