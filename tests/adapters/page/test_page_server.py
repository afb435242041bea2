"""The page's server over real sockets on loopback, talked to by another project's WebSocket client."""

from __future__ import annotations

import contextlib
import http.client
import json
import queue
import socket
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import websocket

from livevae.adapters.page.files import static_files
from livevae.adapters.page.hub import PageHub
from livevae.adapters.page.requests import MAX_REQUEST_BYTES
from livevae.adapters.page.server import PageServer
from livevae.adapters.page.site import MAX_FILE_BYTES, MAX_VISITORS
from livevae.core.effects import Notice, ParameterChanged, Severity
from livevae.core.events import Event, Keep, NoteOff, NoteOn, Play, SetParameter, Source
from livevae.core.snapshot import NoteSeen
from livevae.errors import MessageError, PortError
from livevae.testing import tiny_performance

LOOPBACK = "127.0.0.1"
PATIENCE_S = 20.0  # only a failing test waits this long


def read_file(part: str, slot: int, name: str, content: bytes) -> Event:
    if not content.startswith(b"MThd"):
        raise MessageError(f"{name} is not a MIDI file")
    return Keep(part, slot, Source.SAMPLE, name)


class Rig:
    """A server whose events, complaints and watch calls land in queues."""

    def __init__(self, host: str = LOOPBACK) -> None:
        self.events: queue.Queue[Event] = queue.Queue()
        self.complaints: queue.Queue[str] = queue.Queue()
        self.watched: queue.Queue[bool] = queue.Queue()
        hub = PageHub(tiny_performance(), "1.0", hears_elsewhere=False)
        self.server = PageServer(
            hub, self.events.put, self.complaints.put, self.watched.put, read_file=read_file
        )
        self.server.open((host, 0))
        address = urlsplit(self.server.address)
        assert address.port is not None
        self.port = address.port
        self.token = address.query.removeprefix("token=")

    def get(self, path: str, **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=PATIENCE_S)
        with contextlib.closing(connection):
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request("GET", path, headers=named)
            response = connection.getresponse()
            response.read()
            return response

    def post(self, path: str, content: bytes, **headers: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=PATIENCE_S)
        with contextlib.closing(connection):
            connection.request("POST", path, content, headers)
            response = connection.getresponse()
            return response.status, response.read().decode()

    def visit(self, **options: Any) -> Visitor:
        return Visitor(self.port, **options)

    def next_event(self) -> Event:
        return self.events.get(timeout=PATIENCE_S)


