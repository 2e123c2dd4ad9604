"""The replications of a study are found by their plans, in order."""

from __future__ import annotations

from pathlib import Path

from dcgan.records import plan_file
from dcgan.records.plan_file import PlanRecord
from dcgan.records.replications import number_of, replication_name, replications_of


def _write(root: Path, study: str, replicates: str | None) -> None:
    folder = root / study
    folder.mkdir()
    plan_file.write(folder, PlanRecord(study=study, replicates=replicates, seeds=(0, 1)))


def test_found_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    _write(tmp_path, "mine", None)
    for number in (10, 2, 1):
        _write(tmp_path, replication_name("mine", number), "mine")
    found = replications_of(tmp_path / "mine")
    assert [record.study for record in found] == ["mine-more-1", "mine-more-2", "mine-more-10"]
    assert [number_of(record.study) for record in found] == [1, 2, 10]


def test_what_only_has_such_a_name_is_none(tmp_path: Path) -> None:
    _write(tmp_path, "mine", None)
    _write(tmp_path, "mine-more-1", None)
    _write(tmp_path, "mine-more-2", "other")
    _write(tmp_path, "mine-more-tips", "mine")
    (tmp_path / "mine-more-3").mkdir()
    assert replications_of(tmp_path / "mine") == []
