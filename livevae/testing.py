"""A stage for your own tests: play a script of events against a performance in virtual time.

    stage = VirtualStage(tiny_performance())
    stage.at(0, Play())
    notes = stage.run(bars=4).notes()

No ports, no model files, no waiting: answers come from ``tick_tock``, a model that plays one note a
beat, or from any function you give. The same harness checks livevae itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from livevae.core.drum_kit import GM_KIT, DrumKit
from livevae.core.effects import Effect, Notice, SendNoteOff, SendNoteOn
from livevae.core.events import DecodedPart, Event, ModelAnswer, Play
from livevae.core.feel import ALWAYS, Dynamics, FeltNote
from livevae.core.latents import ModelRequest
from livevae.core.notes import Note, window
from livevae.core.parameters import ParameterValue
from livevae.core.performance import ModelInfo, PartSpec, Performance
from livevae.core.performer import Performer
from livevae.core.seeds import mix
from livevae.units import (
    BEATS_PER_BAR,
    HALF_STEP_TICKS,
    TICKS_PER_BAR,
    TICKS_PER_BEAT,
    TICKS_PER_STEP,
    ns_per_beat_of_bpm,
    ticks_to_ns,
)
from livevae.virtual_time import Answer, drive


def tiny_performance(**changes: object) -> Performance:
    """A trio of one two-bar model: melody on channel 1, bass on 2, drums on 10; changes replace fields."""
    parts = ("melody", "bass", "drums")
    channels = {"melody": 1, "bass": 2, "drums": 10}
    whole = Performance(
        name="tiny",
        parts=tuple(
            PartSpec(p, "tick-tock", p, {"channel": channels[p], "in_channel": channels[p]}) for p in parts
        ),
        models=(ModelInfo("tick-tock", 2, parts),),
        clock="internal",
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def tick_tock(request: ModelRequest) -> ModelAnswer:
    """A model that plays every beat of every part; the pitch of a bar tells its request apart."""
    pitch = 36 + mix(hash_of(request)) % 48
    notes = tuple(
        Note(beat * TICKS_PER_BEAT, TICKS_PER_BEAT // 2, pitch, 100) for beat in range(BEATS_PER_BAR)
    )
    return ModelAnswer(
        request.request_id, tuple(DecodedPart(part, notes) for part in ("melody", "bass", "drums"))
    )


def groove_performance(*, kit: DrumKit = GM_KIT, **settings: ParameterValue) -> Performance:
    """Drums on channel 10 that answer what is played to them by a groove model; ``leaning`` is one."""
    spec = PartSpec("drums", "leaning", "drums", {"channel": 10, "in_channel": 10} | settings, kit=kit)
    return Performance(
        "groove", (spec,), (ModelInfo("leaning", 2, ("drums",), grooves=True),), clock="internal"
    )


def leaning(request: ModelRequest) -> ModelAnswer:
    """A groove model that leans as far as one can: beats half a sixteenth early, the rest a third late.

    It adds an open hat on every eighth between the beats, each from another density on, and loudness differs
    from step to step and seed to seed. Taps are replaced by a kick, and closed hats by its own.
    """
    order = request.feel
    assert order is not None, "leaning only feels"
    assert order.source is not None, "leaning only answers what came in"
    notes = window((hit.note for hit in order.source), request.bar_in_plan, 1, HALF_STEP_TICKS)
    heard_as = {hit.note.pitch: hit.heard_as for hit in order.source}
    felt: list[FeltNote] = []
    for note in notes:
        is_replaced = order.task == "tap" or (order.task == "hats" and heard_as[note.pitch] == 42)
        felt.append(_leant(note, order.seed, until=0.5 if is_replaced else ALWAYS))
        if is_replaced:
            pitch = 36 if order.task == "tap" else 42
            own = Note(felt[-1].step * TICKS_PER_STEP, TICKS_PER_STEP, pitch, 90)
            felt.append(replace(_leant(own, order.seed), from_density=0.5, stands_in=pitch == note.pitch))
    for number, step in enumerate(range(2, 16, 4), start=1):
        ghost = Note(step * TICKS_PER_STEP, TICKS_PER_STEP, 46, 90)
        felt.append(replace(_leant(ghost, order.seed), from_density=number * 0.375))
    answer = DecodedPart("drums", notes, felt=tuple(replace(f, dynamics=Dynamics.PLAYED) for f in felt))
    return ModelAnswer(request.request_id, (answer,))


def _leant(note: Note, seed: int, until: float = ALWAYS) -> FeltNote:
    step = (note.onset_ticks + HALF_STEP_TICKS) // TICKS_PER_STEP
    lean = -HALF_STEP_TICKS if step % 4 == 0 else TICKS_PER_STEP // 3
    return FeltNote(note, step * TICKS_PER_STEP + lean, 1 + mix(seed, step) % 127, until_density=until)


def hash_of(request: ModelRequest) -> int:
    """A number that is equal for requests that must sound equal, the same on every machine."""
    music = (request.model, request.latent, request.bar_in_plan, request.noise_seed)
    wanted = repr((*music, *request.chords, *request.own_noise))
    return mix(*wanted.encode())


@dataclass(frozen=True, slots=True)
class SoundedNote:
    """One note as an instrument would have heard it; end_ns is None if it hung."""

    start_ns: int
    end_ns: int | None
    channel: int
    pitch: int
    velocity: int


@dataclass(slots=True)
class Take:
    """Everything a performer wanted done during a run."""

    effects: list[Effect]

    def notes(self) -> list[SoundedNote]:
        """The notes, by start; raises AssertionError where a note-off has no note-on before it."""
        sounding: dict[tuple[int, int], SendNoteOn] = {}
        notes: list[SoundedNote] = []
        for effect in self.effects:
            if isinstance(effect, SendNoteOn):
                key = (effect.channel, effect.pitch)
                assert key not in sounding, f"{effect} while the same note still sounds"
                sounding[key] = effect
            elif isinstance(effect, SendNoteOff):
                on = sounding.pop((effect.channel, effect.pitch), None)
                if on is not None:
                    notes.append(SoundedNote(on.at_ns, effect.at_ns, on.channel, on.pitch, on.velocity))
        notes += [SoundedNote(on.at_ns, None, on.channel, on.pitch, on.velocity) for on in sounding.values()]
        return sorted(notes, key=lambda n: (n.start_ns, n.channel, n.pitch))

    def hanging(self) -> list[SoundedNote]:
        """Notes that were never ended."""
        return [note for note in self.notes() if note.end_ns is None]

    def notices(self) -> list[str]:
        """The sentences shown to the musician."""
        return [effect.text for effect in self.effects if isinstance(effect, Notice)]


@dataclass(slots=True)
class VirtualStage:
    """A performer, a model, and a script of what happens to it."""

    performance: Performance = field(default_factory=tiny_performance)
    answer: Answer = tick_tock
    answer_after_ns: int = 0
    script: list[tuple[int, Event]] = field(default_factory=list)

    def at(self, at_ns: int, *events: Event) -> VirtualStage:
        """Let ``events`` happen at ``at_ns``."""
        self.script += [(at_ns, event) for event in events]
        return self

    def play(self, at_ns: int = 0) -> VirtualStage:
        """Press play on livevae's own clock."""
        return self.at(at_ns, Play())

    def run(self, until_ns: int | None = None, *, bars: int = 4) -> Take:
        """Run the script to ``until_ns``, or for ``bars`` bars at the performance's tempo (default 120)."""
        if until_ns is None:
            tempo_bpm = float(self.performance.settings.get("tempo", 120.0))
            until_ns = ticks_to_ns(bars * TICKS_PER_BAR, ns_per_beat_of_bpm(tempo_bpm)) - 1
        performer = Performer(self.performance)
        return Take(
            drive(performer, self.script, self.answer, until_ns, answer_after_ns=self.answer_after_ns)
        )
