"""The page in Chromium while livevae plays a trio at 240 BPM:

    python -m scripts.figures.page [--preset trio] [--minutes 10]

Prints one JSON object. ``echo_ms``: from moving a fader in the page until livevae's echo is back there, so
the way to the engine and the way back. ``frames_per_second``: how often the piano roll was drawn, in each ten
seconds, and the longest time between two drawings. ``heap_mb``: JavaScript heap after a garbage collection,
once a minute; ``resident_mb``: memory of livevae's processes then. ``lateness_us``: of the notes meanwhile.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import psutil

from scripts.figures.lateness import spread_of
from scripts.figures.session import Session
from tests.page.browser_rig import Page, open_browser

_TURN_S = 10
_TURNS_A_MINUTE = 6
_WATCH = """
const [seconds, done] = arguments;
const frames = livevae.roll.frames;
const begin = performance.now(), before = frames.count;
frames.longestMs = 0;
const rate = () => (frames.count - before) * 1000 / (performance.now() - begin);
setTimeout(() => done([rate(), frames.longestMs]), seconds * 1000);
"""
_ECHO = """
const [count, done] = arguments;
const took = [];
let began = 0, wanted = 0;
livevae.store.on("value", ({ part, name, value }) => {
  if (part === "drums" && name === "level" && value === wanted) took.push(performance.now() - began);
});
const next = () => {
  if (took.length >= count) return done(took.sort((a, b) => a - b));
  wanted = 0.5 + (took.length % 50) / 100;
  began = performance.now();
  livevae.line.ask({ do: "set", part: "drums", name: "level", value: wanted });
  setTimeout(next, 40 + Math.random() * 20);
};
next();
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--preset", default="trio")
    parser.add_argument("--minutes", type=int, default=10)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        browser = open_browser(Path(folder) / "profile")
        browser.set_script_timeout(600)
        try:
            session = Session(Path(folder), arguments.preset)
            figures = _watch(browser, session, arguments.minutes)
        finally:
            browser.quit()
    print(json.dumps(figures, indent=1))


def _watch(browser: Any, session: Session, minutes: int) -> dict[str, Any]:
    page = Page(browser, session.address)
    page.open()
    page.press("Sound in the browser")
    page.until("livevae.sound.isOn")
    echoes = browser.execute_async_script(_ECHO, 400)
    rates: list[float] = []
    longest_ms: list[float] = []
    heap, resident = [_heap_mb(browser)], [_resident_mb(session)]
    for _ in range(minutes):
        for _ in range(_TURNS_A_MINUTE):
            rate, longest = browser.execute_async_script(_WATCH, _TURN_S)
            rates.append(round(rate, 1))
            longest_ms.append(round(longest, 1))
        heap.append(_heap_mb(browser))
        resident.append(_resident_mb(session))
    sound = page.ask("({ played: livevae.sound.played, late: livevae.sound.late })")
    browser.get("about:blank")
    result = session.end()
    return {
        "echo_ms": {"p50": _share(echoes, 0.5), "p95": _share(echoes, 0.95), "max": _share(echoes, 1.0)},
        "frames_per_second": {"median": sorted(rates)[len(rates) // 2], "least": min(rates)},
        "longest_between_frames_ms": {"median": sorted(longest_ms)[len(rates) // 2], "most": max(longest_ms)},
        "heap_mb": heap,
        "resident_mb": resident,
        "notes_heard": sound,
        "missed_bars": result.missed,
        "lateness_us": spread_of(result.lateness_us),
    }


def _heap_mb(browser: Any) -> float:
    browser.execute_cdp_cmd("HeapProfiler.collectGarbage", {})
    used: int = browser.execute_script("return performance.memory.usedJSHeapSize")
    return round(used / 1e6, 2)


def _resident_mb(session: Session) -> float:
    process = psutil.Process(session.process.pid)
    resident: int = sum(p.memory_info().rss for p in (process, *process.children(recursive=True)))
    return round(resident / 1e6, 1)


def _share(ordered: list[float], share: float) -> float:
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)


if __name__ == "__main__":
    main()
