"""Felt bars of real (if untrained) models: what came in, what is written, and the lines beside the drums."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from livevae.core.drum_kit import GM
from livevae.core.events import DecodedPart, ModelAnswer, ModelFailed
from livevae.core.feel import Dynamics, Feel, FeltNotes, with_feel
from livevae.core.feel_order import FeelOrder, Hit
from livevae.core.follow import follow
from livevae.core.latents import Encoded, ModelRequest, Near, Prior
from livevae.core.notes import Note
from livevae.inference import Inference, warm_up
from livevae.units import HALF_STEP_TICKS, TICKS_PER_BAR, TICKS_PER_STEP

FAKES = Path(__file__).parent / "fixtures"
GROOVE, DRUMS, TRIO, MELODY, BEATS = (
    FAKES / f"fake_{name}.onnx" for name in ("groove", "drums", "trio", "melody", "beats")
)
KICK, SNARE, RIM, HAT = 36, 38, 37, 42


@pytest.fixture(scope="module")
def inference() -> Inference:
    return Inference([GROOVE, DRUMS, TRIO, MELODY, BEATS])


def order(**changes: object) -> FeelOrder:
    plain = FeelOrder("fake_groove", "humanise", "any", 120, Prior(3), 5, None)
    return replace(plain, **changes)  # type: ignore[arg-type]


def hits(*pitches: int, every: int = 4, as_drum: int | None = None) -> tuple[Hit, ...]:
    """Two bars of these, on every so many steps."""
    return tuple(
        Hit(Note(step * TICKS_PER_STEP, 1000, pitch, 90), pitch if as_drum is None else as_drum)
        for step in range(0, 32, every)
        for pitch in pitches
    )


def answered(inference: Inference, feel: FeelOrder, **changes: object) -> ModelAnswer:
    request = ModelRequest(1, "fake_groove", Prior(3), 1, 5, 1.0, feel)
    answer = inference.answer(replace(request, **changes))  # type: ignore[arg-type]
    assert isinstance(answer, ModelAnswer), answer
    return answer


def felt(answer: ModelAnswer, part: str = "drums") -> FeltNotes:
    decoded = next(p for p in answer.parts if p.part == part)
    assert decoded.felt is not None
    return decoded.felt


def came_in(notes: FeltNotes) -> FeltNotes:
    return tuple(note for note in notes if note.from_density == 0.0)


def test_what_came_in_keeps_its_pitch_and_is_felt_by_the_drum_it_is(inference: Inference) -> None:
    """99 is a snare of somebody's own map; 37 is a snare's rim, and comes back as that."""
    own = felt(answered(inference, order(source=hits(99, as_drum=SNARE))))
    rim = felt(answered(inference, order(source=hits(RIM))))
    assert {note.note.pitch for note in came_in(own)} == {99}
    assert {note.note.pitch for note in came_in(rim)} == {RIM}
    assert [note.note.onset_ticks for note in came_in(own)] == [s * TICKS_PER_STEP for s in (0, 4, 8, 12)]
    assert any(note.onset_ticks != note.note.onset_ticks for note in came_in(own))
    assert all(GM.drum_of(note.note.pitch) is not None for note in own if note.from_density)
    assert {note.dynamics for note in own} == {Dynamics.PLAYED}


def test_two_pitches_of_one_drum_at_one_moment_both_come_back(inference: Inference) -> None:
    both = felt(answered(inference, order(source=hits(SNARE, 40))))
    assert sorted(note.note.pitch for note in came_in(both)) == [SNARE] * 4 + [40] * 4


def test_the_same_order_is_the_same_feel_and_each_word_of_it_counts(inference: Inference) -> None:
    source = hits(KICK, HAT, every=2)
    first = felt(answered(inference, order(source=source)))
    assert felt(answered(Inference([GROOVE]), order(source=source))) == first
    others: list[dict[str, object]] = [
        {"seed": 6},
        {"groove": Prior(4)},
        {"groove": Encoded((("drums", (Note(-4000, 100, KICK, 40), Note(30_000, 100, HAT, 120))),), 1)},
        {"tempo_bpm": 200},
        {"temperature": 0.0},
    ]
    for change in others:
        assert felt(answered(inference, order(source=source, **change))) != first, change
    assert felt(answered(inference, order(source=source, style="polka"))) == first  # unknown: any


def test_hats_stand_in_only_for_hats_of_their_own_moment(inference: Inference) -> None:
    """My hats are on the beats; the model's are everywhere, and those between join mine if I keep them."""
    source = hits(KICK, HAT, every=4)
    notes = felt(answered(inference, order(task="hats", source=source)))
    added = [note for note in notes if note.from_density]
    assert {note.note.pitch for note in added} == {HAT}
    assert {note.step % 4 == 0 for note in added if note.stands_in} == {True}
    assert not any(note.step % 4 == 0 for note in added if not note.stands_in)
    keeping, replacing = Feel(timing=0.0, density=1.5), Feel(timing=0.0, density=1.5, keep_hits=False)
    on_beats = [n.onset_ticks for n in with_feel(notes, keeping) if n.pitch == HAT]
    assert len(on_beats) == len(set(on_beats)) > 4
    assert [n for n in with_feel(notes, replacing) if n.pitch == KICK and n.onset_ticks == 0]


