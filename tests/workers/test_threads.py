"""The threads of a study's trials."""

from __future__ import annotations

from typing import Any

import pytest

from dcgan.common.errors import DcganError
from dcgan.workers.threads import threads_of
from tests.study.recorded import written_plan


def test_a_study_keeps_the_threads_that_it_began_with(write_sweep: Any, capsys: pytest.CaptureFixture[str]) -> None:
    pinned = written_plan(write_sweep)
    assert threads_of(pinned, 4) == 1, "the experiment's own compute.threads"
    free = written_plan(write_sweep, study="free", set={"compute.threads": None})
    assert threads_of(free, 4) == 4
    assert threads_of(free, 4) == 4
    assert capsys.readouterr().err == ""
    assert threads_of(free, 2) == 4
    assert capsys.readouterr().err == (
        "note: study free began with 4 threads a trial and keeps them (here: 2), so that one kind of processor gives "
        "the same bits wherever it is trained\n"
    )


@pytest.mark.parametrize("content", ["{}", '{"threads": 0}', '{"threads": "x"}', '{"threads": 1000000000}'])
def test_a_number_that_is_none_is_told(write_sweep: Any, content: str) -> None:
    plan = written_plan(write_sweep, study="free", set={"compute.threads": None})
    (plan.directory / "threads.json").write_text(content)
    with pytest.raises(
        DcganError, match=r"threads\.json is damaged: expected threads, 1 to 4096: delete it to begin with 4"
    ):
        threads_of(plan, 4)
