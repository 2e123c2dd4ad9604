"""TensorBoard's view of a study: it is given the run directories' own rows when it asks, and no copy of them is made.

So nothing has to be kept in step: a run that was rewound, resumed or trained elsewhere is what its directory says, a
dashboard that is started again shows each point once, and the study's folder stays as it is.
"""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from tensorboard.data import provider
from tensorboard.data.provider import HyperparameterDomainType as Domain
from tensorboard.data.provider import HyperparameterFilterType as FilterType
from tensorboard.errors import NotFoundError

from dcgan.common import regular_files
from dcgan.dashboards.followed_study import FollowedRun, FollowedStudy
from dcgan.sweeps.factors import RangeFactor
from dcgan.tracking.rows import GRID

SCALARS, IMAGES, SETTINGS = "scalars", "images", "hparams"  # the parts of TensorBoard that show something of a study
ARM, SEED = "arm", "seed"
_TRAINING = "training/"  # before the columns of metrics.csv, so that they are one section

Points = Mapping[str, Sequence[tuple[int, Any]]]  # by tag: the images seen, and what was recorded then
Level = str | float


class RunProvider(provider.DataProvider):  # type: ignore[misc]  # TensorBoard has no types
    """See the module. Runs are called `ARM/sSEED`; a point's step is the images seen."""

    def __init__(self, followed: FollowedStudy) -> None:
        self._followed = followed

    def experiment_metadata(self, ctx: Any = None, *, experiment_id: str) -> provider.ExperimentMetadata:
        """The study's name and folder."""
        plan = self._followed.look().plan
        return provider.ExperimentMetadata(experiment_name=plan.study, data_location=str(plan.directory))

    def list_plugins(self, ctx: Any = None, *, experiment_id: str) -> list[str]:
        """The parts that are shown, with runs or without: they come."""
        return [SCALARS, IMAGES, SETTINGS]

    def list_runs(self, ctx: Any = None, *, experiment_id: str) -> list[provider.Run]:
        """The runs that have recorded something, arm by arm."""
        return [provider.Run(run.name, run.name, run.changed) for run in self._runs(None)]

    def list_scalars(
        self, ctx: Any = None, *, experiment_id: str, plugin_name: str, run_tag_filter: Any = None
    ) -> dict[str, dict[str, provider.ScalarTimeSeries]]:
        """Which curves there are."""
        return _series(provider.ScalarTimeSeries, self._points(plugin_name, SCALARS, run_tag_filter, _curves))

    def read_scalars(
        self,
        ctx: Any = None,
        *,
        experiment_id: str,
        plugin_name: str,
        downsample: int | None = None,
        run_tag_filter: Any = None,
    ) -> dict[str, dict[str, list[provider.ScalarDatum]]]:
        """The points of the curves, of long ones every so many and the last."""
        points = self._points(plugin_name, SCALARS, run_tag_filter, _curves)
        return {
            run.name: {
                tag: [provider.ScalarDatum(images, run.changed, value) for images, value in _thinned(line, downsample)]
                for tag, line in tags.items()
            }
            for run, tags in points
        }

    def read_last_scalars(
        self, ctx: Any = None, *, experiment_id: str, plugin_name: str, run_tag_filter: Any = None
    ) -> dict[str, dict[str, provider.ScalarDatum]]:
        """The last point of each curve."""
        points = self._points(plugin_name, SCALARS, run_tag_filter, _curves)
        return {
            run.name: {tag: provider.ScalarDatum(line[-1][0], run.changed, line[-1][1]) for tag, line in tags.items()}
            for run, tags in points
        }

    def list_tensors(
        self, ctx: Any = None, *, experiment_id: str, plugin_name: str, run_tag_filter: Any = None
    ) -> dict[str, dict[str, provider.TensorTimeSeries]]:
        """None: runs record no histograms and no text."""
        return {}

    def list_blob_sequences(
        self, ctx: Any = None, *, experiment_id: str, plugin_name: str, run_tag_filter: Any = None
    ) -> dict[str, dict[str, provider.BlobSequenceTimeSeries]]:
        """Which runs have sample grids."""
        points = self._points(plugin_name, IMAGES, run_tag_filter, _grids)
        return _series(provider.BlobSequenceTimeSeries, points, max_length=3)

    def read_blob_sequences(
        self,
        ctx: Any = None,
        *,
        experiment_id: str,
        plugin_name: str,
        downsample: int | None = None,
        run_tag_filter: Any = None,
    ) -> dict[str, dict[str, list[provider.BlobSequenceDatum]]]:
        """The sample grids: of each the width and height, which nobody asks for, and where the picture is."""
        points = self._points(plugin_name, IMAGES, run_tag_filter, _grids)
        return {
            run.name: {
                tag: [
                    provider.BlobSequenceDatum(images, run.changed, (provider.BlobReference(run.grid_id(images)),) * 3)
                    for images, _ in _thinned(line, downsample)
                ]
                for tag, line in tags.items()
            }
            for run, tags in points
        }

    def read_blob(self, ctx: Any = None, *, blob_key: str) -> bytes:
        """The PNG of a grid. Raises NotFoundError for one that is not there."""
        if (grid := self._followed.look().grid(blob_key)) is not None:
            with contextlib.suppress(OSError):
                return regular_files.read(grid, regular_files.MOST_OF_A_PICTURE)
        raise NotFoundError(blob_key)

    def list_hyperparameters(
        self, ctx: Any = None, *, experiment_ids: Collection[str], limit: int | None = None
    ) -> provider.ListHyperparametersResult:
        """The arm, the seed and every factor, for the table of runs."""
        groups = self._settings()
        names = list(dict.fromkeys(name for _, settings in groups for name in settings))
        found = [_setting(name, [settings[name] for _, settings in groups if name in settings]) for name in names]
        return provider.ListHyperparametersResult(
            hyperparameters=found[:limit] if limit else found,
            session_groups=[_group(experiment_ids, run, settings) for run, settings in groups],
        )

    def read_hyperparameters(
        self,
        ctx: Any = None,
        *,
        experiment_ids: Collection[str],
        filters: Sequence[provider.HyperparameterFilter] | None = None,
        sort: Sequence[provider.HyperparameterSort] | None = None,
        hparams_to_include: Collection[str] | None = None,
    ) -> list[provider.HyperparameterSessionGroup]:
        """The settings of each run that the filters let through, in the order asked for."""
        groups = [each for each in self._settings() if all(_passes(each[1], one) for one in filters or ())]
        for order in reversed(sort or ()):
            down = order.sort_direction == provider.HyperparameterSortDirection.DESCENDING
            groups.sort(key=lambda each: _sortable(each[1].get(order.hyperparameter_name)), reverse=down)
        return [_group(experiment_ids, run, settings) for run, settings in groups]

    def _runs(self, wanted: Collection[str] | None) -> list[FollowedRun]:
        look = self._followed.look()
        order = {arm.name: index for index, arm in enumerate(look.plan.arms)}
        there = [run for run in look.runs.values() if run.rows and (wanted is None or run.name in wanted)]
        return sorted(there, key=lambda run: (order[run.trial.arm], run.trial.seed))

    def _points(
        self, plugin: str, ours: str, wanted: Any, part: Callable[[FollowedRun], Points]
    ) -> Iterator[tuple[FollowedRun, Points]]:
        """The runs and tags that are wanted, each with its points."""
        if plugin != ours:
            return
        tags = None if wanted is None else wanted.tags
        for run in self._runs(None if wanted is None else wanted.runs):
            points = {tag: line for tag, line in part(run).items() if tags is None or tag in tags}
            if points:
                yield run, points

    def _settings(self) -> list[tuple[FollowedRun, dict[str, Level]]]:
        """Of each run its arm, seed and factors; the levels of a range are numbers."""
        plan = self._followed.look().plan
        ranges = {factor.path for factor in plan.sweep.factors if isinstance(factor, RangeFactor)}
        found = []
        for run in self._runs(None):
            levels = plan.levels(run.trial.arm)
            given = {name: float(level) if name in ranges else level for name, level in levels.items()}
            found.append((run, {ARM: plan.label(run.trial.arm), SEED: float(run.trial.seed), **given}))
        return found


