"""What is typed in the place of something else is refused in one line that says what can be typed."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from dcgan.cli import main
from dcgan.common.overrides import parse_words
from dcgan.sweeps.sweep import load

_SWEEP = "experiment: digits\nfactors: [ema]\n"


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _refused(line: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(shlex.split(line)) == 2
    (said,) = capsys.readouterr().err.splitlines()
    return said


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("train lr=1e-4", "'lr=1e-4': the experiment comes first: `dcgan train digits lr=1e-4`"),
        ("train seed=1 mnist name=a", "the experiment comes first: `dcgan train mnist seed=1 name=a`"),
        ("sweep seeds=3 demo", "the sweep comes first: `dcgan sweep demo seeds=3`"),
        ("train digits ema=on", "digits: 'ema' is a tip, at on: average.half_life=400; `dcgan tips ema` shows"),
        ("train digits diffaugment", "'diffaugment' is a tip, at on: augment.color=true augment.translation=true"),
        ("train folder ema=on", "'ema' is a tip, at on: average.half_life="),
        ("train digits --ema=on", "'ema' is a tip"),
        ("sweep demo ema", "'ema' is a tip: factors='[ema]' compares it, and `dcgan tips ema` shows"),
        ("sweep demo ema=on", "'ema' is a tip: factors='[ema]' compares it"),
        ("sweep demo factors=ema", "factors: expected a list, in brackets: factors='[ema]'"),
        ("sweep demo zzz=1", "unknown key 'zzz': `dcgan train digits --dry-run` shows all keys"),
        ("sweep demo workers=3", "it is an option of `dcgan sweep`, typed --workers 3"),
        ("sweep nodir/mine.yaml", "did you mean 'mine.yaml'?"),
        ("sweep nodir/mine.yml", "did you mean 'mine.yaml'?"),
        ("sweep own.yaml", "did you mean 'sweeps/own.yaml'?"),
        ("runs 'epochs<3'", "runs have no 'epochs'; did you mean 'budget.epochs'?"),
    ],
)
def test_a_word_in_the_wrong_place(line: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine.yaml").write_text(_SWEEP)
    Path("sweeps").mkdir()
    Path("sweeps/own.yaml").write_text(_SWEEP)
    assert said in _refused(line, capsys)


@pytest.mark.parametrize("command", ["report", "report --watch", "status", "dashboard", "worker", "score"])
def test_a_sweep_file_leads_to_its_study(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine.yaml").write_text(_SWEEP)
    Path("named.yml").write_text(f"study: other\n{_SWEEP}")
    Path("run.yaml").write_text("seed: 1\n")
    name = command.split(maxsplit=1)[0]
    for file, study in (("mine.yaml", "mine"), ("named.yml", "other"), ("demo.yaml", "demo")):
        assert f"{file} is a sweep file; of its study: `dcgan {name} {study}`" in _refused(f"{command} {file}", capsys)
    assert "run.yaml is no sweep file and no study" in _refused(f"{command} run.yaml", capsys)


def test_factors_in_brackets_as_the_message_says_are_taken() -> None:
    assert [factor.name for factor in load("demo", parse_words(["factors=[ema]"])).factors] == ["ema"]
