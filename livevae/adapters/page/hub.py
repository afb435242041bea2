"""What every page shows, kept so that one which has just opened, or come back, can be told at once.

The hub does no I/O: reports go in, messages for the pages come out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from livevae.adapters.page.wire import (
    Message,
    bar_message,
    binding_message,
    change_message,
    learning_message,
    notes_message,
    notice_message,
    slot_message,
    sounding_pitches,
    table_message,
)
from livevae.core.effects import (
    BarDecided,
    BarMissed,
    BindingChanged,
    Effect,
    LearningChanged,
    Notice,
    ParameterChanged,
    SlotChanged,
)
from livevae.core.notes import Notes
from livevae.core.parameters import (
    GLOBAL_PARAMETERS,
    PART_PARAMETERS,
    SLOTS,
    Kind,
    ParameterValue,
    defaults,
    find_parameter,
)
from livevae.core.performance import Performance
from livevae.core.snapshot import NoteSeen

_NOTICES_KEPT = 50
_BARS_KEPT = 4  # of each part: the one that sounds, the ones decided, and one before
_PITCH_PARAMETERS = frozenset(("transpose", "key", "scale", "register_low", "register_high"))


class PageHub:
    """Not thread-safe: the server tells it everything from one thread.

    hears_elsewhere: whether notes can reach an instrument outside the browser.
    """

    def __init__(self, performance: Performance, version: str, *, hears_elsewhere: bool) -> None:
        self._table = table_message(performance)
        self._about = {"version": version, "slots": SLOTS, "midi": hears_elsewhere}
        self._values: dict[str | None, dict[str, ParameterValue]] = {
            None: defaults(GLOBAL_PARAMETERS) | dict(performance.settings)
        }
        self._drum_parts = {part.name for part in performance.parts if part.model_part == "drums"}
        self._bars: dict[str, dict[int, Notes]] = {}
        for part in performance.parts:
            self._values[part.name] = defaults(PART_PARAMETERS) | dict(part.settings)
            self._bars[part.name] = {}
        self._slots: dict[tuple[str, int], Message] = {}
        self._bindings: dict[tuple[str | None, str], Message] = {}
        self._learning: Message | None = None
        self._maps: dict[str, Message] = {}
        self._notices: deque[Message] = deque(maxlen=_NOTICES_KEPT)
        self._now: Message | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of the parts that play."""
        return tuple(self._bars)

    def hello(self) -> list[Message]:
        """Everything, for a page that knows nothing."""
        hello: Message = {
            "is": "hello",
            **self._about,
            **self._table,
            "values": {
                "global": self._values[None],
                "parts": {part: self._values[part] for part in self.parts},
            },
            "palette": list(self._slots.values()),
            "bindings": list(self._bindings.values()),
            "learning": self._learning,
            "notices": list(self._notices),
        }
        messages = [hello]
        for part in self.parts:
            messages += self._bars_of(part)
        messages += self._maps.values()
        return messages if self._now is None else [*messages, self._now]

    def told(self, effect: Effect) -> list[Message]:
        """Something changed, was decided or is to be said."""
        match effect:
            case ParameterChanged(_, part, name, value):
                return self._changed(effect, part, name, value)
            case SlotChanged():
                return [self._slot_changed(effect)]
            case BindingChanged():
                return [self._binding_changed(effect)]
            case LearningChanged():
                message = learning_message(effect)
                self._learning = message if effect.is_waiting else None
                return [message]
            case BarDecided(_, part, bar, notes) if part in self._bars:
                self._decided(part, bar, notes)
                return [self._bar(part, bar, notes)]
            case BarMissed(_, part, bar):
                return [{"is": "missed", "part": part, "bar": bar}]
            case Notice():
                message = notice_message(effect)
                self._notices.append(message)
                return [message]
        return []

    def now(self, message: Message) -> list[Message]:
        """How things are; the newest is all that counts."""
        self._now = message
        return [message]

    def map(self, message: Message) -> list[Message]:
        """Where ideas lie; of each model the newest counts."""
        self._maps[message["model"]] = message
        return [message]

    def notes(self, notes: Iterable[NoteSeen]) -> list[Message]:
        """Notes came in or went out: for those who look now, and for nobody later."""
        return [notes_message(notes)]

    def _changed(
        self, change: ParameterChanged, part: str | None, name: str, value: ParameterValue
    ) -> list[Message]:
        if part not in self._values:
            return []  # of a performance that has gone
        messages = [change_message(change)]
        if find_parameter(part, name).kind is not Kind.TRIGGER:
            self._values[part][name] = value
        if part is not None and name in _PITCH_PARAMETERS:
            messages += self._bars_of(part)
        return messages

    def _slot_changed(self, change: SlotChanged) -> Message:
        message = slot_message(change)
        self._slots[change.model, change.slot] = message
        if change.latent is None:
            del self._slots[change.model, change.slot]
        return message

    def _binding_changed(self, change: BindingChanged) -> Message:
        message = binding_message(change)
        self._bindings[change.part, change.name] = message
        if change.control is None:
            del self._bindings[change.part, change.name]
        return message

    def _decided(self, part: str, bar: int, notes: Notes) -> None:
        bars = self._bars[part]
        bars.pop(bar, None)
        bars[bar] = notes
        while len(bars) > _BARS_KEPT:
            del bars[next(iter(bars))]

    def _bars_of(self, part: str) -> list[Message]:
        return [self._bar(part, bar, notes) for bar, notes in self._bars[part].items()]

    def _bar(self, part: str, bar: int, notes: Notes) -> Message:
        pitches = sounding_pitches(notes, self._values[part], is_drum=part in self._drum_parts)
        return bar_message(part, bar, notes, pitches)
