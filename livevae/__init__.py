"""livevae: a MIDI bridge for the stage, playing latent-variable models in time with your clock.

    import livevae

    model = livevae.load_model("melody_2bar")

See ``livevae.api`` for what a model can do. Importing this package loads nothing heavy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from livevae.api import Model, load_groove_model, load_model
    from livevae.core.chords import Chord
    from livevae.core.notes import Note

__all__ = ["Chord", "Model", "Note", "load_groove_model", "load_model"]

_HOMES = {
    "Chord": "livevae.core.chords",
    "Model": "livevae.api",
    "Note": "livevae.core.notes",
    "load_groove_model": "livevae.api",
    "load_model": "livevae.api",
}


def __getattr__(name: str) -> Any:
    """Imports a public name's module when the name is first used: ``livevae run`` must start fast."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
