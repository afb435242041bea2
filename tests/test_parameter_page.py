"""The documentation of parameters is the table's own."""

from __future__ import annotations

from pathlib import Path

from livevae.adapters.osc.addresses import address_of
from livevae.core.parameters import GLOBAL_PARAMETERS, PART_PARAMETERS
from livevae.parameter_page import parameter_page

PAGE = Path(__file__).parent.parent / "docs" / "PARAMETERS.md"


def test_the_committed_page_is_up_to_date() -> None:
    assert PAGE.read_text() == parameter_page(), (
        "write it again: python -m livevae.parameter_page > docs/PARAMETERS.md"
    )


def test_every_parameter_is_on_it() -> None:
    page = parameter_page()
    assert all(f"`{address_of(None, p.name)}`" in page for p in GLOBAL_PARAMETERS)
    assert all(f"`{address_of('<part>', p.name)}`" in page for p in PART_PARAMETERS)
