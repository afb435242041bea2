"""The UDP socket that controllers talk to, with a thread that listens to it.

Everything here belongs to the main process. A flood of datagrams is thinned as it is fetched, and fetched in
portions with rests between them. It cannot reach the timekeeper, which is another process, and to which the
engine passes on only the newest values.
"""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Callable

from livevae.adapters.listening import why_not_listening
from livevae.adapters.osc.commands import KeepFile
from livevae.adapters.osc.desk import OscDesk
from livevae.adapters.osc.limiter import Limiter
from livevae.adapters.osc.thinning import Datagram, newest_values
from livevae.adapters.osc.told import Peer
from livevae.core.effects import BindingChanged, LearningChanged, Notice, ParameterChanged, SlotChanged
from livevae.core.events import Event
from livevae.core.performance import Performance
from livevae.errors import LivevaeError, PortError

DEFAULT_ENDPOINT: Peer = ("127.0.0.1", 9000)

_MAX_DATAGRAM_BYTES = 65_536
_WAKE_S = 0.5  # how long closing may have to wait for the thread if the system does not wake it
_RECEIVE_BUFFER_BYTES = 1 << 20  # room for a burst from a controller while Python is elsewhere
_PORTION = 256  # datagrams fetched at once
_A_FLOOD = 32  # more than a hand, or a whole TouchOSC page, sends at one moment
_BREATH_AFTER = 64  # datagrams in a row: a program that is told everything may have room for some 200
_BREATH_S = 0.003
_REST_S = 0.005  # between portions of a flood: this process has a page to serve as well


def parse_endpoint(text: str, default: Peer = DEFAULT_ENDPOINT) -> Peer:
    """``HOST:PORT``, ``:PORT``, ``PORT`` or ``HOST`` as host and port; an IPv6 host stands in brackets.

    Raises PortError saying what is expected.
    """
    host, colon, port_text = text.rpartition(":")
    if not colon:
        host, port_text = ("", text) if text.isdecimal() else (text, "")
    elif host.startswith("[") and not host.endswith("]"):
        host, port_text = text, ""
    host = host.removeprefix("[").removesuffix("]") or default[0]
    port = int(port_text) if port_text.isdecimal() and len(port_text) <= 5 else -1
    if not port_text and not text.endswith(":"):
        port = default[1]
    if not 1 <= port <= 65535:
        raise PortError(f"{text!r} is no network address: write HOST:PORT, e.g. {default[0]}:{default[1]}")
    return host, port


