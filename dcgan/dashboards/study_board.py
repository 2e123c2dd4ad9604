"""A study in TensorBoard, laid out by us: its own page in front, then every curve, grid and setting of its runs."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable, Iterable, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tensorboard import assets, program
from tensorboard.backend.application import TensorBoardWSGIApp
from tensorboard.backend.http_util import Respond
from tensorboard.plugins import base_plugin
from tensorboard.plugins.core.core_plugin import CorePluginLoader
from tensorboard.plugins.hparams.hparams_plugin import HParamsPlugin
from tensorboard.plugins.metrics.metrics_plugin import MetricsPlugin
from werkzeug.wrappers import Request, Response

from dcgan.common import regular_files
from dcgan.common.errors import DcganError
from dcgan.dashboards.followed_study import FollowedStudy
from dcgan.dashboards.run_provider import SCALARS, RunProvider, tag_of
from dcgan.dashboards.study_page import StudyPage

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

NAME = "study"
_GRIDS = 100  # of one run that the slider of its card goes through
_POINTS = 2000  # of one curve
# Where TensorBoard's page keeps its user's choices, and ours, which theirs go before: it would load nothing anew by
# itself, and leave half of the window to its settings and to tables.
_SETTINGS = "_tb_global_settings"
_OURS = {"autoReload": True, "timeSeriesSettingsPaneOpened": False, "stepSelectorEnabled": False}
_FRONT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>%(title)s</title>
<body><p><a href="%(there)s">%(title)s</a></p><script>
try {
  const kept = JSON.parse(localStorage.getItem("%(key)s") ?? "{}");
  localStorage.setItem("%(key)s", JSON.stringify({ ...%(ours)s, ...kept }));
} catch {}  // a browser that keeps nothing
location.replace(%(place)s);
</script></body></html>
"""


def study_board(followed: FollowedStudy) -> WSGIApplication:
    """TensorBoard for that study as a WSGI application. Sends nothing anywhere."""
    logging.getLogger("tensorboard").setLevel(logging.ERROR)  # it would warn of every address that it does not know
    page = StudyPage(followed)

    class StudyTab(_StudyTab):
        shown = page

    tensorboard = program.TensorBoard(plugins=[CorePluginLoader])
    tensorboard.configure(
        logdir=str(followed.look().plan.directory), samples_per_plugin={"images": _GRIDS, SCALARS: _POINTS}
    )
    tabs = [CorePluginLoader(), StudyTab, MetricsPlugin, HParamsPlugin]
    board = TensorBoardWSGIApp(tensorboard.flags, tabs, RunProvider(followed), assets.get_default_assets_zip_provider())

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO") == "/" and not environ.get("QUERY_STRING"):
            found: Iterable[bytes] = _front(followed)(environ, start_response)
            return found
        return board(environ, start_response)  # type: ignore[no-any-return]

    return application


def layout(metric: str) -> str:
    """The address at which TensorBoard shows a study as we lay it out: the study's page in front; under Time Series
    the curves without smoothing, one colour an arm, and on top those that a GAN is watched by."""
    first = [tag_of(name) for name in (f"validation/{metric}", "loss_d", "loss_g", "d_real", "d_fake")]
    pinned = json.dumps([{"plugin": SCALARS, "tag": tag} for tag in first], separators=(",", ":"))
    asked = {"smoothing": "0", "runColorGroup": "regex:^(.*)/s", "pinnedCards": pinned}
    return "/?" + "&".join(f"{key}={quote(value, safe='')}" for key, value in asked.items()) + f"#{NAME}"


def _front(followed: FollowedStudy) -> Response:
    plan = followed.look().plan
    there = layout(plan.sweep.metric)
    shown = {"title": escape(plan.study), "there": escape(there), "place": json.dumps(there)}
    return Response(_FRONT % {**shown, "key": _SETTINGS, "ours": json.dumps(_OURS)}, mimetype="text/html")


class _StudyTab(base_plugin.TBPlugin):  # type: ignore[misc]  # TensorBoard has no types
    """The study's page as the first tab; `shown` is what it shows."""

    plugin_name = NAME
    shown: StudyPage

    def get_plugin_apps(self) -> dict[str, Any]:
        """The page, what keeps it live, and its pictures."""
        return {"/study.js": _answering(self._script), "/page": _answering(self._page), "/grid": _answering(self._grid)}

    def is_active(self) -> bool:
        """Always: of a study without runs it says that it waits."""
        return True

    def frontend_metadata(self) -> base_plugin.FrontendMetadata:
        """A page in a frame, which reloads itself."""
        return base_plugin.FrontendMetadata(es_module_path="/study.js", tab_name="Study", disable_reload=True)

    def _script(self, request: Request) -> Response:
        script = files("dcgan.dashboards").joinpath("templates/study.js").read_text(encoding="utf-8")
        return _response(request, script, "text/javascript")

    def _page(self, request: Request) -> Response:
        try:
            page = self.shown.page()
        except Exception as error:  # its reader is told, whatever it is, and goes on asking
            return Response(_in_one_line(error), status=500, mimetype="text/plain")
        if request.args.get("have") == page.version:
            return Response(status=204)
        return _response(request, page.html, "text/html", [("X-Version", page.version)])

    def _grid(self, request: Request) -> Response:
        path = self.shown.grid(request.args.get("run", ""), request.args.get("file", ""))
        try:
            content = None if path is None else regular_files.read(path, regular_files.MOST_OF_A_PICTURE)
        except OSError:
            content = None
        return Response(status=404) if content is None else _response(request, content, "image/png")


def _response(request: Request, content: str | bytes, kind: str, headers: Sequence[tuple[str, str]] = ()) -> Response:
    """An answer as TensorBoard gives its own: compressed, not to be kept, with its policy of what a page may load."""
    answer: Response = Respond(request, content, kind, headers=list(headers))
    return answer


def _in_one_line(error: Exception) -> str:
    """What an error says; of one that we did not foresee its kind and where it was raised, too."""
    said = " ".join(str(error).split())
    if isinstance(error, DcganError):
        return said
    *_, last = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__}: {said} ({Path(last.filename).name}, line {last.lineno})"


def _answering(answer: Callable[[Request], Response]) -> WSGIApplication:
    application: WSGIApplication = Request.application(answer)
    return application
