"""Which columns of a table say what run a row is of: by our names, by those of the user, by those of W&B's export.

W&B exports its table of runs (Runs, the button "Export to CSV") with a column a property under the name that the page
shows, and one for every key of the configuration and of the summary. States: docs.wandb.ai/models/runs/run-states.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dcgan.common.errors import Misuse, did_you_mean
from dcgan.common.formatting import listed, printable
from dcgan.records.table_file import BLANK, TextTable

NO_SEEDS = "none"  # --seed-column none: the rows of an arm are in no order

_OWN = ("arm", "seed", "status", "seconds")
WANDB = {"Name", "State"}  # every export has them
_WANDB_MORE = {
    "Agent", "Commit", "Created", "Description", "End Time", "Entity", "GPU Count", "GPU Type", "GitHub", "Group",
    "Hostname", "ID", "Job Type", "Notes", "OS", "Project", "Python Version", "Runtime", "Start Time", "Sweep", "Tags",
    "Updated", "User", "Username",
}  # fmt: skip
_WANDB_STATES = {
    "finished": "finished",
    "crashed": "failed",
    "failed": "failed",
    "killed": "failed",
    "preempted": "failed",
    "running": "running",
    "preempting": "running",
    "pending": "planned",
}
_OUTCOMES = {"", "finished", "failed", "diverged", "pruned", "running"}  # which our runs leave in their summary
_SEEDS = {"seed", "random_seed"}  # the last part of a name like config.seed


@dataclass(frozen=True)
class Columns:
    """The names of a table's columns that say which run a row is of, how it ended and how long it took.

    `seed`: None where there are no seeds. `status`: empty where W&B's states are all there is. `wandb`: the table is
    W&B's export. `aside`: columns that it has of its own, which are neither settings nor results.
    """

    arm: str = "arm"
    seed: str | None = "seed"
    status: str = "status"
    seconds: str = "seconds"
    wandb: bool = False
    aside: frozenset[str] = frozenset()

    @property
    def named(self) -> frozenset[str]:
        """All columns that are no setting and no result."""
        roles = {self.arm, self.status, self.seconds, *([] if self.seed is None else [self.seed])}
        return frozenset({*_OWN, *roles}) | self.aside

    def status_of(self, cells: Mapping[str, str]) -> str:
        """How a run ended, as the table says it; finished where it says nothing."""
        if said := cells.get(self.status):
            return said
        return outcome_of(cells.get("State", "")) if self.wandb else "finished"


def outcome_of(state: str) -> str:
    """A state of W&B as how a run ended; finished where it says nothing."""
    return _WANDB_STATES.get(state.lower(), state) or "finished"


def exported_name(asked: str, names: Collection[str]) -> str:
    """The column of W&B's export that is meant: `group` and `job_type` are `Group` and `Job Type`."""
    meant = {name.lower().replace(" ", "_"): name for name in (*WANDB, *_WANDB_MORE) if name in names}
    return asked if asked in names else meant.get(asked.lower().replace(" ", "_"), asked)


def find_columns(path: Path, table: TextTable, *, arm: str | None = None, seed: str | None = None) -> Columns:
    """The columns of a table; `arm` and `seed` as the user names them, `none` for no seeds.

    Raises Misuse where a column is not there, or where several might be meant.
    """
    names = table.columns
    wandb = names and set(names) >= WANDB and bool(set(names) & _WANDB_MORE)
    if wandb:
        arm, seed = (asked and exported_name(asked, names) for asked in (arm, seed))
    for asked in (arm, None if seed == NO_SEEDS else seed):
        if asked is not None and asked not in names:
            raise Misuse(f"{path} has no column '{asked}'" + did_you_mean(asked, names))
    if not wandb:
        return Columns(arm=arm or _own_arm(path, names), seed=_own_seed(path, names, seed))
    own = {name for name in names if name.startswith("_")}
    ours = "status" in names and {row.cells["status"] for row in table.rows} <= _OUTCOMES
    return Columns(
        arm=arm or _wandb_arm(path, table),
        seed=_wandb_seed(path, names, seed),
        status="status" if ours else "",
        seconds="seconds" if _filled(table, "seconds") else "Runtime",
        wandb=True,
        aside=frozenset(WANDB | _WANDB_MORE | own),
    )


