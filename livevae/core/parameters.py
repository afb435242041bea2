"""The one table of everything a performer can turn.

OSC, presets, the page, MIDI controls, the TouchOSC layout, the status line and the documentation are all made
from this table. A parameter is *global* (one for the whole performance) or belongs to each *part*.
"""

from __future__ import annotations

from livevae.core.attributes import FADERS, REACH
from livevae.core.groove_parameters import GROOVE_MODES, groove_parameters
from livevae.core.parameter import Acts, Group, Kind, Parameter, ParameterValue
from livevae.core.scales import FOLLOW_CHORD, KEYS, SCALES
from livevae.errors import ParameterError
from livevae.units import MAX_BPM, MIN_BPM

__all__ = [
    "GLOBAL_PARAMETERS",
    "MODES",
    "PART_PARAMETERS",
    "SLOTS",
    "Acts",
    "Group",
    "Kind",
    "Parameter",
    "ParameterValue",
    "defaults",
    "find_parameter",
]

MODES = ("sample", "vary", "continue", "interpolate", "pad", "walk", "freeze", *GROOVE_MODES)
SLOTS = 16  # places in a part's palette
PLACES = ("played", "sample", *(f"slot {slot}" for slot in range(1, SLOTS + 1)))
"""Where a way may begin, end, or come home to: what was played, a new idea, or a kept one."""
LATE_RULES = ("repeat", "silence", "passthrough")

PART_PARAMETERS: tuple[Parameter, ...] = (
    Parameter(
        "mode",
        Kind.CHOICE,
        "sample",
        Acts.NEXT_BAR,
        "sample: new ideas; vary: around what you just played; continue: on from it; "
        "interpolate: from A to B; pad: between four kept ideas; walk: wander around home; freeze: loop; "
        "groove: what you play, humanised; tap: a kit around your taps; hats: hi-hats to what you play",
        choices=MODES,
    ),
    Parameter(
        "temperature",
        Kind.NUMBER,
        1.0,
        Acts.NEXT_BAR,
        "how daring each note is; 0 is the likeliest",
        0.0,
        2.0,
    ),
    Parameter(
        "vary",
        Kind.NUMBER,
        0.3,
        Acts.NEXT_BAR,
        "how far from what you played, or from home: 0 same, 1 far",
        modes=("vary", "continue", "walk"),
    ),
    Parameter(
        "phrase",
        Kind.INTEGER,
        8,
        Acts.NEXT_BAR,
        "how long one idea lasts",
        1,
        64,
        "bars",
        modes=("sample", "vary", "continue"),
    ),
    Parameter(
        "listen",
        Kind.INTEGER,
        2,
        Acts.NEXT_BAR,
        "how many of your last bars count",
        1,
        16,
        "bars",
        modes=("vary", "continue", "interpolate", "walk"),
    ),
    Parameter(
        "respond",
        Kind.INTEGER,
        0,
        Acts.NEXT_BAR,
        "call and response: listen this long, then answer as long; 0 plays all the time",
        0,
        16,
        "bars",
    ),
    Parameter(
        "morph",
        Kind.INTEGER,
        8,
        Acts.NEXT_BAR,
        "length of the way from A to B",
        1,
        64,
        "bars",
        modes=("interpolate",),
    ),
    Parameter(
        "morph_from",
        Kind.CHOICE,
        "played",
        Acts.NEXT_BAR,
        "what A is; another one begins the way again",
        choices=PLACES,
        modes=("interpolate",),
    ),
    Parameter(
        "morph_to",
        Kind.CHOICE,
        "sample",
        Acts.NEXT_BAR,
        "what B is; another one begins the way again",
        choices=PLACES,
        modes=("interpolate",),
    ),
    Parameter(
        "home",
        Kind.CHOICE,
        "played",
        Acts.NEXT_BAR,
        "what a walk wanders around",
        choices=PLACES,
        modes=("walk",),
    ),
    Parameter(
        "stride",
        Kind.INTEGER,
        8,
        Acts.NEXT_BAR,
        "speed of a walk: how long it takes from one place to the next",
        1,
        64,
        "bars",
        modes=("walk",),
    ),
    Parameter("pad_x", Kind.NUMBER, 0.5, Acts.NEXT_BAR, "left to right on the pad", modes=("pad",)),
    Parameter("pad_y", Kind.NUMBER, 0.5, Acts.NEXT_BAR, "near to far on the pad", modes=("pad",)),
    *(
        Parameter(
            f"corner_{corner}",
            Kind.INTEGER,
            corner,
            Acts.NEXT_BAR,
            f"slot of the palette at the pad's {where} corner",
            1,
            SLOTS,
            modes=("pad",),
        )
        for corner, where in enumerate(("near left", "near right", "far left", "far right"), start=1)
    ),
    *(
        Parameter(
            fader.name,
            Kind.NUMBER,
            0.0,
            Acts.NEXT_BAR,
            fader.help,
            -REACH,
            REACH,
            group=Group.CHARACTER,
            modes=tuple(mode for mode in MODES if mode != "freeze"),
        )
        for fader in FADERS
    ),
    Parameter(
        "loop",
        Kind.INTEGER,
        2,
        Acts.NEXT_BAR,
        "how many bars freeze repeats",
        1,
        16,
        "bars",
        modes=("freeze",),
    ),
    Parameter("seed", Kind.INTEGER, 0, Acts.NEXT_BAR, "another number, other ideas", 0, 999_999),
    Parameter("reroll", Kind.TRIGGER, False, Acts.NEXT_BAR, "a new idea from the next bar on"),
    *groove_parameters(SLOTS),
    Parameter("mute", Kind.TOGGLE, False, Acts.NEXT_NOTE, "stay silent, keep thinking", group=Group.SOUND),
    Parameter(
        "level",
        Kind.NUMBER,
        1.0,
        Acts.NEXT_NOTE,
        "loudness: velocities are multiplied",
        0.0,
        2.0,
        group=Group.SOUND,
    ),
    Parameter(
        "accent",
        Kind.NUMBER,
        0.5,
        Acts.NEXT_NOTE,
        "how much louder strong beats are than weak sixteenths",
        group=Group.SOUND,
    ),
    Parameter(
        "key", Kind.CHOICE, "C", Acts.NEXT_NOTE, "tonic of the scale lock", choices=KEYS, group=Group.PITCH
    ),
    Parameter(
        "scale",
        Kind.CHOICE,
        "off",
        Acts.NEXT_NOTE,
        "keep every note in this scale; chord: in the chord on beats, between them in the key as it bends it",
        choices=(*SCALES, FOLLOW_CHORD),
        group=Group.PITCH,
    ),
    Parameter(
        "transpose",
        Kind.INTEGER,
        0,
        Acts.NEXT_NOTE,
        "move up or down",
        -24,
        24,
        "semitones",
        group=Group.PITCH,
    ),
    Parameter(
        "register_low",
        Kind.INTEGER,
        0,
        Acts.NEXT_NOTE,
        "lowest note; others move by octaves",
        0,
        127,
        group=Group.PITCH,
    ),
    Parameter("register_high", Kind.INTEGER, 127, Acts.NEXT_NOTE, "highest note", 0, 127, group=Group.PITCH),
    Parameter(
        "channel", Kind.INTEGER, 1, Acts.NEXT_NOTE, "MIDI channel it plays on", 1, 16, group=Group.ROUTING
    ),
    Parameter(
        "program",
        Kind.INTEGER,
        0,
        Acts.NEXT_NOTE,
        "General MIDI program it plays on, 1-128; 0: the model's, where it knows one; -1: none is sent",
        -1,
        128,
        group=Group.ROUTING,
    ),
    Parameter(
        "in_channel",
        Kind.INTEGER,
        0,
        Acts.AT_ONCE,
        "MIDI channel it listens to; 0 is any",
        0,
        16,
        group=Group.ROUTING,
    ),
    Parameter(
        "late",
        Kind.CHOICE,
        "repeat",
        Acts.NEXT_BAR,
        "what to play when the model is late: the last bar again, nothing, or what you play",
        choices=LATE_RULES,
        group=Group.ROUTING,
    ),
)

