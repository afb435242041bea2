"""A flood of control changes is thinned to the newest of each; a note or a clock pulse never is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from livevae.timekeeper.intake import CONTROLS_A_CYCLE, Stamped, in_order

controls = st.builds(
    lambda channel, number, value: bytes((0xB0 | channel, number, value)),
    st.integers(0, 1),
    st.integers(0, 2),
    st.integers(0, 127),
)
others = st.sampled_from([b"", b"\xf8", b"\x90\x3c\x40", b"\x80\x3c\x00", b"\xb0\x01", b"\xb0" + bytes(9)])
stamped = st.tuples(st.integers(0, 1000), controls | others)


@given(st.lists(stamped, max_size=3 * CONTROLS_A_CYCLE))
def test_what_counts_stays_and_in_order(messages: list[Stamped]) -> None:
    thinned = in_order(messages)
    assert [at for at, _ in thinned] == sorted(at for at, _ in thinned)

    def is_control(message: bytes) -> bool:
        return len(message) == 3 and message[0] & 0xF0 == 0xB0

    def others_of(batch: list[Stamped]) -> list[Stamped]:
        return [each for each in sorted(batch, key=lambda one: one[0]) if not is_control(each[1])]

    def newest_of(batch: list[Stamped]) -> dict[bytes, int]:
        return {m[:2]: m[2] for _, m in sorted(batch, key=lambda one: one[0]) if is_control(m)}

    assert others_of(thinned) == others_of(messages)
    assert newest_of(thinned) == newest_of(messages)
    if sum(is_control(message) for _, message in messages) <= CONTROLS_A_CYCLE:
        assert len(thinned) == len(messages)
    else:
        assert sum(is_control(message) for _, message in thinned) <= 6


def test_a_hand_on_a_button_loses_no_press() -> None:
    presses = [(number, bytes((0xB0, 64, 127 * (number % 2)))) for number in range(CONTROLS_A_CYCLE)]
    assert in_order(reversed(presses)) == presses