def tag_of(column: str) -> str:
    """The name of a curve: scores along the way have their split before them, and the other columns `training`."""
    return column if "/" in column else _TRAINING + column


def _curves(run: FollowedRun) -> Points:
    return {tag_of(name): line for name, line in run.curves.items()}


def _grids(run: FollowedRun) -> Points:
    return {GRID: list(run.grids.items())} if run.grids else {}


def _series(kind: Any, points: Any, **more: Any) -> dict[str, dict[str, Any]]:
    """What TensorBoard wants to know of a curve before it asks for its points."""
    return {
        run.name: {
            tag: kind(
                max_step=line[-1][0],
                max_wall_time=run.changed,
                plugin_content=b"",
                description="",
                display_name=tag,
                **more,
            )
            for tag, line in tags.items()
        }
        for run, tags in points
    }


def _thinned(line: Sequence[tuple[int, Any]], most: int | None) -> Sequence[tuple[int, Any]]:
    """At most so many of the points, evenly spread, the last always among them."""
    if not most or len(line) <= most:
        return line
    every = math.ceil(len(line) / most)
    return line[::-1][::every][::-1]


def _setting(name: str, values: Sequence[Level]) -> provider.Hyperparameter:
    differs = len(set(values)) > 1
    if all(isinstance(value, float) for value in values):
        domain = (min(values), max(values))
        return provider.Hyperparameter(name, name, Domain.INTERVAL, domain, differs)
    return provider.Hyperparameter(name, name, Domain.DISCRETE_STRING, sorted({str(each) for each in values}), differs)


def _group(
    experiments: Collection[str], run: FollowedRun, settings: Mapping[str, Level]
) -> provider.HyperparameterSessionGroup:
    session = provider.HyperparameterSessionRun(next(iter(experiments), ""), run.name)
    values = [
        provider.HyperparameterValue(
            name, Domain.INTERVAL if isinstance(value, float) else Domain.DISCRETE_STRING, value
        )
        for name, value in settings.items()
    ]
    return provider.HyperparameterSessionGroup(root=session, sessions=[session], hyperparameter_values=values)


def _passes(settings: Mapping[str, Level], wanted: provider.HyperparameterFilter) -> bool:
    value = settings.get(wanted.hyperparameter_name)
    if value is None:
        return False
    if wanted.filter_type == FilterType.REGEX:
        return re.search(wanted.filter, str(value)) is not None
    if wanted.filter_type == FilterType.INTERVAL:
        low, high = wanted.filter
        return isinstance(value, float) and low <= value <= high
    return value in wanted.filter


def _sortable(value: Level | None) -> tuple[bool, float, str]:
    """Numbers by size, then text, then what is not there."""
    return (value is None, value if isinstance(value, float) else math.inf, str(value))
