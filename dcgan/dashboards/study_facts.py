"""What a study's dashboards in W&B are about: its arms, its metric, and the keys that its runs have there.

The keys are those under which `dcgan.tracking` sends a run: curves by `images`, final scores in the summary, and a flat
config whose keys may have dots in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dcgan.common.metrics import CORE_METRICS, Goal
from dcgan.comparison.analysis import Analysis
from dcgan.dashboards.verdict_table import verdict_markdown
from dcgan.report.rendering import escaped
from dcgan.report.text.document_view import ReportCommand, view
from dcgan.report.text.numbers import metric_label
from dcgan.study.plan import Plan
from dcgan.sweeps.factors import RangeFactor

MADE_BY = "dcgan dashboard {study} --wandb"


@dataclass(frozen=True)
class FactorAxis:
    """What varies between the runs of a study: `key` is a key of the config, dots and all; `log`: by magnitude."""

    name: str
    key: str
    log: bool = False


@dataclass(frozen=True)
class StudyFacts:
    """`arms` has the baseline first, each with its name as people read it. `curve` is the key of the metric along the
    training, None where it is taken at the end alone; `final` that of the score at the end, `summary` its name there.
    `verdicts` is Markdown, empty while there is none."""

    study: str
    design: str
    metric: str
    goal: Goal
    baseline: str
    arms: Mapping[str, str]
    axes: tuple[FactorAxis, ...]
    seeds: int
    curve: str | None
    final: str
    headline: str
    verdicts: str

    @property
    def label(self) -> str:
        """`FID`."""
        return metric_label(self.metric)

    @property
    def better(self) -> str:
        """`lower is better`."""
        return f"{'lower' if self.goal == 'minimize' else 'higher'} is better"

    @property
    def command(self) -> str:
        """What makes these dashboards."""
        return MADE_BY.format(study=self.study)


def study_facts(plan: Plan, analysis: Analysis | None) -> StudyFacts:
    """The facts of a plan and of its runs as analysed; without an analysis (no trial is finished yet) those of the plan
    alone."""
    metric = plan.sweep.metric if analysis is None else analysis.metric
    score = plan.base.score
    headline, verdicts = _verdicts(analysis)
    return StudyFacts(
        study=plan.study,
        design=str(plan.design),
        metric=metric,
        goal=plan.sweep.goal if analysis is None else analysis.goal,
        baseline=plan.baseline,
        arms={arm.name: plan.label(arm.name) for arm in plan.arms},
        axes=tuple(_axes(plan)),
        seeds=len(plan.seeds),
        curve=f"validation/{metric}" if plan.base.score_period and metric in CORE_METRICS else None,
        final=f"{score.split}/{metric}",
        headline=headline,
        verdicts=verdicts,
    )


def _axes(plan: Plan) -> Iterator[FactorAxis]:
    """The factors in the study's order, then what its arms were tuned in."""
    ranges = {factor.path: factor for factor in plan.sweep.factors if isinstance(factor, RangeFactor)}
    for factor in plan.factors:
        # A range is drawn from as numbers, and so it stands under its own key; a level is a word.
        drawn = ranges.get(factor.name)
        yield FactorAxis(
            factor.name, factor.name if drawn else f"factor/{factor.name}", drawn is not None and drawn.log
        )
    choices = () if plan.tuned is None else plan.tuned.arms.values()
    for path in dict.fromkeys(path for choice in choices for path in choice.values):
        yield FactorAxis(path, path, log=True)


def _verdicts(analysis: Analysis | None) -> tuple[str, str]:
    """The headline as plain text, and as Markdown what one must know of it, the table of verdicts and the facts."""
    if analysis is None:
        return "No verdict yet: no trial is finished.", ""
    shown = view(analysis, ReportCommand())
    parts = [
        *(f"> **{escaped(name)}.** {escaped(words)}" for name, words in shown["banners"]),
        *([f"> {escaped(shown['partial'])}"] if shown["partial"] else []),
        verdict_markdown(analysis).strip(),
        "\n".join(f"- {escaped(fact)}" for fact in shown["facts"]),
    ]
    return shown["headline"], "\n\n".join(parts)
