"""docs/PARAMETERS.md, from the parameter table: python -m livevae.parameter_page > docs/PARAMETERS.md"""

from __future__ import annotations

import sys

from livevae.adapters.osc.addresses import VALUE, address_of
from livevae.core.parameters import GLOBAL_PARAMETERS, MODES, PART_PARAMETERS, Kind, Parameter, ParameterValue

_INTRODUCTION = """\
# Everything you can turn

Written by `python -m livevae.parameter_page > docs/PARAMETERS.md` from the table in
`livevae/core/parameters.py`; do not edit it by hand.

In a preset a parameter is a key: global ones in `[settings]`, a part's in `[parts.NAME]` (actions cannot be
in a preset). Over OSC a number from 0 to 1 at the address moves it through its range, evenly; choices have
even slots. At the address followed by `/value` it takes its own unit. `docs/OSC.md` has the rest.
"""


def parameter_page() -> str:
    """The page as Markdown."""
    return "\n".join(
        (
            _INTRODUCTION,
            _section("For the whole performance", None, GLOBAL_PARAMETERS),
            _section("For each part", "<part>", PART_PARAMETERS),
        )
    )


def _section(title: str, part: str | None, table: tuple[Parameter, ...]) -> str:
    rows = [
        "| address | what it does | takes | at first | heard |",
        "|---|---|---|---|---|",
        *(_row(part, parameter) for parameter in table),
    ]
    example = next(p for p in table if p.kind is Kind.NUMBER)
    address = address_of(part, example.name)
    note = f"For example `{address} 0.5`, or `{address}/{VALUE} {example.from_unit(0.5):g}`."
    return f"## {title}\n\n" + "\n".join(rows) + f"\n\n{note}\n"


def _row(part: str | None, parameter: Parameter) -> str:
    first = "" if parameter.kind is Kind.TRIGGER else _written(parameter.default)
    cells = (
        f"`{address_of(part, parameter.name)}`",
        parameter.help + _where(parameter.modes),
        parameter.accepts(),
        first,
        parameter.acts.value,
    )
    return "| " + " | ".join(cells) + " |"


def _where(modes: tuple[str, ...]) -> str:
    """In which modes it matters, in as few words as there are."""
    others = [mode for mode in MODES if mode not in modes]
    if not modes or not others:
        return ""
    return f" (in {', '.join(modes)})" if len(modes) <= len(others) else f" (not in {', '.join(others)})"


def _written(value: ParameterValue) -> str:
    """A value as a preset would have it."""
    if isinstance(value, bool):
        return "`true`" if value else "`false`"
    return f'`"{value}"`' if isinstance(value, str) else f"`{value:g}`"


if __name__ == "__main__":
    sys.stdout.write(parameter_page())
