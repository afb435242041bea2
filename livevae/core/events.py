"""What can happen to a performer: everything that goes into the core.

Events go in through ``Performer.receive(event, at_ns)``; what follows from them comes out as effects
(``livevae.core.effects``). All times are nanoseconds of one monotonic clock, chosen by whoever drives the
performer. Channels are 1-16, as people count them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from livevae.core.chords import BeatChords, Chord
from livevae.core.feel import FeltNotes, plain
from livevae.core.latents import Latent
from livevae.core.midi_control import Control
from livevae.core.notes import Notes
from livevae.core.parameters import ParameterValue
from livevae.core.performance import Performance


@dataclass(frozen=True, slots=True)
class NoteOn:
    """A key or pad goes down. velocity 1-127 (adapters turn velocity 0 into NoteOff)."""

    channel: int
    pitch: int
    velocity: int


@dataclass(frozen=True, slots=True)
class NoteOff:
    """A key or pad comes up."""

    channel: int
    pitch: int


@dataclass(frozen=True, slots=True)
class ChordKey:
    """A key of somebody who plays chords, at a port of its own, goes down or comes up."""

    pitch: int
    is_down: bool


@dataclass(frozen=True, slots=True)
class PlayChord:
    """This chord sounds from now on; None: no chord."""

    chord: Chord | None


@dataclass(frozen=True, slots=True)
class WriteChords:
    """These bars of chords, one chord a beat, go round from now on; none: what is played counts alone."""

    bars: tuple[BeatChords, ...]


@dataclass(frozen=True, slots=True)
class ControlChange:
    """A knob, fader or pedal moved. control 0-119, value 0-127."""

    channel: int
    control: int
    value: int


@dataclass(frozen=True, slots=True)
class ClockPulse:
    """F8: a twenty-fourth of a quarter note has passed."""


@dataclass(frozen=True, slots=True)
class ClockStart:
    """FA: the next pulse is the downbeat of the song."""


@dataclass(frozen=True, slots=True)
class ClockContinue:
    """FB: the next pulse is the position where the song was left or last pointed to."""


@dataclass(frozen=True, slots=True)
class ClockStop:
    """FC: hold."""


@dataclass(frozen=True, slots=True)
class SongPosition:
    """F2: the song is now pointed at this sixteenth (0-16383)."""

    sixteenths: int


@dataclass(frozen=True, slots=True)
class Play:
    """Start livevae's own clock (when no outside clock leads). from_start: rewind to bar 1 first."""

    from_start: bool = True


@dataclass(frozen=True, slots=True)
class Halt:
    """Stop livevae's own clock."""


@dataclass(frozen=True, slots=True)
class StopAt:
    """Stop when the song reaches this position, exactly: nothing of what begins there is heard."""

    position_ticks: int


@dataclass(frozen=True, slots=True)
class TapTempo:
    """One tap of the tempo button: livevae's own clock follows the last few taps."""


@dataclass(frozen=True, slots=True)
class SetParameter:
    """Move a parameter of one part, or a global one (``part`` is None).

    value: in the parameter's own unit (see ``livevae.core.parameters``), already clipped or not.
    """

    part: str | None
    name: str
    value: ParameterValue


class Source(Enum):
    """Where an idea to keep comes from."""

    PLAYED = "played"  # the bars just played
    SOUNDING = "sounding"  # what the part plays now
    SAMPLE = "sample"  # a new one


@dataclass(frozen=True, slots=True)
class Keep:
    """Put an idea into a slot (1-16) of a part's palette. source: where from, or the idea itself."""

    part: str
    slot: int
    source: Source | Latent
    name: str = ""


@dataclass(frozen=True, slots=True)
class Drop:
    """Empty a slot of a part's palette."""

    part: str
    slot: int


@dataclass(frozen=True, slots=True)
class Rename:
    """Call the idea in a slot of a part's palette something else."""

    part: str
    slot: int
    name: str


@dataclass(frozen=True, slots=True)
class Undo:
    """Take back the last change of a parameter or the palette."""


@dataclass(frozen=True, slots=True)
class Learn:
    """Let the control that is touched next turn this parameter (part None: a global one)."""

    part: str | None
    name: str


@dataclass(frozen=True, slots=True)
class StopLearning:
    """Wait no more for a control to be touched."""


@dataclass(frozen=True, slots=True)
class Forget:
    """Let no control turn this parameter any more."""

    part: str | None
    name: str


@dataclass(frozen=True, slots=True)
class Bind:
    """Let this control turn this parameter."""

    part: str | None
    name: str
    control: Control


@dataclass(frozen=True, slots=True)
class FillSlot:
    """What a slot of the palette of all parts of ``model`` held when the set was left."""

    model: str
    slot: int
    name: str
    latent: Latent


@dataclass(frozen=True, slots=True)
class Recall:
    """Go on with a set as it was left. Undo does not reach behind this."""

    settings: tuple[SetParameter, ...] = ()
    slots: tuple[FillSlot, ...] = ()
    bindings: tuple[Bind, ...] = ()


@dataclass(frozen=True, slots=True)
class Panic:
    """Silence everything now; playing goes on with the next note."""


@dataclass(frozen=True, slots=True)
class PortLost:
    """A MIDI port went away. An output's sounding notes are forgotten, an input's held ones ended."""

    name: str


@dataclass(frozen=True, slots=True)
class PortFound:
    """A MIDI port came (back)."""

    name: str


@dataclass(frozen=True, slots=True)
class LoadPerformance:
    """Change to another preset's parts; sounding notes end first."""

    performance: Performance


@dataclass(frozen=True, slots=True)
class DecodedPart:
    """One bar of one part as a model wrote it.

    notes: onsets relative to the bar line, inside the bar (or up to half a step before it).
    tie_ticks: how far into this bar the previous bar's last note goes on, if it is still sounding.
    felt: the same notes and those that the groove adds, with their feel; None where the model knows none and
        no groove was asked for.
    program: which program of General MIDI plays them, 0-127; None where the model knows of none.
    """

    part: str
    notes: Notes
    tie_ticks: int = 0
    felt: FeltNotes | None = None
    program: int | None = None

    def with_feel(self) -> FeltNotes:
        """Its notes, whether felt or plain."""
        return plain(self.notes) if self.felt is None else self.felt


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """The inference worker has decoded the bar that ``request_id`` asked for."""

    request_id: int
    parts: tuple[DecodedPart, ...]
    elapsed_ns: int = 0


@dataclass(frozen=True, slots=True)
class ModelFailed:
    """The inference worker could not answer; ``reason`` is a sentence."""

    request_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class Quit:
    """The show is over: every note-off now, then nothing more."""


Event = (
    NoteOn
    | NoteOff
    | ChordKey
    | PlayChord
    | WriteChords
    | ControlChange
    | ClockPulse
    | ClockStart
    | ClockContinue
    | ClockStop
    | SongPosition
    | Play
    | Halt
    | StopAt
    | TapTempo
    | SetParameter
    | Keep
    | Drop
    | Rename
    | Undo
    | Learn
    | StopLearning
    | Forget
    | Bind
    | Recall
    | Panic
    | PortLost
    | PortFound
    | LoadPerformance
    | ModelAnswer
    | ModelFailed
    | Quit
)
