"""The desk: echoes reach who asked and who subscribed, echoes of echoes die, nonsense is answered once."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from livevae.adapters.osc.desk import MAX_SUBSCRIBERS, OscDesk
from livevae.adapters.osc.limiter import Limiter
from livevae.adapters.osc.packets import Argument, OscMessage, read_packet, write_message
from livevae.adapters.osc.told import Peer
from livevae.core.effects import Notice, ParameterChanged, Severity, SlotChanged
from livevae.core.events import Event, Keep, Panic, Play, SetParameter, Source
from livevae.core.latents import Prior
from livevae.core.parameters import GLOBAL_PARAMETERS, PART_PARAMETERS, Kind, find_parameter
from livevae.core.performance import ModelInfo, PartSpec, Performance
from livevae.units import NS_PER_S

A: Peer = ("127.0.0.1", 5001)
B: Peer = ("10.0.0.2", 5002)

PERFORMANCE = Performance(
    name="test",
    parts=(PartSpec("melody", "m", "melody", {"vary": 0.25}), PartSpec("drums", "m", "drums")),
    models=(ModelInfo("m", 2, ("melody", "drums")),),
    settings={"tempo": 100.0},
)
VALUES_IN_ALL = sum(p.kind is not Kind.TRIGGER for p in GLOBAL_PARAMETERS) + 2 * sum(
    p.kind is not Kind.TRIGGER for p in PART_PARAMETERS
)

Sent = list[tuple[Peer, bytes]]


def decoded(replies: Sent) -> list[tuple[Peer, OscMessage]]:
    return [(peer, message) for peer, data in replies for message in read_packet(data)]


def send(desk: OscDesk, sender: Peer, address: str, *arguments: Argument) -> tuple[list[Event], Sent]:
    outcome = desk.receive(write_message(address, *arguments), sender, 0)
    assert outcome.complaint == ""
    return outcome.events, outcome.replies


def changed(
    desk: OscDesk, part: str | None, name: str, value: float | str | bool
) -> list[tuple[Peer, OscMessage]]:
    return decoded(desk.parameter_changed(ParameterChanged(0, part, name, value)))


def test_an_accepted_change_is_echoed_to_the_sender() -> None:
    desk = OscDesk(PERFORMANCE)
    events, replies = send(desk, A, "/livevae/melody/vary", 0.5)
    assert events == [SetParameter("melody", "vary", 0.5)]
    assert replies == []  # not before the performer has accepted it
    assert changed(desk, "melody", "vary", 0.5) == [
        (A, OscMessage("/livevae/melody/vary", (0.5,))),
        (A, OscMessage("/livevae/melody/vary/value", (0.5,))),
    ]
    assert changed(desk, "melody", "vary", 0.75) == []  # somebody else's change; A has not subscribed


def test_subscribers_hear_of_every_change() -> None:
    desk = OscDesk(PERFORMANCE, subscribers=(B,))
    send(desk, A, "/livevae/subscribe", 9001)
    listener = (A[0], 9001)
    assert desk.subscribers == (B, listener)
    assert {peer for peer, _ in changed(desk, None, "tempo", 88.0)} == {B, listener}
    send(desk, A, "/livevae/unsubscribe", 9001)
    assert {peer for peer, _ in changed(desk, None, "tempo", 89.0)} == {B}


def test_subscribing_is_confirmed_and_tells_everything() -> None:
    desk = OscDesk(PERFORMANCE)
    desk.transport_changed("playing", "midi", 120.04, 5)
    messages = [message for _, message in decoded(send(desk, A, "/livevae/subscribe")[1])]
    assert messages[0] == OscMessage("/livevae/subscribe", A)
    assert OscMessage("/livevae/melody/vary/value", (0.25,)) in messages
    assert OscMessage("/livevae/state", (VALUES_IN_ALL,)) in messages
    assert messages[-1].arguments[:2] == ("playing", "midi")


def test_state_tells_every_value_twice_and_how_many() -> None:
    messages = [message for _, message in decoded(send(OscDesk(PERFORMANCE), A, "/livevae/state")[1])]
    assert len(messages) == 2 * VALUES_IN_ALL + 1
    assert messages[-1] == OscMessage("/livevae/state", (VALUES_IN_ALL,))
    assert OscMessage("/livevae/tempo/value", (100.0,)) in messages
    position = find_parameter(None, "tempo").to_unit(100.0)
    assert OscMessage("/livevae/tempo", (struct.unpack("f", struct.pack("f", position))[0],)) in messages
    assert OscMessage("/livevae/drums/mode/value", ("sample",)) in messages


def test_answers_go_to_the_port_that_was_asked_for_on_the_same_host() -> None:
    replies = send(OscDesk(PERFORMANCE), B, "/livevae/state", 7777)[1]
    assert {peer for peer, _ in replies} == {(B[0], 7777)}


def test_capabilities_name_every_parameter() -> None:
    messages = [message for _, message in decoded(send(OscDesk(PERFORMANCE), A, "/livevae/capabilities")[1])]
    count = len(GLOBAL_PARAMETERS) + 2 * len(PART_PARAMETERS)
    assert messages[-1] == OscMessage("/livevae/capabilities", (count, "test", "melody,drums"))
    assert len(messages) == count + 1
    modes = next(m for m in messages if m.arguments[0] == "/livevae/melody/mode")
    assert modes.address == "/livevae/capability"
    assert "vary" in str(modes.arguments[6])


def test_a_question_is_answered() -> None:
    replies = decoded(send(OscDesk(PERFORMANCE), A, "/livevae/melody/vary/value")[1])
    assert (A, OscMessage("/livevae/melody/vary/value", (0.25,))) in replies


def test_programs_that_echo_each_other_fall_silent() -> None:
    """Whatever we tell B comes straight back, and the performer accepts and reports it again."""
    desk = OscDesk(PERFORMANCE, subscribers=(B,))
    in_flight = desk.parameter_changed(ParameterChanged(0, "melody", "temperature", 0.7))
    rounds = 0
    while in_flight:
        rounds += 1
        assert rounds < 5
        heard, in_flight = in_flight, []
        for peer, data in heard:
            for event in desk.receive(data, peer, 0).events:
                assert isinstance(event, SetParameter)
                in_flight += desk.parameter_changed(ParameterChanged(0, event.part, event.name, event.value))


def test_a_refused_value_puts_the_fader_back() -> None:
    outcome = OscDesk(PERFORMANCE).receive(write_message("/livevae/melody/vary", 4.0), A, 0)
    assert outcome.events == []
    assert outcome.complaint.startswith("OSC from 127.0.0.1:5001: /livevae/melody/vary: vary cannot be 4.0")
    messages = [message for _, message in decoded(outcome.replies)]
    assert messages[0].address == "/livevae/error"
    assert messages[1:] == [
        OscMessage("/livevae/melody/vary", (0.25,)),
        OscMessage("/livevae/melody/vary/value", (0.25,)),
    ]


def test_a_flood_of_nonsense_makes_one_complaint_a_second() -> None:
    desk = OscDesk(PERFORMANCE)
    complaints = [desk.receive(b"junk", A, n * NS_PER_S // 100).complaint for n in range(300)]
    made = [complaint for complaint in complaints if complaint]
    assert len(made) == 3
    assert made[1].endswith("(and 99 more like it)")


def test_limiter_counts_what_it_leaves_out() -> None:
    limiter = Limiter(interval_ns=10)
    assert [limiter.admit("x", at) for at in (0, 5, 9, 10, 25)] == [
        "x",
        None,
        None,
        "x (and 2 more like it)",
        "x",
    ]


def test_triggers_are_echoed_but_hold_no_value() -> None:
    desk = OscDesk(PERFORMANCE, subscribers=(B,))
    assert send(desk, A, "/livevae/panic")[0] == [Panic()]
    assert changed(desk, None, "panic", True) == [
        (B, OscMessage("/livevae/panic", (1.0,))),
        (A, OscMessage("/livevae/panic", (1.0,))),
    ]
    assert changed(desk, "drums", "reroll", True) == [(B, OscMessage("/livevae/drums/reroll", (1.0,)))]


def test_play_is_echoed_when_it_begins() -> None:
    desk = OscDesk(PERFORMANCE)
    assert send(desk, A, "/livevae/play")[0] == [Play()]
    assert (A, OscMessage("/livevae/play", (1.0,))) in changed(desk, None, "play", True)


def test_a_kept_idea_is_told_to_who_kept_it_and_to_later_comers() -> None:
    desk = OscDesk(PERFORMANCE, subscribers=(B,))
    assert send(desk, A, "/livevae/drums/keep", 3, "sample", "fill")[0] == [
        Keep("drums", 3, Source.SAMPLE, "fill")
    ]
    told = decoded(desk.slot_changed(SlotChanged(0, "m", 3, "fill", Prior(1))))
    # the two parts share a model, and so its palette; whoever asked hears of the part it asked for
    assert told == [
        (B, OscMessage("/livevae/melody/slot", (3, 1, "fill"))),
        (B, OscMessage("/livevae/melody/slot/3", (1.0, "fill"))),
        (B, OscMessage("/livevae/drums/slot", (3, 1, "fill"))),
        (A, OscMessage("/livevae/drums/slot", (3, 1, "fill"))),
        (B, OscMessage("/livevae/drums/slot/3", (1.0, "fill"))),
        (A, OscMessage("/livevae/drums/slot/3", (1.0, "fill"))),
    ]
    assert OscMessage("/livevae/drums/slot", (3, 1, "fill")) in [
        message for _, message in decoded(send(desk, A, "/livevae/state")[1])
    ]
    told = decoded(desk.slot_changed(SlotChanged(0, "m", 3, "", None)))
    assert told[0] == (B, OscMessage("/livevae/melody/slot", (3, 0, "")))


def test_the_transport_is_told_when_it_moves() -> None:
    desk = OscDesk(PERFORMANCE, subscribers=(B,))
    assert decoded(desk.transport_changed("playing", "midi", 120.0, 1)) == [
        (B, OscMessage("/livevae/transport", ("playing", "midi", 120.0, 1)))
    ]
    assert desk.transport_changed("playing", "midi", 120.01, 1) == []
    assert len(desk.transport_changed("playing", "midi", 120.0, 2)) == 1


def test_notices_reach_subscribers() -> None:
    desk = OscDesk(PERFORMANCE, subscribers=(B,))
    notice = Notice(0, Severity.WARNING, "The MIDI clock fell silent.")
    assert decoded(desk.noticed(notice)) == [
        (B, OscMessage("/livevae/notice", ("warning", "The MIDI clock fell silent.")))
    ]


def test_another_preset_brings_its_own_parameters() -> None:
    desk = OscDesk(PERFORMANCE, subscribers=(B,))
    solo = Performance("solo", (PartSpec("solo", "m", "melody"),), PERFORMANCE.models)
    messages = [message.address for _, message in decoded(desk.performance_changed(solo))]
    assert "/livevae/solo/vary" in messages
    assert "/livevae/melody/vary" not in messages
    assert changed(desk, "melody", "vary", 0.9) == []  # a late report of the preset before
    assert desk.receive(write_message("/livevae/melody/vary", 0.5), A, 0).complaint


def test_the_oldest_subscriber_makes_room() -> None:
    desk = OscDesk(PERFORMANCE, subscribers=(B,))
    for port in range(1, MAX_SUBSCRIBERS + 2):
        send(desk, A, "/livevae/subscribe", port)
    assert B in desk.subscribers
    assert len(desk.subscribers) == MAX_SUBSCRIBERS + 1
    assert (A[0], 1) not in desk.subscribers


_PEERS = st.tuples(st.just("127.0.0.1"), st.integers(1, 65535))


@given(st.lists(st.tuples(st.binary(max_size=60) | st.just(write_message("/livevae/*/vary", 0.5)), _PEERS)))
def test_nothing_that_arrives_upsets_the_desk(datagrams: list[tuple[bytes, Peer]]) -> None:
    desk = OscDesk(PERFORMANCE)
    for data, sender in datagrams:
        for prefix in (b"", b"/livevae/"):
            outcome = desk.receive(prefix + data, sender, 0)
            assert {peer[0] for peer, _ in outcome.replies} <= {sender[0]}
