"""Everything ``livevae bench`` measures, as one object; what does not apply here is absent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from livevae.adapters.model_store import installed_models
from livevae.bench.inference import InferenceTimes, Spread, measure_inference
from livevae.bench.startup import measure_startup
from livevae.bench.timing import TEMPO_BPM, measure_timing
from livevae.preset_files import load_preset
from livevae.repertoire import prepare

_CALLS = 50  # of each kind, five a second: ten seconds a kind
_SHORT_BARS, _LONG_BARS = 2, 16
_DIGITS = 3

Say = Callable[[str], None]


def measure(preset_name: str, bars: int, say: Say) -> dict[str, Any]:
    """Measure this computer with a preset. say: is told what is being measured.

    Raises LivevaeError where the preset cannot be played.
    """
    preset = load_preset(preset_name).adjusted(tempo_bpm=TEMPO_BPM, seed=None, clock="internal")
    prepared = prepare(preset)
    report: dict[str, Any] = {}
    for model in installed_models():
        if model.manifest is not None:
            say(f"how fast {model.name} answers")
            times = measure_inference(model.path, _CALLS)
            if model.manifest.info().grooves:
                report[f"{model.name}_ms"] = _spread(times.reply)
            else:
                _add_inference(report, times, model.manifest.bars, model.name)
    say("how soon livevae is ready")
    startup = measure_startup(preset_name)
    report |= {"ready_s": round(startup.ready_s, _DIGITS)}
    if startup.rss_mb is not None and startup.pss_mb is not None:
        report |= {"rss_mb": round(startup.rss_mb, 1), "pss_mb": round(startup.pss_mb, 1)}
    say(f"how late notes leave in {bars} bars at {TEMPO_BPM:.0f} BPM")
    timing = measure_timing(prepared.performance, prepared.model_paths, bars)
    return report | {
        "lateness_us": _rounded(asdict(timing.lateness)),
        "floor_us": _rounded(asdict(timing.floor)),
        "floor_method": timing.floor_method,
        "late_bars": timing.late_bars,
        "bars": timing.bars,
        "notes": timing.notes,
        "backend": timing.backend,
    }


def _add_inference(report: dict[str, Any], times: InferenceTimes, bars: int, name: str) -> None:
    """Put a model's figures where they belong; of several two-bar models the slowest counts."""
    if bars == _SHORT_BARS:
        slowest = report.get("infer_2bar_ms")
        if slowest is None or times.reply.p95 > slowest["p95"]:
            report["infer_2bar_ms"] = {**_spread(times.reply), "model": name}
    elif bars > _SHORT_BARS:
        report["first_trio_bar_ms"] = {**_spread(times.first_bar), "model": name}
        if times.middle_bar is not None:
            report["middle_trio_bar_ms"] = {**_spread(times.middle_bar), "model": name}
        if bars == _LONG_BARS:
            report["trio_16bar_ms"] = {**_spread(times.phrase), "model": name}


def _spread(spread: Spread) -> dict[str, float]:
    """p50 and p95 as used, one call every 200 ms, and the same in a tight loop beside it."""
    return _rounded(asdict(spread))


def _rounded(figures: dict[str, float]) -> dict[str, float]:
    return {name: round(value, _DIGITS) for name, value in figures.items()}
