"""The OSC server over real sockets on loopback, talked to by python-osc-free code and by liblo's tools."""

from __future__ import annotations

import queue
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator

import pytest

from livevae.adapters.osc.desk import OscDesk
from livevae.adapters.osc.packets import OscMessage, read_packet, write_message
from livevae.adapters.osc.server import OscServer, parse_endpoint
from livevae.adapters.osc.told import Peer
from livevae.core.effects import Notice, ParameterChanged, Severity
from livevae.core.events import Event, Panic, SetParameter
from livevae.core.performance import ModelInfo, PartSpec, Performance
from livevae.errors import PortError

LOOPBACK = "127.0.0.1"
PATIENCE_S = 20.0  # only a failing test waits this long
PERFORMANCE = Performance("test", (PartSpec("melody", "m", "melody"),), (ModelInfo("m", 2, ("melody",)),))


class Rig:
    """A server whose events and complaints land in queues."""

    def __init__(self) -> None:
        self.events: queue.Queue[Event] = queue.Queue()
        self.complaints: queue.Queue[str] = queue.Queue()
        self.server = OscServer(OscDesk(PERFORMANCE), self.events.put, self.complaints.put)
        self.server.open((LOOPBACK, 0))

    @property
    def port(self) -> int:
        return self.server.endpoint[1]


@pytest.fixture
def rig() -> Iterator[Rig]:
    rig = Rig()
    yield rig
    rig.server.close()


@pytest.fixture
def controller() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind((LOOPBACK, 0))
        bound.settimeout(PATIENCE_S)
        yield bound


def receive(controller: socket.socket) -> OscMessage:
    (message,) = read_packet(controller.recv(65536))
    return message


def test_a_change_goes_round(rig: Rig, controller: socket.socket) -> None:
    controller.sendto(write_message("/livevae/melody/vary", 0.5), rig.server.endpoint)
    assert rig.events.get(timeout=PATIENCE_S) == SetParameter("melody", "vary", 0.5)
    rig.server.parameter_changed(ParameterChanged(0, "melody", "vary", 0.5))
    assert receive(controller) == OscMessage("/livevae/melody/vary", (0.5,))
    assert receive(controller) == OscMessage("/livevae/melody/vary/value", (0.5,))


def test_nonsense_is_answered_and_the_next_message_still_counts(rig: Rig, controller: socket.socket) -> None:
    for nonsense in (b"", b"GET / HTTP/1.1", b"#bundle\0" + b"\xff" * 20, bytes(60_000)):
        controller.sendto(nonsense, rig.server.endpoint)
    controller.sendto(write_message("/livevae/panic"), rig.server.endpoint)
    assert rig.events.get(timeout=PATIENCE_S) == Panic()
    assert "it is not OSC" in rig.complaints.get_nowait()
    assert receive(controller).address == "/livevae/error"


def test_subscribers_hear_transport_and_notices(rig: Rig, controller: socket.socket) -> None:
    controller.sendto(write_message("/livevae/subscribe"), rig.server.endpoint)
    while receive(controller).address != "/livevae/state":
        pass
    rig.server.transport_changed("playing", "internal", 120.0, 1)
    rig.server.noticed(Notice(0, Severity.INFO, "hello"))
    rig.server.performance_changed(PERFORMANCE)
    assert receive(controller) == OscMessage("/livevae/transport", ("playing", "internal", 120.0, 1))
    assert receive(controller) == OscMessage("/livevae/notice", ("info", "hello"))
    assert receive(controller).address == "/livevae/tempo"


def test_a_busy_port_is_named_with_a_way_out(rig: Rig) -> None:
    second = OscServer(OscDesk(PERFORMANCE), rig.events.put, rig.complaints.put)
    with pytest.raises(PortError, match=rf"127.0.0.1:{rig.port}: another program does; quit it, .* --osc"):
        second.open((LOOPBACK, rig.port))
    with pytest.raises(PortError, match="not open"):
        _ = second.endpoint
    second.close()


@pytest.mark.parametrize(
    ("endpoint", "reason"),
    [
        (("192.0.2.1", 9000), "no such address"),
        (("no host at all", 9000), "no such host"),
        (("x" * 300, 1), "no such"),
    ],
)
def test_an_impossible_address_is_named(endpoint: Peer, reason: str) -> None:
    server = OscServer(OscDesk(PERFORMANCE), lambda event: None, lambda text: None)
    with pytest.raises(PortError, match=reason):
        server.open(endpoint)


