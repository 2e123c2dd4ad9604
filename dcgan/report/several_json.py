"""report.json of several studies: `tips` as in that of one, with what they come to together, and `studies` beside."""

from __future__ import annotations

from typing import Any

from dcgan.common.metrics import Scale
from dcgan.comparison.analysis import Analysis
from dcgan.comparison.several import Several
from dcgan.comparison.tips_across import StudyEffect, TipAcross
from dcgan.report.text.banners import banners
from dcgan.report.text.effects_text import headline
from dcgan.report.text.several_text import several_headline, several_warnings
from dcgan.report.text.tips_view import ratio
from dcgan.statistics.meta_analysis import PooledEffect
from dcgan.statistics.verdicts import Estimate

_AS_RATIO = {"effect": "ratio", "interval": "ratio_interval", "prediction": "ratio_prediction"}


def several_json(several: Several, title: str) -> dict[str, Any]:
    """Plain values, None where there is none."""
    first = several.first
    return {
        "title": title,
        "metric": first.metric,
        "goal": first.goal,
        "scale": first.scale,
        "alpha": first.alpha,
        "margin_share": first.margin_share,
        "headline": several_headline(several),
        "partial": any(analysis.undone for analysis in several.analyses.values()),
        "not_pooled": several.unpooled or None,
        "shared_runs": [{"studies": list(pair), "runs": runs} for pair, runs in several.shared.items()],
        "studies": [_study_json(name, analysis) for name, analysis in several.analyses.items()],
        "tips": [_tip_json(several, tip) for tip in several.tips],
        "warnings": several_warnings(several),
    }


def _study_json(name: str, analysis: Analysis) -> dict[str, Any]:
    results = analysis.results
    return {
        "study": name,
        "title": results.title,
        "headline": headline(analysis),
        "data": (results.setup.data if results.setup else "") or results.protocol.get("data"),
        "start": results.start,
        "design": results.design,
        "baseline": analysis.baseline.arm,
        "method": analysis.method,
        "seeds": analysis.seeds,
        "trials": {"total": analysis.planned, "done": analysis.planned - analysis.undone},
        "partial": analysis.undone > 0,
        "margin": analysis.margin,
        "protocol": dict(results.protocol),
        "warnings": banners(analysis),
    }


def _tip_json(several: Several, tip: TipAcross) -> dict[str, Any]:
    """`effect` to `prediction` are of the pooled effect; None where nothing is pooled, for the reason `not_pooled`."""
    scale = several.first.scale
    better, worse = tip.signs(several.first.goal)
    return {
        "tip": tip.key.factor,
        "level": tip.key.level,
        "instead": tip.key.instead,
        "label": tip.label,
        "agreement": tip.consensus,
        "better": better,
        "worse": worse,
        "pooled_studies": len(tip.weights),
        **_shown(tip.pooled, scale, "effect", "interval", "p"),
        "p_adjusted": tip.p_adjusted,
        "verdict": tip.verdict,
        **_shown(tip.pooled, scale, "direction", "tau", "i2", "q", "q_p", "prediction"),
        "not_pooled": tip.unpooled or None,
        "studies": [_cell_json(name, tip.effects.get(name), tip, scale) for name in several.analyses],
    }


def _cell_json(name: str, effect: StudyEffect | None, tip: TipAcross, scale: Scale) -> dict[str, Any]:
    """What one study shows of it: as in its own report, all None where it has not got the tip."""
    estimate = effect.estimate if effect else None
    return {
        "study": name,
        **_shown(estimate, scale, "pairs", "effect", "interval", "se", "p_adjusted"),
        "verdict": effect.verdict if effect else None,
        **_shown(estimate, scale, "direction", "reason"),
        "weight": tip.weights.get(name),
    }


def _shown(of: Estimate | PooledEffect | None, scale: Scale, *names: str) -> dict[str, Any]:
    """Its numbers by their names, None where there are none; where they are ratios, these, too."""
    shown: dict[str, Any] = {}
    for name in names:
        value = getattr(of, name, None)
        shown[name] = list(value) if isinstance(value, tuple) else value
        if scale == "ratio" and name in _AS_RATIO:
            bounds = [ratio(bound) for bound in value] if isinstance(value, tuple) else None
            shown[_AS_RATIO[name]] = bounds or (None if value is None else ratio(value))
    return shown
