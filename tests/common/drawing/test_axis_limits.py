"""Limits that hold everything but what is far away."""

from __future__ import annotations

from dcgan.common.drawing.axis_limits import limits


def test_they_hold_every_span_and_the_centre_with_room() -> None:
    low, high = limits([(2.0, 3.0), (2.5, 6.0)], 1.0)
    assert low < 1.0 and high > 6.0


def test_one_far_span_is_cut_at_four_times_the_usual_reach() -> None:
    assert limits([(-1.0, 2.0), (-2.0, 1.0), (0.0, 900.0)], 0.0) == (-2.5, 8.5)


def test_a_quarter_of_wide_spans_is_shown_whole() -> None:
    assert limits([(-1.0, 1.0)] * 8 + [(0.0, 9.0)] * 4, 0.0)[1] > 9.0


def test_what_is_to_be_seen_is_within() -> None:
    low, high = limits([(-0.1, 0.1)], 0.0, least=2.0)
    assert low < -2.0 and high > 2.0


def test_nothing_below_the_floor_is_shown() -> None:
    assert limits([(-30.0, 60.0)], 10.0, floor=0.0)[0] == 0.0
    assert limits([(9.0, 11.0)], 10.0, floor=0.0)[0] > 8.0


def test_nothing_at_all_and_no_spread_still_have_a_width() -> None:
    for spans, centre in (([], 0.0), ([(0.0, 0.0)], 0.0), ([(5.0, 5.0)], 5.0)):
        low, high = limits(spans, centre)
        assert low < centre < high
