"""A study's extractor: one, whoever is first, in its folder or in a storage."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dcgan.common import paths
from dcgan.common.errors import DcganError
from dcgan.queue import Queue
from dcgan.queue.study_extractor import Extractors, check_runs, extractors_of, hashes
from dcgan.records.run_record import RunRecord
from dcgan.scoring.artefact import Artefact, FeatureStatistics
from dcgan.study import plan as planning
from dcgan.study import stored_plans
from dcgan.study.plan import Plan, Trial
from dcgan.sweeps import sweep
from tests.postgres import Server
from tests.proxy import proxied
from tests.tiny import record

NAME = "classifier-digits-abc"


def _artefact(digest: str, name: str = NAME) -> Artefact:
    return Artefact(
        name, digest, "float64", "seed 0", 0.9, _weights(digest), {"test-9": FeatureStatistics((0.5,), (1.0,))}
    )


def _weights(digest: str) -> bytes:
    """As many bytes as a classifier for colour images of 128 pixels has, and more."""
    return digest.encode() * 100_000


def _record(digest: str, status: str = "finished", data: str = "digits", trial: Trial | None = None) -> RunRecord:
    protocol = {"extractor": "classifier", "extractor_hash": digest, "data": data, "data_fingerprint": "abc"}
    return record(trial, status=status, protocol=protocol)


@pytest.fixture
def plan(write_sweep: Any) -> Plan:
    plan = planning.make(sweep.load(write_sweep(factors=["batch_norm"], seeds=1)))
    stored_plans.write(plan)
    return plan


@pytest.fixture(params=["folder", "postgresql", "grpc"])
def pair(
    request: pytest.FixtureRequest, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Extractors, Extractors]]:
    """Two workers' views of one study; over a database each has a folder of its own."""
    if request.param == "folder":
        yield extractors_of(plan, None), extractors_of(plan, None)
        return
    server: Server = request.getfixturevalue("postgres")
    database = server.new_database(f"extractors_{os.getpid()}_{time.monotonic_ns()}")
    with proxied(database) if request.param == "grpc" else contextlib.nullcontext(database) as url:
        one = extractors_of(plan, url)
        monkeypatch.setenv("DCGAN_HOME", str(paths.home() / "other"))
        yield one, extractors_of(plan, url)


@pytest.mark.slow
def test_whoever_is_first_decides(pair: tuple[Extractors, Extractors]) -> None:
    one, other = pair
    assert one.find(NAME) is other.find(NAME) is None
    assert one.settle(_artefact("first")).digest == "first"
    assert other.settle(_artefact("second")).digest == "first"
    assert other.settle(_artefact("third", "inception-digits-abc")).digest == "third", "of another name"
    for view in pair:
        artefact = view.find(NAME)
        assert artefact is not None
        assert (artefact.digest, artefact.weights) == ("first", _weights("first"))


def test_two_at_once_agree(plan: Plan, postgres: Server) -> None:
    """Both looked before either had entered its own: the lower number decides."""
    url = postgres.new_database(f"at_once_{os.getpid()}")
    one, other = extractors_of(plan, url), extractors_of(plan, url)
    assert one._add(_artefact("first")).digest == "first"
    assert other._add(_artefact("second")).digest == "first"
    assert one.settle(_artefact("first")).digest == other.settle(_artefact("second")).digest == "first"


def test_the_folder_of_a_worker_elsewhere_gets_a_copy(plan: Plan, postgres: Server) -> None:
    """So that it can score and report without the database."""
    url = postgres.new_database(f"copy_{os.getpid()}")
    extractors_of(plan, url).settle(_artefact("first"))
    alone = extractors_of(plan, None).find(NAME)
    assert alone is not None
    assert alone.digest == "first"


def test_the_study_itself_has_no_entry_of_it(plan: Plan, postgres: Server) -> None:
    url = postgres.new_database(f"apart_{os.getpid()}")
    queue = Queue(plan, url)
    queue.extractors.settle(_artefact("first"))
    assert queue.fill() == 2
    assert len(queue._storage.storage.get_all_trials(queue._key)) == 2


def test_hashes_are_of_finished_runs_under_that_name() -> None:
    records = [
        _record("a"), _record("a"), _record("b"), _record("c", status="diverged"), _record("d", data="mnist"),
        record(status="running"),
    ]  # fmt: skip
    assert hashes(records, NAME) == {"a": 2, "b": 1}


def test_runs_of_another_extractor_are_refused_with_the_fix(plan: Plan) -> None:
    trial = plan.trials[0]
    trial.directory.describe(trial.experiment)
    trial.directory.write_record(_record("a", trial=trial))
    trial.directory.weights.write_bytes(b"")
    check_runs(plan, [_artefact("a"), _artefact("b", "inception-digits-abc")])
    with pytest.raises(DcganError, match=f"{NAME} b \\(1 with a\\).*`dcgan score small` scores them again"):
        check_runs(plan, [_artefact("b")])
    trial.directory.weights.unlink()  # as of a run that a table had
    with pytest.raises(DcganError, match=r"b \(1 with a\).* generators of 1 of them are not here .* go on where they"):
        check_runs(plan, [_artefact("b")])


def test_no_extractor_is_put_into_another_folder(plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (plan.directory / "extractors").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DcganError, match=r"cannot write into .*/extractors: it is a link"):
        extractors_of(plan, None).settle(_artefact("aaa"))
    assert not list((tmp_path / "elsewhere").iterdir())
