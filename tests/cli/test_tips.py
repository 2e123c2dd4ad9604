"""`dcgan tips`: both tables, one tip in full, and JSON."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from dcgan.cli import main
from dcgan.cli.output import table
from dcgan.common.overrides import flatten
from dcgan.experiment import Experiment, load
from dcgan.tips import TIPS, apply


def _terminal(words: list[str], width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """What the command prints on a terminal of that width, without its colours."""
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert main(words) == 0
    return re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)


def _json(words: list[str], capsys: pytest.CaptureFixture[str]) -> Any:
    assert main([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("width", [80, 120])
def test_the_tables_fit_a_terminal(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = _terminal(["tips"], width, monkeypatch, capsys)
    assert max(map(len, shown.splitlines())) <= width
    assert "…" not in shown
    article, beyond = shown.split("tips beyond the article")
    for name, each in TIPS.items():
        assert f"\n {name} " in (beyond if each.beyond else article)
    words = set(re.findall(r"\w+", shown))
    assert {level for each in TIPS.values() for level in each.levels} <= words
    assert shown.splitlines()[-1].startswith("next: dcgan tips NAME")


def test_the_star_is_at_the_experiments_level(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tips"]) == 0
    assert re.search(r"\n optimizer .* off\*, on, ", capsys.readouterr().out)
    assert main(["tips", "--experiment", "article"]) == 0
    shown = capsys.readouterr().out
    assert re.search(r"\n optimizer .* off, on\*, ", shown)
    assert "*: the level of experiment article" in shown


@pytest.mark.slow
@pytest.mark.parametrize("name", TIPS)
def test_a_tip_in_full_fits_a_terminal_and_leads_on(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = _terminal(["tips", name], 80, monkeypatch, capsys)
    *before, last = shown.splitlines()
    assert max(map(len, before)) <= 80
    assert "…" not in shown
    together = " ".join(shown.split())
    assert TIPS[name].sentence in together
    assert f"source: {TIPS[name].source}" in together
    assert ("(beyond the article)" in together) == TIPS[name].beyond
    for level in TIPS[name].levels:
        assert f"\n {level} " in shown
    program, *words = shlex.split(last.removeprefix("next: "))
    assert program == "dcgan"
    assert main(words) == 0
    assert "= 2 arms x" in capsys.readouterr().out


def test_the_difference_is_against_ones_own_experiment(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("update: {batch: 16}\nbudget: {epochs: 1}\ndiscriminator: {depth: 2}\n")
    assert main(["tips", "mini_batch", "--experiment", str(mine)]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert re.search(r" off +update\.batch +16 +160 = 10 x itself", shown)
    assert "mnist at 64 x 64, batches of 16, 1 epoch of 10,000 images), which is at level on:" in shown
    assert main(["tips", "lr_decay", "--experiment", str(mine)]) == 0
    assert "refused: lr_decay at on: schedule.every_epochs=1 never comes within" in capsys.readouterr().out
    assert main(["tips", "batch_norm", "--experiment", str(mine)]) == 0
    shown = capsys.readouterr().out
    assert "layer: discriminator.normalisation=layer has no effect: discriminator.depth=2" in shown
    assert "refused: batch_norm at off, on, " in shown
    assert "tips 'batch_norm' and 'spectral_norm' want discriminator.normalisation=none" in " ".join(shown.split())


def test_json_has_every_tip_and_its_difference(capsys: pytest.CaptureFixture[str]) -> None:
    tips = _json(["tips"], capsys)
    assert [each["name"] for each in tips] == list(TIPS)
    for each in tips:
        tip = TIPS[each["name"]]
        assert set(each) == {
            "name", "source", "sentence", "beyond", "levels", "default", "differences", "refused",
        }  # fmt: skip
        assert (each["source"], each["sentence"], each["beyond"]) == (tip.source, tip.sentence, tip.beyond)
        assert each["default"] == tip.level_of(Experiment())
        assert each["refused"] == {}
        for level in tip.levels:
            applied = flatten(apply(Experiment(), {tip.name: level}).model_dump(mode="json"))
            told = {key: change["to"] for key, change in each["differences"][level].items()}
            assert told == {key: applied[key] for key in tip.levels[level]}
    assert tips[list(TIPS).index("mini_batch")]["levels"]["off"] == {"update.batch": "10 x update.batch"}


def test_json_of_one_tip_follows_the_experiment(capsys: pytest.CaptureFixture[str]) -> None:
    (each,) = _json(["tips", "optimizer", "--experiment", "article"], capsys)
    assert each["default"] == TIPS["optimizer"].level_of(load("article")) == "on"
    assert each["differences"]["off"]["optimizer.generator.kind"] == {"from": "rmsprop", "to": "adam"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["tips", "gradient_penalti"], "no tip named 'gradient_penalti'; did you mean 'gradient_penalty'?"),
        (
            ["tips", "ema", "--experiment", "mnits"],
            "no experiment named 'mnits'; did you mean 'mnist'? (also tried {here}/experiments/mnits.yaml)",
        ),
    ],
)
def test_unknown_names_get_the_closest_and_exit_code_2(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == f"error: {message.format(here=Path.cwd())}\n"


def test_help_imports_nothing_heavy() -> None:
    look = (
        "import sys; from dcgan.cli import main\n"
        "try: main(['tips', '--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'torch', 'pydantic', 'rich', 'yaml'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_what_stands_in_a_table_is_neither_markup_nor_obeyed(capsys: pytest.CaptureFixture[str]) -> None:
    """Of any command: a metric may be called like a tag, and a folder like a terminal's command."""
    table(["[/red]", "[link=x]fid[/]"], [["[bold]\x1b[31marm", "a\rb"]], title="[/x]\x1b]0;t\x07\x9b2J")
    shown = capsys.readouterr().out
    assert "[/red]" in shown
    assert "[link=x]fid[/]" in shown
    assert "[bold]\\x1b[31marm" in shown
    assert "a\\rb" in shown
    assert "[/x]\\x1b]0;t\\x07\\x9b2J" in shown
    assert not [letter for letter in shown if unicodedata.category(letter) == "Cc" and letter != "\n"]