def test_taps_of_any_pitch_become_a_kit(inference: Inference) -> None:
    notes = felt(answered(inference, order(task="tap", source=hits(SNARE, every=2))))
    kit = {n.pitch for n in with_feel(notes, Feel(density=1.5, keep_hits=False))}
    assert KICK in kit
    assert with_feel(notes, Feel(0.0, 0.0, 0.0)) == tuple(
        Note(step * TICKS_PER_STEP, 1000, SNARE, 90) for step in range(0, 16, 2)
    )


def test_what_a_model_writes_is_felt_in_the_same_answer(inference: Inference) -> None:
    asked = {"model": "fake_drums", "latent": Prior(1), "bar_in_plan": 0}
    answer = answered(inference, order(), **asked)
    plain = inference.answer(ModelRequest(1, "fake_drums", Prior(1), 0, 5, 1.0))
    assert isinstance(plain, ModelAnswer)
    assert answer.parts[0].notes == plain.parts[0].notes
    assert tuple(note.note for note in came_in(felt(answer))) == plain.parts[0].notes
    assert {note.dynamics for note in felt(answer)} == {Dynamics.FELT}


def test_the_lines_of_a_trio_go_with_its_drums(inference: Inference) -> None:
    answer = answered(inference, order(), model="fake_trio", latent=Prior(2), bar_in_plan=2)
    drums, by_name = felt(answer), {part.part: part for part in answer.parts}
    for name in ("melody", "bass"):
        expected = follow(by_name[name].notes, drums, is_bass=name == "bass", dynamics=Dynamics.FELT)
        assert felt(answer, name) == expected
    assert any(note.onset_ticks != note.note.onset_ticks for note in felt(answer, "melody"))


def test_a_line_follows_the_drums_it_is_told_to_or_a_plain_beat(inference: Inference) -> None:
    drum_request = ModelRequest(0, "fake_groove", Prior(3), 1, 5, 1.0, order(source=hits(KICK, HAT, every=2)))
    drums = inference.answer(drum_request)
    assert isinstance(drums, ModelAnswer)
    line: dict[str, object] = {"model": "fake_melody", "latent": Prior(2)}
    by_request = felt(answered(inference, order(follows=drum_request), **line), "melody")
    by_notes = felt(answered(inference, order(follows=felt(drums)), **line), "melody")
    by_beat = felt(answered(inference, order(), **line), "melody")
    assert by_request == by_notes != by_beat
    assert any(note.onset_ticks != note.note.onset_ticks for note in by_beat)


def test_a_line_that_came_in_is_felt_too(inference: Inference) -> None:
    source = tuple(
        Hit(Note(step * TICKS_PER_STEP, 9000, 60 + step, 90), 60 + step) for step in range(0, 32, 3)
    )
    answer = answered(inference, order(source=source, part="melody"))
    assert [part.part for part in answer.parts] == ["melody"]
    line = felt(answer, "melody")
    assert [n.note.pitch for n in line] == [60 + step for step in range(0, 32, 3) if step >= 16]
    assert any(note.onset_ticks != note.note.onset_ticks for note in line)