class OscServer:
    """Listens at one address; tells the desk what arrives and the network what the desk says.

    on_event: called with each event, from the server's thread. on_complaint: called with a sentence about
    datagrams that made no sense, at most once a second, from the server's thread. read_file: makes an event
    of a MIDI file that is to be kept, or raises LivevaeError; without it, files are refused.
    Thread-safe: the methods may be called from any thread.
    """

    def __init__(
        self,
        desk: OscDesk,
        on_event: Callable[[Event], None],
        on_complaint: Callable[[str], None],
        read_file: Callable[[KeepFile], Event] | None = None,
    ) -> None:
        self._desk = desk
        self._value_addresses = desk.value_addresses
        self._on_event = on_event
        self._on_complaint = on_complaint
        self._read_file = read_file
        self._limiter = Limiter()
        self._at_the_desk = threading.Lock()
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()

    @property
    def endpoint(self) -> Peer:
        """Host and port it listens at."""
        if self._socket is None:
            raise PortError("the OSC server is not open")
        host, port = self._socket.getsockname()[:2]
        return host, port

    def open(self, endpoint: Peer) -> None:
        """Begin to listen. Port 0 takes any free one. Raises PortError with what to do about it."""
        self._socket = _bound(endpoint)
        self._thread = threading.Thread(target=self._listen, name="osc", daemon=True)
        self._thread.start()

    def parameter_changed(self, change: ParameterChanged) -> None:
        """Echo a change."""
        with self._at_the_desk:
            replies = self._desk.parameter_changed(change)
        self._send(replies)

    def slot_changed(self, change: SlotChanged) -> None:
        """Tell what a slot of the palette holds."""
        with self._at_the_desk:
            replies = self._desk.slot_changed(change)
        self._send(replies)

    def binding_changed(self, change: BindingChanged) -> None:
        """Tell subscribers which control turns a parameter."""
        with self._at_the_desk:
            replies = self._desk.binding_changed(change)
        self._send(replies)

    def learning_changed(self, change: LearningChanged) -> None:
        """Tell subscribers what waits for a control to be touched."""
        with self._at_the_desk:
            replies = self._desk.learning_changed(change)
        self._send(replies)

    def chord_changed(self, name: str) -> None:
        """Tell subscribers which chord sounds, by its symbol."""
        with self._at_the_desk:
            replies = self._desk.chord_changed(name)
        self._send(replies)

    def transport_changed(self, state: str, leader: str, tempo_bpm: float, bar: int) -> None:
        """Tell subscribers where the music is; bar counts from 1."""
        with self._at_the_desk:
            replies = self._desk.transport_changed(state, leader, tempo_bpm, bar)
        self._send(replies)

    def noticed(self, notice: Notice) -> None:
        """Tell subscribers what the musician is told."""
        with self._at_the_desk:
            replies = self._desk.noticed(notice)
        self._send(replies)

    def performance_changed(self, performance: Performance) -> None:
        """Serve another preset's parameters from now on."""
        with self._at_the_desk:
            replies = self._desk.performance_changed(performance)
            self._value_addresses = self._desk.value_addresses
        self._send(replies)

    def close(self) -> None:
        """Stop listening. May be called twice."""
        self._closing.set()
        if self._socket is not None and self._thread is not None:
            self._wake()
            self._thread.join(2 * _WAKE_S)
            self._socket.close()
            self._thread = self._socket = None

    def _wake(self) -> None:
        """Have the thread notice that it should end, by a datagram to ourselves."""
        try:
            host, port = self.endpoint
            family = self._socket.family if self._socket is not None else socket.AF_INET
            with socket.socket(family, socket.SOCK_DGRAM) as sender:
                sender.sendto(b"", (host, port))
        except OSError:
            pass  # then it notices within _WAKE_S

    def _listen(self) -> None:
        listening = self._socket
        assert listening is not None
        while not self._closing.is_set():
            datagrams = _fetched(listening)
            if datagrams is None or self._closing.is_set():
                return
            is_flood = len(datagrams) > _A_FLOOD
            for data, sender in newest_values(datagrams, self._value_addresses) if is_flood else datagrams:
                try:
                    self._serve(data, sender)
                except Exception as error:  # a fault of ours must not make controllers deaf
                    self._on_complaint(
                        f"an OSC message went wrong inside livevae ({type(error).__name__}: {error})"
                    )
            if is_flood:
                self._closing.wait(_REST_S)

    def _serve(self, data: bytes, sender: Peer) -> None:
        with self._at_the_desk:
            outcome = self._desk.receive(data, sender, time.monotonic_ns())
        for event in outcome.events:
            self._on_event(event)
        for file in outcome.files:
            self._keep(file)
        self._send(outcome.replies)
        if outcome.complaint:
            self._on_complaint(outcome.complaint)

    def _keep(self, file: KeepFile) -> None:
        if self._read_file is None:
            self._complain("files cannot be kept here")
            return
        try:
            event = self._read_file(file)
        except LivevaeError as refusal:
            self._complain(f"slot {file.slot} of {file.part}: {refusal}")
        else:
            self._on_event(event)

    def _complain(self, text: str) -> None:
        """Make a complaint of our own, if it is not too soon after the one before."""
        sentence = self._limiter.admit(text, time.monotonic_ns())
        if sentence is not None:
            self._on_complaint(f"OSC: {sentence}")

    def _send(self, replies: list[tuple[Peer, bytes]]) -> None:
        sending = self._socket
        if sending is None:
            return
        for number, (peer, data) in enumerate(replies, start=1):
            if number % _BREATH_AFTER == 0:
                time.sleep(_BREATH_S)
            try:
                sending.sendto(data, peer)
            except OSError:
                continue  # nobody there, or no way to get there: the others still hear


def _fetched(listening: socket.socket) -> list[Datagram] | None:
    """What has arrived, after waiting for it at most ``_WAKE_S``; None if the socket was closed."""
    datagrams: list[Datagram] = []
    try:
        while not datagrams or (len(datagrams) < _PORTION and select.select([listening], [], [], 0)[0]):
            data, address = listening.recvfrom(_MAX_DATAGRAM_BYTES)
            datagrams.append((data, (address[0], address[1])))
    except TimeoutError:
        pass
    except (OSError, ValueError):
        if listening.fileno() < 0:
            return None
        # Windows: somebody we answered has gone away, or a datagram was too long
    return datagrams


def check_endpoint(endpoint: Peer) -> None:
    """Whether a server could listen there now; PortError with what to do about it if not."""
    _bound(endpoint).close()


def _bound(endpoint: Peer) -> socket.socket:
    host, port = endpoint
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        listening = socket.socket(family, socket.SOCK_DGRAM)
    except (OSError, UnicodeError) as error:
        raise PortError(f"OSC cannot listen at {host}:{port}: no such host here") from error
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER_BYTES)
        listening.settimeout(_WAKE_S)
        listening.bind(address)
    except OSError as error:
        listening.close()
        raise PortError(why_not_listening(error, "OSC cannot listen", "--osc", host, port)) from error
    return listening
