"""What a band's bar keeps, what it rounds, and that what it has rounded stays as it is."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livevae.codec import codec_from
from livevae.codec.band import (
    ANY_PROGRAM,
    DRUMS,
    FIELDS,
    SLOT_PROGRAMS,
    SLOTS,
    USUAL_PROGRAM,
    BandCodec,
    with_program,
)
from livevae.codec.base import Tokens
from livevae.codec.chord_shapes import SHAPES, shape_of
from livevae.codec.drum_maps import DRUM_CLASSES
from livevae.codec.lines import HIGHEST_PITCH, LOWEST_PITCH
from livevae.core.notes import Note
from livevae.units import HALF_STEP_TICKS, STEPS_PER_BAR, TICKS_PER_BAR, TICKS_PER_BEAT, TICKS_PER_STEP

CODEC = BandCodec()
TWO_BARS = BandCodec(bars=2)


@st.composite
def any_tokens(draw: st.DrawFn, codec: BandCodec) -> Tokens:
    tokens = np.zeros((codec.steps, len(codec.columns)), dtype=np.int64)
    for index, column in enumerate(codec.columns):
        cells = st.dictionaries(
            st.integers(0, codec.steps - 1), st.integers(0, column.classes - 1), max_size=8
        )
        for step, token in draw(cells).items():
            tokens[step, index] = token
    return tokens


notes_anywhere = st.lists(
    st.builds(
        Note,
        st.integers(-TICKS_PER_BAR, 3 * TICKS_PER_BAR),
        st.integers(1, 3 * TICKS_PER_BAR),
        st.integers(0, 127),
        st.integers(1, 127),
    ),
    max_size=40,
)


def programs_and_notes(codec: BandCodec, tokens: Tokens) -> dict[str, tuple[Note, ...]]:
    """What is decoded, by names that say the program."""
    found = codec.decode(tokens)
    for slot, program in codec.programs(tokens).items():
        if tokens[0, len(DRUM_CLASSES) + SLOTS.index(slot) * len(FIELDS)] != ANY_PROGRAM:
            found[with_program(slot, program)] = found.pop(slot)
    return found


@given(tokens=any_tokens(CODEC))
def test_any_tokens_decode_and_their_canonical_form_is_stable(tokens: Tokens) -> None:
    once = CODEC.encode(programs_and_notes(CODEC, tokens))
    twice = CODEC.encode(programs_and_notes(CODEC, once))
    assert np.array_equal(once, twice)
    assert CODEC.decode(once) == CODEC.decode(twice)


@given(notes=notes_anywhere, bars=st.sampled_from([1, 2]))
def test_any_notes_encode_to_valid_tokens(notes: list[Note], bars: int) -> None:
    codec = BandCodec(bars=bars)
    tokens = codec.encode(dict.fromkeys((*codec.parts, "guitar:27"), notes))
    assert tokens.shape == (codec.steps, len(codec.columns))
    for index, column in enumerate(codec.columns):
        assert tokens[:, index].min() >= 0
        assert tokens[:, index].max() < column.classes
    heard = codec.decode(tokens)
    for part in codec.parts:
        assert all(0 <= note.onset_ticks < codec.steps * TICKS_PER_STEP for note in heard[part])
        for one, other in pairwise(sorted(heard[part], key=lambda n: (n.pitch, n.onset_ticks))):
            same = one.pitch == other.pitch
            assert not same or one.onset_ticks + one.duration_ticks <= other.onset_ticks


@given(data=st.data())
def test_what_the_array_can_say_survives(data: st.DataObject) -> None:
    """A chord a step, of a shape it knows, equally loud through a beat."""
    notes: dict[str, tuple[Note, ...]] = {}
    for slot in SLOTS:
        program = data.draw(st.sampled_from(SLOT_PROGRAMS[slot]))
        cuts = sorted(data.draw(st.sets(st.integers(0, STEPS_PER_BAR), max_size=6)))
        found = []
        loud = data.draw(st.lists(st.integers(0, 15), min_size=4, max_size=4))
        for start, end in pairwise(cuts):
            shape = data.draw(st.sampled_from(SHAPES))
            lowest = data.draw(st.integers(LOWEST_PITCH, HIGHEST_PITCH - shape[-1]))
            found += [
                Note(
                    start * TICKS_PER_STEP,
                    (end - start) * TICKS_PER_STEP,
                    lowest + interval,
                    loud[start // 4] * 8 + 4,
                )
                for interval in shape
            ]
        if found:
            notes[f"{slot}:{program}"] = tuple(sorted(found))
    tokens = CODEC.encode(notes)
    back = programs_and_notes(CODEC, tokens)
    assert {part: found for part, found in back.items() if found} == notes


def test_a_held_note_ends_with_its_bar_and_a_chord_lasts_as_long_as_its_longest() -> None:
    held = Note(TICKS_PER_BAR - TICKS_PER_BEAT, 3 * TICKS_PER_BEAT, 60, 100)
    third = Note(TICKS_PER_BAR - TICKS_PER_BEAT, TICKS_PER_STEP, 64, 100)
    back = TWO_BARS.decode(TWO_BARS.encode({"keys": (held, third)}))["keys"]
    assert [(note.pitch, note.duration_ticks) for note in back] == [
        (60, TICKS_PER_BEAT),
        (64, TICKS_PER_BEAT),
    ]


def test_loudness_is_one_a_beat_of_a_player_and_of_a_drum() -> None:
    line = tuple(
        Note(step * TICKS_PER_STEP, TICKS_PER_STEP, 60, velocity)
        for step, velocity in enumerate((60, 80, 40, 100, 127))
    )
    assert [note.velocity for note in CODEC.decode(CODEC.encode({"lead": line}))["lead"]] == [68] * 4 + [124]
    hits = tuple(Note(n.onset_ticks, n.duration_ticks, 36, n.velocity) for n in line)
    snare = Note(0, TICKS_PER_STEP, 38, 1)
    drums = CODEC.decode(CODEC.encode({DRUMS: (*hits, snare)}))[DRUMS]
    assert [note.velocity for note in drums if note.pitch == 36] == [68] * 4 + [124]
    assert [note.velocity for note in drums if note.pitch == 38] == [4]


def test_an_early_downbeat_belongs_to_its_bar() -> None:
    early = Note(-HALF_STEP_TICKS, TICKS_PER_STEP, 40, 90)
    assert CODEC.decode(CODEC.encode({"bass": (early,)}))["bass"][0].onset_ticks == 0


def test_a_bar_has_the_program_of_most_of_its_notes_and_resting_slots_have_none() -> None:
    few = (Note(0, 100, 60, 90),)
    many = tuple(Note(beat * TICKS_PER_BEAT + TICKS_PER_STEP, 100, 64, 90) for beat in range(3))
    tokens = CODEC.encode({"guitar:30": few, "guitar:25": many, "keys": few})
    assert CODEC.programs(tokens) == {"guitar": 25, "keys": USUAL_PROGRAM["keys"]}
    assert tokens[0, len(DRUM_CLASSES) + SLOTS.index("keys") * len(FIELDS)] == ANY_PROGRAM
    assert (tokens[1:, len(DRUM_CLASSES) :: len(FIELDS)] == 0).all()


def test_velocities_may_be_named() -> None:
    tokens = CODEC.encode({"keys": (Note(0, 100, 60, 90),), DRUMS: (Note(0, 100, 36, 90),)})
    heard = CODEC.decode(tokens, {"keys": 33, DRUMS: 44})
    assert [heard[part][0].velocity for part in ("keys", DRUMS)] == [33, 44]


@given(st.sets(st.integers(LOWEST_PITCH, HIGHEST_PITCH), min_size=1, max_size=9))
def test_of_a_chord_that_has_no_shape_notes_are_left_out_but_none_is_added(pitches: set[int]) -> None:
    lowest, place = shape_of(sorted(pitches))
    heard = {lowest + interval for interval in SHAPES[place]}
    assert lowest == min(pitches)
    assert heard <= pitches


def test_shapes_are_different_rise_and_begin_with_the_lowest_note() -> None:
    assert len(set(SHAPES)) == len(SHAPES) == 128
    assert all(shape[0] == 0 and list(shape) == sorted(set(shape)) for shape in SHAPES)
    assert SHAPES[0] == (0,)


def test_wrong_arrays_and_maps_are_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        CODEC.decode(np.zeros((16, 3), dtype=np.int64))
    with pytest.raises(ValueError, match="classes outside"):
        CODEC.decode(np.full((16, len(CODEC.columns)), 200, dtype=np.int64))
    with pytest.raises(ValueError, match="unknown drum map"):
        BandCodec(drum_map="cajon")
    assert codec_from("band", TWO_BARS.args()) == TWO_BARS
