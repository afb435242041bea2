"""Melodies and trios cut from the Lakh MIDI Dataset (Raffel 2016; extracts of SCHmUBERT, Plasser et al.
2023).

64 bars of 4/4 each, already on the sixteenth grid, velocity always 80. Files that share a four-bar line carry
one cluster number; the split goes by cluster, because the collection's own folders share songs.
"""

from __future__ import annotations

import dataclasses
import hashlib
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from livevae.core.notes import Notes
from train.midi_files import MidiSong, UnreadableMidi, read_midi
from train.songs import Dropped, Song, Unread, is_held_out

ARCHIVE = "lakh.zip"
CLUSTERS = "lakh_song_clusters.tsv"
MELODY_PROGRAMS = range(0, 32)  # MusicVAE: programs 0-31 may carry the melody, 32-39 the bass
BASS_PROGRAMS = range(32, 40)


def lakh_melodies(data: Path) -> Iterator[Unread]:
    """The melody files: part ``melody``, of which 41 % are bass lines by their pitch."""
    return _songs(data, "melody", _song)


def lakh_trios(data: Path) -> Iterator[Unread]:
    """The trio files: parts ``melody``, ``bass`` and ``drums``."""
    return _songs(data, "trio", _song)


def lakh_drums_fifth(data: Path) -> Iterator[Unread]:
    """Part ``drums`` of every fifth trio.

    These extracts know nine drums only, so for a whole kit a part of them must do: enough to learn beats
    from, too little to drown the collections that know more.
    """
    for song in _songs(data, "trio", _drums):
        _, group, _ = song.given
        if int.from_bytes(hashlib.sha256(f"fifth/{group}".encode()).digest()[:4], "big") % 5 == 0:
            yield song


def lakh_melodies_over_bass(data: Path) -> Iterator[Unread]:
    """The trio files as a melody over what the bass holds: parts ``melody`` and ``chords``.

    A bass note is a chord of one tone, and as true as any: nothing is guessed of the tones nobody recorded.
    """
    return _songs(data, "trio", _melody_over_bass)


def _songs(data: Path, folder: str, read: Callable[..., Song | Dropped]) -> Iterator[Unread]:
    clusters = _clusters(data / CLUSTERS)
    with zipfile.ZipFile(data / ARCHIVE) as archive:
        for name in sorted(archive.namelist()):
            short = name.removeprefix("lakh/")
            if name.endswith(".mid") and f"/{folder}/" in name:
                yield Unread(read, (name, f"lakh/{clusters.get(short, short)}", archive.read(name)))


def _song(name: str, group: str, midi: bytes) -> Song | Dropped:
    try:
        return Song(name, group, parts_by_program(read_midi(midi)), is_held_out(group))
    except UnreadableMidi as error:
        return Dropped(name, str(error))


def _drums(name: str, group: str, midi: bytes) -> Song | Dropped:
    song = _song(name, group, midi)
    if isinstance(song, Dropped):
        return song
    return dataclasses.replace(song, parts={"drums": song.parts.get("drums", ())})


def _melody_over_bass(name: str, group: str, midi: bytes) -> Song | Dropped:
    song = _song(name, group, midi)
    if isinstance(song, Dropped):
        return song
    parts = {"melody": song.parts.get("melody", ()), "chords": song.parts.get("bass", ())}
    return dataclasses.replace(song, parts=parts)


def _clusters(path: Path) -> dict[str, str]:
    rows = path.read_text(encoding="utf-8").splitlines()[1:]
    return dict(row.split("\t")[:2] for row in rows if row)


def parts_by_program(song: MidiSong) -> dict[str, Notes]:
    """Melody, bass and drums of a file by channel and General MIDI program; parts it lacks are absent."""
    found: dict[str, list[Notes]] = {}
    for track in song.tracks:
        if track.is_drums:
            found.setdefault("drums", []).append(track.notes)
        elif track.program in BASS_PROGRAMS:
            found.setdefault("bass", []).append(track.notes)
        elif track.program in MELODY_PROGRAMS:
            found.setdefault("melody", []).append(track.notes)
    return {part: tuple(sorted(note for notes in tracks for note in notes)) for part, tracks in found.items()}
