"""The colour of each verdict."""

from __future__ import annotations

from collections.abc import Mapping

from dcgan.common.drawing.canvas import HELPS, HURTS, OPEN, SAME
from dcgan.statistics.paired import Verdict

COLOURS: Mapping[Verdict, str] = {"helps": HELPS, "hurts": HURTS, "no effect": SAME, "inconclusive": OPEN}
