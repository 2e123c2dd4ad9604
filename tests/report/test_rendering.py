"""What every report is rendered with."""

from __future__ import annotations

from dcgan.report.rendering import documents, frame_of


def test_entries_become_lines_with_two_columns_an_interval() -> None:
    frame = frame_of(
        [{"tip": "a", "interval": [1.0, 2.0], "factors": ["x", "y"]}, {"tip": "b", "interval": None, "factors": []}]
    )
    assert list(frame.columns) == ["tip", "factors", "interval_low", "interval_high"]
    assert frame["interval_low"].tolist()[0] == 1.0 and frame["interval_high"].isna().tolist() == [False, True]
    assert frame["factors"].tolist() == ['["x", "y"]', "[]"]


def test_figures_and_tables_stand_in_their_folders() -> None:
    content = {
        "title": "<b>",
        "commands": [],
        "banners": [],
        "headline": "",
        "page_title": "",
        "groups": [],
        "facts": [],
    }
    content |= {"partial": "", "noun": "tip", "metric": "FID", "names": [], "rows": [], "pooling": [], "pooled": []}
    content |= {"unpooled": [], "studies": [], "glossary": [], "predicted": False, "live": False}
    drawn = {"pooled": ("<svg ></svg>", "<svg ></svg>")}
    made = documents(("several.html", "several.md"), content, drawn, {"tips": frame_of([{"tip": "a"}])})
    assert set(made) == {"index.html", "report.md", "figures/pooled.svg", "tables/tips.csv"}
    assert b"&lt;b&gt;" in made["index.html"] and made["report.md"].startswith(b"# &lt;b&gt;")
    assert made["tables/tips.csv"] == b"tip\na\n"
