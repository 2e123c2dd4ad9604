"""Regular fractions of the two-level factorial: a fraction of its arms, by resolution."""

from __future__ import annotations

import math
import string
from functools import cache
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from dcgan.common.errors import Misuse
from dcgan.statistics.contrasts import Aliases, Reading, Word
from dcgan.sweeps.designs.aliased import alias_table, arms_of, reading_of, signs_of
from dcgan.sweeps.designs.arm import Arm
from dcgan.sweeps.designs.design import MOST_ARMS, Design, only_two_levels
from dcgan.sweeps.designs.factor import Factor

# Generators of the factors beyond the first log2(runs), which are called A, B, C, ...: the published designs of minimum
# aberration (Box, Hunter and Hunter, table 12.15; Montgomery, table 8.14; NIST/SEMATECH handbook, 5.3.3.4.7).
# (12, 256) is (11, 128) with its even generators multiplied by an eighth column, which raises the resolution by one.
_PUBLISHED = {
    (3, 4): "AB",
    (4, 8): "ABC",
    (5, 8): "AB AC",
    (5, 16): "ABCD",
    (6, 8): "AB AC BC",
    (6, 16): "ABC BCD",
    (6, 32): "ABCDE",
    (7, 8): "AB AC BC ABC",
    (7, 16): "ABC BCD ACD",
    (7, 64): "ABCDEF",
    (8, 16): "BCD ACD ABC ABD",
    (8, 64): "ABCD ABEF",
    (9, 16): "ABC BCD ACD ABD ABCD",
    (9, 32): "BCDE ACDE ABDE ABCE",
    (9, 128): "ACDFG BCEFG",
    (10, 16): "ABC BCD ACD ABD ABCD AB",
    (10, 32): "ABCD ABCE ABDE ACDE BCDE",
    (10, 128): "ABCG BCDE ACDF",
    (11, 16): "ABC BCD ACD ABD ABCD AB AC",
    (11, 32): "ABC BCD CDE ACD ADE BDE",
    (11, 128): "ABCG BCDE ACDF ABCDEFG",
    (12, 16): "ABC ABD ACD BCD ABCD AB AC AD",
    (12, 32): "ABC ABD ABE ACD ACE ADE BCD",
    (12, 256): "ABCGH BCDEH ACDFH ABCDEFG",
}
_MOST_GENERATORS = 18  # their 2^18 words are counted in a moment


class Fractional(Design):
    """The smallest regular fraction 2^(k-p) of at least that resolution: the length of the shortest word of its
    defining relation.

    III: main effects are mixed with two-factor interactions. IV: clear of them; these are mixed with each other.
    V: two-factor interactions are clear of each other, too. Among the 2^p fractions of one family it is the one that
    has the baseline: the signs of the generators follow from that.
    """

    name: ClassVar[str] = "fractional"

    resolution: Annotated[int, Field(ge=3, strict=True)] = 4

    def arms(self, factors: list[Factor], start: str) -> list[Arm]:
        only_two_levels(factors, self.name, "factorial")
        generators = choose(len(factors), self.resolution)
        return arms_of(matrix(len(factors), generators), factors, start)

    def reading(self, arms: list[Arm], factors: list[Factor]) -> Reading:
        first = signs_of(arms[:1], factors)[0]
        generators = choose(len(factors), self.resolution)
        defining = words(len(factors), generators)
        resolution = int(np.bitwise_count(defining).min())
        aliases = Aliases(
            resolution=resolution,
            table=alias_table(arms, factors),
            generators=tuple(_word(mask, factors, first) for mask in _masks(len(factors), generators)),
            words=tuple(
                _word(int(mask), factors, first)
                for mask in sorted(defining, key=_alphabetic)
                if np.bitwise_count(mask) == resolution
            ),
        )
        return reading_of(aliases, factors)


