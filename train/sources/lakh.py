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
_REPLAYED = 0.4  # of the songs
# Drums of the extracts, and what else may have played their part; what is likelier stands twice.
_OTHERS: tuple[tuple[tuple[int, ...], tuple[tuple[int, ...], ...]], ...] = (
    ((36,), ((36,), (36,), (35,))),
    ((38,), ((38,), (40,), (40,), (37,), (39,))),
    ((42,), ((42,), (42,), (44,), (54,), (69,), (70,), (82,))),
    ((45, 48, 50), ((45, 48, 50), (41, 47, 50), (41, 45, 48), (43, 47, 50), (64, 63, 62))),
    ((49,), ((49,), (57,), (55,), (52,))),
    ((51,), ((51,), (59,), (59,), (53,))),
)


def lakh_melodies(data: Path) -> Iterator[Unread]:
    """The melody files: part ``melody``, of which 41 % are bass lines by their pitch."""
    return _songs(data, "melody", _song)


def lakh_trios(data: Path) -> Iterator[Unread]:
    """The trio files: parts ``melody``, ``bass`` and ``drums``."""
    return _songs(data, "trio", _song)


def lakh_kits(data: Path) -> Iterator[Unread]:
    """Part ``drums`` of every trio, two songs in five of them on other instruments.

    These extracts know nine drums only: which pitch of its class a drum had is lost. So that beats are learnt
    whatever they are played on, some songs get it back by chance, the same throughout: ``_OTHERS``.
    """
    return _songs(data, "trio", _kit)


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


def _kit(name: str, group: str, midi: bytes) -> Song | Dropped:
    song = _song(name, group, midi)
    if isinstance(song, Dropped):
        return song
    drums = song.parts.get("drums", ())
    chance = hashlib.sha256(f"kit/{group}".encode()).digest()
    if chance[0] < _REPLAYED * 256:
        instead = {
            pitch: others[which % len(others)][index]
            for (pitches, others), which in zip(_OTHERS, chance[1:], strict=False)
            for index, pitch in enumerate(pitches)
        }
        drums = tuple(sorted(dataclasses.replace(n, pitch=instead.get(n.pitch, n.pitch)) for n in drums))
    return dataclasses.replace(song, parts={"drums": drums})


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
