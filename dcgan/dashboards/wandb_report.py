"""A study's report in W&B: the verdicts in the words of `dcgan report`, then the live panels, the baseline marked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError
from wandb_workspaces.reports.v2 import interface as wr

from dcgan.common.formatting import cut
from dcgan.dashboards import saved_views
from dcgan.dashboards.panels import ARM, PanelSection, colours, columns, laid_out, panel_sections
from dcgan.dashboards.run_sets import of_baseline
from dcgan.dashboards.study_facts import StudyFacts
from dcgan.tracking.asking_wandb import VIEW_SECONDS, Place, asked

_TITLE = 128  # letters that W&B takes
_BASELINE = "the baseline"


def wandb_report(facts: StudyFacts, entity: str, project: str, *, is_bound: bool = True) -> Any:
    """The report, a `wandb_workspaces.reports.v2.Report`. Saves nothing.

    `is_bound`: its runs are those of that project, whose number the library asks W&B for when the report is written
    out. Without it nothing is asked, and the panels show the runs of whatever project the report is in.
    """
    runs = (entity, project) if is_bound else ("", "")
    return wr.Report(
        entity=entity,
        project=project,
        title=cut(f"{facts.study}, {facts.label} by arm", _TITLE),  # stands in its address: no names of arms
        description=cut(facts.headline, 250),
        width="fluid",
        blocks=[
            wr.TableOfContents(),
            wr.H1("Verdicts"),
            wr.P(facts.headline),
            *([wr.MarkdownBlock(facts.verdicts)] if facts.verdicts else []),
            *(block for section in panel_sections(facts) for block in _blocks(facts, section, *runs)),
            wr.P(
                ["Made by ", wr.InlineCode(facts.command), ", which writes it anew: keep words of your own in a copy."]
            ),
        ],
    )


def save_report(facts: StudyFacts, place: Place, folder: Path) -> str:
    """Saves the report in W&B, and its address in the study's `folder`; returns the address.

    The one that was saved before is written anew, unless it was deleted in W&B. Raises DcganError as `asked` does.
    """
    before = saved_views.read(folder, place).report

    def save() -> str:
        report = wandb_report(facts, place.entity, place.project)
        report.id = _id(before, place) if before else ""
        return str(report.save().url)

    url = asked(save, f"the report in {place} was not saved", VIEW_SECONDS)
    saved_views.write(folder, place, report=url)
    return url


def _id(url: str, place: Place) -> str:
    """The id of the report of that address; empty if it was deleted in W&B, or is another project's: the id is in the
    address, which anybody may have written, and the report of that id is written anew."""
    try:
        saved = wr.Report.from_url(url, as_model=True)
        there = Place(saved.project.entity_name, saved.project.name)
        return str(saved.id) if str(there).casefold() == str(place).casefold() else ""
    except TypeError:  # W&B answers with no report, and the library looks into it all the same
        return ""
    except ValidationError:  # changed in a way that the library cannot read: it is there, and is written anew
        return url.rpartition("--")[2]


def _blocks(facts: StudyFacts, section: PanelSection, entity: str, project: str) -> list[Any]:
    sets = [
        _run_set(facts, _BASELINE, entity, project, is_baseline=True),
        _run_set(facts, "the other arms", entity, project, is_baseline=False),
    ]
    colour_of = colours(facts)
    arm_colours: dict[str | wr.RunsetGroup, str | dict[Any, Any]] = {
        wr.RunsetGroup(runset_name=runs.name, keys=(wr.RunsetGroupKey(key=wr.Config(ARM), value=arm),)): colour
        for arm, colour in colour_of.items()
        for runs in sets[arm != facts.baseline :][:1]
    }
    grid = wr.PanelGrid(runsets=sets, panels=laid_out(section), custom_run_colors=arm_colours)
    return [wr.H2(section.name), wr.P(section.says), grid]


def _run_set(facts: StudyFacts, name: str, entity: str, project: str, *, is_baseline: bool) -> Any:
    shown = columns(facts)
    return wr.Runset(
        entity=entity,
        project=project,
        name=name,
        filters=of_baseline(facts.study, is_baseline=is_baseline),
        groupby=[f"config.{ARM}"],
        order=[wr.OrderBy(wr.SummaryMetric(facts.metric), ascending=facts.goal == "minimize")],
        pinned_columns=shown[:1],
        visible_columns=shown,
        lock_columns=True,
    )
