"""A study's workspace in W&B, a saved view of its project: made from plan and analysis, then kept up to date."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import wandb_workspaces.workspaces as ws
from pydantic import ValidationError
from wandb_workspaces import expr
from wandb_workspaces.reports.v2 import interface as wr
from wandb_workspaces.workspaces.errors import SpecVersionError

from dcgan.common.errors import DcganError
from dcgan.dashboards import saved_views
from dcgan.dashboards.panels import ARM, PanelSection, colours, columns, most_runs, panel_sections
from dcgan.dashboards.run_sets import of_study
from dcgan.dashboards.study_facts import StudyFacts
from dcgan.report.rendering import escaped
from dcgan.tracking.asking_wandb import VIEW_SECONDS, Place, asked
from dcgan.tracking.rows import IMAGES

VERDICTS = "Verdicts"


def workspace(facts: StudyFacts, entity: str, project: str) -> Any:
    """The workspace, a `wandb_workspaces.workspaces.Workspace`. Asks no network and saves nothing.

    The runs of the study, grouped by arm, the best first; the baseline, and with few arms every one, in a colour of its
    own; a table of runs with the columns that matter.
    """
    verdicts = wr.MarkdownPanel(markdown=f"**{escaped(facts.headline)}**\n\n{facts.verdicts}".strip())
    first = PanelSection(VERDICTS, "", (verdicts,), columns=1)
    return ws.Workspace(
        entity=entity,
        project=project,
        name=facts.study,
        sections=[_section(section) for section in (first, *panel_sections(facts))],
        settings=ws.WorkspaceSettings(x_axis=IMAGES, max_runs=most_runs(facts)),
        runset_settings=ws.RunsetSettings(
            filters=of_study(facts.study),
            groupby=[expr.Config(ARM)],
            order=[expr.Ordering(expr.Summary(facts.metric), ascending=facts.goal == "minimize")],
            group_colors={arm: colour for arm, colour in colours(facts).items()},  # noqa: C416 - keys of any kind
            pinned_columns=columns(facts),
        ),
    )


def save_workspace(facts: StudyFacts, place: Place, folder: Path) -> str:
    """Saves the workspace in W&B, and its address in the study's `folder`; returns the address.

    The one that was saved before is updated, unless it was deleted in W&B. Raises DcganError as `asked` does, and for
    one that wandb-workspaces cannot read any more.
    """
    new = workspace(facts, place.entity, place.project)
    before = saved_views.read(folder, place).workspace

    def save() -> str:
        existing = _existing(before) if before else None
        return str((new if existing is None else updated(existing, new)).save().url)

    url = asked(save, f"the workspace in {place} was not saved", VIEW_SECONDS)
    saved_views.write(folder, place, workspace=url)
    return url


def _existing(url: str) -> Any | None:
    """The workspace of that address; None if it was deleted in W&B."""
    try:
        return ws.Workspace.from_url(url)
    except (ValidationError, SpecVersionError) as error:
        raise DcganError(
            f"{url} was changed in a way that wandb-workspaces {version('wandb-workspaces')} cannot read: delete that "
            "view in W&B, and a new one is made"
        ) from error
    except ValueError as error:
        if "Workspace" in str(error) and "not found" in str(error):
            return None
        raise


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
        panel_settings=ws.SectionPanelSettings(x_axis=IMAGES),
    )
