"""Whether a classifier recognises enough of its data set for its features to say anything of images."""

from __future__ import annotations

LEAST_ACCURACY = 0.9  # on held-out images
_LEAST_SKILL = 0.5  # of the mistakes that always naming the largest class makes, the share that it must avoid
_CHANCE = 0.001  # with which a guess as good as the largest class may be right as often


def distrust(accuracy: float, images: int, largest: float | None = None) -> str | None:
    """Why a classifier's features are not to be believed, as a clause that follows "the classifier"; None if they are.

    `accuracy` is its share of right answers, 0 to 1, on `images` images that it did not learn from, and `largest` the
    share of the most frequent class among them, None where it is not known.

    It must be right on nine tenths of them, and clearly above `largest`: whoever has learned nothing but how frequent
    the classes are is right on that share at most, and so is who learned labels that were dealt out at random. Clearly
    means both of two things. It avoids half of the mistakes that always naming the largest class makes,
    (accuracy - largest) / (1 - largest) >= 1/2 (Cohen 1960's kappa, with that answer as what chance agrees on): of
    many images a margin is sure that says nothing. And guesses that are right with probability `largest` would be right
    so often less than once in 1,000 times (binomial): of few images a wide margin is luck.
    """
    right = round(accuracy * images)
    if accuracy < LEAST_ACCURACY:
        return f"is right on only {_percent(accuracy)} of {images:,} held-out images"
    if largest is None:
        return None
    right_on = f"is right on {_percent(accuracy)} of {images:,} held-out images"
    what = f"{right_on}, and {_percent(largest)} of them are of one class"
    if accuracy - largest < _LEAST_SKILL * (1 - largest):
        return f"{what}, so that to name it every time is hardly worse"
    from scipy.stats import binom  # late: it takes most of a second, which a misspelt command need not wait for

    if binom.sf(right - 1, images, largest) >= _CHANCE:
        return f"{what}, so that it may be luck"
    return None


def _percent(share: float) -> str:
    """`91.5 %`, `89 %`."""
    return f"{100 * share:.3g} %"
