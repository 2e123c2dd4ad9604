import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from dcgan.cli import main
from dcgan.data import load
from dcgan.experiment import Experiment
from dcgan.experiment.sections import Data
from dcgan.runs.run import run_trial
from tests.cli.typed import printed_json

pytestmark = pytest.mark.usefixtures("shared_extractor")


@pytest.fixture
def digits(tmp_path: Path) -> Path:
    """A folder of forty real digits as files."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number, image in enumerate(load(Data(name="digits", size=16)).images["train"][:40]):
        Image.fromarray(image[0].numpy()).save(folder / f"{number:02d}.png")
    return folder


def test_a_run_is_scored_against_its_own_data_and_left_as_it_is(tiny: Experiment, capsys):
    run = run_trial(tiny).id
    folder = _run_folder(run)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    capsys.readouterr()
    assert main(["score", run, "--samples", "50", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found["scores"]) >= {"fid", "fid_floor", "fid_sd", "isc", "kid", "precision", "recall", "coverage"}
    assert len(found["details"]["modes"]["shares"]["generated"]) == 10
    assert (found["protocol"]["data"], found["protocol"]["split"]) == ("digits", "test")
    assert (found["protocol"]["real"], found["protocol"]["generated"]) == (50, 50)
    assert main(["score", str(folder), "--samples", "50", "--split", "train", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["protocol"]["split"] == "train"
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert main(["score", run, "--size", "32"]) == 2
    assert "the run makes images of 16 pixels" in capsys.readouterr().err


def test_a_run_is_scored_in_the_arithmetic_of_its_training(tiny: Experiment, monkeypatch: pytest.MonkeyPatch) -> None:
    """PyTorch's own on a GPU is TF32, in which a generator makes other images."""
    run = run_trial(tiny).id
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)
    assert main(["score", run, "--samples", "50"]) == 0
    assert torch.backends.cudnn.allow_tf32 is False


def _run_folder(run: str) -> Path:
    from dcgan.common import paths

    return paths.runs() / run


