"""report.json of every kind of study against docs/report.schema.json, which describes every key that is written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from dcgan.comparison.analysis import analyse
from dcgan.comparison.from_study import from_study
from dcgan.comparison.from_table import from_csv
from dcgan.comparison.results import Results
from dcgan.comparison.several import put_together
from dcgan.report.document import files
from dcgan.report.several_document import files_of_several
from dcgan.report.text.document_view import ReportCommand
from tests.known_studies import make_study, with_untrained
from tests.records.conftest import EARLIER
from tests.report.designs import tips, write_study
from tests.report.machines import NARROW, WIDE, environments
from tests.several_sources import table_of

ROOT = Path(__file__).parents[2]
SCHEMA: dict[str, Any] = json.loads((ROOT / "docs" / "report.schema.json").read_text(encoding="utf-8"))
CHECK = Draft202012Validator(SCHEMA)
Csv = Callable[..., Path]


def one_at_a_time(home: Path, csv_file: Csv) -> Results:
    statuses = {("optimizer", 1): "diverged", ("optimizer", 2): "planned", ("he_init", 3): "running"}
    made = environments(WIDE, he_init={0: [NARROW]}, batch_norm={1: [NARROW, WIDE]})
    return from_study(make_study(home, statuses=statuses, environments=made))


def lost(home: Path, csv_file: Csv) -> Results:
    """An arm of which every run diverged, so that nothing is known of it."""
    return from_study(make_study(home, statuses={("optimizer", seed): "diverged" for seed in range(5)}))


def tuned(home: Path, csv_file: Csv) -> Results:
    """With what a search before the study gave each arm."""
    folder = make_study(home)
    plan = json.loads((folder / "plan.json").read_text())
    path, values = "optimizer.generator.lr", {"optimizer.generator.lr": 0.0002}
    choice = {
        "candidate": 2, "tried": 3, "values": values, "own": values, "lowest": values, "highest": {path: 0.0004},
        "void": [], "score": 31.0, "own_score": None, "lost": 1,
    }  # fmt: skip
    plan["tuned"] = {
        "study": "tips-tuning", "metric": "fid", "trials": 3, "seeds": [9], "split": "validation",
        "arms": dict.fromkeys(plan["arms"], choice),
    }  # fmt: skip
    (folder / "plan.json").write_text(json.dumps(plan))
    return from_study(folder)


def replicated(home: Path, csv_file: Csv) -> Results:
    """With fresh seeds beside it, after its seeds had been raised."""
    folder = make_study(home, start="all")
    plan = json.loads((folder / "plan.json").read_text())
    plan["seed_changes"] = [{"before": [0, 1, 2], "after": [0, 1, 2, 3, 4], "finished": 3}]
    (folder / "plan.json").write_text(json.dumps(plan))
    make_study(home, start="all", name="tips-more-1", first_seed=5, seeds=4, replicates="tips")
    return from_study(folder)


def unpaired(home: Path, csv_file: Csv) -> Results:
    rows = [f"bare,{seed},{50 + seed},finished" for seed in range(4)]
    rows += [f"good,{seed},{30 + seed},finished" for seed in range(10, 14)]
    return from_csv(csv_file("arm,seed,fid,status", *rows, "good,14,,diverged"))


def design(kind: Any) -> Callable[[Path, Csv], Results]:
    return lambda home, _: from_study(write_study(home, kind, tips(4), {("he_init",): -4.0}, noise=0.3))


KINDS: dict[str, Callable[[Path, Csv], Results]] = {
    "one-at-a-time": one_at_a_time,
    "leave-one-out": lambda home, _: from_study(make_study(home, start="all")),
    "lost": lost,
    "hardly-trained": lambda home, _: with_untrained(from_study(make_study(home)), 31.0, 4.4),
    "tuned": tuned,
    "replicated": replicated,
    "factorial": design("factorial"),
    "fractional": design({"fractional": {"resolution": 4}}),
    "plackett-burman": design("plackett-burman"),
    "both": design("both"),
    "search": lambda _, __: from_study(EARLIER / "studies" / "srch"),
    "sequential": lambda _, __: from_study(EARLIER / "studies" / "stop"),
    "table": lambda _, csv_file: from_csv(table_of(csv_file, "table", good=-0.3, bad=0.3)),
    "unpaired": unpaired,
}
SCALES: dict[str, str] = {"tuned": "difference", "factorial": "ratio", "both": "ratio"}


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """A report.json of every kind, as it is read again."""
    found = {}
    for name, make in KINDS.items():
        folder = tmp_path_factory.mktemp(name)
        analysis = analyse(make(folder, writer(folder)), scale=SCALES.get(name))  # type: ignore[arg-type]
        found[name] = files(analysis, ReportCommand())[1]
    for scale in ("ratio", "difference"):
        folder = tmp_path_factory.mktemp("several")
        sources = {
            "study": from_study(make_study(folder, statuses={("optimizer", 1): "planned"})),
            "one": from_csv(table_of(writer(folder), "one", he_init=-0.3, own=0.1)),
            "two": from_csv(table_of(writer(folder), "two", level=4.0, he_init=0.3, batch_norm=0.1)),
        }
        several = put_together(sources, scale=scale)  # type: ignore[arg-type]
        found[f"several, {scale}"] = files_of_several(several, ["study", "one.csv", "two.csv"], ReportCommand())[1]
    return {name: json.loads(json.dumps(record)) for name, record in found.items()}


def writer(folder: Path) -> Csv:
    def write(*lines: str, name: str = "table.csv") -> Path:
        (folder / name).write_text("\n".join(lines) + "\n")
        return folder / name

    return write


ALL = [*KINDS, "several, ratio", "several, difference"]


def test_the_schema_is_one_and_asks_for_what_scripts_rely_on() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    asked = {name: set(definition.get("required", ())) for name, definition in SCHEMA["$defs"].items()}
    assert asked["single"] >= {
        "metric",
        "goal",
        "baseline",
        "alpha",
        "arms",
        "comparisons",
        "scale",
        "tips",
        "warnings",
    }
    assert asked["arm"] >= {"arm", "n", "failed", "mean", "sd", "interval"}
    assert asked["comparison"] >= {
        "arm", "pairs", "difference", "interval", "p", "p_adjusted", "verdict", "seeds_needed",
    }  # fmt: skip
    for name in ("tip", "across"):
        assert asked[name] >= {"tip", "level", "effect", "interval", "p_adjusted", "verdict", "direction"}


@pytest.mark.parametrize("kind", ALL)
def test_what_is_written_is_what_is_promised(records: dict[str, dict[str, Any]], kind: str) -> None:
    errors = [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
        for error in CHECK.iter_errors(records[kind])
    ]
    assert errors == []


@pytest.mark.parametrize("kind", ALL)
def test_every_key_that_is_written_is_described(records: dict[str, dict[str, Any]], kind: str) -> None:
    """Whoever adds a key describes it in docs/report.schema.json."""
    assert sorted(set(unnamed(SCHEMA, records[kind]))) == []


def test_every_key_that_is_described_is_written_by_some_kind(records: dict[str, dict[str, Any]]) -> None:
    """Of the report's own: what runs and tables say of their protocol differs from one to the next."""
    written = {place for record in records.values() for place in places(SCHEMA, record)}
    described = {
        f"{name}.{key}"
        for name, definition in SCHEMA["$defs"].items()
        for key in definition.get("properties", {})
        if name not in ("protocol", "environment")
    }
    assert described - written == set()


