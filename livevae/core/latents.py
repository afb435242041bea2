"""Points of a model's latent space, written down as how to get there.

The core never holds a latent vector. It says *which* point it means by a small expression,
a pure value that the inference worker evaluates (``livevae.latent.evaluate``). The same
expression always gives the same point, so a set can be replayed, a DAW loop repeats its music,
and requests with equal expressions share one run of the model.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING

from livevae.core.chords import BeatChords
from livevae.core.notes import Notes

if TYPE_CHECKING:
    from livevae.core.feel_order import FeelOrder

_DIGEST_BYTES = 16
MAX_DEPTH = 100  # points that build on points: pickling and evaluating go down one by one


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """What every expression has. Two are equal when their digests are, in whatever process they were made.

    By digest, because ideas kept from between kept ideas contain each other many times: walking through one
    to compare it takes twice as long with every idea that is kept.

    depth: how many points it builds on, one upon another, itself included.
    """

    digest: bytes = field(init=False, repr=False)
    depth: int = field(init=False, repr=False)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Point) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def _identify(self, contents: object, *children: Point) -> None:
        """Work out digest and depth. contents: all but the children, with a repr that tells them apart."""
        digest = blake2b(f"{type(self).__name__} {contents!r}".encode(), digest_size=_DIGEST_BYTES)
        for child in children:
            digest.update(child.digest)
        object.__setattr__(self, "digest", digest.digest())
        object.__setattr__(self, "depth", 1 + max((child.depth for child in children), default=0))


@dataclass(frozen=True, slots=True, eq=False)
class Prior(Point):
    """A draw from the prior, N(0, I), fixed by ``seed``."""

    seed: int

    def __post_init__(self) -> None:
        self._identify(int(self.seed))


@dataclass(frozen=True, slots=True, eq=False)
class Encoded(Point):
    """The posterior mean of ``bars`` bars that were played.

    parts: pairs (model part, notes relative to the window's start), sorted by part; a part that
        nobody played is left out. Fewer bars than the model spans are tiled to fill it.
    chords: of every beat, for a model that wants them; none otherwise.
    """

    parts: tuple[tuple[str, Notes], ...]
    bars: int
    chords: BeatChords = ()

    def __post_init__(self) -> None:
        played = [
            (part, [(n.onset_ticks, n.duration_ticks, n.pitch, n.velocity) for n in notes])
            for part, notes in self.parts
        ]
        chords = [chord and (chord.tones, chord.bass) for chord in self.chords]
        self._identify((int(self.bars), played, chords) if chords else (int(self.bars), played))


@dataclass(frozen=True, slots=True, eq=False)
class Near(Point):
    """A point around ``centre``: amount 0 is the centre itself, 1 an independent draw from the prior."""

    centre: Latent
    amount: float
    seed: int

    def __post_init__(self) -> None:
        self._identify((float(self.amount), int(self.seed)), self.centre)


@dataclass(frozen=True, slots=True, eq=False)
class Slerp(Point):
    """The point a ``fraction`` (0-1) of the way along the spherical path from ``start`` to ``end``."""

    start: Latent
    end: Latent
    fraction: float

    def __post_init__(self) -> None:
        self._identify(float(self.fraction), self.start, self.end)


@dataclass(frozen=True, slots=True, eq=False)
class Corners(Point):
    """The point of an XY pad whose corners are four points, blended along spherical paths.

    corners: left and right of the near edge (y = 0), then of the far edge (y = 1). x, y: 0-1.
    """

    corners: tuple[Latent, Latent, Latent, Latent]
    x: float
    y: float

    def __post_init__(self) -> None:
        self._identify((float(self.x), float(self.y)), *self.corners)


@dataclass(frozen=True, slots=True, eq=False)
class Moved(Point):
    """``centre`` with more, or less, of some musical attributes.

    amounts: pairs (direction the model has, how far to go in it), sorted by name. A model without a
        direction of that name stays where it is.
    """

    centre: Latent
    amounts: tuple[tuple[str, float], ...]

    def __post_init__(self) -> None:
        self._identify([(name, float(amount)) for name, amount in self.amounts], self.centre)


@dataclass(frozen=True, slots=True, eq=False)
class Grafted(Point):
    """``stem`` where only some of what it says is ``scion``'s: of these parts, from this bar on.

    parts: of the model; empty for all of them. from_bar: of the phrase, 0 for the whole of it. A model that
        does not tell its parts or bars apart (``ModelInfo``) takes all of ``scion`` instead.
    """

    stem: Latent
    scion: Latent
    parts: tuple[str, ...] = ()
    from_bar: int = 0

    def __post_init__(self) -> None:
        self._identify((list(self.parts), int(self.from_bar)), self.stem, self.scion)


Latent = Prior | Encoded | Near | Slerp | Corners | Moved | Grafted


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """Decode one bar.

    request_id: comes back in the answer.
    model: name of a loaded model.
    latent: the point to decode.
    bar_in_plan: which bar of the model's span, 0-based.
    noise_seed: fixes the sampling noise; equal for all bars decoded as one phrase.
    temperature: 0 is the most likely bar; 1 samples the model as trained.
    feel: how the bar is to be felt, and by which model; None leaves it as it is written.
    chords: of every beat of the model's span, for a model that wants them; none otherwise.
    own_noise: parts of the model that are drawn with another noise than the rest, and its seed.
    """

    request_id: int
    model: str
    latent: Latent
    bar_in_plan: int
    noise_seed: int
    temperature: float
    feel: FeelOrder | None = None
    chords: BeatChords = ()
    own_noise: tuple[tuple[str, int], ...] = ()
