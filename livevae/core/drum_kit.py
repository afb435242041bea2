"""Which drum a MIDI pitch means: nine drums, and a table for each way of numbering them.

Order of the drums and the reduction of pitches to nine of them are those of MusicVAE and the Groove MIDI
Dataset (Roberts et al. 2018; Gillick et al. 2019).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from livevae.core.notes import Note

DRUMS = ("kick", "snare", "closed_hat", "open_hat", "low_tom", "mid_tom", "high_tom", "crash", "ride")


@dataclass(frozen=True, slots=True)
class DrumMap:
    """One way of numbering drums. rows: for each of ``DRUMS`` its pitches, the one to play it with first.

    A drum may have none: then nothing plays it.
    """

    name: str
    rows: tuple[tuple[int, ...], ...]

    def drum_of(self, pitch: int) -> int | None:
        """Place in ``DRUMS`` of the drum this pitch plays; None if it is in no row."""
        return next((drum for drum, row in enumerate(self.rows) if pitch in row), None)

    def translated(self, pitch: int, to: DrumMap) -> int | None:
        """What plays this pitch's drum in another map; None if it is no drum here, or nothing plays it there.

        The pitch that plays a drum back becomes the other's. A special one, such as a snare's rim, stays as
        it is where the other map has it for the same drum.
        """
        drum = self.drum_of(pitch)
        if drum is None or not to.rows[drum]:
            return None
        is_special = pitch != self.rows[drum][0]
        return pitch if is_special and pitch in to.rows[drum] else to.rows[drum][0]


GM = DrumMap(
    "gm",  # General MIDI percussion, widened so that every GM2 drum has a row
    (
        (36, 35),
        (38, 27, 28, 31, 32, 33, 34, 37, 39, 40, 56, 65, 66, 75, 85),
        (42, 44, 54, 68, 69, 70, 71, 73, 78, 80, 22),
        (46, 67, 72, 74, 79, 81, 26),
        (45, 29, 41, 43, 61, 64, 84),
        (48, 47, 60, 63, 77, 86, 87),
        (50, 30, 62, 76, 83),
        (49, 52, 55, 57, 58),
        (51, 53, 59, 82),
    ),
)
TD11 = DrumMap(
    "td11",  # Roland's, on which the Groove recordings were played: 22 and 26 are hat edges, 45, 47, 58 toms
    (
        (36,),
        (38, 37, 40),
        (42, 22, 44),
        (46, 26),
        (43, 58),
        (47, 45),
        (50, 48),
        (49, 52, 55, 57),
        (51, 53, 59),
    ),
)
ABLETON = DrumMap(
    "ableton",  # the pads C1 to D#2 of a Drum Rack as Live's Core Kits fill them: toms on F1, G1, A1
    (
        (36, 35),
        (38, 40, 37, 39),
        (42, 44),
        (46,),
        (41,),
        (43, 47),
        (45, 48, 50),
        (49,),
        (51,),
    ),
)
MAPS = {drum_map.name: drum_map for drum_map in (GM, TD11, ABLETON)}


@dataclass(frozen=True, slots=True)
class DrumKit:
    """How a part's drums are numbered. Inside livevae a drum has its General MIDI pitches.

    reads: what comes in. plays: what goes out; None sends back each pitch as it came in, and plays the rest
    by ``reads``. passes: whether a pitch that ``reads`` does not know sounds all the same.
    """

    reads: DrumMap = GM
    plays: DrumMap | None = None
    passes: bool = True

    def understood(self, pitch: int) -> int | None:
        """General MIDI's pitch for one that came in; None if ``reads`` does not know it."""
        return self.reads.translated(pitch, GM)

    def unknown(self, notes: Iterable[Note]) -> tuple[int, ...]:
        """Pitches that ``reads`` does not know, each once, ascending."""
        return tuple(sorted({note.pitch for note in notes if self.reads.drum_of(note.pitch) is None}))

    def played(self, pitch: int) -> int | None:
        """What goes out for a General MIDI ``pitch`` of livevae's own; None if nothing plays that drum."""
        return GM.translated(pitch, self.plays or self.reads)

    def returned(self, pitch: int) -> int | None:
        """What goes out for a ``pitch`` that came in; None if nothing does."""
        if self.reads.drum_of(pitch) is None:
            return pitch if self.passes else None
        return pitch if self.plays is None else self.reads.translated(pitch, self.plays)


GM_KIT = DrumKit()