GLOBAL_PARAMETERS: tuple[Parameter, ...] = (
    Parameter(
        "tempo",
        Kind.NUMBER,
        120.0,
        Acts.AT_ONCE,
        "tempo while no outside clock leads",
        MIN_BPM,
        MAX_BPM,
        "BPM",
    ),
    Parameter("play", Kind.TOGGLE, False, Acts.AT_ONCE, "start and stop while no outside clock leads"),
    Parameter("tap", Kind.TRIGGER, False, Acts.AT_ONCE, "tap the tempo"),
    Parameter("seed", Kind.INTEGER, 0, Acts.NEXT_BAR, "same number and same playing, same set", 0, 999_999),
    Parameter(
        "quantum", Kind.INTEGER, 1, Acts.NEXT_BAR, "changes wait for a bar divisible by this", 1, 16, "bars"
    ),
    Parameter(
        "offset",
        Kind.NUMBER,
        0.0,
        Acts.NEXT_NOTE,
        "play later (or, below 0, earlier) than the clock says",
        -50.0,
        50.0,
        "ms",
    ),
    Parameter(
        "chord_channel",
        Kind.INTEGER,
        0,
        Acts.AT_ONCE,
        "MIDI channel whose notes are the chords of the song; 0 is none",
        0,
        16,
    ),
    Parameter(
        "chord_loop",
        Kind.INTEGER,
        0,
        Acts.NEXT_BAR,
        "played chords come round after so long; 0: the last one stays",
        0,
        64,
        "bars",
    ),
    Parameter("panic", Kind.TRIGGER, False, Acts.AT_ONCE, "silence every note now"),
)


def _by_name(table: tuple[Parameter, ...]) -> dict[str, Parameter]:
    return {parameter.name: parameter for parameter in table}


_PART = _by_name(PART_PARAMETERS)
_GLOBAL = _by_name(GLOBAL_PARAMETERS)


def find_parameter(part: str | None, name: str) -> Parameter:
    """The row for ``name``, of a part's table or (``part`` None) the global one.

    Raises ParameterError naming what exists.
    """
    table = _GLOBAL if part is None else _PART
    if name not in table:
        whose = "livevae has" if part is None else f"part {part} has"
        raise ParameterError(f"{whose} no parameter {name!r}: it has {', '.join(table)}")
    return table[name]


def defaults(table: tuple[Parameter, ...]) -> dict[str, ParameterValue]:
    """Name -> default of every parameter of ``table`` that holds a value."""
    return {p.name: p.default for p in table if p.kind is not Kind.TRIGGER}