def test_every_key_has_a_sentence() -> None:
    assert list(undescribed(SCHEMA["$defs"], "")) == []


def test_a_missing_key_and_a_wrong_value_are_found(records: dict[str, dict[str, Any]]) -> None:
    """Else the tests above look at nothing."""
    record = records["one-at-a-time"]
    without = {key: value for key, value in record.items() if key != "comparisons"}
    assert not CHECK.is_valid(without)
    odd = {**record, "tips": [{**record["tips"][0], "verdict": "maybe"}]}
    assert not CHECK.is_valid(odd)
    several = records["several, ratio"]
    assert not CHECK.is_valid({**several, "tips": [{**several["tips"][0], "agreement": "sort of"}]})
    assert CHECK.is_valid({**record, "later": 1, "arms": [{**record["arms"][0], "later": 1}]})
    assert set(unnamed(SCHEMA, {**record, "later": 1})) == {"later"}


def _resolved(schema: dict[str, Any], value: Any) -> tuple[str, dict[str, Any]]:
    """The definition that a value is of, with its name."""
    name = ""
    if "if" in schema:
        schema = schema["then"] if "studies" in value else schema["else"]
    while "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        schema = SCHEMA["$defs"][name]
    return name, schema


def _walk(schema: dict[str, Any], value: Any, path: str) -> Iterator[tuple[str, str, str, bool]]:
    """Every key of a value: its path, the definition that it stands in, its name, and whether it is described."""
    name, schema = _resolved(schema, value)
    if isinstance(value, list):
        for each in value:
            yield from _walk(schema.get("items", {}), each, path)
    elif isinstance(value, dict):
        known, others = schema.get("properties", {}), schema.get("additionalProperties")
        for key, each in value.items():
            place = f"{path}.{key}".lstrip(".")
            yield place, name, key, key in known or others is not None
            yield from _walk(known.get(key, others or {}), each, place)


def unnamed(schema: dict[str, Any], value: Any) -> Iterator[str]:
    return (place for place, _, _, described in _walk(schema, value, "") if not described)


def places(schema: dict[str, Any], value: Any) -> Iterator[str]:
    return (f"{name}.{key}" for _, name, key, _ in _walk(schema, value, ""))


def undescribed(schemas: dict[str, Any], path: str) -> Iterator[str]:
    """The properties without a description, at any depth."""
    for key, schema in schemas.items():
        place = f"{path}.{key}".lstrip(".")
        if not schema.get("description", "").strip().endswith("."):
            yield place
        yield from undescribed(schema.get("properties", {}), place)
        items = schema.get("items")
        if isinstance(items, dict):
            yield from undescribed(items.get("properties", {}), place)