def test_a_model_of_the_wrong_kind_is_refused_in_a_sentence(inference: Inference) -> None:
    asked = ModelRequest(7, "fake_groove", Prior(1), 0, 0, 1.0)
    for wrong in (asked, replace(asked, feel=order(model="fake_drums", source=hits(KICK)))):
        answer = inference.answer(wrong)
        assert isinstance(answer, ModelFailed)
        assert "no model" in answer.reason
    missing = inference.answer(replace(asked, feel=order(model="nobody", source=hits(KICK))))
    assert isinstance(missing, ModelFailed)
    assert "'nobody'" in missing.reason


def test_a_groove_model_is_warmed_up_with_grooves() -> None:
    inference = Inference()
    median_ns, slow_ns = warm_up(inference.open(GROOVE), calls=3)
    assert 0 < median_ns <= slow_ns


def test_the_bar_of_a_window_is_cut_from_its_bar_line(inference: Inference) -> None:
    source = tuple(
        Hit(Note(TICKS_PER_BAR - HALF_STEP_TICKS + shift, 100, KICK, 90), KICK) for shift in (-1, 0)
    )
    notes = came_in(felt(answered(inference, order(source=source))))
    assert [note.note.onset_ticks for note in notes] == [-HALF_STEP_TICKS]


def test_decoded_parts_without_feel_are_plain() -> None:
    notes = (Note(0, 10, 60, 90),)
    assert [n.note for n in DecodedPart("melody", notes).with_feel()] == list(notes)


def composed(inference: Inference, bar: int, idea: int, **changes: object) -> FeltNotes:
    feel = order(model="fake_beats", **changes)
    return felt(answered(inference, feel, model="fake_beats", latent=Prior(idea), bar_in_plan=bar))


def test_a_beat_from_nothing_has_four_bars_of_its_own_and_their_feel(inference: Inference) -> None:
    bars = [composed(inference, bar, idea=1) for bar in range(4)]
    assert all(bars)
    assert all(0 <= note.step < 16 and note.from_density > 0 for bar in bars for note in bar)
    assert any(note.onset_ticks != note.note.onset_ticks for bar in bars for note in bar)
    assert {note.dynamics for bar in bars for note in bar} == {Dynamics.FELT}
    assert len(set(bars)) > 1
    assert not with_feel(bars[0], Feel(density=0.0))


def test_the_point_is_the_beat_whatever_groove_is_chosen(inference: Inference) -> None:
    first = composed(inference, 0, idea=1)
    assert composed(Inference([BEATS]), 0, idea=1) == first
    assert composed(inference, 0, idea=2) != first
    assert composed(inference, 0, idea=1, groove=Prior(9)) == first
    assert composed(inference, 0, idea=1, tempo_bpm=200) != first


def test_a_beat_that_was_played_is_a_point_of_four_bars(inference: Inference) -> None:
    played = Encoded((("drums", tuple(hit.note for hit in hits(KICK, SNARE))),), 2)
    around = answered(inference, order(model="fake_beats"), model="fake_beats", latent=played, bar_in_plan=3)
    assert felt(around) != composed(inference, 3, idea=1)


def test_bars_that_were_played_are_heard_at_the_tempo_they_are_played_back_at(inference: Inference) -> None:
    played = Encoded((("drums", tuple(hit.note for hit in hits(KICK, SNARE))),), 2)

    def beat(tempo_bpm: int) -> FeltNotes:
        feel = order(model="fake_beats", tempo_bpm=tempo_bpm)
        return felt(answered(inference, feel, model="fake_beats", latent=played, bar_in_plan=1))

    first = beat(90)
    assert beat(180) != first
    assert beat(90) == first


def test_around_a_beat_nobody_played_small_steps_change_little(inference: Inference) -> None:
    around = [
        felt(
            answered(
                inference,
                order(model="fake_beats"),
                model="fake_beats",
                latent=Near(Prior(4), amount, 7),
                bar_in_plan=0,
            )
        )
        for amount in (0.0, 0.05, 1.0)
    ]
    assert around[0] == composed(inference, 0, idea=4)
    assert around[1] != around[2]
