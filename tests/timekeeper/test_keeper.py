"""One turn of the clock: in time order, at its own time, and never broken by what comes in."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livevae.adapters.midi.port import Cycle, PortHealth, PortNames, Receive
from livevae.core.effects import Notice
from livevae.core.events import Panic, Play, Quit, SetParameter
from livevae.core.latents import ModelRequest
from livevae.core.performer import Performer
from livevae.testing import tick_tock, tiny_performance
from livevae.timekeeper.keeper import Shown, Timekeeper
from livevae.timekeeper.messages import NotePlayed, Picture, Watch
from livevae.units import NS_PER_MS, NS_PER_S

SPIN_STEP_NS = 1000  # how far the clock moves each time it is looked at


class SpunPort:
    """A port without a clock of its own: messages leave when they are sent."""

    drives = False

    def __init__(self) -> None:
        self.time_ns = 0
        self.sent: list[tuple[int, bytes]] = []

    def open(self, receive: Receive, cycle: Cycle, now: object) -> None: ...

    def names(self) -> PortNames:
        return PortNames("fake")

    def now_ns(self) -> int:
        self.time_ns += SPIN_STEP_NS
        return self.time_ns

    def send(self, message: bytes, at_ns: int) -> int:
        self.sent.append((self.time_ns, message))
        return self.time_ns

    def feed_back(self, message: bytes) -> None: ...

    def mend(self) -> None: ...

    def health(self) -> PortHealth:
        return PortHealth()

    def close(self) -> None: ...


class Stage:
    """A timekeeper whose model answers at once and whose clock a test moves."""

    def __init__(self, *, recording: bool = False) -> None:
        self.port = SpunPort()
        self.shown: list[Shown] = []
        self.keeper = Timekeeper(
            Performer(tiny_performance(clock="auto")),
            self.port,
            self._ask,
            self.shown.append,
            recording=recording,
        )

    def _ask(self, request: ModelRequest) -> None:
        self.keeper.tell(tick_tock(request))

    def run(self, until_ns: int) -> None:
        """Keep the pace as the process does: a little ahead of every deadline."""
        while self.port.time_ns < until_ns:
            due_ns = self.keeper.next_cycle_ns()
            if self.keeper.has_news:
                self.keeper.cycle(self.port.time_ns)
                continue
            self.port.time_ns = max(self.port.time_ns, min(due_ns - NS_PER_MS, until_ns))
            self.keeper.cycle(max(due_ns, self.port.time_ns) + NS_PER_MS)

    def notes_on(self) -> list[tuple[int, bytes]]:
        return [(at_ns, message) for at_ns, message in self.port.sent if message[0] & 0xF0 == 0x90]

    def sounding(self) -> set[tuple[int, int]]:
        sounding = set()
        for _, message in self.port.sent:
            key = (message[0] & 0x0F, message[1])
            if message[0] & 0xF0 == 0x90:
                sounding.add(key)
            else:
                sounding.discard(key)
        return sounding

    def shown_of(self, kind: type[Shown]) -> list[Shown]:
        return [item for item in self.shown if isinstance(item, kind)]


def test_notes_leave_at_their_own_time_though_worked_out_ahead() -> None:
    stage = Stage()
    stage.run(NS_PER_S)
    stage.keeper.tell(Play())
    stage.run(5 * NS_PER_S)
    lateness = [late for shown in stage.shown if isinstance(shown, Picture) for late in shown.lateness_ns]
    assert len(lateness) >= 12
    assert all(0 <= late <= 10 * SPIN_STEP_NS for late in lateness)


def test_the_first_pulse_after_start_sounds_the_first_notes() -> None:
    stage = Stage()
    stage.run(NS_PER_S)
    stage.keeper.heard(b"\xfa", stage.port.time_ns)
    stage.keeper.heard(b"\xf8", stage.port.time_ns)
    stage.keeper.cycle(stage.port.time_ns)
    assert len(stage.notes_on()) == 3


def test_two_inputs_are_taken_in_the_order_of_their_times() -> None:
    stage = Stage()
    stage.run(NS_PER_S)
    at_ns = stage.port.time_ns
    stage.keeper.heard(b"\xf8", at_ns + 2)
    stage.keeper.heard(b"\xfa", at_ns + 1)
    stage.keeper.cycle(at_ns + 2)
    assert stage.notes_on(), "the pulse was taken before the start it followed"


def test_quit_ends_every_note_and_then_nothing_more() -> None:
    stage = Stage()
    stage.run(NS_PER_S)
    stage.keeper.tell(Play())
    stage.run(NS_PER_S + 100 * NS_PER_MS)
    assert stage.sounding()
    stage.keeper.tell(Quit())
    stage.keeper.cycle(stage.port.time_ns)
    assert stage.keeper.finished
    assert not stage.sounding()
    sent = len(stage.port.sent)
    stage.keeper.tell(Play())
    stage.keeper.cycle(stage.port.time_ns + NS_PER_S)
    assert len(stage.port.sent) == sent


@pytest.mark.parametrize("garbage", [b"", b"\x90", b"\x90\x3c", b"\xf2\x01", b"\x90\xff\xff", b"\x3c\x40"])
def test_garbage_is_counted_and_mentioned_once(garbage: bytes) -> None:
    stage = Stage()
    for _ in range(10):
        stage.keeper.heard(garbage, stage.port.time_ns)
    stage.keeper.cycle(stage.port.time_ns)
    stage.run(NS_PER_S)
    pictures = [shown for shown in stage.shown if isinstance(shown, Picture)]
    assert pictures[-1].garbled == 10
    assert len(stage.shown_of(Notice)) == 1


def test_a_fault_inside_silences_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage()
    stage.run(NS_PER_S)
    stage.keeper.tell(Play())
    stage.run(NS_PER_S + 100 * NS_PER_MS)
    with monkeypatch.context() as broken:
        broken.setattr(Performer, "advance", _broken)
        stage.keeper.tell(Watch(False))
        stage.keeper.cycle(stage.port.time_ns)
    assert any("went wrong" in notice.text for notice in stage.shown_of(Notice) if isinstance(notice, Notice))
    stage.keeper.cycle(stage.port.time_ns)
    assert not stage.sounding()
    before = len(stage.notes_on())
    stage.run(3 * NS_PER_S)
    assert len(stage.notes_on()) > before


def _broken(*_: object) -> None:
    raise ZeroDivisionError("a fault of ours")


def test_a_second_pacemaker_is_kept_out() -> None:
    stage = Stage()
    inside: list[int] = []

    def show(item: Shown) -> None:
        if not inside:
            inside.append(1)
            stage.keeper.cycle(NS_PER_S)  # would hang or tangle if it were let in
        stage.shown.append(item)

    stage.keeper._show = show
    stage.keeper.cycle(0)
    assert stage.keeper.now_ns == 0


def test_every_note_is_reported_where_that_was_asked_for() -> None:
    stage = Stage(recording=True)
    stage.run(NS_PER_S)
    stage.keeper.tell(Play())
    stage.run(4 * NS_PER_S)
    stage.keeper.tell(Quit())
    stage.keeper.cycle(stage.port.time_ns)
    played = [note for shown in stage.shown if isinstance(shown, Picture) for note in shown.played]
    assert len(played) == len(stage.port.sent)
    assert sum(isinstance(note, NotePlayed) and note.velocity > 0 for note in played) == len(stage.notes_on())


def test_panic_is_heard_at_once() -> None:
    stage = Stage()
    stage.run(NS_PER_S)
    stage.keeper.tell(Play())
    stage.run(NS_PER_S + 100 * NS_PER_MS)
    stage.keeper.tell(Panic())
    stage.keeper.cycle(stage.port.time_ns)
    assert not stage.sounding()


MESSAGES = st.one_of(
    st.sampled_from([b"\xf8", b"\xfa", b"\xfb", b"\xfc", b"\xf2\x10\x00", b"\x90\x3c\x40", b"\x80\x3c\x00"]),
    st.binary(max_size=6),
    st.binary(min_size=100, max_size=120),
)
CONTROLS = st.sampled_from(
    [Play(), Panic(), SetParameter("melody", "mode", "vary"), SetParameter("nobody", "mode", 3), Watch(True)]
)


@given(
    happenings=st.lists(
        st.tuples(st.one_of(MESSAGES, CONTROLS), st.integers(0, 400 * NS_PER_MS)), max_size=60
    )
)
@settings(max_examples=60, deadline=None)
def test_whatever_comes_in_quit_ends_every_note(
    happenings: list[tuple[bytes | Play | Panic | SetParameter | Watch, int]],
) -> None:
    stage = Stage()
    for happening, later_ns in happenings:
        stage.run(stage.port.time_ns + later_ns)
        if isinstance(happening, bytes):
            stage.keeper.heard(happening, stage.port.time_ns)
        else:
            stage.keeper.tell(happening)
    stage.run(stage.port.time_ns + NS_PER_S)
    stage.keeper.tell(Quit())
    stage.keeper.cycle(stage.port.time_ns)
    assert stage.keeper.finished
    assert not stage.sounding()
    assert not any("went wrong" in shown.text for shown in stage.shown if isinstance(shown, Notice))


def test_keys_that_come_in_as_chords_are_chords_and_garbage_there_is_nothing() -> None:
    stage = Stage()
    for message in (b"\x90\x2d\x40", b"\x93\x3c\x40", b"\x90\x40\x40", b"\xf8", b"\x90", b"\xff\x00\x12"):
        stage.keeper.heard_chords(message, 1)
    assert stage.keeper.has_news
    stage.run(NS_PER_S)
    assert not stage.keeper.has_news
    stage.keeper.heard_chords(b"\x90\x40\x00", NS_PER_S)  # fingers come up one by one
    stage.run(2 * NS_PER_S)
    pictures = [shown for shown in stage.shown if isinstance(shown, Picture)]
    assert {picture.performer.chord for picture in pictures} == {"Am"}
    assert stage.shown_of(Notice) == []
    assert stage.port.sent == []