class Visitor:
    """An open page, as far as the server can tell."""

    def __init__(self, port: int, **options: Any) -> None:
        self.line = websocket.create_connection(
            f"ws://{LOOPBACK}:{port}/live", timeout=PATIENCE_S, skip_utf8_validation=True, **options
        )
        self.waiting: list[dict[str, Any]] = []

    def ask(self, **request: Any) -> None:
        self.line.send(json.dumps(request))

    def wait_for(self, is_wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        while True:
            while self.waiting:
                message = self.waiting.pop(0)
                if is_wanted(message):
                    return message
            self.waiting += json.loads(self.line.recv())

    def next(self, kind: str) -> dict[str, Any]:
        return self.wait_for(lambda message: message["is"] == kind)

    def close(self) -> None:
        self.line.close()
        self.line.shutdown()

    def vanish(self) -> None:
        """Be gone without a goodbye."""
        self.line.shutdown()


@pytest.fixture
def rig() -> Iterator[Rig]:
    rig = Rig()
    yield rig
    rig.server.close()


@pytest.fixture
def visitor(rig: Rig) -> Iterator[Visitor]:
    visitor = rig.visit()
    yield visitor
    visitor.close()


# --- the page's files ----------------------------------------------------------------------------


def test_the_page_and_all_its_files_are_served(rig: Rig) -> None:
    for path, file in static_files().items():
        response = rig.get(path)
        assert response.status == 200
        assert response.getheader("Content-Type") == file.content_type
        assert "default-src 'none'" in str(response.getheader("Content-Security-Policy"))


def test_an_unchanged_file_is_not_sent_again(rig: Rig) -> None:
    tag = rig.get("/main.js").getheader("ETag")
    assert rig.get("/main.js", If_None_Match=str(tag)).status == 304


@pytest.mark.parametrize(
    "path", ["/../pyproject.toml", "/..%2f..%2fpyproject.toml", "//etc/passwd", "/nothing.js"]
)
def test_nothing_else_is(rig: Rig, path: str) -> None:
    assert rig.get(path).status in (400, 404)


def test_a_name_that_was_pointed_here_is_refused(rig: Rig) -> None:
    assert rig.get("/", Host=f"evil.example:{rig.port}").status == 403


def test_another_sites_page_is_refused(rig: Rig) -> None:
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        rig.visit(origin="http://evil.example")


def test_its_own_page_is_let_in(rig: Rig) -> None:
    rig.visit(origin=f"http://{LOOPBACK}:{rig.port}").close()


# --- talking -------------------------------------------------------------------------------------


def test_a_visitor_is_told_everything_and_then_changes(rig: Rig, visitor: Visitor) -> None:
    assert visitor.next("hello")["preset"] == "tiny"
    rig.server.told(ParameterChanged(0, "bass", "vary", 0.7))
    assert visitor.next("value")["value"] == 0.7
    rig.server.notes([NoteSeen(5, False, 1, 60, 99)])
    assert visitor.next("notes")["notes"] == [[0.0, 0, 1, 60, 99]]
    rig.server.now({"is": "now", "beat": 1.5})
    assert visitor.next("now")["beat"] == 1.5


def test_what_was_reported_before_anybody_came_is_known(rig: Rig) -> None:
    rig.server.told(ParameterChanged(0, "bass", "vary", 0.7))
    rig.server.told(Notice(0, Severity.INFO, "ready"))
    first = rig.visit()  # the server's thread may only just be starting
    hello = first.next("hello")
    assert hello["values"]["parts"]["bass"]["vary"] == 0.7
    assert hello["notices"][0]["text"] == "ready"
    first.close()


def test_requests_become_events(rig: Rig, visitor: Visitor) -> None:
    visitor.ask(do="set", part="drums", name="vary", value=1)
    assert rig.next_event() == SetParameter("drums", "vary", 1.0)
    visitor.ask(do="play")
    assert rig.next_event() == Play()


def test_garbage_gets_one_sentence_and_no_more(rig: Rig, visitor: Visitor) -> None:
    for _ in range(20):
        visitor.line.send("garbage")
    visitor.line.send_binary(bytes(range(256)))
    visitor.ask(do="play")
    assert rig.next_event() == Play()
    assert rig.complaints.get(timeout=PATIENCE_S) == "The page sent a message that is no JSON."
    assert visitor.next("notice")["severity"] == "warning"
    assert rig.complaints.empty()


def test_a_message_that_is_too_long_ends_that_visit_only(rig: Rig, visitor: Visitor) -> None:
    other = rig.visit()
    other.next("hello")
    visitor.line.send("x" * (MAX_REQUEST_BYTES + 1))
    while visitor.line.recv_data()[0] != websocket.ABNF.OPCODE_CLOSE:
        pass
    other.ask(do="play")
    assert rig.next_event() == Play()
    other.close()


def test_a_page_that_vanishes_lets_its_keys_go(rig: Rig) -> None:
    visitor = rig.visit()
    visitor.ask(do="note", channel=1, pitch=60, velocity=90)
    visitor.ask(do="note", channel=1, pitch=64, velocity=90)
    visitor.ask(do="note", channel=1, pitch=64, velocity=0)
    assert [rig.next_event() for _ in range(3)] == [NoteOn(1, 60, 90), NoteOn(1, 64, 90), NoteOff(1, 64)]
    visitor.vanish()
    assert rig.next_event() == NoteOff(1, 60)


def test_notes_are_reported_only_while_somebody_looks(rig: Rig) -> None:
    first, second = rig.visit(), rig.visit()
    assert rig.watched.get(timeout=PATIENCE_S) is True
    first.close()
    second.close()
    assert rig.watched.get(timeout=PATIENCE_S) is False
    assert rig.watched.empty()


def test_there_is_an_end_to_how_many_may_look(rig: Rig) -> None:
    visitors = [rig.visit() for _ in range(MAX_VISITORS)]
    with pytest.raises(websocket.WebSocketBadStatusException, match="503"):
        rig.visit()
    for visitor in visitors:
        visitor.close()


def test_a_flood_arrives_in_order_and_the_last_value_counts(rig: Rig, visitor: Visitor) -> None:
    for number in range(1500):
        visitor.ask(do="set", part="bass", name="seed", value=number)
    visitor.ask(do="stop")
    values = [rig.next_event() for _ in range(1500)]
    assert values == [SetParameter("bass", "seed", number) for number in range(1500)]


def test_a_page_that_does_not_listen_is_sent_away_and_others_hear_on(rig: Rig) -> None:
    deaf = rig.visit(sockopt=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)])
    good = rig.visit()
    good.next("hello")
    text = "x" * 40_000
    for number in range(800):  # some 30 MB, far more than any buffer on the way
        rig.server.told(Notice(0, Severity.INFO, f"{number} {text}"))
        assert good.next("notice")["text"].startswith(f"{number} ")
    frames = 0
    with contextlib.suppress(ConnectionError, websocket.WebSocketException):
        while deaf.line.recv_data()[0] != websocket.ABNF.OPCODE_CLOSE:
            frames += 1
    assert frames < 800
    deaf.close()
    good.close()


