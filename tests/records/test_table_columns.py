"""Which columns say what run a row is of, and what is refused rather than guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from dcgan.common.errors import Misuse
from dcgan.records.table_columns import Columns, exported_name, find_columns, told
from dcgan.records.table_file import TableRow, TextTable

HERE = Path("table.csv")


def table(header: str, *lines: str) -> TextTable:
    names = tuple(header.split(","))
    rows = (
        TableRow(f"line {index}", dict(zip(names, line.split(","), strict=True))) for index, line in enumerate(lines, 2)
    )
    return TextTable(names, tuple(rows))


def test_our_own_names_need_no_word() -> None:
    ours = table("arm,seed,fid", "a,0,1")
    assert find_columns(HERE, ours) == Columns()
    assert told(HERE, ours, Columns()) == ""


@pytest.mark.parametrize(
    ("header", "options", "message"),
    [
        ("Arm,seed,fid", {}, r"no column 'arm'; did you mean 'Arm'\? \(--arm-column NAME names another\)"),
        ("arm,Seed,fid", {}, "no column 'seed'; did you mean 'Seed'.*--seed-column none"),
        ("arm,seed,fid", {"arm": "amr"}, "no column 'amr'; did you mean 'arm'"),
        ("arm,seed,fid", {"seed": "sed"}, "no column 'sed'; did you mean 'seed'"),
        ("Name,State,Runtime,a.seed,b.seed", {"arm": "Name"}, "is the seed in 'a.seed' or 'b.seed'"),
    ],
)
def test_what_is_not_there_is_refused(header: str, options: dict[str, str], message: str) -> None:
    with pytest.raises(Misuse, match=message):
        find_columns(HERE, table(header, ",".join("0" * len(header.split(",")))), **options)


def test_a_column_that_is_called_none_is_one() -> None:
    assert find_columns(HERE, table("arm,none", "a,0"), seed="none").seed == "none"
    assert find_columns(HERE, table("arm,seed", "a,0"), seed="none").seed is None


WANDB = "Name,State,Tags,Group,Runtime,seed"


@pytest.mark.parametrize(
    ("lines", "arm"),
    [
        (("r1,finished,t,a,5,0", "r2,finished,t,b,5,0", "r3,finished,u,a,5,1", "r4,finished,u,b,5,1"), "Group"),
        (("r1,finished,x,s,5,0", "r2,finished,y,s,5,0", "r3,finished,x,s,5,1", "r4,finished,y,s,5,1"), "Tags"),
        (("x,finished,,,5,0", "y,finished,,,5,0", "x,finished,,,5,1", "y,finished,,,5,1"), "Name"),
    ],
)
def test_the_arm_of_an_export_is_what_several_runs_share(lines: tuple[str, ...], arm: str) -> None:
    columns = find_columns(HERE, table(WANDB, *lines))
    assert (columns.arm, columns.seed, columns.seconds, columns.wandb) == (arm, "seed", "Runtime", True)


def test_an_export_in_which_nothing_is_shared_is_asked_for_its_arm() -> None:
    runs = table(f"{WANDB},lr", *(f"r{index},finished,,,5,{index},{index % 2}" for index in range(4)))
    with pytest.raises(Misuse, match="neither Group nor Tags nor Name .*--arm-column; valid: lr"):
        find_columns(HERE, runs)
    assert find_columns(HERE, runs, arm="lr").arm == "lr"


@pytest.mark.parametrize(
    ("state", "status"),
    [("finished", "finished"), ("Crashed", "failed"), ("failed", "failed"), ("killed", "failed"), ("running", "running"),
     ("pending", "planned"), ("odd", "odd"), ("", "finished")],
)  # fmt: skip
def test_states_become_our_statuses(state: str, status: str) -> None:
    columns = find_columns(HERE, table(WANDB, "r1,finished,t,a,5,0", "r2,finished,t,b,5,0"), arm="Group")
    assert columns.status_of({"State": state}) == status


def test_what_our_own_runs_said_of_their_end_goes_before_the_state() -> None:
    header = f"{WANDB},status,seconds"
    runs = table(header, "r1,failed,t,a,9,0,diverged,5", "r2,crashed,t,b,9,0,,")
    columns = find_columns(HERE, runs, arm="Group")
    assert [columns.status_of(row.cells) for row in runs.rows] == ["diverged", "failed"]
    assert columns.seconds == "seconds"
    other = find_columns(HERE, table(header, "r1,failed,t,a,9,0,great,", "r2,crashed,t,b,9,0,,"), arm="Group")
    assert (other.status, other.seconds) == ("", "Runtime"), "somebody else's summary"


@pytest.mark.parametrize("asked", ["Group", "group", "GROUP"])
def test_a_property_of_wandb_is_found_however_it_is_written(asked: str) -> None:
    runs = table(WANDB, "r1,finished,t,a,5,0", "r2,finished,t,b,5,0")
    assert find_columns(HERE, runs, arm=asked).arm == "Group"
    assert exported_name("job_type", ["Job Type", "Group"]) == exported_name("job type", ["Job Type"]) == "Job Type"
    assert exported_name("group", ["Group", "group"]) == "group", "a setting that is called so"
