"""`dcgan sweep --new`: one command to a study that can be looked at."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from dcgan.cli import main
from dcgan.study import plan as planning
from dcgan.sweeps import sweep

pytestmark = pytest.mark.usefixtures("workplace")
ASKED = ["experiment=digits", "tips=ema,diffaugment,gradient_penalty,objective.loss=hinge", "seeds=3", "latent.dim=6"]


def test_the_study_that_people_want_in_one_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", "--new", "mine.yaml", *ASKED]) == 0
    assert capsys.readouterr().out.splitlines() == ["written: mine.yaml", "next: dcgan sweep mine.yaml --dry-run"]
    plan = planning.make(sweep.load("mine.yaml"))
    assert [arm.name for arm in plan.arms] == [
        *("baseline", "ema", "diffaugment", "gradient_penalty", "objective.loss=hinge")
    ]
    assert plan.study == "mine" and plan.seeds == (0, 1, 2)
    of_arm = {trial.arm: trial.experiment for trial in plan.trials if trial.seed == 0}
    own = of_arm["baseline"]
    assert own.id == plan.base.id and own.generator.normalisation == "batch" and own.latent.dim == 6
    for arm, experiment in of_arm.items():
        assert (experiment.average.half_life > 0) == (arm == "ema")
        assert experiment.augment.color == (arm == "diffaugment")
        assert (experiment.objective.penalty.kind != "none") == (arm == "gradient_penalty")
        assert (experiment.objective.loss == "hinge") == (arm == "objective.loss=hinge")
        assert experiment.update.batch == own.update.batch


def test_a_setting_beside_the_tips_holds_in_every_arm() -> None:
    words = ["experiment=digits", "tips=ema", "objective.loss=hinge", "study=other", "design=leave-one-out"]
    assert main(["sweep", "mine.yaml", "--new", *words]) == 0
    plan = planning.make(sweep.load("mine.yaml"))
    assert (plan.study, [arm.name for arm in plan.arms]) == ("other", ["baseline", "without-ema"])
    assert {trial.experiment.objective.loss for trial in plan.trials} == {"hinge"}


def test_a_folder_that_is_not_here_is_said_and_the_file_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", "--new", "mine.yaml", "experiment=folder", "tips=ema", "data.folder=photos"]) == 0
    assert "data.folder=photos is not here" in capsys.readouterr().out
    assert sweep.load("mine.yaml").set == {"data.folder": "photos"}
    assert main(["sweep", "--new", "more.yaml", "experiment=folder", "tips=ema", "--json"]) == 0
    following = ["dcgan", "sweep", "more.yaml", "--dry-run"]
    assert json.loads(capsys.readouterr().out) == {"file": "more.yaml", "study": "more", "next": following}
    assert re.search(r"^# *data\.folder: images", Path("more.yaml").read_text(), re.MULTILINE)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["old.yaml", *ASKED], "--new old.yaml: that file is there already"),
        (["mine", *ASKED], "--new mine: the name of a sweep file ends in .yaml: mine.yaml"),
        (ASKED[:2], "--new: the file to write comes first, before experiment=digits"),
        (["mine.yaml", *ASKED[1:]], "what does every arm begin from? experiment=NAME, one of"),
        (["mine.yaml", "experiment=digits"], "what is compared? tips=NAME,NAME"),
        (["mine.yaml", "experiment=digit", "tips=ema"], "no experiment named 'digit'; did you mean 'digits'?"),
        (["mine.yaml", "experiment=digits", "tips=emma"], "no tip named 'emma'; did you mean 'ema'?"),
        (["mine.yaml", *ASKED, "study=a/b"], "--new mine.yaml: study 'a/b': use letters"),
        (["mine.yaml", *ASKED, "desing=both"], "unknown key 'desing'; did you mean 'design'?"),
        (["mine.yaml", *ASKED, "objective.loss=hinge"], "tips: 'digits' has objective.loss=hinge already"),
        (["mine.yaml", *ASKED[:2], "score.extractor=none"], "has score.extractor=none"),
        (["mine.yaml", *ASKED, "--workers", "2"], "--new writes a file and trains nothing: leave out --workers"),
    ],
)
def test_misuse_is_one_line_and_writes_nothing(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("old.yaml").write_text("mine")
    assert main(["sweep", "--new", *words]) == 2
    said = capsys.readouterr().err
    assert message in said and said.count("\n") == 1
    assert [path.name for path in Path().glob("*.yaml")] == ["old.yaml"]
    assert Path("old.yaml").read_text() == "mine"
