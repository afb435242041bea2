"""The rows of the table of parameters that are about feel."""

from __future__ import annotations

from livevae.core.parameter import Acts, Group, Kind, Parameter

GROOVE_MODES = ("groove", "tap", "hats")
"""Modes that answer what came in a bar ago, instead of playing ideas."""

MOST_FEEL = 1.5
AMOUNTS = ("feel_timing", "feel_velocity", "feel_density")
"""How much of the feel is heard; with all at 0 nothing is."""
FEELS = frozenset(("feel_timing", "feel_density", "keep_hits", "swing"))
"""Those that move notes which wait already, or let them wait in vain."""

SWINGS = ("replace", "keep")

# how the drummers of the Groove MIDI Dataset named what they played
STYLES = (
    "any",
    *("afrobeat", "afrocuban", "blues", "country", "dance", "funk", "gospel", "highlife", "hiphop"),
    *("jazz", "latin", "middleeastern", "neworleans", "pop", "punk", "reggae", "rock", "soul"),
)


def groove_parameters(slots: int) -> tuple[Parameter, ...]:
    """The rows; ``slots``: how many places a palette has, each of which may hold a groove."""
    return (
        Parameter(
            "feel_timing",
            Kind.NUMBER,
            1.0,
            Acts.NEXT_NOTE,
            "how far notes move to where the groove has them: 0 as they came, 1 as the model, 1.5 further",
            0.0,
            MOST_FEEL,
            group=Group.GROOVE,
        ),
        Parameter(
            "feel_velocity",
            Kind.NUMBER,
            1.0,
            Acts.NEXT_NOTE,
            "how far loudness follows the groove: 0 as it came, 1 as the model, 1.5 further",
            0.0,
            MOST_FEEL,
            group=Group.GROOVE,
        ),
        Parameter(
            "feel_density",
            Kind.NUMBER,
            1.0,
            Acts.NEXT_NOTE,
            "how many hits the groove adds: 0 none, 1 as the model, 1.5 more, the likeliest first",
            0.0,
            MOST_FEEL,
            group=Group.GROOVE,
        ),
        Parameter(
            "keep_hits",
            Kind.TOGGLE,
            True,
            Acts.NEXT_NOTE,
            "what came in goes on sounding; off, the groove may replace it",
            group=Group.GROOVE,
        ),
        Parameter(
            "swing",
            Kind.CHOICE,
            "replace",
            Acts.NEXT_NOTE,
            "the swing of what came in: replace it by the groove's, or keep it",
            choices=SWINGS,
            group=Group.GROOVE,
        ),
        Parameter(
            "style", Kind.CHOICE, "any", Acts.NEXT_BAR, "whose feel", choices=STYLES, group=Group.GROOVE
        ),
        Parameter(
            "groove_from",
            Kind.CHOICE,
            "model",
            Acts.NEXT_BAR,
            "where the feel comes from: the model, or a slot of the palette that holds played bars or a file",
            choices=("model", *(f"slot {slot}" for slot in range(1, slots + 1))),
            group=Group.GROOVE,
        ),
        Parameter(
            "take_groove",
            Kind.TRIGGER,
            False,
            Acts.AT_ONCE,
            "keep the two bars you just played in a slot, and lay their feel on what comes next",
            group=Group.GROOVE,
        ),
    )
