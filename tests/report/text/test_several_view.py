"""What the templates of several studies are given."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dcgan.comparison.from_study import from_study
from dcgan.comparison.from_table import from_csv
from dcgan.comparison.several import put_together
from dcgan.report.text.document_view import ReportCommand
from dcgan.report.text.several_view import several_view
from tests.known_studies import make_study
from tests.several_sources import table_of

Make = Callable[..., Path]


def test_rows_have_a_cell_for_every_study_and_pooled_ones_their_heterogeneity(tmp_path: Path, csv_file: Make) -> None:
    sources = {
        "tips": from_study(make_study(tmp_path, statuses={("optimizer", 1): "planned"})),
        "table": from_csv(table_of(csv_file, "table", he_init=0.3, mine=0.1)),
    }
    view = several_view(put_together(sources), "tips and table", ["tips", "t.csv"], ReportCommand((("alpha", "0.01"),)))
    he_init, mine = (next(row for row in view["rows"] if row["tip"] == tip) for tip in ("he_init", "mine"))
    assert view["rows"][0] is he_init
    assert (he_init["tip"], he_init["change"], he_init["kind"]) == ("he_init", "off to on", "disagree")
    assert [cell["verdict"] for cell in he_init["cells"]] == ["helps", "hurts"]
    assert mine["cells"][0]["effect"] == "–"  # noqa: RUF001
    assert mine["change"] == "against the baseline"
    (pooled,) = view["pooled"]
    assert (pooled["studies"], pooled["prediction"], view["predicted"]) == ("2", "–", False)  # noqa: RUF001
    assert pooled["tau"].startswith("×") and pooled["i2"].endswith(" %")  # noqa: RUF001
    assert dict(view["unpooled"])["mine"] == "only table has it"
    assert view["groups"][0]["name"] == "Disagree" and view["groups"][0]["tips"][0][1].count(",") == 1
    assert view["groups"][-1]["name"] == "In one study only"
    assert view["commands"] == ["dcgan report tips t.csv --alpha 0.01"]
    assert view["partial"].startswith("Not done yet: tips (19 of 20 trials).")
    assert [(study["name"], study["baseline"]) for study in view["studies"]] == [("tips", "bare"), ("table", "bare")]
