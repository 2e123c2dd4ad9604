"""Where the images are on this machine, given behind the name of what is there already."""

from __future__ import annotations

import pytest

from dcgan.cli import main
from dcgan.cli.images_here import folder_of
from dcgan.common.errors import Misuse


def test_the_folder_alone_can_be_given() -> None:
    assert folder_of([]) is None
    assert folder_of(["--data.folder=/photos=2024"]) == "/photos=2024"
    with pytest.raises(Misuse, match=r"update\.batch: what is there already keeps its settings"):
        folder_of(["data.folder=x", "update.batch=3"])


def test_a_folder_of_images_has_no_images_elsewhere(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(tmp_path_factory.mktemp("pictures"))
    assert main(["score", folder, "data.folder=photos"]) == 2
    assert "--against photos" in capsys.readouterr().err