@cache
def choose(factors: int, resolution: int) -> tuple[str, ...]:
    """The generators of the smallest fraction of at least that resolution: the published ones where there are any.

    Raises Misuse where there is none, with what there is.
    """
    if resolution > factors or factors < 3:
        most = (
            f"the highest is {factors} ({2 ** (factors - 1)} arms); "
            if factors >= 3
            else "a fraction needs three factors or more; "
        )
        raise Misuse(
            f"no fraction of {_count(factors)} has resolution {resolution}: {most}"
            f"design=factorial tells everything apart in {2**factors} arms"
        )
    for (of, _), text in sorted(_PUBLISHED.items()):
        generators = tuple(text.split())
        if of == factors and resolution_of(factors, generators) >= resolution:
            return generators
    return _searched(factors, resolution)


def _searched(factors: int, resolution: int) -> tuple[str, ...]:
    """Generators that pydoe finds, within the bounds of what is offered."""
    from pydoe import fracfact_by_res

    try:
        signs = fracfact_by_res(factors, resolution)
    except ValueError:
        signs = np.empty((0, factors))
    basic = int(math.log2(max(len(signs), 1)))
    if not 0 < len(signs) <= MOST_ARMS or factors - basic > _MOST_GENERATORS:
        raise Misuse(
            f"no fraction of {_count(factors)} with resolution {resolution} is offered ({MOST_ARMS} arms at most): "
            "ask for another resolution, leave factors out, or use plackett-burman (up to 23 factors)"
        )
    if factors - basic == 1:
        return (string.ascii_uppercase[:basic],)  # the half fraction of the highest resolution
    # pydoe's first columns are the basic factors, its last run has all of them at +1: in the run that has only factor i
    # at -1, a generated column is -1 where i is in its generator.
    alone = {
        letter: signs[(signs[:, :basic] == np.where(np.arange(basic) == index, -1, 1)).all(axis=1)][0]
        for index, letter in enumerate(string.ascii_uppercase[:basic])
    }
    return tuple(
        "".join(letter for letter, run in alone.items() if run[column] < 0) for column in range(basic, factors)
    )


def matrix(factors: int, generators: tuple[str, ...]) -> NDArray[np.float64]:
    """The runs of the principal fraction, [runs, factors] of -1 and +1, the run with +1 everywhere first."""
    from pydoe import fracfact

    basic = string.ascii_lowercase[: factors - len(generators)]
    signs: NDArray[np.float64] = fracfact(" ".join([*basic, *generators]).lower())
    return signs[::-1]


def words(factors: int, generators: tuple[str, ...]) -> NDArray[np.int64]:
    """The words of the defining relation, 2^p - 1 of them, as bit masks of factors (factor i is bit i)."""
    defining = np.zeros(1, dtype=np.int64)
    for mask in _masks(factors, generators):
        defining = np.concatenate([defining, defining ^ mask])
    return defining[1:]


def resolution_of(factors: int, generators: tuple[str, ...]) -> int:
    """The length of the shortest word."""
    return int(np.bitwise_count(words(factors, generators)).min())


def _masks(factors: int, generators: tuple[str, ...]) -> list[int]:
    """The generators as words: each with the factor that it makes."""
    basic = factors - len(generators)
    return [
        sum(1 << string.ascii_uppercase.index(letter) for letter in generator) | 1 << (basic + index)
        for index, generator in enumerate(generators)
    ]


def _members(mask: int) -> list[int]:
    return [index for index in range(mask.bit_length()) if mask >> index & 1]


def _alphabetic(mask: np.int64) -> list[int]:
    return _members(int(mask))


def _word(mask: int, factors: list[Factor], first: NDArray[np.float64]) -> Word:
    """A word with its sign, which every arm shares: that of the baseline, whose codes are `first`."""
    members = _members(mask)
    return Word(tuple(factors[index].name for index in members), int(np.prod(first[members])))


def _count(factors: int) -> str:
    return f"{factors} factor{'s' if factors != 1 else ''}"
