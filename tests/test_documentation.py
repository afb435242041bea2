"""What the documentation says is what the program does."""

from __future__ import annotations

import re
from pathlib import Path

from livevae.adapters.osc.addresses import AddressTable
from livevae.cli import build_parser
from livevae.core.parameters import GLOBAL_PARAMETERS, PART_PARAMETERS
from livevae.preset import parse_preset

ROOT = Path(__file__).parent.parent
_HEAD = '[parts.drums]\nmodel = "groove_2bar"\n'
README = (ROOT / "README.md").read_text()


def test_the_preset_in_the_documentation_is_one() -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / "PRESETS.md").read_text(), re.DOTALL)
    preset = parse_preset(example, "example", "docs/PRESETS.md")
    assert [part.name for part in preset.parts] == ["bass", "drums"]


def test_the_drum_maps_in_the_documentation_are_some() -> None:
    examples = re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / "GROOVE.md").read_text(), re.DOTALL)
    assert len(examples) == 2
    named, own = (parse_preset(_HEAD + text.replace(_HEAD, ""), "x", "x") for text in examples)
    assert (named.parts[0].kit.reads.name, own.parts[0].kit.reads.name) == ("td11", "own")
    assert all(own.parts[0].kit.reads.rows)


def test_every_address_that_is_no_parameter_is_documented() -> None:
    page = (ROOT / "docs" / "OSC.md").read_text()
    documented = {re.sub("/<slot>/|/<n>/", "/1/", word) for word in re.findall(r"`(/livevae[^` ]*)", page)}
    names = {p.name for p in (*GLOBAL_PARAMETERS, *PART_PARAMETERS)}
    for address in AddressTable(["drums"]).addresses:
        if address.removesuffix("/value").rsplit("/", 1)[-1] not in names:
            kind = re.sub("/slot/[0-9]+/", "/slot/1/", address.replace("/drums/", "/<part>/"))
            assert kind in documented


def test_every_command_the_readme_types_can_be_typed() -> None:
    commands = "run|render|doctor|ports|models|presets|sets|learn|touchosc|bench"
    typed = re.findall(rf"^(?:.*&& )?(?:\S*/)?livevae ((?:{commands}).*)$", README, re.M)
    assert typed
    for words in typed:
        build_parser().parse_args(words.split("#")[0].split())


def test_links_lead_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]
    for page in pages:
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name} links to {link}"


def test_every_page_is_reached_from_the_readme() -> None:
    assert all(f"](docs/{page.name})" in README for page in (ROOT / "docs").glob("*.md"))