def test_closing_says_goodbye(rig: Rig, visitor: Visitor) -> None:
    visitor.next("hello")
    rig.server.close()
    opcode, data = visitor.line.recv_data()
    assert (opcode, int.from_bytes(data[:2], "big")) == (websocket.ABNF.OPCODE_CLOSE, 1001)
    rig.server.close()


# --- files ---------------------------------------------------------------------------------------


def test_a_file_is_kept_in_a_slot(rig: Rig) -> None:
    assert rig.post("/slot?part=melody&slot=3&name=hook", b"MThd and so on") == (204, "")
    assert rig.next_event() == Keep("melody", 3, Source.SAMPLE, "hook")


def test_what_is_no_file_for_a_slot_is_refused_in_words(rig: Rig) -> None:
    assert rig.post("/slot?part=melody&slot=3&name=hook", b"GIF") == (400, "hook is not a MIDI file.")
    for query in ("part=flute&slot=3", "part=melody&slot=17", "part=melody&slot=x", "part=melody", ""):
        status, text = rig.post(f"/slot?{query}", b"MThd")
        assert status == 400
        assert text.endswith(".")
    assert rig.post("/slot?part=melody&slot=3", bytes(MAX_FILE_BYTES + 1))[0] == 413
    assert rig.events.empty()


def test_another_site_cannot_send_a_file(rig: Rig) -> None:
    status, _ = rig.post("/slot?part=melody&slot=3", b"MThd", Origin="http://evil.example")
    assert status == 403
    assert rig.events.empty()


def test_on_a_network_a_file_needs_the_token_too(open_rig: Rig) -> None:
    assert open_rig.post("/slot?part=melody&slot=3", b"MThd")[0] == 403
    crumb = f"livevae_token={open_rig.token}"
    assert open_rig.post("/slot?part=melody&slot=3&name=a", b"MThd", Cookie=crumb) == (204, "")


# --- where it is ---------------------------------------------------------------------------------


def test_a_busy_port_is_a_sentence(rig: Rig) -> None:
    other = PageServer(PageHub(tiny_performance(), "", hears_elsewhere=False), print, print, print)
    with pytest.raises(PortError, match=rf"another program does.*--page 127.0.0.1:{rig.port + 1}"):
        other.open((LOOPBACK, rig.port))


def test_no_such_address_is_a_sentence() -> None:
    other = PageServer(PageHub(tiny_performance(), "", hears_elsewhere=False), print, print, print)
    with pytest.raises(PortError, match="no such host"):
        other.open(("no.such.host.invalid", 8765))


@pytest.fixture
def open_rig() -> Iterator[Rig]:
    rig = Rig("0.0.0.0")
    yield rig
    rig.server.close()


def test_on_a_network_nobody_gets_in_without_the_token(open_rig: Rig) -> None:
    assert len(open_rig.token) >= 12
    assert open_rig.get("/").status == 403
    assert open_rig.get("/main.js").status == 403
    assert open_rig.get("/?token=guess").status == 403
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        open_rig.visit()


def test_the_token_opens_once_and_is_then_remembered(open_rig: Rig) -> None:
    response = open_rig.get(f"/?token={open_rig.token}")
    assert (response.status, response.getheader("Location")) == (303, "/")
    cookie = str(response.getheader("Set-Cookie"))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    crumb = cookie.partition(";")[0]
    assert open_rig.get("/", Cookie=crumb).status == 200
    open_rig.visit(cookie=crumb).close()
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        open_rig.visit(cookie=crumb, origin="http://evil.example")
