"""The documents of a report as a reader gets them."""

from __future__ import annotations

from html.parser import HTMLParser

from dcgan.comparison.analysis import analyse
from dcgan.comparison.results import Results
from dcgan.report.document import files
from dcgan.report.text.document_view import ReportCommand

EVIL = ("<script>alert(1)</script>", "a|b *c* _d_ `e` [f](g)", "\"'><img src=x onerror=alert(1)>", "```</code>")


class Page(HTMLParser):
    """Tags with their attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def made(results: Results, **options: str) -> dict[str, bytes]:
    """The files of the report on these results, by name."""
    return files(analyse(results, **options), ReportCommand())[0]  # type: ignore[arg-type]
