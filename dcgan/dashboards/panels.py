"""What a study's dashboards in W&B show, section by section: the panels that its workspace and its report share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wandb_workspaces.reports.v2 import interface as wr

from dcgan.common.formatting import cut
from dcgan.dashboards.study_facts import FactorAxis, StudyFacts
from dcgan.tracking.rows import GRID, IMAGES

ARM = "arm"  # the key of the config by which runs are grouped
BASELINE = "baseline"  # the key that says whether a run is of the baseline
BASELINE_COLOUR = "#1b1f24"
# Apart from each other for every common kind of colour blindness as far as so many can be.
_COLOURS = (
    "#0a66c2", "#c4420d", "#008a60", "#b5559b", "#d99400", "#3aa6c9", "#7a4bb5", "#77802a",
    "#e0708a", "#6b5a4c", "#2f4b7c", "#e8743b", "#19a979", "#945ecf", "#a8b820", "#8a929c",
)  # fmt: skip
_MOST_LINES = 1000  # that W&B draws in a panel
_WIDTH = 24  # columns of a report's grid
_TITLE = 120  # letters of a title that are of use


@dataclass(frozen=True)
class PanelSection:
    """Panels under a heading. `says`: what to look for, in a sentence; `columns`: how many stand side by side."""

    name: str
    says: str
    panels: tuple[Any, ...]
    columns: int = 2
    open: bool = True


def panel_sections(facts: StudyFacts) -> list[PanelSection]:
    """The sections in the order in which one reads them, each with panels of its own that nobody else has.

    Everything is by arm: the mean of its seeds, and the range from the least to the greatest.
    """
    score = f"{facts.label} ({facts.better})"
    return [
        PanelSection(
            "Score against images seen",
            f"{score}: the mean of each arm's seeds, and the range from the least to the greatest.",
            tuple(_curve(facts, key, title) for key, title in _scores(facts)),
        ),
        PanelSection(
            "Score at the end, and what it costs",
            f"The final {score} of every arm, and against the seconds that its runs took.",
            (_bars(facts), _cost(facts)),
        ),
        PanelSection("Samples", "From one fixed noise, by arm and by images seen.", (_grids(),), columns=1),
        PanelSection(
            "What matters",
            f"How much the settings tell of {facts.label}, and every run as a line through its levels. The verdicts "
            "above are from paired tests; these are for finding what to test next.",
            (_importance(facts), _parallel(facts)),
        ),
        PanelSection(
            "Losses",
            "Of discriminator and generator.",
            (_curve(facts, "loss_d", "Loss of D"), _curve(facts, "loss_g", "Loss of G")),
        ),
        PanelSection(
            "What the discriminator says",
            "Of real images and of generated ones: both near one half where it cannot tell them apart.",
            (_curve(facts, "d_real", "D(x)"), _curve(facts, "d_fake", "D(G(z))")),
        ),
        PanelSection(
            "Gradient norms",
            "Where they vanish or explode, training has ended, whatever the losses say.",
            (_curve(facts, "grad_d", "Gradient norm of D"), _curve(facts, "grad_g", "Gradient norm of G")),
        ),
        PanelSection(
            "Learning rates and speed",
            "What the schedules did, and what a second was worth.",
            (
                _curve(facts, "lr_d", "Learning rate of D"),
                _curve(facts, "lr_g", "Learning rate of G"),
                _curve(facts, "images_per_second", "Images a second"),
            ),
            columns=3,
            open=False,
        ),
    ]


def colours(facts: StudyFacts) -> Mapping[str, str]:
    """The colour of each arm: the baseline's own, and one each for the others while there are as many."""
    others = [arm for arm in facts.arms if arm != facts.baseline]
    found = {facts.baseline: BASELINE_COLOUR}
    return found | (dict(zip(others, _COLOURS, strict=False)) if len(others) <= len(_COLOURS) else {})


def most_runs(facts: StudyFacts) -> int:
    """How many arms a panel draws: all; W&B stops at ten unless told."""
    return min(max(len(facts.arms), 10), _MOST_LINES)


