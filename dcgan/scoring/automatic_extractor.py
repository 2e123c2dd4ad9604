"""`score.extractor=auto`: which extractor suits a data set, by what is on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dcgan.common.errors import Misuse
from dcgan.data import Dataset
from dcgan.scoring.extractors import extractor, is_here
from dcgan.scoring.score_warnings import classifier_trouble

FETCH = "dcgan doctor --fetch inception"


@dataclass(frozen=True)
class Chosen:
    """The extractor, and why, as a clause. `doubtful`: its scores say little, and nothing better is here."""

    kind: Literal["classifier", "inception"]
    why: str
    doubtful: bool = False


def choose(dataset: Dataset) -> Chosen:
    """The classifier where it recognises the images; else Inception, if its weights are here; else the classifier.

    Trains the classifier unless that is in the cache, and downloads nothing, so that the network does not decide what
    is trained. Raises Misuse for images without labels where Inception's weights are not here.
    """
    inception = is_here("inception", dataset)
    if dataset.labels is None:
        if inception:
            return Chosen("inception", "since the images have no labels to train a classifier on")
        raise Misuse(
            f"score.extractor=auto: the images of data set '{dataset.name}' have no labels to train a classifier on, "
            f"and Inception's weights are not here: `{FETCH}` fetches them (about 90 MB); or sort the images into one "
            "subfolder per class, or use score.extractor=none to train without scores"
        )
    trained = extractor("classifier", dataset)
    trouble = classifier_trouble(trained, dataset)
    if trouble is None:
        return Chosen("classifier", f"right on {100 * (trained.accuracy or 0):.3g} % of the held-out images")
    if inception:
        return Chosen("inception", f"since a classifier {trouble}")
    return Chosen(
        "classifier",
        f"although it {trouble}. Photos want Inception: `{FETCH}` fetches its weights (about 90 MB), before the first "
        "run is begun",
        doubtful=True,
    )
