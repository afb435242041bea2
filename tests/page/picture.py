"""The picture of the page in the README: python -m tests.page.picture docs/page.png [--preset trio]"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.page.browser_rig import Livevae, Page, open_browser

SIZE = (1366, 1180)  # of the page, without a window around it
_PREPARE = """
const ask = (request) => livevae.line.ask(request);
[["verse", "sounding"], ["chorus", "sample"], ["bridge", "sample"], ["break", "sample"], ["outro", "sample"]]
  .forEach(([name, source], index) => ask({ do: "keep", part: "melody", slot: index + 1, source, name }));
[["melody", 0.28, 0.68], ["bass", 0.62, 0.36], ["drums", 0.74, 0.74]].forEach(([part, x, y]) => {
  livevae.line.set(part, "pad_x", x);
  livevae.line.set(part, "pad_y", y);
});
livevae.line.set("melody", "mode", "sample");
livevae.line.set("bass", "mode", "walk");
livevae.line.set("drums", "mode", "pad");
const tune = [67, 69, 72, 74, 72, 69, 67, 64];
tune.forEach((pitch, index) => {
  setTimeout(() => ask({ do: "note", channel: 1, pitch, velocity: 90 }), 500 * index);
  setTimeout(() => ask({ do: "note", channel: 1, pitch, velocity: 0 }), 500 * index + 380);
});
"""


def main() -> None:
    """Play a little, then take the picture."""
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--preset", default="trio")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        livevae = Livevae(Path(folder), preset=arguments.preset)
        browser = open_browser(Path(folder) / "profile")
        try:
            browser.execute_cdp_cmd(
                "Emulation.setDeviceMetricsOverride",
                {"width": SIZE[0], "height": SIZE[1], "deviceScaleFactor": 1, "mobile": False},
            )
            browser.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": True})
            page = Page(browser, livevae.address)
            page.open()
            page.press("Move all parts of the pad together")
            page.until("livevae.roll.notes.length > 30")
            browser.execute_script(_PREPARE)
            page.until("livevae.roll.notes.filter((note) => note.heard && note.to).length >= 5")
            # the bar that sounds has just begun, so most of it still lies ahead
            beat = "livevae.song.beat(livevae.clock.stampMs(performance.now())) % 4"
            page.until(f"{beat} > 0.4 && {beat} < 1")
            browser.save_screenshot(str(arguments.out))
        finally:
            browser.quit()
            livevae.close()


if __name__ == "__main__":
    main()
