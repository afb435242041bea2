"""What controllers are told of MIDI learn: which control turns what, and what waits to be touched.

/livevae/binding   s: address of the parameter, s: the control, empty for none
/livevae/learning  s: address of the parameter, i: 1 while it waits
"""

from __future__ import annotations

from collections.abc import Iterator

from livevae.adapters.osc.addresses import ROOT, address_of
from livevae.adapters.osc.packets import write_message
from livevae.core.effects import BindingChanged, LearningChanged


class Bindings:
    """Remembers every control, for programs that ask later."""

    def __init__(self) -> None:
        self._controls: dict[tuple[str | None, str], str] = {}

    def changed(self, change: BindingChanged) -> bytes:
        """A datagram that tells of a control."""
        key = (change.part, change.name)
        if change.control is None:
            self._controls.pop(key, None)
        else:
            self._controls[key] = change.control
        return _message(key, change.control or "")

    def all(self) -> Iterator[bytes]:
        """A datagram for every control there is."""
        for key, control in self._controls.items():
            yield _message(key, control)


def learning_message(change: LearningChanged) -> bytes:
    """A datagram that tells of a parameter that waits, or waits no longer."""
    return write_message(f"{ROOT}/learning", address_of(change.part, change.name), int(change.is_waiting))


def _message(key: tuple[str | None, str], control: str) -> bytes:
    return write_message(f"{ROOT}/binding", address_of(*key), control)