def columns(facts: StudyFacts) -> list[str]:
    """The columns of the table of runs, as W&B calls them: what a run is, how it ended, then its levels."""
    config = ["arm", "seed", *(axis.key for axis in facts.axes)]
    summary = ["status", facts.metric, f"best/{facts.metric}", "images", "seconds", "images_per_second", "failure"]
    first, levels = config[:2], config[2:]
    return [
        "run:displayName",
        *(f"config:{key}.value" for key in first),
        *(f"summary:{key}" for key in summary),
        *(f"config:{key}.value" for key in levels),
    ]


def laid_out(section: PanelSection) -> list[Any]:
    """The panels of a section with their places in a report's grid."""
    width = _WIDTH // section.columns
    height = 10 if section.columns == 1 else 8
    for index, panel in enumerate(section.panels):
        row, column = divmod(index, section.columns)
        panel.layout = wr.Layout(x=column * width, y=row * height, w=width, h=height)
    return list(section.panels)


def _scores(facts: StudyFacts) -> list[tuple[str, str]]:
    """The keys of the metric with their titles: along the training where it is taken then, and at the end."""
    along = [] if facts.curve is None else [facts.curve]
    return [(key, f"{facts.label}, {key.partition('/')[0]} split") for key in (*along, facts.final)]


def _curve(facts: StudyFacts, key: str, title: str) -> Any:
    return wr.LinePlot(
        title=_short(title),
        x=IMAGES,
        y=[key],
        title_x="images seen",
        title_y=_short(title),
        groupby=wr.Config(ARM),
        groupby_aggfunc="mean",
        groupby_rangefunc="minmax",
        smoothing_type="none",
        max_runs_to_show=most_runs(facts),
    )


def _bars(facts: StudyFacts) -> Any:
    return wr.BarPlot(
        title=_short(f"Final {facts.label} by arm ({facts.better})"),
        metrics=[facts.metric],
        groupby=wr.Config(ARM),
        groupby_aggfunc="mean",
        groupby_rangefunc="minmax",
        title_x=_short(facts.label),
        max_runs_to_show=most_runs(facts),
        max_bars_to_show=most_runs(facts),
    )


def _cost(facts: StudyFacts) -> Any:
    return wr.ScatterPlot(
        title=_short(f"Final {facts.label} against seconds of training"),
        x=wr.SummaryMetric("seconds"),
        y=wr.SummaryMetric(facts.metric),
    )


def _grids() -> Any:
    """A row an arm, a column a moment of the training."""
    return wr.MediaBrowser(
        title="Samples by arm", media_keys=[GRID], mode="grid", grid_x_axis="step", grid_y_axis="run"
    )


def _importance(facts: StudyFacts) -> Any:
    return wr.ParameterImportancePlot(with_respect_to=facts.metric)


def _parallel(facts: StudyFacts) -> Any:
    """The levels from left to right, and the metric last, with the better end up."""
    return wr.ParallelCoordinatesPlot(
        title=_short(f"Levels and final {facts.label}"),
        columns=[
            *(_column(axis) for axis in facts.axes),
            wr.ParallelCoordinatesPlotColumn(
                metric=wr.SummaryMetric(facts.metric),
                display_name=facts.label,
                inverted=True if facts.goal == "minimize" else None,
            ),
        ],
    )


def _column(axis: FactorAxis) -> Any:
    return FlatColumn(metric=wr.Config(axis.key), display_name=axis.name, log=axis.log or None)


class FlatColumn(wr.ParallelCoordinatesPlotColumn):
    """A column of a flat config, whose keys have dots: the library takes `a.b` for the key `b` in a dictionary `a`, and
    W&B would find nothing."""

    def _to_model(self) -> Any:
        model: Any = super()._to_model()  # type: ignore[no-untyped-call]
        metric: Any = self.metric
        model.accessor = f"config:{metric.name}.value"
        return model


def _short(title: str) -> str:
    return cut(title, _TITLE)
