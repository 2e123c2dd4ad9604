"""How numbers are written in documents and on the terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from dcgan.common.formatting import NONE, minus, ratio_text
from dcgan.common.metrics import Scale
from dcgan.comparison.analysis import Analysis
from dcgan.statistics.paired import Interval

_LABELS = {"fid": "FID", "kid": "KID", "isc": "IS"}


def metric_label(metric: str) -> str:
    """A metric as it is written in text: `FID`."""
    return _LABELS.get(metric, metric)


@dataclass(frozen=True)
class Numbers:
    """How the metric's values are written: all with the same number of decimals, with a true minus.

    `scale`: that of effects, which are written in per cent where they are ratios.
    """

    decimals: int
    scale: Scale = "difference"

    @classmethod
    def of(cls, analysis: Analysis) -> Numbers:
        """For an analysis, by its arms' means."""
        return cls.for_means([arm.mean for arm in analysis.arms], analysis.scale)

    @classmethod
    def for_means(cls, given: Sequence[float | None], scale: Scale = "difference") -> Numbers:
        """About four significant digits of the median."""
        means = [abs(mean) for mean in given if mean]
        usual = median(means) if means else 1.0
        return cls(min(max(3 - math.floor(math.log10(usual)), 0), 9), scale)

    def plain(self, value: float | None) -> str:
        """`31.25`, or a dash."""
        return NONE if value is None else minus(f"{value:.{self.decimals}f}")

    def signed(self, value: float | None) -> str:
        """`+1.25`, or a dash."""
        return NONE if value is None else minus(f"{value:+.{self.decimals}f}")

    def effect(self, value: float | None) -> str:
        """An effect on the scale: `+1.25`, or for a difference of logarithms `+25 %`, and `x2.5` above a doubling."""
        if value is None or self.scale == "difference":
            return self.signed(value)
        return ratio_text(value)

    def effect_interval(self, interval: Interval | None) -> str:
        """`[+12 %, x2.1]`, or nothing."""
        return "" if interval is None else f"[{self.effect(interval[0])}, {self.effect(interval[1])}]"

    def interval(self, interval: Interval | None, *, sign: bool = True) -> str:
        """`[+1.02, +3.01]`, or nothing."""
        if interval is None:
            return ""
        write = self.signed if sign else self.plain
        return f"[{write(interval[0])}, {write(interval[1])}]"
