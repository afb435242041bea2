"""One outside library each: MIDI ports, OSC, models, clocks, files."""
