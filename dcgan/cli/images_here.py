"""`data.folder=PATH` behind the name of a run or a study: where its images are on this machine."""

from __future__ import annotations

from collections.abc import Sequence

from dcgan.common.errors import Misuse
from dcgan.common.overrides import split_words

WORDS = "where the images are on this machine, if not where they were: data.folder=PATH"


def folder_of(words: Sequence[str]) -> str | None:
    """The folder that the words give, None without one. Raises Misuse for other words: what was planned stays so."""
    given = split_words(words)
    if other := next((key for key in given if key != "data.folder"), None):
        raise Misuse(f"{other}: what is there already keeps its settings; only data.folder=PATH can be given here")
    return given.get("data.folder")
