"""Which chord is where in the song: written in the preset, or played, and by whom does not matter.

As long as nobody plays a chord, the written progression goes round. Once somebody does, the last chord stays
until another comes. Bars that were passed before (a DAW's loop) are expected to change chords where they did
then, and with ``chord_loop`` so many bars come round; whoever plays something else meanwhile changes that.
What was written counts again when the song stops, or when chords are written anew.
"""

from __future__ import annotations

from enum import Enum

from livevae.core.chord_symbols import chord_name
from livevae.core.chords import BeatChords, Chord
from livevae.core.events import ChordKey, PlayChord, WriteChords
from livevae.units import BEATS_PER_BAR, HALF_STEP_TICKS, TICKS_PER_BEAT, TICKS_PER_STEP

_REMEMBERED_BEATS = 2048  # a song of 512 bars
_LEGATO_TICKS = (
    TICKS_PER_STEP  # a key of the chord before, let go within this after the new one, was not meant
)


class Unknown(Enum):
    """Nothing is expected of a beat."""

    UNKNOWN = "unknown"


UNKNOWN = Unknown.UNKNOWN


class Harmony:
    """written: one chord a beat, bar by bar; none for no progression."""

    def __init__(self, written: tuple[BeatChords, ...] = ()) -> None:
        self.loop_bars = 0
        self._written = written
        self._is_played = False
        self._last: Chord | None = None
        self._beats: dict[int, Chord | None] = {}  # as they were when the song passed them
        self._next_beat: int | None = None  # the first that this run of the song has not passed
        self._played_from: int | None = None  # the beat from which the last chord was played
        self._before: Chord | Unknown | None = UNKNOWN  # what was expected of the beat before the next
        self._down: dict[int, int] = {}  # keys that are down, with when they went down
        self._meant: set[int] = set()  # those of the chord, whether still down or not
        self._newest_ticks = 0

    # --- who says so --------------------------------------------------------------------------

    def hear(self, event: ChordKey | PlayChord | WriteChords, position_ticks: int) -> None:
        """Somebody says what the chords are, when the song is here."""
        match event:
            case ChordKey(pitch, True):
                self.key_down(position_ticks, pitch)
            case ChordKey(pitch, False):
                self.key_up(position_ticks, pitch)
            case PlayChord(chord):
                self.play(position_ticks, chord)
            case WriteChords(bars):
                self.write(bars)

    def write(self, written: tuple[BeatChords, ...]) -> None:
        """From now on these chords go round, whatever was played before; none: only what is played counts."""
        self._written = written
        self._is_played = self._is_played and not written

    def play(self, position_ticks: int, chord: Chord | None) -> None:
        """Somebody says that ``chord`` sounds from here on; None is no chord at all."""
        self.reach(position_ticks)
        self._is_played = True
        self._last, self._played_from = chord, _first_beat_from(position_ticks)

    def key_down(self, position_ticks: int, pitch: int) -> None:
        """A key of somebody who plays chords goes down: what is held now is the chord."""
        self._down[pitch] = self._newest_ticks = position_ticks
        self._meant = set(self._down)
        self.play(position_ticks, Chord.of_pitches(self._meant))

    def key_up(self, position_ticks: int, pitch: int) -> None:
        """A key comes up. The chord stays, but for a key of the chord before that was played over."""
        down_ticks = self._down.pop(pitch, None)
        if down_ticks is None or not self._down or pitch not in self._meant:
            return
        was_of_another = self._newest_ticks - down_ticks > HALF_STEP_TICKS
        if was_of_another and position_ticks - self._newest_ticks <= _LEGATO_TICKS:
            self._meant.discard(pitch)
            self.play(position_ticks, Chord.of_pitches(self._meant))

    def release_all(self) -> None:
        """Nobody holds a key any more; the chord stays."""
        self._down.clear()

    # --- where the song is --------------------------------------------------------------------

    def reach(self, position_ticks: int) -> None:
        """The song has come as far as this: beats before it have the chords that they had."""
        beat = _first_beat_from(position_ticks)
        if self._next_beat is not None:
            for passed in range(max(self._next_beat, beat - _REMEMBERED_BEATS), beat):
                self._pass(passed)
            while len(self._beats) > _REMEMBERED_BEATS:
                del self._beats[next(iter(self._beats))]
        else:
            self._before = self._expected(beat - 1)
        self._next_beat = beat if self._next_beat is None else max(beat, self._next_beat)

    def _pass(self, beat: int) -> None:
        expected = self._expected(beat)
        if self._is_played:
            self._last = self._next_chord(beat, self._last, self._before, expected)
        self._before = expected
        self._beats.pop(beat, None)
        self._beats[beat] = self._last if self._is_played else self._written_for(beat)

    def jump(self) -> None:
        """The song goes on somewhere else (a loop): what was passed is remembered."""
        self._next_beat = self._played_from = None
        self._newest_ticks = 0
        self._down = dict.fromkeys(self._down, 0)  # held over the jump: positions no longer follow each other

    def stop(self) -> None:
        """The song has stopped: what was passed is forgotten, and what is written counts again."""
        self.jump()
        self._beats.clear()
        self._is_played = self._is_played and not self._written

    # --- which chord --------------------------------------------------------------------------

    def of_bars(self, first_bar: int, bars: int) -> BeatChords:
        """The chord of every beat: as it was where the song has been, as it is expected where it will be."""
        first = first_bar * BEATS_PER_BAR
        return self._of_beats(first, first + bars * BEATS_PER_BAR)

    def at(self, position_ticks: int) -> Chord | None:
        """The chord of a note that sounds here."""
        beat = (position_ticks + HALF_STEP_TICKS) // TICKS_PER_BEAT
        if self._is_played and self._played_from is not None and beat == self._played_from - 1:
            return self._last  # it is in time for the next beat, but it is held already
        return self._of_beats(beat, beat + 1)[0]

    def name_at(self, position_ticks: int) -> str:
        """The symbol of the chord that sounds here; empty where none is known."""
        chord = self.at(position_ticks)
        return "" if chord is None else chord_name(chord)

    def _of_beats(self, first: int, end: int) -> BeatChords:
        if not self._is_played:
            return tuple(self._written_for(beat) for beat in range(first, end))
        now = first if self._next_beat is None else self._next_beat
        chords = [self._beats.get(beat, self._last) for beat in range(first, min(now, end))]
        chord, before = self._last, UNKNOWN if self._next_beat is None else self._before
        for beat in range(now, end):
            expected = self._expected(beat)
            chord = self._next_chord(beat, chord, before, expected)
            before = expected
            if beat >= first:
                chords.append(chord)
        return tuple(chords)

    def _next_chord(
        self, beat: int, chord: Chord | None, before: Chord | Unknown | None, expected: Chord | Unknown | None
    ) -> Chord | None:
        """What sounds on ``beat`` after ``chord``: that, unless the chords that are expected change here."""
        if isinstance(expected, Unknown) or expected == before or beat == self._played_from:
            return chord
        return expected

    def _expected(self, beat: int) -> Chord | Unknown | None:
        """What this beat had the last time, or the one that comes round here."""
        if beat in self._beats:
            return self._beats[beat]
        return self._beats.get(beat - self.loop_bars * BEATS_PER_BAR, UNKNOWN) if self.loop_bars else UNKNOWN

    def _written_for(self, beat: int) -> Chord | None:
        bar, beat_of_bar = divmod(beat, BEATS_PER_BAR)
        return self._written[bar % len(self._written)][beat_of_bar] if self._written else None


def _first_beat_from(position_ticks: int) -> int:
    """The first beat that a chord played here is in time for: half a sixteenth late is in time."""
    return -(-(position_ticks - HALF_STEP_TICKS) // TICKS_PER_BEAT)
