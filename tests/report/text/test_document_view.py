"""What both documents show a reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from dcgan.comparison.analysis import analyse
from dcgan.report import from_csv, from_study
from dcgan.report.text.document_view import ReportCommand, view
from dcgan.report.text.sentences import headline
from tests.report.designs import tips, write_study
from tests.report.reading import Page

Make = Callable[..., Path]


@pytest.mark.parametrize("document", ["index.html", "report.md"])
def test_a_reader_finds_everything(report: dict[str, bytes], document: str) -> None:
    text = report[document].decode()
    shown = Page(text if document == "index.html" else MarkdownIt().enable("table").render(text)).text.replace(
        "\u00a0", " "
    )
    for words in (
        "Of 3 tips, 1 helps, 1 hurts",
        "19 of 20 trials are done: this is a partial result",
        "FID, lower is better",
        "he_init helps: FID ",
        "What was compared",
        "1 of 4 diverged",
        "no effect where it survives: 1 of 4 runs diverged" if document == "report.md" else "where it survives",
        "not corrected for several tests",
        "In the folder that holds studies/ and runs/",
        "dcgan sweep FILE --from this report",
        "What 5 seeds can tell",
        "300 images against the validation split, classifier features",
        "Samples from the same noise",
        "generated",
        "torch",
        "dcgan sweep studies/tips/sweep.yaml",
        "dcgan report tips",
        "How to read a verdict",
    ):
        assert words in shown


def test_a_baseline_that_always_diverged_has_a_sentence_of_its_own(study: Make) -> None:
    analysis = analyse(from_study(study(statuses={("bare", seed): "diverged" for seed in range(5)})))
    assert headline(analysis).startswith("Every run of bare diverged, so there is nothing to compare with.")
    shown = view(analysis, ReportCommand())
    assert shown["resolvable"].endswith("add --baseline ARM.")
    assert "seeds" in shown["seeds_can_tell"] and "0 seed" not in str(shown)


def test_an_arm_that_is_called_baseline_is_named_by_where_it_is_from(study: Make, csv_file: Make) -> None:
    lines = [
        "arm,seed,fid",
        *(f"{arm},{seed},{fid + seed}" for arm, fid in (("baseline", 20), ("x", 25)) for seed in (0, 1)),
    ]
    results = from_csv(csv_file(*lines))
    shown = view(analyse(results), ReportCommand())
    assert "compared with the baseline" in shown["facts"]
    assert " arm compared with the baseline " in shown["headline"]
    setup = from_study(study()).setup
    assert setup is not None
    of_folder = replace(results, setup=replace(setup, experiment="folder"))
    assert "compared with the baseline, from experiment 'folder'" in view(analyse(of_folder), ReportCommand())["facts"]


@pytest.mark.parametrize(
    ("design", "words"), [("factorial", "each on average over 4 arms"), ("both", "each beside two baselines, 4 arms")]
)
def test_a_design_is_said_to_compare_what_its_verdicts_do(tmp_path: Path, design: str, words: str) -> None:
    facts = view(analyse(from_study(write_study(tmp_path, design, tips(2), {}, noise=0.3))), ReportCommand())["facts"]
    assert words in facts
    assert not any(fact.startswith("compared with") for fact in facts)
