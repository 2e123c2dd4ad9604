"""A study's workspace in W&B, a saved view of its project: made from the plan and the analysis, then kept up to date."""

from __future__ import annotations

from typing import Any

import wandb_workspaces.workspaces as ws
from wandb_workspaces import expr
from wandb_workspaces.reports.v2 import interface as wr

from dcgan.dashboards.panels import ARM, AXIS, PanelSection, colours, columns, most_runs, panel_sections
from dcgan.dashboards.run_sets import of_study
from dcgan.dashboards.study_facts import StudyFacts

VERDICTS = "Verdicts"


def workspace(facts: StudyFacts, entity: str, project: str) -> Any:
    """The workspace, a `wandb_workspaces.workspaces.Workspace`. Asks no network and saves nothing.

    The runs of the study, grouped by arm, the best first; the baseline, and with few arms every one, in a colour of its
    own; a table of runs with the columns that matter.
    """
    verdicts = wr.MarkdownPanel(markdown=f"**{facts.headline}**\n\n{facts.verdicts}")
    first = PanelSection(VERDICTS, "", (verdicts,), columns=1)
    return ws.Workspace(
        entity=entity,
        project=project,
        name=facts.study,
        sections=[_section(section) for section in (first, *panel_sections(facts))],
        settings=ws.WorkspaceSettings(x_axis=AXIS, max_runs=most_runs(facts)),
        runset_settings=ws.RunsetSettings(
            filters=of_study(facts.study),
            groupby=[expr.Config(ARM)],
            order=[expr.Ordering(expr.Summary(facts.metric), ascending=facts.goal == "minimize")],
            group_colors=dict(colours(facts)),
            pinned_columns=columns(facts),
        ),
    )


def updated(existing: Any, new: Any) -> Any:
    """A workspace that was saved before with what a new one shows; sections of the user's own stay, after ours."""
    ours = {section.name for section in new.sections}
    existing.sections = [*new.sections, *(section for section in existing.sections if section.name not in ours)]
    existing.name, existing.settings, existing.runset_settings = new.name, new.settings, new.runset_settings
    return existing


def _section(section: PanelSection) -> Any:
    rows = -(-len(section.panels) // section.columns)
    return ws.Section(
        name=section.name,
        panels=list(section.panels),
        is_open=section.open,
        layout_settings=ws.SectionLayoutSettings(columns=section.columns, rows=rows),
        panel_settings=ws.SectionPanelSettings(x_axis=AXIS),
    )
