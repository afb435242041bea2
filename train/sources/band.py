"""Music for a whole band, a part a slot of ``livevae.codec.band``: each with the program that plays it.

A slot has room for one player (guitars have two slots). Where a song has more players of a kind, those that
do most in a bar play it, and the busiest of the others has the slot of extras. A bar stands for itself: what
is still held at a bar line begins again with the bar.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from livevae.codec.band import DRUMS, SLOT_PROGRAMS, with_program
from livevae.codec.base import step_of_onset
from livevae.core.notes import Note, Notes
from livevae.units import STEPS_PER_BAR, TICKS_PER_BAR, TICKS_PER_BEAT
from train.midi_files import MidiSong, Track, UnreadableMidi, read_midi
from train.songs import Dropped, Song, Unread, is_held_out
from train.sources import freedoom, lakh, pop909
from train.sources.own_files import midi_files

_EXTRA = "extra"
_KINDS: Mapping[str, tuple[str, ...]] = {  # kind of instrument -> its slots
    "guitar": ("guitar", "guitar_2"),
    **{slot: (slot,) for slot in ("keys", "strings", "bass", "lead")},
    _EXTRA: (),
}
_HELD_ON_TICKS = TICKS_PER_BEAT  # what sounds less far into a bar is over rather than held
_BY_LOT = ("guitar", "keys", "strings", "lead")  # who may play a melody whose instrument nobody noted
_METERS = ((4, 4), (2, 4), (2, 2))


def freedoom_bands(data: Path) -> Iterator[Unread]:
    """The songs of Freedoom that are in 4/4 throughout."""
    with zipfile.ZipFile(data / freedoom.ARCHIVE) as archive:
        for name in sorted(archive.namelist()):
            if name.endswith(".mid"):
                yield Unread(_midi_song, (name, f"freedoom/{name}", archive.read(name)))


def own_bands(data: Path) -> Iterator[Unread]:
    """Every MIDI file of a folder or zip, each its own group."""
    for name, midi in midi_files(data):
        yield Unread(_midi_song, (name, f"own/{name}", midi))


def lakh_bands_fifth(data: Path) -> Iterator[Unread]:
    """Every fifth trio: bass, drums, and a melody that plays in a slot drawn by lot.

    The extracts have lost programs and velocities, so no program is named.
    """
    for song in lakh.lakh_trios(data):
        if _one_in(5, song.given[1]):
            yield Unread(_lakh_song, song.given)


def pop909_bands_third(data: Path) -> Iterator[Unread | Dropped]:
    """Every third song: the piano, and the sung melody and the bridge in slots drawn by lot.

    All of it was played at one piano, so no program is named.
    """
    for song in pop909.pop909_melodies(data):
        if isinstance(song, Dropped):
            continue
        name, midi, beats, _ = song.given
        if _one_in(3, pop909.group_of(name)):
            yield Unread(_pop909_song, (name, midi, beats))


def _one_in(count: int, group: str) -> bool:
    return _lot(group, "kept") % count == 0


def _lot(group: str, what: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{what}/{group}".encode()).digest()[:4], "big")


def _midi_song(name: str, group: str, midi: bytes) -> Song | Dropped:
    try:
        song = read_midi(midi)
    except UnreadableMidi as error:
        return Dropped(name, str(error))
    odd = [f"{n}/{d}" for n, d in song.meters if (n, d) not in _METERS]
    if odd:
        return Dropped(name, f"it has bars of {odd[0]}, models know 4/4")
    return Song(name, group, allotted(song), is_held_out(group))


def _lakh_song(name: str, group: str, midi: bytes) -> Song | Dropped:
    try:
        parts = dict(lakh.parts_by_program(read_midi(midi)))
    except UnreadableMidi as error:
        return Dropped(name, str(error))
    slot = _BY_LOT[_lot(name, "slot") % len(_BY_LOT)]
    if "melody" in parts:
        parts[slot] = parts.pop("melody")
    return Song(name, group, _barred(parts), is_held_out(group))


def _pop909_song(name: str, midi: bytes, beat_lines: str) -> Song | Dropped:
    found = pop909.every_track(name, midi, beat_lines)
    if isinstance(found, Dropped):
        return found
    group = pop909.group_of(name)
    others = [slot for slot in _BY_LOT if slot != "keys"]
    first = _lot(name, "slot") % len(others)
    slots = {"PIANO": "keys", "MELODY": others[first], "BRIDGE": others[(first + 1) % len(others)]}
    parts = {slots[track]: notes for track, notes in found.items() if track in slots}
    return Song(name, group, _barred(parts), is_held_out(group))


def _barred(parts: Mapping[str, Notes]) -> dict[str, Notes]:
    return {part: notes if part == DRUMS else bar_by_bar(notes) for part, notes in parts.items()}


@dataclass(frozen=True, slots=True)
class _Player:
    """A track by its bars. number: its place in the song."""

    number: int
    program: int
    bars: Mapping[int, Notes]
    height: float

    @classmethod
    def of(cls, number: int, track: Track) -> _Player:
        notes = bar_by_bar(track.notes)
        bars: dict[int, list[Note]] = {}
        for note in notes:
            bars.setdefault(_bar(note), []).append(note)
        height = sum(note.pitch for note in notes) / max(1, len(notes))
        return cls(number, track.program, {bar: tuple(found) for bar, found in bars.items()}, height)


def allotted(song: MidiSong) -> dict[str, Notes]:
    """A file's notes by slot, each part named with its program: ``guitar:30``."""
    parts: dict[str, list[Note]] = {}
    players: dict[str, list[_Player]] = {kind: [] for kind in _KINDS}
    for number, track in enumerate(song.tracks):
        if track.is_drums:
            parts.setdefault(DRUMS, []).extend(track.notes)
        elif track.notes:
            players[_kind(track.program)].append(_Player.of(number, track))
    every = [player for found in players.values() for player in found]
    for bar in sorted({bar for player in every for bar in player.bars}):
        left: list[_Player] = []
        for kind, slots in _KINDS.items():
            busiest = sorted(
                (player for player in players[kind] if bar in player.bars),
                key=lambda player: (-len(player.bars[bar]), player.number),
            )
            left += busiest[len(slots) :]
            # of two guitars the lower is the first, in every bar alike
            playing = sorted(busiest[: len(slots)], key=lambda player: (player.height, player.number))
            for slot, player in zip(slots, playing, strict=False):
                parts.setdefault(with_program(slot, player.program), []).extend(player.bars[bar])
        for player in sorted(left, key=lambda player: (-len(player.bars[bar]), player.number))[:1]:
            parts.setdefault(with_program(_EXTRA, player.program), []).extend(player.bars[bar])
    return {part: tuple(sorted(notes)) for part, notes in parts.items()}


def _kind(program: int) -> str:
    return next((kind for kind in _KINDS if kind != _EXTRA and program in SLOT_PROGRAMS[kind]), _EXTRA)


def bar_by_bar(notes: Iterable[Note]) -> Notes:
    """Notes that end with their bar; what is held further begins again with each bar."""
    found: list[Note] = []
    for note in notes:
        end = note.onset_ticks + note.duration_ticks
        onset, line = note.onset_ticks, (_bar(note) + 1) * TICKS_PER_BAR
        while True:
            found.append(Note(onset, max(1, min(end, line) - onset), note.pitch, note.velocity))
            onset, line = line, line + TICKS_PER_BAR
            if end - onset < _HELD_ON_TICKS:
                break
    return tuple(sorted(found))


def _bar(note: Note) -> int:
    return step_of_onset(note.onset_ticks) // STEPS_PER_BAR