def test_a_folder_against_a_data_set(digits: Path, capsys):
    assert main(["score", str(digits), "--against", "digits", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["protocol"]["generated"], found["protocol"]["size"]) == (40, 16)
    assert found["scores"]["fid"] < 1.5 * found["scores"]["fid_floor"]  # real digits beside as many others
    assert main(["score", str(digits), "--against", "digits", "--samples", "30"]) == 0
    out = capsys.readouterr().out
    assert "30 images against 30 of digits (test), extractor classifier" in out
    assert out.startswith("fid ")


def test_a_folder_against_a_folder_with_classes(digits: Path, tmp_path: Path, capsys):
    whole = load(Data(name="digits", size=16))
    for number, (image, label) in enumerate(zip(whole.images["test"][:60], whole.labels["test"], strict=False)):
        folder = tmp_path / "real" / str(int(label) // 5)
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image[0].numpy()).save(folder / f"{number:02d}.png")
    assert main(["score", str(digits), "--against", str(tmp_path / "real"), "--size", "16", "--json"]) == 0
    protocol = json.loads(capsys.readouterr().out)["protocol"]
    assert (protocol["data"], protocol["generated"], protocol["size"], protocol["channels"]) == ("folder", 12, 16, 3)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["PICTURES"], "say what to compare it with, such as --against"),
        (["PICTURES", "--against", "digist"], "did you mean 'digits'?"),
        (["PICTURES", "--against", "digits", "--samples", "1"], "--samples 1: expected at least 2"),
        (["PICTURES", "--against", "digits", "--samples", "41"], "--samples 41: "),
        (["PICTURES", "--against", "digits", "--samples", "5000"], "pictures has 40 images"),
        (["ONE", "--against", "digits"], "one has 1 image: at least 20 are needed"),
        (["BROKEN", "--against", "digits"], "13.png is not a readable image"),
        (["NAN", "--against", "digits"], "07.tiff is not a readable image (it holds NaN or infinity)"),
        (["PICTURES", "--against", "PICTURES"], "subfolder per class"),
        (
            ["PICTURES", "--against", "digits", "--extractor", "resnet"],
            "score.extractor='resnet': expected one of auto, classifier",
        ),
        (["PICTURES", "--against", "digits", "--sampels", "3"], "did you mean '--samples'?"),
    ],
)
def test_misuse_is_one_line(digits: Path, tmp_path: Path, words: list[str], message: str, capsys):
    one, broken = tmp_path / "one", tmp_path / "broken"
    one.mkdir()
    shutil.copy(digits / "00.png", one)
    shutil.copytree(digits, broken)
    (broken / "13.png").write_bytes(b"no PNG")
    shutil.copytree(digits, nan := tmp_path / "nan")
    Image.fromarray(np.full((16, 16), np.nan, dtype=np.float32)).save(nan / "07.tiff")
    folders = {"PICTURES": str(digits), "ONE": str(one), "BROKEN": str(broken), "NAN": str(nan)}
    assert main(["score", *(folders.get(word, word) for word in words)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len([line for line in captured.err.splitlines() if not line.startswith("note: ")]) == 1
    assert message in captured.err


def test_more_pictures_than_the_data_has(digits: Path, tmp_path: Path, capsys):
    """Of 500 against 449 real ones as many are taken by default; more cannot be asked for."""
    many = tmp_path / "many"
    many.mkdir()
    for number in range(500):
        shutil.copy(digits / f"{number % 40:02d}.png", many / f"{number:03d}.png")
    assert main(["score", str(many), "--against", "digits", "--samples", "450"]) == 2
    assert "450 samples: the test split of digits has 449 images" in capsys.readouterr().err
    assert main(["score", str(many), "--against", "digits", "--json"]) == 0
    protocol = json.loads(capsys.readouterr().out)["protocol"]
    assert (protocol["generated"], protocol["real"]) == (449, 449)


def test_pictures_of_mixed_sizes_are_brought_to_one(digits: Path, capsys):
    """By the resize rule that the protocol names; once larger and grey, once in colour."""
    with Image.open(digits / "00.png") as image:
        image.resize((50, 30)).save(digits / "00.png")
    with Image.open(digits / "01.png") as image:
        image.convert("RGB").save(digits / "01.png")
    assert main(["score", str(digits), "--against", "digits", "--json"]) == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert (found["protocol"]["size"], found["protocol"]["channels"], found["protocol"]["generated"]) == (16, 1, 40)
    assert "note: images of 2 sizes (16 x 16 to 50 x 30), each cropped to a square and brought to 16 x 16" in err
    assert "note: colour images, each brought to grey by its luminance" in err
    assert found["protocol"]["resize"].startswith("centre crop to a square, bilinear")
    assert (found["protocol"]["noise"], found["protocol"]["weights"]) == ("files", "files")


def test_a_run_is_scored_on_the_images_that_it_was(tiny: Experiment, capsys):
    """Of the weights that it keeps, on its own noise: the same numbers to the last bit, however often."""
    record = run_trial(tiny.with_({"score.extractor": "classifier", "average.half_life": 100}))
    capsys.readouterr()
    for _ in range(2):
        assert main(["score", record.id, "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        assert found["protocol"] == record.protocol
        assert found["protocol"]["weights"] == "average"
        assert found["scores"].items() <= record.scores.items()


def test_damaged_weights_are_one_line(tiny: Experiment, capsys):
    from safetensors.torch import load, save_file

    run = run_trial(tiny).id
    file = _run_folder(run) / "generator.safetensors"
    weights = load(file.read_bytes())
    file.write_bytes(file.read_bytes()[:100])
    assert main(["score", run]) == 1
    weights["main.up4.weight"][0, 0, 0, 0] = float("nan")
    save_file(weights, file)
    assert main(["score", run]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 2


def test_no_such_run(capsys):
    assert main(["score", "nothing-here"]) == 2
    assert "no run 'nothing-here'" in capsys.readouterr().err


def test_score_again_gives_the_same_scores(run: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", run["id"], "--json"]) == 0
    again = printed_json(capsys)
    assert {"fid", "isc", "kid", "precision", "recall"} <= again["scores"].keys()
    assert again["scores"].items() <= run["scores"].items()  # some are only taken at a run's end
    assert again["protocol"] == run["protocol"]