def told(path: Path, table: TextTable, columns: Columns) -> str:
    """What was read as what, for the reader; empty where the table is as `dcgan report --help` has it."""
    marks = {";": "separated by semicolons", "\t": "separated by tabs"}
    parts = [marks[table.separator]] if table.separator in marks else []
    parts += ["decimal commas"] if table.decimal == "," else []
    if columns.arm != "arm":
        parts.append(f"the arm is '{columns.arm}'")
    if columns.seed not in ("seed", None):
        parts.append(f"the seed is '{columns.seed}'")
    if columns.wandb:
        states = sorted({row.cells["State"].lower() for row in table.rows} & _WANDB_STATES.keys() - {"finished"})
        as_ours = [f"{state} as {_WANDB_STATES[state]}" for state in states if state != _WANDB_STATES[state]]
        parts.insert(0, "W&B's export" + (f" ({', '.join(as_ours)})" if as_ours else ""))
    sentences = [f"How {printable(path.name)} was read: {'; '.join(parts)}."] if parts else []
    if columns.seed is None:
        sentences.append("No column says the seeds, so runs are not paired: arms are compared by Welch's test.")
    return " ".join(sentences)


def _own_arm(path: Path, names: Sequence[str]) -> str:
    if "arm" not in names:
        raise Misuse(f"{path} has no column 'arm'{did_you_mean('arm', names)} (--arm-column NAME names another)")
    return "arm"


def _own_seed(path: Path, names: Sequence[str], asked: str | None) -> str | None:
    """The column of seeds; none where nothing is called so, and nothing nearly so."""
    if asked is not None or "seed" in names:
        return _asked(names, asked) if asked is not None else "seed"
    if close := difflib.get_close_matches("seed", [name.lower() for name in names], n=1, cutoff=0.7):
        meant = next(name for name in names if name.lower() == close[0])
        raise Misuse(
            f"{path} has no column 'seed'; did you mean '{meant}'? Name it with --seed-column, or say --seed-column "
            f"{NO_SEEDS}: runs are then not paired"
        )
    return None


def _asked(names: Sequence[str], asked: str) -> str | None:
    return None if asked == NO_SEEDS and asked not in names else asked


def _wandb_seed(path: Path, names: Sequence[str], asked: str | None) -> str | None:
    """The one key of the configuration that is called seed, alone or at the end of a path."""
    if asked is not None or "seed" in names:
        return _asked(names, asked) if asked is not None else "seed"
    seeds = [name for name in names if re.split(r"[./]", name)[-1].lower() in _SEEDS]
    if len(seeds) > 1:
        raise Misuse(f"{path}: is the seed in {_either(seeds)}? Name it with --seed-column")
    return seeds[0] if seeds else None


def _wandb_arm(path: Path, table: TextTable) -> str:
    """What runs of one kind share: the group, else the tag where all are of one group (as ours are), else the name."""
    if "arm" in table.columns:
        return "arm"
    shared = [name for name in ("Group", "Tags", "Name") if _tells_apart(table, name)]
    if not shared:
        others = [name for name in table.columns if name not in WANDB | _WANDB_MORE and _tells_apart(table, name)]
        raise Misuse(
            f"{path} is W&B's export, and neither Group nor Tags nor Name says of several runs that they are of one "
            f"arm: name the column that does with --arm-column{did_you_mean('arm', others)}"
        )
    return shared[0]


def _tells_apart(table: TextTable, name: str) -> bool:
    """Whether a column is filled and has two values or more, each in two rows or more on the average."""
    if name not in table.columns:
        return False
    values = {row.cells[name] for row in table.rows}
    return 1 < len(values) <= len(table.rows) / 2 and not {value.lower() for value in values} & BLANK


def _filled(table: TextTable, name: str) -> bool:
    return name in table.columns and any(row.cells[name] for row in table.rows)


def _either(names: Sequence[str]) -> str:
    return listed([f"'{name}'" for name in names]).replace(" and ", " or ")
