"""A stage for the page: ``livevae run`` as a newcomer starts it, and Chromium to look at it.

Nothing here sleeps. ``Page.until`` asks the page itself, frame by frame, whether a condition holds.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.common.exceptions import JavascriptException, TimeoutException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

LOOPBACK = "127.0.0.1"
PATIENCE_S = 40  # only a failing test waits this long
LOOK_S = 4  # after so long a question is put to the page anew
FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")

PRESET = """\
description = "For tests: a fake model."
clock = "internal"

[parts.melody]
model = "{model}"
channel = 1
in_channel = 1

[parts.bass]
model = "{model}"
channel = 2
in_channel = 2

[parts.drums]
model = "{model}"
channel = 10
in_channel = 10
"""


def free_port() -> int:
    """A TCP port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


class Livevae:
    """``livevae run`` without a MIDI system; may be ended and started again in its place.

    preset: what to play, or None for a fake model of melody, bass and drums. host: where the page is served.
    address: of the page, as livevae prints it.
    """

    def __init__(self, folder: Path, preset: str | None = None, host: str = LOOPBACK) -> None:
        self._where = f"{host}:{free_port()}"
        self._environment = os.environ | {"XDG_CONFIG_HOME": str(folder)}  # not the tester's own
        self.address = ""
        if preset is None:
            file = folder / "page.toml"
            model = (FIXTURES / "fake_trio.onnx").as_posix()
            file.write_text(PRESET.format(model=model), encoding="utf-8")
            preset = str(file)
        self._preset = preset
        self.start()

    def start(self) -> None:
        """Start it and wait until it says where the page is."""
        words = ["run", "--preset", self._preset, "--backend", "none", "--osc", "off"]
        where = ["--no-browser", "--page", self._where]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "livevae", *words, *where],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            env=self._environment,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        said = []
        for line in self.process.stdout:
            said.append(line)
            if "The page" in line:
                self.address = line.split()[-1]
                return
        self.process.stdout.close()
        raise AssertionError(f"livevae ended ({self.process.wait()}): {''.join(said)}")

    def end(self, with_signal: signal.Signals = signal.SIGINT) -> int:
        """End it by a signal; its exit status."""
        self.process.send_signal(with_signal)
        assert self.process.stdout is not None
        self.process.stdout.read()
        self.process.stdout.close()
        return self.process.wait(PATIENCE_S)

    def close(self) -> None:
        """Make sure it is gone."""
        if self.process.poll() is None:
            self.end()


def open_browser(profile: Path) -> webdriver.Chrome:
    """Chromium without a screen, with a fresh profile, that logs every request."""
    options = Options()
    assert CHROMIUM is not None
    options.binary_location = CHROMIUM
    for flag in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        "--window-size=1280,960",
        f"--user-data-dir={profile}",
    ):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    browser = webdriver.Chrome(service=Service(DRIVER), options=options)
    browser.set_script_timeout(2 * LOOK_S)
    return browser


class Page:
    """The page in one tab."""

    def __init__(self, browser: webdriver.Chrome, address: str) -> None:
        self.browser = browser
        self.address = address

    def open(self) -> None:
        """Load it and wait until it has been told everything."""
        self.browser.get(self.address)
        self.until("window.livevae?.store.now")

    def ask(self, expression: str, *arguments: object) -> Any:
        """What a JavaScript expression gives in the page."""
        return self.browser.execute_script(f"return ({expression})", *arguments)

    def until(self, condition: str) -> Any:
        """What a JavaScript expression gives as soon as that is true; it is asked in every frame.

        A page that is just being exchanged for another may take the question with it, so it is put anew
        every `LOOK_S` seconds.
        """
        script = f"""
            const done = arguments[arguments.length - 1];
            const end = performance.now() + {1000 * LOOK_S};
            const look = () => {{
                const is = ({condition});
                if (is) done([is]);  // what it is may be nothing to Python, as functions are
                else if (performance.now() > end) done([]);
                else requestAnimationFrame(look);
            }};
            look();
        """
        problem: Exception | None = None
        for _ in range(PATIENCE_S // LOOK_S):
            try:
                if found := self.browser.execute_async_script(script):
                    return found[0]
            except (JavascriptException, TimeoutException) as lost:
                problem = lost
        state = "[livevae.line.isUp, livevae.line.opened, livevae.store.now.state, livevae.store.counts]"
        focus = "document.activeElement.outerHTML.slice(0, 200)"
        seen = self.ask(f"JSON.stringify([{state}, {focus}])") if self.ask("'livevae' in window") else None
        raise AssertionError(f"waited in vain until {condition}; {seen}") from problem

    def named(self, name: str) -> WebElement:
        """The control of this accessible name."""
        return self.browser.find_element(By.CSS_SELECTOR, f'[aria-label="{name}"]')

    def press(self, name: str) -> None:
        """Click a control, wherever on the page it is: the bar at the top may cover one that is in sight."""
        control = self.named(name)
        self.browser.execute_script("arguments[0].scrollIntoView({ block: 'center' })", control)
        control.click()

    def complaints(self) -> list[str]:
        """What the browser itself found wrong since the last call."""
        return [entry["message"] for entry in self.browser.get_log("browser") if entry["level"] == "SEVERE"]

    def requests(self) -> list[str]:
        """The addresses of everything it asked of any network since the last call."""
        asked = []
        for entry in self.browser.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            with contextlib.suppress(KeyError):
                if message["method"] == "Network.requestWillBeSent":
                    asked.append(message["params"]["request"]["url"])
                elif message["method"] == "Network.webSocketCreated":
                    asked.append(message["params"]["url"])
        return asked
