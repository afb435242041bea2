"""A flood towards the timekeeper is thinned, and the newest value always arrives."""

from __future__ import annotations

from collections.abc import Sequence
from multiprocessing import Pipe

from hypothesis import given, settings
from hypothesis import strategies as st

from livevae.core.events import Event, NoteOn, Panic, Quit, SetParameter, Undo
from livevae.outgoing import PER_TURN, Outgoing

NAMES = st.sampled_from(["temperature", "vary", "level"])


class Time:
    """Stands still until it is moved."""

    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def sent(outgoing_calls: Sequence[Event], *, end: bool = True) -> list[object]:
    """What comes out of the pipe when all this is posted in one instant."""
    ours, theirs = Pipe()
    outgoing = Outgoing(ours, Time())
    for message in outgoing_calls:
        outgoing.post(message)
    if end:
        outgoing.post(Quit())
    outgoing.close()
    arrived = []
    try:
        while True:
            arrived += theirs.recv()
    except EOFError:
        theirs.close()
        return arrived


@given(values=st.lists(st.tuples(NAMES, st.floats(0, 1)), max_size=200))
@settings(max_examples=30, deadline=None)
def test_the_newest_value_of_each_parameter_arrives(values: list[tuple[str, float]]) -> None:
    arrived = sent([SetParameter("melody", name, value) for name, value in values])
    newest = {m.name: m.value for m in arrived if isinstance(m, SetParameter)}
    assert newest == dict(values)
    assert arrived[-1] == Quit()


def test_a_flood_is_thinned() -> None:
    arrived = sent([SetParameter("melody", "vary", index / 1000) for index in range(1000)])
    assert arrived == [
        SetParameter("melody", "vary", 0.0),
        SetParameter("melody", "vary", 0.999),
        Quit(),
    ]


def test_a_flood_of_anything_else_is_thinned_too() -> None:
    ours, theirs = Pipe()
    outgoing = Outgoing(ours, Time())
    for _ in range(500):
        outgoing.post(NoteOn(1, 60, 90))
        outgoing.post(Panic())
    arrived: list[object] = []
    while len(arrived) < PER_TURN + 1:
        arrived += theirs.recv()
    assert arrived.count(Panic()) == 1  # the next waits for its turn
    assert not theirs.poll()
    outgoing.close()
    theirs.close()


def test_a_note_does_not_wait_behind_a_fader() -> None:
    ours, theirs = Pipe()
    outgoing = Outgoing(ours, Time())
    for index in range(100):
        outgoing.post(SetParameter("melody", "vary", index / 100))
    outgoing.post(NoteOn(1, 60, 90))
    arrived: list[object] = []
    while len(arrived) < 2:
        arrived += theirs.recv()
    assert arrived == [SetParameter("melody", "vary", 0.0), NoteOn(1, 60, 90)]
    outgoing.close()
    theirs.close()


def test_an_order_never_overtakes_the_values_asked_for_before_it() -> None:
    vary = [SetParameter("melody", "vary", index / 10) for index in range(3)]
    assert sent([*vary, Undo()]) == [vary[0], vary[2], Undo(), Quit()]


def test_panic_does_not_wait_behind_a_flood() -> None:
    ours, theirs = Pipe()
    outgoing = Outgoing(ours, Time())
    for index in range(500):
        outgoing.post(SetParameter(f"part{index}", "vary", 0.5))
    outgoing.post(Panic())
    arrived: list[object] = []
    while Panic() not in arrived:
        arrived += theirs.recv()
    outgoing.close()
    theirs.close()


def test_what_had_to_wait_goes_out_in_the_next_turn() -> None:
    ours, theirs = Pipe()
    time = Time()
    outgoing = Outgoing(ours, time)
    for index in range(PER_TURN + 1):
        outgoing.post(SetParameter(f"part{index}", "vary", 0.5))
    assert outgoing.limit(10.0) < 1.0
    time.now_s = 1.0
    outgoing.flush()
    assert outgoing.limit(10.0) == 10.0
    arrived: list[object] = []
    while len(arrived) < PER_TURN + 1:
        arrived += theirs.recv()
    assert arrived[-1] == SetParameter(f"part{PER_TURN}", "vary", 0.5)
    outgoing.close()
    theirs.close()
