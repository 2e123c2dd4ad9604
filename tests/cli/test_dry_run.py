"""What `dcgan sweep --dry-run` says before anything is trained."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from PIL import Image

from dcgan.cli import main
from dcgan.common import paths
from tests.cli.typed import printed_json


def test_a_dry_run_writes_nothing_and_says_what_would_be(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", small, "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert "generator.normalisation=batch" in shown
    assert "in every arm, since start=bare holds for the tips that are no factors: " in shown
    assert "update.batch=100" in shown
    assert "trials: 4 = 2 arms x 2 seeds; 0 of them are already trained" in shown
    assert "length: 200 images a run, 2 updates of G at a batch of 100\n" in shown
    assert "scores: on features of score.extractor=classifier, 2 times along 200 images" in shown
    assert re.search(r"time: about \d+ s of training and scoring, \d+ at a time", shown)
    assert "effects on fid below " in shown and "assumed spread from run to run 12 %" in shown
    assert "warning: with 2 seeds the spread of an arm is hardly known" in shown and "give 4 seeds or more" in shown
    assert main(["sweep", small, "--dry-run", "score.every_epochs=2"]) == 0
    assert "1 time along 200 images" in capsys.readouterr().out
    assert main(["sweep", small, "--dry-run", "--json", "seeds=1"]) == 0
    plan = printed_json(capsys)
    assert plan["arms"] == ["bare", "batch_norm"]
    assert (plan["trials"], plan["reused"]) == (2, 0)
    assert 0 < plan["seconds"] < 60
    assert plan["resolvable_difference"] is None
    assert "one seed shows no spread" in plan["warning"]
    assert "at least 2" in plan["resolution"]
    assert not Path("studies").exists()
    assert not Path("runs").exists()


def test_a_plan_that_stops_when_decided_tells_its_looks(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", small, "stop={at_most: 4}", "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert "trials: at most 8 = 2 arms x 4 seeds" in shown
    assert "looks: after 2, 3, 4 seeds" in shown
    assert "time: at most" in shown


def test_a_dry_run_downloads_nothing(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", small, "data.name=mnist", "--dry-run"]) == 0
    for command in (["sweep", small], ["train", "mnist"]):
        assert main([*command, "data.name=mnist", "score.extractor=auto", "--dry-run"]) == 1
        assert "score.extractor=auto is worked out from the images, which are not here" in capsys.readouterr().err
    assert not paths.data().exists()


def test_the_next_command_can_be_pasted(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(small).rename("my small.yaml")
    words = ["study=small", "factors=[he_init, batch_norm]"]
    assert main(["sweep", "my small.yaml", *words, "--dry-run"]) == 0
    following = capsys.readouterr().out.splitlines()[-1].removeprefix("next: ")
    assert shlex.split(following) == ["dcgan", "sweep", "my small.yaml", *words]


def _bars(folder: Path) -> None:
    """Thirty images without class folders."""
    folder.mkdir()
    for number in range(30):
        Image.new("L", (16, 16), color=8 * number).save(folder / f"{number}.png")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["update.batch=2000", "budget.epochs=90"],
            "arm '[a-z_]*': update.batch=2000 is larger than the training split",
        ),
        (["data.name=folder", "data.folder=bars", "update.batch=2"], "arm '[a-z_]*': data set 'folder' has no labels"),
        (["score.samples=5000"], "arm '[a-z_]*': 5000 samples: the test split of digits has 449 images"),
    ],
)
def test_a_dry_run_refuses_what_the_run_will(
    small: str, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _bars(Path("bars"))
    for more in (["--dry-run"], []):
        assert main(["sweep", small, *words, *more]) == 2
        assert re.search(message, capsys.readouterr().err)
    assert not Path("studies").exists()


TIPS = ["small_networks", "he_init", "batch_norm", "leaky_relu", "d_first", "replay", "mini_batch"]


def test_a_dry_run_shows_the_design_and_gives_its_aliases(capsys: pytest.CaptureFixture[str]) -> None:
    words = [
        "sweep",
        "mnist-tips",
        "start=bare",
        "design={fractional: {resolution: 3}}",
        f"factors=[{', '.join(TIPS)}]",
    ]
    words.append("--dry-run")
    assert main(words) == 0
    assert "generators: leaky_relu = -small_networks x he_init, " in capsys.readouterr().out
    assert main([*words, "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert (len(content["arms"]), content["aliases"]["resolution"]) == (8, 3)
    assert main([*words[:2], "design={fractional: {resolution: 3}}", "factors=[he_init, ema]", "--dry-run"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
