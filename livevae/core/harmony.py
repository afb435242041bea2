"""Which chord is where in the song: written in the preset, or played, and by whom does not matter.

As long as nobody plays a chord, the written progression goes round. Once somebody does, the last chord stays
until another comes; of bars still to be decided, those that were passed before (a DAW's loop) are expected to
have the chords they had then, and with ``chord_loop`` so many bars are expected to come round. What was
written counts again when the song stops, or when chords are written anew.
"""

from __future__ import annotations

from livevae.core.chord_symbols import chord_name
from livevae.core.chords import BeatChords, Chord
from livevae.core.events import ChordKey, PlayChord, WriteChords
from livevae.units import BEATS_PER_BAR, HALF_STEP_TICKS, TICKS_PER_BEAT, TICKS_PER_STEP

_REMEMBERED_BEATS = 2048  # a song of 512 bars
_LEGATO_TICKS = (
    TICKS_PER_STEP  # a key of the chord before, let go within this after the new one, was not meant
)


class Harmony:
    """written: one chord a beat, bar by bar; none for no progression."""

    def __init__(self, written: tuple[BeatChords, ...] = ()) -> None:
        self.loop_bars = 0
        self._written = written
        self._is_played = False
        self._last: Chord | None = None
        self._beats: dict[int, Chord | None] = {}  # as they were when the song passed them
        self._next_beat: int | None = None  # the first that this run of the song has not passed
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
        self._last = chord

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
                self._beats.pop(passed, None)
                self._beats[passed] = self._last if self._is_played else self._written_for(passed)
            while len(self._beats) > _REMEMBERED_BEATS:
                del self._beats[next(iter(self._beats))]
        self._next_beat = max(beat, self._next_beat) if self._next_beat is not None else beat

    def jump(self) -> None:
        """The song goes on somewhere else (a loop): what was passed is remembered."""
        self._next_beat = None
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
        return tuple(self._of_beat(beat) for beat in range(first, first + bars * BEATS_PER_BAR))

    def at(self, position_ticks: int) -> Chord | None:
        """The chord of a note that sounds here."""
        beat = (position_ticks + HALF_STEP_TICKS) // TICKS_PER_BEAT
        if self._is_played and self._next_beat is not None and beat >= self._next_beat - 1:
            return self._last  # what is held now, not what was expected
        return self._of_beat(beat)

    def name_at(self, position_ticks: int) -> str:
        """The symbol of the chord that sounds here; empty where none is known."""
        chord = self.at(position_ticks)
        return "" if chord is None else chord_name(chord)

    def _of_beat(self, beat: int) -> Chord | None:
        if not self._is_played:
            return self._written_for(beat)
        if beat in self._beats:
            return self._beats[beat]
        if self.loop_bars and (self._next_beat is None or beat >= self._next_beat):
            before = beat - self.loop_bars * BEATS_PER_BAR
            if before in self._beats:
                return self._beats[before]
        return self._last

    def _written_for(self, beat: int) -> Chord | None:
        bar, beat_of_bar = divmod(beat, BEATS_PER_BAR)
        return self._written[bar % len(self._written)][beat_of_bar] if self._written else None


def _first_beat_from(position_ticks: int) -> int:
    """The first beat that a chord played here is in time for: half a sixteenth late is in time."""
    return -(-(position_ticks - HALF_STEP_TICKS) // TICKS_PER_BEAT)
