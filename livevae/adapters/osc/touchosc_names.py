"""What TouchOSC's controls send if nobody has renamed them, and what is made of it.

The layouts that came with the first TouchOSC send /1/fader1 from page 1, /2/toggle1 from page 2 and so on: a
page is a part. The present TouchOSC names a new control fader1, button1 or xy1 and sends that: the first
part's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

FADERS = ("vary", "temperature", "level", "accent")
"""What a part's faders 1 to 4 turn."""
PADS = ("pad", "xy", "xy1")
"""Names of controls that send two numbers at once."""
_OTHERS = {"toggle1": "mute", "button1": "mute", "push1": "reroll", "xy": "pad", "xy1": "pad"}
_CONTROLS = {
    **{
        f"{kind}{number}": name
        for kind in ("fader", "rotary", "radial")
        for number, name in enumerate(FADERS, 1)
    },
    **_OTHERS,
}


def default_addresses(parts: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Address, part, and the name below the part's address that it stands for."""
    for control, name in _CONTROLS.items():
        for first in parts[:1]:
            yield f"/{control}", first, name
        for page, part in enumerate(parts, start=1):
            yield f"/{page}/{control}", part, name