def test_a_fault_of_ours_does_not_make_controllers_deaf(controller: socket.socket) -> None:
    events: queue.Queue[Event] = queue.Queue()
    complaints: queue.Queue[str] = queue.Queue()

    def stumble_once(event: Event) -> None:
        if isinstance(event, Panic):
            raise ZeroDivisionError("integer division")
        events.put(event)

    server = OscServer(OscDesk(PERFORMANCE), stumble_once, complaints.put)
    server.open((LOOPBACK, 0))
    controller.sendto(write_message("/livevae/panic"), server.endpoint)
    controller.sendto(write_message("/livevae/melody/vary", 0.5), server.endpoint)
    assert events.get(timeout=PATIENCE_S) == SetParameter("melody", "vary", 0.5)
    assert "inside livevae (ZeroDivisionError" in complaints.get_nowait()
    server.close()


def test_closing_twice_is_fine_and_frees_the_port(rig: Rig) -> None:
    endpoint = rig.server.endpoint
    rig.server.close()
    rig.server.close()
    rig.server.parameter_changed(ParameterChanged(0, "melody", "vary", 0.5))  # nobody to tell any more
    again = OscServer(OscDesk(PERFORMANCE), rig.events.put, rig.complaints.put)
    again.open(endpoint)
    again.close()


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("127.0.0.1:9001", ("127.0.0.1", 9001)),
        (":9001", ("127.0.0.1", 9001)),
        ("9001", ("127.0.0.1", 9001)),
        ("0.0.0.0", ("0.0.0.0", 9000)),
        ("stage.local:8000", ("stage.local", 8000)),
        ("[::1]:9001", ("::1", 9001)),
        ("[::1]", ("::1", 9000)),
    ],
)
def test_addresses_are_read_as_people_write_them(text: str, endpoint: Peer) -> None:
    assert parse_endpoint(text) == endpoint


@pytest.mark.parametrize("text", ["host:", "host:port", "0", "70000", ":99999999", "host:-1", "host:²"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(PortError, match="write HOST:PORT"):
        parse_endpoint(text)


# --- against liblo, which nobody here wrote ---------------------------------------------------

needs_liblo = pytest.mark.skipif(
    shutil.which("oscsend") is None or shutil.which("oscdump") is None, reason="liblo-tools is not installed"
)


@needs_liblo
@pytest.mark.parametrize(
    ("words", "event"),
    [
        (("/livevae/melody/vary", "f", "0.5"), SetParameter("melody", "vary", 0.5)),
        (("/livevae/melody/mode", "s", "freeze"), SetParameter("melody", "mode", "freeze")),
        (("/livevae/melody/mode", "i", "1"), SetParameter("melody", "mode", "vary")),
        (("/livevae/melody/mute", "T"), SetParameter("melody", "mute", True)),
        (("/livevae/tempo/value", "d", "93.5"), SetParameter(None, "tempo", 93.5)),
        (("/livevae/melody/phrase/value", "h", "4"), SetParameter("melody", "phrase", 4)),
        (("/livevae/panic",), Panic()),
    ],
)
def test_oscsend_moves_parameters(rig: Rig, words: tuple[str, ...], event: Event) -> None:
    subprocess.run(["oscsend", LOOPBACK, str(rig.port), *words], check=True, timeout=PATIENCE_S)
    assert rig.events.get(timeout=PATIENCE_S) == event


@pytest.fixture
def oscdump() -> Iterator[tuple[int, Callable[[], str]]]:
    """A running oscdump: its port, and a function that returns the next line it prints."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("", 0))
        port: int = free.getsockname()[1]
    process = subprocess.Popen(["oscdump", "-L", str(port)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    stream = process.stdout
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as knocking:
            # it says nothing when it is ready: knock until it answers, by printing
            first: queue.Queue[str] = queue.Queue()
            threading.Thread(target=lambda: first.put(stream.readline()), daemon=True).start()
            while first.empty():
                knocking.sendto(write_message("/knock"), (LOOPBACK, port))
        yield port, lambda: next(line for line in stream if "/knock" not in line)
    finally:
        process.terminate()
        process.wait(PATIENCE_S)
        stream.close()


@needs_liblo
def test_oscdump_reads_state_and_changes(rig: Rig, oscdump: tuple[int, Callable[[], str]]) -> None:
    port, next_line = oscdump
    subprocess.run(
        ["oscsend", LOOPBACK, str(rig.port), "/livevae/subscribe", "i", str(port)],
        check=True,
        timeout=PATIENCE_S,
    )
    assert f'/livevae/subscribe si "{LOOPBACK}" {port}' in next_line()
    while "/livevae/state i" not in next_line():
        pass
    rig.server.parameter_changed(ParameterChanged(0, None, "tempo", 93.5))
    assert "/livevae/tempo f 0.193" in next_line()
    assert "/livevae/tempo/value f 93.5" in next_line()
