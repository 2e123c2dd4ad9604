"""Launchers: which there are."""

from __future__ import annotations

import pytest

from dcgan.errors import Misuse
from dcgan.study.launchers import LAUNCHERS, launcher


def test_known_launchers_are_found() -> None:
    assert launcher("local") is LAUNCHERS["local"]


@pytest.mark.parametrize(("name", "hint"), [("slurm", ""), ("locl", "; did you mean 'local'?")])
def test_others_are_refused_in_one_line(name: str, hint: str) -> None:
    with pytest.raises(Misuse) as refusal:
        launcher(name)
    assert str(refusal.value) == f"--launcher {name} is not offered; offered: local{hint}"
