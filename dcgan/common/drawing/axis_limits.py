"""Limits of an axis that one far point does not spoil. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence

_MOST = 4.0  # times the usual reach: what lies farther out is shown at the edge
_MOST_WIDE = 2.5  # times the reach that three quarters do not exceed
_ROOM = 0.05


def limits(
    spans: Sequence[tuple[float, float]], centre: float, least: float = 0.0, floor: float | None = None
) -> tuple[float, float]:
    """Limits that hold every span (lowest, highest), unless one's reach would flatten all others: then it is cut.

    A span's reach is its farthest point from the centre; none counts for more than four times the median reach, or two
    and a half times that of a wide one. `least` is shown on either side of the centre; nothing below `floor` is.

    Example:
        >>> limits([(-1.0, 2.0), (-2.0, 1.0), (0.0, 900.0)], 0.0)
        (-2.5, 8.5)
    """
    reaches = [(low - centre, high - centre) for low, high in spans]
    sizes = sorted(max(-low, high) for low, high in reaches) or [1.0]
    usual, wide = sizes[(len(sizes) - 1) // 2], sizes[3 * (len(sizes) - 1) // 4]
    most = max(_MOST * max(usual, least), _MOST_WIDE * wide) or abs(centre) * 0.1 or 1.0
    low = min(0.0, -least, max(min((low for low, _ in reaches), default=0.0), -most))
    high = max(0.0, least, min(max((high for _, high in reaches), default=0.0), most))
    room = _ROOM * ((high - low) or most)
    bottom = centre + low - room
    return (bottom if floor is None else max(bottom, min(floor, centre))), centre + high + room
