"""The OSC address space: every row of the parameter table, and what each argument means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livevae.adapters.osc.addresses import AddressTable, address_of
from livevae.adapters.osc.commands import (
    AskCapabilities,
    AskState,
    AskValue,
    Command,
    Subscribe,
    Unsubscribe,
)
from livevae.adapters.osc.packets import Argument, OscMessage
from livevae.adapters.osc.patterns import compile_pattern
from livevae.core.events import Drop, Halt, Keep, Panic, Play, SetParameter, Source, TapTempo, Undo
from livevae.core.parameters import GLOBAL_PARAMETERS, PART_PARAMETERS, Kind, Parameter
from livevae.core.performance import PartSpec
from livevae.errors import MessageError

TABLE = AddressTable(["melody", "drums"])
ROWS: list[tuple[str | None, Parameter]] = [
    *((None, p) for p in GLOBAL_PARAMETERS if p.name not in ("play", "tap", "panic")),
    *(("melody", p) for p in PART_PARAMETERS),
]
VALUES = [(part, p) for part, p in ROWS if p.kind is not Kind.TRIGGER]


def read(address: str, *arguments: Argument) -> tuple[Command, ...]:
    return TABLE.read(OscMessage(address, arguments))


def refusal(address: str, *arguments: Argument) -> str:
    with pytest.raises(MessageError) as caught:
        read(address, *arguments)
    return str(caught.value)


@pytest.mark.parametrize(("part", "parameter"), VALUES, ids=lambda v: getattr(v, "name", str(v)))
def test_every_parameter_moves_from_end_to_end(part: str | None, parameter: Parameter) -> None:
    address = address_of(part, parameter.name)
    for position in (0.0, 0.5, 1.0):
        expected = SetParameter(part, parameter.name, parameter.from_unit(position))
        assert read(address, position) == (expected,)
    ends = (SetParameter(part, parameter.name, parameter.from_unit(end)) for end in (0.0, 1.0))
    if parameter.kind is not Kind.CHOICE:  # there an int counts the choices
        assert [*read(address, 0), *read(address, 1)] == list(ends)
    assert read(address) == (AskValue(part, parameter.name),)


@pytest.mark.parametrize(("part", "parameter"), VALUES, ids=lambda v: getattr(v, "name", str(v)))
def test_every_parameter_takes_its_own_unit(part: str | None, parameter: Parameter) -> None:
    address = f"{address_of(part, parameter.name)}/value"
    values = parameter.choices or (parameter.low, parameter.default, parameter.high)
    for value in values:
        assert read(address, value) == (SetParameter(part, parameter.name, parameter.check(value)),)
    assert parameter.name in refusal(address, "no such value")
    assert parameter.name in refusal(address, float("nan"))


@given(st.sampled_from(VALUES), st.floats(0, 1, width=32))
def test_positions_and_values_agree(row: tuple[str | None, Parameter], position: float) -> None:
    part, parameter = row
    (command,) = read(address_of(part, parameter.name), position)
    assert isinstance(command, SetParameter)
    again = parameter.from_unit(parameter.to_unit(command.value))
    assert again == pytest.approx(command.value) if parameter.kind is Kind.NUMBER else again == command.value


def test_choices_take_names_and_numbers() -> None:
    for argument in ("vary", 1, 0.15):
        assert read("/livevae/melody/mode", argument) == (SetParameter("melody", "mode", "vary"),)


def test_a_float32_value_means_its_seven_digits() -> None:
    assert read("/livevae/tempo/value", 93.69999694824219) == (SetParameter(None, "tempo", 93.7),)


@pytest.mark.parametrize(
    ("address", "arguments", "command"),
    [
        ("/livevae/play", (), Play()),
        ("/livevae/play", (1.0,), Play()),
        ("/livevae/play", (True,), Play()),
        ("/livevae/play", (0,), Halt()),
        ("/livevae/stop", (), Halt()),
        ("/livevae/stop", (1,), Halt()),
        ("/livevae/continue", (), Play(from_start=False)),
        ("/livevae/tap", (1,), TapTempo()),
        ("/livevae/panic", (), Panic()),
        ("/livevae/drums/reroll", (), SetParameter("drums", "reroll", True)),
        ("/livevae/subscribe", (), Subscribe()),
        ("/livevae/subscribe", (9001,), Subscribe(9001)),
        ("/livevae/subscribe", (9001.0,), Subscribe(9001)),
        ("/livevae/unsubscribe", (9001,), Unsubscribe(9001)),
        ("/livevae/state", (), AskState()),
        ("/livevae/capabilities", (7000,), AskCapabilities(7000)),
        ("/livevae/undo", (1.0,), Undo()),
        ("/livevae/drums/keep", (3,), Keep("drums", 3, Source.SOUNDING)),
        ("/livevae/drums/keep", (3.0, "played", "fill"), Keep("drums", 3, Source.PLAYED, "fill")),
        ("/livevae/drums/drop", (16,), Drop("drums", 16)),
    ],
)
def test_verbs(address: str, arguments: tuple[Argument, ...], command: Command) -> None:
    assert read(address, *arguments) == (command,)


@pytest.mark.parametrize(
    "address", ["/livevae/stop", "/livevae/tap", "/livevae/panic", "/livevae/drums/reroll"]
)
def test_a_button_let_go_does_nothing(address: str) -> None:
    assert read(address, 0.0) == ()


@pytest.mark.parametrize(
    ("address", "arguments", "expected"),
    [
        ("/livevae/melodie/vary", (0.5,), "(did you mean '/livevae/melody/vary'?)"),
        ("/other", (), "there is no OSC address '/other'; /livevae/capabilities lists all"),
        ("/livevae/melody/vary", (3.0,), "vary cannot be 3.0: it takes a number from 0 to 1"),
        ("/livevae/melody/vary", ("much",), "vary cannot be 'much': it takes a number from 0 to 1"),
        ("/livevae/melody/vary", (0.1, 0.2), "vary takes one argument, not 2"),
        ("/livevae/melody/phrase", (8,), "a whole number from 1 to 64 bars goes to .../phrase/value"),
        (
            "/livevae/melody/phrase/value",
            (8.5,),
            "phrase cannot be 8.5: it takes a whole number from 1 to 64",
        ),
        ("/livevae/melody/mode", ("frieze",), "(did you mean 'freeze'?)"),
        ("/livevae/melody/mode", (99,), "or its number from 0 to "),
        ("/livevae/melody/mode", (None,), "mode cannot be None"),
        ("/livevae/melody/mute", (b"\1",), "mute cannot be b'\\x01'"),
        ("/livevae/tempo/value", (1e9,), "it takes a number from 20 to 400 BPM"),
        ("/livevae/tempo", (float("inf"),), "tempo cannot be inf"),
        ("/livevae/tap", ("now",), "it cannot take 'now': send nothing, 1 or 0"),
        ("/livevae/subscribe", (0,), "it cannot take 0: send nothing, or the port"),
        ("/livevae/subscribe", ("host", 9000), "it cannot take 'host', 9000"),
        ("/livevae/drums/keep", (), "it cannot take nothing: send a slot from 1 to 16"),
        ("/livevae/drums/keep", (17,), "it cannot take 17"),
        ("/livevae/drums/keep", (True,), "it cannot take True"),
        ("/livevae/drums/keep", (1, "sampel"), "(did you mean 'sample'?)"),
        ("/livevae/drums/keep", (1, 2), "one of played, sounding, sample"),
        ("/livevae/drums/keep", (1, "sample", "x" * 65), "at most 64 characters"),
        ("/livevae/drums/drop", (1, 2), "it cannot take 1, 2"),
        ("/livevae/drums/pad", (0.5,), "two numbers from 0 to 1"),
        ("/livevae/drums/pad", (0.5, 2.0), "pad_y cannot be 2.0"),
        ("/livevae/*/nonsense", (1,), "there is no OSC address"),
        ("/livevae/[melody/mute", (1,), "lacks a ]"),
        ("/" + "*a" * 50, (1,), "too complicated"),
    ],
)
def test_what_is_wrong_is_named(address: str, arguments: tuple[Argument, ...], expected: str) -> None:
    assert expected in refusal(address, *arguments)


def test_our_own_messages_coming_back_are_no_mistake() -> None:
    assert read("/livevae/error", "text") == read("/livevae/transport", "playing") == ()
    assert read("/livevae/drums/slot", 1, 1, "fill") == ()


def test_an_xy_pad_moves_both_axes() -> None:
    expected = (SetParameter("drums", "pad_x", 0.25), SetParameter("drums", "pad_y", 1.0))
    assert read("/livevae/drums/pad", 0.25, 1) == expected


def test_a_pattern_reaches_every_part() -> None:
    mutes = (SetParameter("melody", "mute", True), SetParameter("drums", "mute", True))
    assert read("/livevae/*/mute", 1) == mutes
    assert read("/livevae/{drums,melody}/mute", 1) == mutes
    assert read("/livevae/d?ums/mute", 1) == mutes[1:]


@pytest.mark.parametrize(
    ("pattern", "matches", "differs"),
    [
        ("/a/*", "/a/bcd", "/a/b/c"),
        ("/[a-c]", "/b", "/d"),
        ("/[!a-c]", "/d", "/b"),
        ("/[-]", "/-", "/a"),
        ("/[^.]", "/^", "/a"),
        ("/{ab,c}d", "/abd", "/abcd"),
        ("/a.b", "/a.b", "/axb"),
        ("/[]x", "/?x", "/x"),
        ("/[~-!]", "/?", "/~"),
    ],
)
def test_pattern_characters_mean_what_osc_says(pattern: str, matches: str, differs: str) -> None:
    if pattern not in ("/[]x", "/[~-!]"):  # these match nothing at all
        assert compile_pattern(pattern).fullmatch(matches)
    assert not compile_pattern(pattern).fullmatch(differs)


@given(
    st.text(alphabet="/livevae*?[]{}!-,ad^\\&|~.", max_size=40), st.lists(st.floats() | st.text(), max_size=2)
)
def test_any_address_is_understood_or_refused(text: str, arguments: list[Argument]) -> None:
    try:
        commands = read("/" + text, *arguments)
    except MessageError:
        return
    assert isinstance(commands, tuple)


def test_a_parameter_is_found_by_its_address() -> None:
    assert TABLE.parameter_at("/livevae/melody/vary/value") == ("melody", "vary")
    assert TABLE.parameter_at("/livevae/tempo") == (None, "tempo")
    for address in (
        "/livevae/tap",
        "/livevae/state",
        "/livevae/melody",
        "/livevae/solo/vary",
        "/livevae/drums/reroll",
    ):
        assert TABLE.parameter_at(address) is None


def test_part_settings_are_addresses() -> None:
    """The table above and presets speak of the same parameters."""
    spec = PartSpec("melody", "m", "melody", {"vary": 0.5})
    assert all(address_of(spec.name, name) in TABLE.addresses for name in spec.settings)
