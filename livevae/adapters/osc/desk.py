"""Who talks to us over OSC, what they want done, and what they must be told.

The desk does no I/O: datagrams and reports go in, events for the performer and datagrams to send come out.
It knows every parameter's present value, and what each program was last told of it, so that two programs
which echo each other fall silent instead of ringing.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass, field

from livevae.adapters.osc.addresses import ROOT, SLOT, VALUE, AddressTable, address_of
from livevae.adapters.osc.bindings import Bindings, learning_message
from livevae.adapters.osc.capabilities import capability_messages
from livevae.adapters.osc.commands import (
    AskCapabilities,
    AskState,
    AskValue,
    Command,
    KeepFile,
    Subscribe,
    Unsubscribe,
)
from livevae.adapters.osc.limiter import Limiter
from livevae.adapters.osc.packets import OscMessage, read_packet, write_message
from livevae.adapters.osc.slots import Slots
from livevae.adapters.osc.told import MAX_PEERS, Key, Peer, Told
from livevae.adapters.osc.touchosc_names import PADS
from livevae.adapters.osc.values import to_argument
from livevae.core.effects import BindingChanged, LearningChanged, Notice, ParameterChanged, SlotChanged
from livevae.core.events import Drop, Event, Halt, Keep, Panic, Play, Rename, SetParameter
from livevae.core.parameters import (
    GLOBAL_PARAMETERS,
    PART_PARAMETERS,
    ParameterValue,
    defaults,
    find_parameter,
)
from livevae.core.performance import Performance
from livevae.errors import MessageError

MAX_SUBSCRIBERS = 16
_PADS = tuple(f"/{name}" for name in PADS)
_PAD_AXES = ("pad_x", "pad_y")


@dataclass(slots=True)
class Outcome:
    """What one datagram leads to: events in the order they were asked for, datagrams to send, a complaint.

    files: MIDI files to read and keep.
    """

    events: list[Event] = field(default_factory=list)
    files: list[KeepFile] = field(default_factory=list)
    replies: list[tuple[Peer, bytes]] = field(default_factory=list)
    complaint: str = ""


class OscDesk:
    """Not thread-safe: the server takes care that one thread at a time is at the desk.

    subscribers: programs that are told every change from the start, and never dropped.
    """

    def __init__(self, performance: Performance, subscribers: tuple[Peer, ...] = ()) -> None:
        self._fixed = subscribers
        self._subscribers: OrderedDict[Peer, None] = OrderedDict()
        self._told = Told()
        self._transport: tuple[str, str, float, int] | None = None
        self._chord = ""
        self._aliases: dict[Peer, dict[Key, str]] = {}  # other addresses that programs use for parameters
        self._slots = Slots()
        self._bindings = Bindings()
        self._limiter = Limiter()
        self._adopt(performance)

    @property
    def subscribers(self) -> tuple[Peer, ...]:
        """Everybody who is told every change."""
        return (*self._fixed, *self._subscribers)

    @property
    def value_addresses(self) -> frozenset[bytes]:
        """Where an argument does nothing but move one parameter."""
        return self._table.value_addresses

    # --- what comes in ------------------------------------------------------------------------

    def receive(self, data: bytes, sender: Peer, now_ns: int) -> Outcome:
        """Work through one datagram; whatever is wrong with it becomes a complaint, never an exception.

        now_ns: any monotonic clock; at most one complaint a second is made.
        """
        outcome = Outcome()
        try:
            messages = read_packet(data)
        except MessageError as error:
            self._complain(str(error), sender, now_ns, outcome)
            return outcome
        for message in messages:
            self._act(message, sender, now_ns, outcome)
        return outcome

    def _act(self, message: OscMessage, sender: Peer, now_ns: int, outcome: Outcome) -> None:
        try:
            commands = self._table.read(message)
        except MessageError as error:
            self._complain(str(error), sender, now_ns, outcome)
            key = self._table.parameter_at(message.address)
            if key is not None:  # put the fader back to where the parameter is
                outcome.replies += self._tell(sender, key)
            return
        for command in commands:
            is_alias = message.address.endswith(_PADS) or not message.address.startswith(f"{ROOT}/")
            if isinstance(command, SetParameter) and is_alias:
                self._alias(sender, (command.part, command.name), message.address)
            if isinstance(command, KeepFile) and not _is_here(sender):
                text = f"{message.address}: files are kept only for programs on this computer"
                self._complain(text, sender, now_ns, outcome)
                continue
            self._obey(command, sender, outcome)

    def _alias(self, sender: Peer, key: Key, address: str) -> None:
        """Remember that ``sender`` calls a parameter by another address, as long as it is remembered."""
        self._aliases.setdefault(sender, {})[key] = address
        if len(self._aliases) > MAX_PEERS:
            self._aliases = {peer: names for peer, names in self._aliases.items() if peer in self._told}

    def _obey(self, command: Command, sender: Peer, outcome: Outcome) -> None:
        match command:
            case Subscribe(port):
                outcome.replies += self._subscribe(_at_port(sender, port))
            case Unsubscribe(port):
                self._subscribers.pop(_at_port(sender, port), None)
                outcome.replies.append((sender, write_message(f"{ROOT}/unsubscribe", len(self.subscribers))))
            case AskState(port):
                outcome.replies += self._state(_at_port(sender, port))
            case AskCapabilities(port):
                peer = _at_port(sender, port)
                outcome.replies += [(peer, data) for data in capability_messages(self._performance)]
            case KeepFile():
                outcome.files.append(command)
            case AskValue(part, name):
                outcome.replies += self._tell(sender, (part, name))
            case _:
                self._expect_echo(sender, command)
                outcome.events.append(command)

    def _expect_echo(self, sender: Peer, event: Event) -> None:
        match event:
            case SetParameter(part, name, value):
                key: Key = (part, name)
            case Play() | Halt():
                key, value = (None, "play"), isinstance(event, Play)
            case Panic():
                key, value = (None, "panic"), True
            case Keep(part) | Drop(part) | Rename(part):
                key, value = (part, SLOT), True
            case _:
                return
        self._told.expect(sender, key, value)

    def _complain(self, text: str, sender: Peer, now_ns: int, outcome: Outcome) -> None:
        sentence = self._limiter.admit(text, now_ns)
        if sentence is not None:
            outcome.complaint = f"OSC from {sender[0]}:{sender[1]}: {sentence}"
            outcome.replies.append((sender, write_message(f"{ROOT}/error", sentence)))

    def _subscribe(self, peer: Peer) -> list[tuple[Peer, bytes]]:
        if peer not in self._fixed:
            self._subscribers[peer] = None
            self._subscribers.move_to_end(peer)
            while len(self._subscribers) > MAX_SUBSCRIBERS:
                self._subscribers.popitem(last=False)
        confirmation = write_message(f"{ROOT}/subscribe", *peer)
        return [
            (peer, confirmation),
            *self._state(peer),
            *self._transport_to([peer]),
            *(self._chord_to([peer]) if self._chord else ()),
        ]

    # --- what goes out ------------------------------------------------------------------------

    def parameter_changed(self, change: ParameterChanged) -> list[tuple[Peer, bytes]]:
        """Datagrams that echo a change to whoever asked for it and to every subscriber."""
        key = (change.part, change.name)
        peers = dict.fromkeys((*self.subscribers, *self._told.waiting(key)))
        if change.part not in self._parts:
            return []  # of the preset before this one
        if key not in self._values:  # a trigger holds no value: say that it acted
            echo = write_message(address_of(*key), 1.0)
            return [(peer, echo) for peer in peers]
        self._values[key] = change.value
        return [
            reply
            for peer in peers
            if not self._told.knows(peer, key, change.value)
            for reply in self._tell(peer, key)
        ]

    def slot_changed(self, change: SlotChanged) -> list[tuple[Peer, bytes]]:
        """Datagrams that tell what a slot of the palette holds, to whoever filled it and every subscriber."""
        self._slots.changed(change)
        replies = []
        for part in self._performance.parts:
            if part.model == change.model:
                asked = self._told.waiting((part.name, SLOT))
                for data in self._slots.messages(part, change.slot):
                    replies += [(peer, data) for peer in dict.fromkeys((*self.subscribers, *asked))]
        return replies

    def binding_changed(self, change: BindingChanged) -> list[tuple[Peer, bytes]]:
        """Datagrams that tell every subscriber which control turns a parameter."""
        data = self._bindings.changed(change)
        return [(peer, data) for peer in self.subscribers]

    def learning_changed(self, change: LearningChanged) -> list[tuple[Peer, bytes]]:
        """Datagrams that tell every subscriber what waits for a control to be touched."""
        data = learning_message(change)
        return [(peer, data) for peer in self.subscribers]

    def transport_changed(
        self, state: str, leader: str, tempo_bpm: float, bar: int
    ) -> list[tuple[Peer, bytes]]:
        """Datagrams that tell every subscriber where the music is; none while nothing has changed.

        bar: counted from 1, as people do.
        """
        transport = (state, leader, round(tempo_bpm, 1), bar)
        if transport == self._transport:
            return []
        self._transport = transport
        return self._transport_to(self.subscribers)

    def chord_changed(self, name: str) -> list[tuple[Peer, bytes]]:
        """Datagrams that tell every subscriber which chord sounds; none while it is the same."""
        if name == self._chord:
            return []
        self._chord = name
        return self._chord_to(self.subscribers)

    def noticed(self, notice: Notice) -> list[tuple[Peer, bytes]]:
        """Datagrams that pass a notice on to every subscriber."""
        data = write_message(f"{ROOT}/notice", notice.severity.value, notice.text)
        return [(peer, data) for peer in self.subscribers]

    def performance_changed(self, performance: Performance) -> list[tuple[Peer, bytes]]:
        """Datagrams that tell every subscriber all values of another preset."""
        self._adopt(performance)
        return [reply for peer in self.subscribers for reply in self._state(peer)]

    # --- what is known ------------------------------------------------------------------------

    def _adopt(self, performance: Performance) -> None:
        self._performance = performance
        self._table = AddressTable([part.name for part in performance.parts])
        self._parts = {None, *(part.name for part in performance.parts)}
        whole = defaults(GLOBAL_PARAMETERS) | dict(performance.settings)
        self._values: dict[Key, ParameterValue] = {(None, name): value for name, value in whole.items()}
        for part in performance.parts:
            values = defaults(PART_PARAMETERS) | dict(part.settings)
            self._values |= {(part.name, name): value for name, value in values.items()}
        self._told.clear()
        self._aliases.clear()

    def _tell(self, peer: Peer, key: Key) -> list[tuple[Peer, bytes]]:
        """One parameter's value, as a controller's position and in its own unit."""
        value = self._values[key]
        self._told.tell(peer, key, value)
        address = address_of(*key)
        parameter = find_parameter(*key)
        position = float(parameter.to_unit(value))
        messages = [write_message(address, position), write_message(f"{address}/{VALUE}", to_argument(value))]
        alias = self._aliases.get(peer, {}).get(key, "")
        if alias.endswith(_PADS):
            messages.append(write_message(alias, *self._pad_position(key[0])))
        elif alias:
            messages.append(write_message(alias, position))
        return [(peer, data) for data in messages]

    def _pad_position(self, part: str | None) -> tuple[float, float]:
        x, y = (find_parameter(part, axis).to_unit(self._values[part, axis]) for axis in _PAD_AXES)
        return x, y

    def _state(self, peer: Peer) -> list[tuple[Peer, bytes]]:
        messages = [reply for key in self._values for reply in self._tell(peer, key)]
        for part in self._performance.parts:
            for slot in self._slots.filled(part):
                messages += [(peer, data) for data in self._slots.messages(part, slot)]
        messages += [(peer, data) for data in self._bindings.all()]
        return [*messages, (peer, write_message(f"{ROOT}/state", len(self._values)))]

    def _transport_to(self, peers: list[Peer] | tuple[Peer, ...]) -> list[tuple[Peer, bytes]]:
        if self._transport is None:
            return []
        data = write_message(f"{ROOT}/transport", *self._transport)
        return [(peer, data) for peer in peers]

    def _chord_to(self, peers: list[Peer] | tuple[Peer, ...]) -> list[tuple[Peer, bytes]]:
        data = write_message(f"{ROOT}/harmony", self._chord)
        return [(peer, data) for peer in peers]


def _at_port(sender: Peer, port: int | None) -> Peer:
    """Where to answer. Always the sender's own host: nobody can point us at somebody else."""
    return sender if port is None else (sender[0], port)


def _is_here(peer: Peer) -> bool:
    """Whether a program runs on this computer."""
    return ipaddress.ip_address(peer[0].partition("%")[0]).is_loopback
