"""Figures of the page, measured while livevae plays a trio at 240 BPM:

    python -m tests.page.figures [--preset trio] [--minutes 3] [--rounds 3]

Prints one JSON object. `echo_ms`: from moving a fader in the page until its echo is back there, so the way to
the engine and the way back. `frames_per_second`: how often the piano roll was drawn, in each ten seconds.
`heap_mb`: JavaScript heap after a garbage collection, at the start, the middle and the end. `lateness_us`:
median and 99th percentile of how late notes left, in turns: without a page, with it, and with a program that
sends up to 20,000 messages a second down the page's line (`sent` in all: a flood is made to wait).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import websocket

from tests.page.browser_rig import LOOPBACK, Page, free_port, open_browser

TEMPO_BPM = 240
FLOOD_A_SECOND = 20_000
_SUMMARY = re.compile(r"late by (\d+)/(\d+) µs")
_WATCH = """
const [seconds, done] = arguments;
const begin = performance.now();
const frames = livevae.roll.frames.count;
const rate = () => (livevae.roll.frames.count - frames) * 1000 / (performance.now() - begin);
setTimeout(() => done(rate()), seconds * 1000);
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


class _Run:
    """``livevae run`` at 240 BPM, and what it says at the end."""

    def __init__(self, preset: str, bars: int | None = None) -> None:
        self.port = free_port()
        words = ["run", "--preset", preset, "--bpm", str(TEMPO_BPM), "--backend", "none", "--osc", "off"]
        words += ["--no-browser", "--page", f"{LOOPBACK}:{self.port}"]
        words += [] if bars is None else ["--bars", str(bars)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "livevae", *words],
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if "The page" in line:
                return

    def lateness_us(self) -> tuple[int, int]:
        """Wait for its end, then median and 99th percentile."""
        assert self.process.stdout is not None
        found = _SUMMARY.search(self.process.stdout.read())
        self.process.wait()
        if found is None:
            raise RuntimeError("livevae did not say how late it was")
        return int(found[1]), int(found[2])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--preset", default="trio")
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=3, help="of lateness without and with the page")
    parser.add_argument("--bars", type=int, default=40, help="of each such round")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as profile:
        browser = open_browser(Path(profile))
        browser.set_script_timeout(600)
        try:
            figures = _watch(browser, arguments.preset, arguments.minutes)
            figures["lateness_us"] = [
                _lateness(browser, arguments.preset, arguments.bars) for _ in range(arguments.rounds)
            ]
        finally:
            browser.quit()
    print(json.dumps(figures, indent=1))


def _watch(browser: Any, preset: str, minutes: float) -> dict[str, Any]:
    run = _Run(preset)
    page = Page(browser, f"http://{LOOPBACK}:{run.port}/")
    page.open()
    page.press("Sound in the browser")
    page.until("livevae.sound.isOn")
    echoes = browser.execute_async_script(_ECHO, 400)
    turns = max(2, round(minutes * 6))
    frames, heap = [], [_heap_mb(browser)]
    for turn in range(turns):
        frames.append(round(browser.execute_async_script(_WATCH, 10), 1))
        if turn in (turns // 2, turns - 1):
            heap.append(_heap_mb(browser))
    sound = page.ask("({ played: livevae.sound.played, late: livevae.sound.late })")
    missed = page.ask("livevae.store.now.missed")
    run.process.send_signal(signal.SIGINT)
    run.lateness_us()
    browser.get("about:blank")
    return {
        "echo_ms": {"p50": _share(echoes, 0.5), "p95": _share(echoes, 0.95), "max": _share(echoes, 1.0)},
        "frames_per_second": {"median": sorted(frames)[len(frames) // 2], "least": min(frames)},
        "heap_mb": heap,
        "notes_heard": sound,
        "missed_bars": missed,
    }


def _lateness(browser: Any, preset: str, bars: int) -> dict[str, Any]:
    browser.get("about:blank")
    without = _Run(preset, bars).lateness_us()
    run = _Run(preset, bars)
    page = Page(browser, f"http://{LOOPBACK}:{run.port}/")
    page.open()
    page.press("Sound in the browser")
    with_page = run.lateness_us()
    browser.get("about:blank")
    flooded = _Run(preset, bars)
    flood = _Flood(flooded.port)
    return {"without": without, "with": with_page, "flooded": flooded.lateness_us(), "sent": flood.sent()}


class _Flood:
    """A program that moves one fader 20,000 times a second until nobody listens any more."""

    def __init__(self, port: int) -> None:
        self._line = websocket.create_connection(f"ws://{LOOPBACK}:{port}/live", skip_utf8_validation=True)
        self._sent = 0
        self._threads = [threading.Thread(target=act) for act in (self._send, self._receive)]
        for thread in self._threads:
            thread.start()

    def sent(self) -> int:
        """How many messages went off before livevae ended."""
        for thread in self._threads:
            thread.join()
        self._line.shutdown()
        return self._sent

    def _send(self) -> None:
        began_s = time.monotonic()
        with contextlib.suppress(OSError, websocket.WebSocketException):
            while True:
                for _ in range(200):
                    value = self._sent % 1000 / 1000
                    self._line.send(f'{{"do":"set","part":"bass","name":"vary","value":{value}}}')
                    self._sent += 1
                time.sleep(max(0.0, self._sent / FLOOD_A_SECOND - (time.monotonic() - began_s)))

    def _receive(self) -> None:
        with contextlib.suppress(OSError, websocket.WebSocketException):
            while self._line.recv():
                pass


def _heap_mb(browser: Any) -> float:
    browser.execute_cdp_cmd("HeapProfiler.collectGarbage", {})
    used: int = browser.execute_script("return performance.memory.usedJSHeapSize")
    return round(used / 1e6, 2)


def _share(ordered: list[float], share: float) -> float:
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)


if __name__ == "__main__":
    main()
