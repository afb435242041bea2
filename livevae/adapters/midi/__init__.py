"""MIDI ports: one way in, one way out, behind the four methods of ``Port``."""
