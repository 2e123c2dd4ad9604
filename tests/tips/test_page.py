"""The catalogue as a page: complete, up to date, and true to what the tips do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from dcgan.common.errors import Misuse
from dcgan.common.overrides import flatten, nest
from dcgan.experiment import Experiment
from dcgan.experiment.constraints import _RULES
from dcgan.experiment.description import Description
from dcgan.experiment.sections import ADVERSARIAL_LOSSES, GRADIENT_PENALTIES
from dcgan.sweeps import sweep
from dcgan.sweeps.factors import PathFactor, TipFactor
from dcgan.tips import TIPS, Tip, apply
from dcgan.tips.article import REFERENCE
from dcgan.tips.changes import conflicts, refusal, text
from dcgan.tips.page import REFUSED, choices, page

ROOT = Path(__file__).parents[2]
PAGE = page()
SECTIONS = {part.partition("`")[0]: part for part in re.split(r"^#{2,3} `?", PAGE, flags=re.MULTILINE)}


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def _levels(name: str) -> dict[str, dict[str, str]]:
    """A tip's levels as its section shows them: keys and the text of their values, bold where it is bold."""
    shown: dict[str, dict[str, str]] = {}
    level = ""
    for line in SECTIONS[name].partition("| level | network |")[0].splitlines():
        if line.startswith("| ") and not line.startswith(("| level", "| ---")):
            first, key, _, value = _cells(line)
            level = first.strip("`") or level
            shown.setdefault(level, {}).update({key.strip("`"): value.partition(" = ")[0]} if key else {})
    return shown


def test_the_committed_page_is_the_catalogues() -> None:
    """Else: python -m dcgan.tips.page > docs/tips.md"""
    assert (ROOT / "docs" / "tips.md").read_text(encoding="utf-8") == PAGE


@pytest.mark.parametrize("name", TIPS)
def test_the_page_shows_what_each_level_does(name: str) -> None:
    default = flatten(Experiment().model_dump(mode="json"))
    shown = _levels(name)
    assert list(shown) == list(TIPS[name].levels)
    for level, values in shown.items():
        applied = flatten(apply(Experiment(), {name: level}).model_dump(mode="json"))
        assert {key: value.strip("*`") for key, value in values.items()} == {key: text(applied[key]) for key in values}
        bold = {key for key, value in values.items() if value.startswith("**")}
        assert bold == {key for key in applied if applied[key] != default[key]}


def test_sentences_sources_and_sides() -> None:
    article, beyond = PAGE.split("## Beyond the article")
    for name, each in TIPS.items():
        assert each.sentence in SECTIONS[name]
        assert f"Source: {each.source}." in SECTIONS[name]
        assert f"\n### `{name}`\n" in (beyond if each.beyond else article)


def test_relative_values_have_formula_and_number() -> None:
    assert "| **`1000`** = `10 x update.batch` |" in SECTIONS["mini_batch"]
    assert "| **`0.0008`** = `4 x optimizer.generator.lr` |" in SECTIONS["ttur"]
    assert "| `25` = `0.25 x budget.epochs` |" in SECTIONS["lr_decay"]


@pytest.mark.parametrize("name", ["batch_norm", "mini_batch", "optimizer", "ema"])
def test_conflicts_are_exactly_the_pairs_that_apply_refuses(name: str) -> None:
    told = {
        (level, each.other, theirs)
        for each in conflicts(TIPS[name], Experiment())
        for level in each.levels
        for theirs in each.others
    }
    refused = {
        (level, other, theirs)
        for level in TIPS[name].levels
        for other in TIPS
        if other != name
        for theirs in TIPS[other].levels
        if refusal(Experiment(), {name: level, other: theirs})
    }
    assert told == refused
    assert bool(told) == (name != "ema")
    assert all(f"`{other}` at " in SECTIONS[name] for _, other, _ in told)


def test_every_rule_has_an_example_with_its_own_message() -> None:
    told = {rule: [rule(Description.model_validate(nest(given))) for given in REFUSED] for rule in _RULES}
    for rule, messages in told.items():
        assert any(messages), f"no example of {rule.__name__} in REFUSED"
        assert any(message and f"| `{message}` |" in PAGE for message in messages)


def test_settings_with_a_choice_are_levels_that_a_sweep_takes() -> None:
    offered = dict(choices())
    assert offered["objective.loss"] == list(ADVERSARIAL_LOSSES)
    assert offered["objective.penalty.kind"] == ["none", *GRADIENT_PENALTIES]
    assert offered["update.leak"] == [False, True]
    assert offered["data.channels"] == [1, 3]
    assert "tracking.wandb" not in offered  # nothing there can change a result
    for key, values in offered.items():
        assert f"| `{key}` | `{text(values[0])}` | " in PAGE
        assert len(PathFactor(path=key, levels=tuple(values)).levels) == len(values)
        for value in values:
            try:
                assert flatten(Experiment().with_({key: value}).model_dump())[key] == value
            except Misuse as error:
                assert f"`{value}`: `{str(error).removeprefix('change: ')}`" in PAGE


def test_each_loss_and_penalty_is_told_with_its_source() -> None:
    section = SECTIONS["Losses and penalties\n\nWhat each player minimises with "]
    for name, loss in ADVERSARIAL_LOSSES.items():
        assert f"| `{name}` | `{loss.discriminator}` | `{loss.generator}` | " in section
        assert f" | {loss.source} |" in section
    for name, penalty in GRADIENT_PENALTIES.items():
        assert f"| `{name}` | {penalty.formula} | {penalty.source} |".replace("|grad D|", r"\|grad D\|") in section


def test_the_article_is_named() -> None:
    assert "禅与计算机程序设计艺术" in REFERENCE
    assert REFERENCE in PAGE.partition("## The article's tips")[0]


def test_the_pages_factors_can_be_swept() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
    content = yaml.safe_load(block)
    parsed = sweep.parse({"study": "page", "experiment": "digits", "seeds": 2, **content}, "the page")
    assert [factor.name for factor in parsed.factors] == ["ema", "gradient_penalty", "objective.loss"]
    penalty = parsed.factors[1]
    assert isinstance(penalty, TipFactor)
    assert penalty.levels == ("off", "on", "r1", "r2", "dragan")
    assert yaml.safe_load("[off, on]") == [False, True]  # why the page says to quote them


def test_a_pipe_ends_no_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    piped = Tip("piped", "Two in one.", "nobody", {"off": {}, "on": {"compute.device": "a|b"}}, beyond=True)
    monkeypatch.setitem(TIPS, "piped", piped)
    made = page()
    assert r"| `on` | `compute.device` | `auto` | **`a\|b`** |" in made
    widths = [len(_cells(line)) for line in made.splitlines() if line.startswith("|")]
    assert set(widths) == {2, 3, 4, 5}
