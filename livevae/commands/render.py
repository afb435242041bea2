"""``livevae render``: a performance in virtual time, from file to file."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from livevae.adapters.midi_file import read_midi_file, write_midi_file
from livevae.errors import MessageError
from livevae.inference import Inference
from livevae.offline import render
from livevae.preset_files import load_preset
from livevae.repertoire import prepare

_DEFAULT_BPM = 120.0


def main(arguments: Namespace) -> int:
    """Render and say where it went. Raises LivevaeError for whatever cannot be read, played or written."""
    preset = load_preset(arguments.preset).adjusted(
        tempo_bpm=arguments.bpm, seed=arguments.seed, clock="internal"
    )
    played = read_midi_file(Path(arguments.input)) if arguments.input else None
    prepared = prepare(preset)
    inference = Inference(prepared.model_paths, arguments.device)
    tempo_bpm = float(preset.settings.get("tempo", _DEFAULT_BPM))
    score = render(
        prepared.performance,
        inference.answer,
        bars=arguments.bars,
        tempo_bpm=tempo_bpm,
        played=played,
        tell=lambda text: print(text, file=sys.stderr),
    )
    out = Path(arguments.out)
    try:
        write_midi_file(out, score)
    except OSError as error:
        raise MessageError(f"{out} cannot be written: {error.strerror or error}") from error
    notes = sum(len(track.notes) for track in score.tracks)
    print(f"{out}: {arguments.bars} bars at {tempo_bpm:g} BPM, {notes} notes")
    if not notes and played is None:
        print(
            "Nothing was played in. A preset that answers needs something: --input FILE.mid", file=sys.stderr
        )
    return 0
