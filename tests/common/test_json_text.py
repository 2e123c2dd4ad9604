"""JSON as a stranger may write it: bounded in depth and in values."""

import tracemalloc

import pytest

from dcgan.common.json_text import DEEPEST, parse_json


def test_plain_values_are_read_as_they_are() -> None:
    assert parse_json('{"a": [1, {"b": null}], "c": "[[["}') == {"a": [1, {"b": None}], "c": "[[["}
    assert parse_json('{"a": 1}', pairs=list) == [("a", 1)]
    wide = "[" + ",".join(["[1]"] * 500) + "]"
    assert parse_json(wide) == [[1]] * 500


@pytest.mark.parametrize("text", ["1e999", "-1e999", "NaN", "Infinity", "-Infinity"])
def test_what_is_no_finite_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no finite number"):
        parse_json(f'{{"a": [{text}]}}')
    assert parse_json("[1e308, 1e-999, -0.5]") == [1e308, 0.0, -0.5]


@pytest.mark.parametrize("levels", [DEEPEST + 1, 900, 200_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_nesting_is_bounded(levels: int, opening: str, closing: str) -> None:
    assert parse_json(opening * DEEPEST + "1" + closing * DEEPEST) is not None
    with pytest.raises(ValueError, match="nested too deeply"):
        parse_json(opening * levels + "1" + closing * levels)


def test_millions_of_values_are_not_made() -> None:
    text = "[" + "[]," * 2_500_000 + "[]]"
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="more than 2,000,000 values"):
            parse_json(text)
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()
