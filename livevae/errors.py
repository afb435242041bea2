"""Everything livevae can refuse, in one tree.

    LivevaeError
    +-- SetupError      something on this computer is missing or clashes; says what to type
    +-- PresetError     a preset names what does not exist or is out of range
    +-- ModelError      a model file is missing, corrupt, or of another version or codec
    +-- SetError        a saved set cannot be read or written
    +-- ParameterError  a parameter was asked for a value it cannot take
    +-- PortError       a MIDI port is missing, busy or lost
    +-- MessageError    bytes from outside (MIDI, OSC) that make no sense

Every message is one sentence a musician understands: it names the file or address, the
key, the value, and what would be accepted.
"""

from __future__ import annotations


class LivevaeError(Exception):
    """Base of all errors livevae raises on purpose."""


class SetupError(LivevaeError):
    """Something on this computer is missing or clashes."""


class PresetError(LivevaeError):
    """A preset file cannot be used."""


class ModelError(LivevaeError):
    """A model file cannot be used."""


class SetError(LivevaeError):
    """A saved set cannot be read or written."""


class ParameterError(LivevaeError):
    """A parameter does not exist or cannot take the value."""


class PortError(LivevaeError):
    """A MIDI port is missing, busy or lost."""


class MessageError(LivevaeError):
    """Bytes from outside that are not a message livevae knows."""
