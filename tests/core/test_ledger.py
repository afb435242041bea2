"""Every note-on that was sent is owed exactly one note-off."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from livevae.core.effects import Effect, SendNoteOff, SendNoteOn
from livevae.core.ledger import NoteLedger, NoteToken

keys = st.tuples(st.integers(1, 2), st.integers(60, 62))


class LedgerMachine(RuleBasedStateMachine):
    """Any order of calls: an instrument listening to the effects never has a note twice or too long."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = NoteLedger()
        self.at_ns = 0
        self.sounding: set[tuple[int, int]] = set()
        self.tokens: list[NoteToken] = []

    def hear(self, effects: list[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, SendNoteOn):
                assert (effect.channel, effect.pitch) not in self.sounding
                self.sounding.add((effect.channel, effect.pitch))
            elif isinstance(effect, SendNoteOff):
                self.sounding.discard((effect.channel, effect.pitch))

    @rule(key=keys, part=st.sampled_from("ab"))
    def note_on(self, key: tuple[int, int], part: str) -> None:
        self.at_ns += 1
        token, effects = self.ledger.note_on(self.at_ns, part, *key, 100)
        self.tokens.append(token)
        self.hear(effects)

    @precondition(lambda self: self.tokens)
    @rule(data=st.data())
    def note_off(self, data: st.DataObject) -> None:
        self.hear(self.ledger.note_off(self.at_ns, data.draw(st.sampled_from(self.tokens))))

    @rule(part=st.sampled_from("ab"))
    def release_part(self, part: str) -> None:
        self.hear(self.ledger.release_part(self.at_ns, part))

    @rule()
    def lose_and_find_the_port(self) -> None:
        self.hear(self.ledger.port_lost(self.at_ns))
        self.hear(self.ledger.port_found(self.at_ns))

    @invariant()
    def the_ledger_knows_what_sounds(self) -> None:
        known = {(t.channel, t.pitch) for t in self.tokens if self.ledger.is_sounding(t)}
        assert known == self.sounding

    def teardown(self) -> None:
        self.hear(self.ledger.release_all(self.at_ns))
        assert not self.sounding


TestLedger = LedgerMachine.TestCase


@given(keys)
def test_a_late_note_off_does_not_end_its_successor(key: tuple[int, int]) -> None:
    ledger = NoteLedger()
    first, _ = ledger.note_on(0, "a", *key, 100)
    second, effects = ledger.note_on(1, "a", *key, 100)
    assert effects == [SendNoteOff(1, *key), SendNoteOn(1, *key, 100)]
    assert ledger.note_off(2, first) == []
    assert ledger.note_off(3, second) == [SendNoteOff(3, *key)]


def test_a_lost_port_is_told_again_when_it_returns() -> None:
    ledger = NoteLedger()
    ledger.note_on(0, "a", 1, 60, 100)
    assert ledger.port_lost(1) == [SendNoteOff(1, 1, 60)]
    assert ledger.port_found(2) == [SendNoteOff(2, 1, 60)]
    assert ledger.port_found(3) == []
