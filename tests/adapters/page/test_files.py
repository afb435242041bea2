"""The page is whole: what it names is there, and what was taken from others keeps its licence."""

from __future__ import annotations

import re
from pathlib import Path

from livevae.adapters.page.files import static_files
from livevae.adapters.page.requests import ACTIONS

ROOT = Path(__file__).parents[3]


def test_everything_the_page_names_is_there() -> None:
    files = static_files()
    named = set(re.findall(r'(?:href|src)="([^"#]+)"', files["/"].content.decode()))
    for path, file in files.items():
        if path.endswith(".js") and "/vendor/" not in path:
            source = file.content.decode()
            named |= set(re.findall(r'from "\./([^"]+)"', source))
            named |= set(re.findall(r'"(vendor/[^"]+)"', source))
    assert {f"/{name}" for name in named} <= set(files)
    assert len(named) > 15


def test_nothing_names_another_host() -> None:
    for path, file in static_files().items():
        if "/vendor/" not in path:
            addresses = set(re.findall(r"https?://[\w.]+", file.content.decode()))
            assert addresses <= {"http://www.w3.org"}, path  # the name of SVG, not an address


def test_every_library_keeps_its_licence() -> None:
    for folder in (ROOT / "livevae/web/vendor").iterdir():
        assert "permission" in (folder / "LICENSE.txt").read_text(encoding="utf-8").lower()


def test_every_message_is_documented_and_every_documented_one_exists() -> None:
    text = (ROOT / "docs/PAGE.md").read_text(encoding="utf-8")
    sent, asked = text.split("### To livevae")
    kinds = set(re.findall(r"^\| `(\w+)` \|", sent, re.MULTILINE)) - {"is"}
    shown = {
        "hello",
        "value",
        "slot",
        "binding",
        "learning",
        "map",
        "bar",
        "missed",
        "notes",
        "now",
        "notice",
    }
    assert kinds == shown
    rows = [line.split("|")[1] for line in asked.splitlines() if line.startswith("| `")]
    assert set(re.findall(r"`(\w+)`", "".join(rows))) - {"do"} == set(ACTIONS)
