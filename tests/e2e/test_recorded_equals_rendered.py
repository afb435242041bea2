"""Where there is no MIDI system, what is recorded live is what ``livevae render`` writes, note for note."""

from __future__ import annotations

from pathlib import Path

import pytest

from livevae.adapters.midi_file import read_midi_file
from livevae.cli import main
from livevae.core.notes import Note
from livevae.units import MIDI_FILE_TICKS_PER_BEAT, TICKS_PER_BAR, TICKS_PER_BEAT

FAKES = Path(__file__).parent.parent / "fixtures"
BARS, BPM = 5, 300
FILE_TICK = TICKS_PER_BEAT // MIDI_FILE_TICKS_PER_BEAT

MODES = {
    "sample": 'mode = "sample"\ntemperature = 1.2',
    "interpolate": 'mode = "interpolate"\nmorph = 4\nmorph_from = "sample"',
}


def notes_of(file: Path) -> list[tuple[int, Note]]:
    """(channel, note) of everything in a file."""
    return sorted((track.channel, note) for track in read_midi_file(file).tracks for note in track.notes)


@pytest.mark.parametrize(("mode", "seed"), [("sample", 7), ("interpolate", 1)])
def test_recorded_equals_rendered(mode: str, seed: int, tmp_path: Path) -> None:
    preset = tmp_path / "fake.toml"
    parts = "\n".join(
        f'[parts.{part}]\nmodel = "{FAKES / "fake_trio.onnx"}"\nchannel = {channel}\n{MODES[mode]}'
        for part, channel in (("melody", 1), ("bass", 2), ("drums", 10))
    )
    # ample time for the model: on a busy machine a missed bar would be another, allowed difference
    preset.write_text(f"inference_ms = 500\n{parts}")
    what = ["--preset", str(preset), "--bars", str(BARS), "--bpm", str(BPM), "--seed", str(seed)]
    live, rendered = tmp_path / "live.mid", tmp_path / "rendered.mid"
    where = ["--backend", "none", "--clock", "internal", "--osc", "off", "--no-page"]
    assert main(["run", *what, *where, "--record", str(live)]) == 0
    assert main(["render", *what, "--out", str(rendered)]) == 0
    heard, written = notes_of(live), notes_of(rendered)
    assert len(written) > BARS * 3
    assert max(note.onset_ticks for _, note in heard) < BARS * TICKS_PER_BAR
    assert [(channel, n.pitch, n.velocity) for channel, n in heard] == [
        (channel, n.pitch, n.velocity) for channel, n in written
    ]
    for (_, one), (_, other) in zip(heard, written, strict=True):  # each file rounds to its own grid
        assert abs(one.onset_ticks - other.onset_ticks) <= FILE_TICK
        assert abs(one.duration_ticks - other.duration_ticks) <= 2 * FILE_TICK
