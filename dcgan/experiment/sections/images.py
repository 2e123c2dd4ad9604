"""What is learned and from what it is made: the images and the noise."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, ConfigDict, model_validator

from dcgan.common.path_text import as_text
from dcgan.experiment.sections.section import AboveZero, Positive, Section

CHANNELS = {"digits": 1, "mnist": 1, "fashion-mnist": 1, "cifar10": 3, "stacked-mnist": 3, "folder": 3}


def _written(path: Any) -> Any:
    return as_text(path) if isinstance(path, str) else path


Folder = Annotated[str, BeforeValidator(_written)]  # a path, which may have bytes that are no UTF-8


class Data(Section):
    """The images: which, how large, how many channels."""

    model_config = ConfigDict(coerce_numbers_to_str=True)  # a folder may be called 2024

    name: Literal["digits", "mnist", "fashion-mnist", "cifar10", "stacked-mnist", "folder"] = "mnist"
    size: Literal[16, 28, 32, 64, 128] = 64  # 28: MNIST's own
    channels: Literal[1, 3] | None = None  # None: the data set's own (a folder's: colour)
    folder: Folder | None = None  # for `folder`: where the images are
    fingerprint: str | None = None  # for `folder`: filled in from the files' contents

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.name == "folder") != (self.folder is not None):
            raise ValueError("data.name=folder and data.folder=PATH go together: give both or neither")
        if self.channels is None:
            object.__setattr__(self, "channels", CHANNELS[self.name])
        return self

    @property
    def shape(self) -> tuple[int, int, int]:
        """An image's (channels, height, width)."""
        return self.channels or CHANNELS[self.name], self.size, self.size


class Latent(Section):
    """The noise that the generator turns into images."""

    dim: Positive = 100
    distribution: Literal["normal", "uniform", "truncated"] = "normal"
    truncation: AboveZero = 2.0  # truncated: a normal distribution cut off at so many standard deviations
