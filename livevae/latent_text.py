"""Points of a latent space as text, for whatever outlives a performance.

A point is a list of nodes: each a kind, then its numbers. A node that builds on others names their places in
the list, and the last is the point itself:

    [["prior", 5], ["played", 2, [["bass", [[0, 96000, 40, 90]]]]], ["near", 1, 0.3, 9], ["slerp", 0, 2, 0.5],
     ["moved", 3, [["density", 1.5]]], ["grafted", 4, 0, ["bass"], 2]]

What was played over chords names them too, beat by beat, as their tones in twelve bits and their bass.

A list and not a tree, because a point kept from between kept points may hold each of them many times.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

from livevae.core.chords import Chord
from livevae.core.latents import (
    MAX_DEPTH,
    Corners,
    Encoded,
    Grafted,
    Latent,
    Moved,
    Near,
    Prior,
    Slerp,
)
from livevae.core.notes import Note
from livevae.errors import SetError

_MAX_NODES = 4096
_CORNERS = 4


def latent_to_text(latent: Latent) -> str:
    """``latent`` as JSON. Raises SetError for a point that builds on too many others to keep."""
    if latent.depth > MAX_DEPTH:
        raise SetError("the idea builds on too many others to be saved")
    places: dict[Latent, int] = {}
    nodes: list[list[Any]] = []
    waiting: list[Latent] = [latent]
    while waiting:
        point = waiting[-1]
        missing = [child for child in _children(point) if child not in places]
        if missing:
            waiting += missing
            continue
        waiting.pop()
        if point not in places:
            places[point] = len(nodes)
            nodes.append(_node(point, [places[child] for child in _children(point)]))
            if len(nodes) > _MAX_NODES:
                raise SetError("the idea builds on too many others to be saved")
    return json.dumps(nodes, separators=(",", ":"), allow_nan=False)


def latent_from_text(text: str) -> Latent:
    """The point that ``latent_to_text`` wrote. Raises SetError where it makes no sense."""
    points: list[Latent] = []
    try:
        nodes = json.loads(text)
        if not isinstance(nodes, list) or not 0 < len(nodes) <= _MAX_NODES:
            raise ValueError
        for kind, *arguments in nodes:
            points.append(_READERS[kind](points, *arguments))
            if points[-1].depth > MAX_DEPTH:
                raise ValueError
    except (ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
        raise SetError(f"{text[:40]!r} is no idea that livevae has written") from error
    return points[-1]


def _children(point: Latent) -> tuple[Latent, ...]:
    match point:
        case Near(centre) | Moved(centre):
            return (centre,)
        case Slerp(start, end):
            return (start, end)
        case Grafted(stem, scion):
            return (stem, scion)
        case Corners(corners):
            return corners
    return ()


def _node(point: Latent, children: list[int]) -> list[Any]:
    match point:
        case Prior(seed):
            return ["prior", seed]
        case Encoded(parts, bars, chords):
            played = ["played", bars, [[part, [_row(note) for note in notes]] for part, notes in parts]]
            return [*played, [_pair(chord) for chord in chords]] if chords else played
        case Near(_, amount, seed):
            return ["near", *children, amount, seed]
        case Slerp(_, _, fraction):
            return ["slerp", *children, fraction]
        case Corners(_, x, y):
            return ["corners", *children, x, y]
        case Moved(_, amounts):
            return ["moved", *children, [list(pair) for pair in amounts]]
        case Grafted(_, _, parts, from_bar):
            return ["grafted", *children, list(parts), from_bar]


def _row(note: Note) -> list[int]:
    return [note.onset_ticks, note.duration_ticks, note.pitch, note.velocity]


def _pair(chord: Chord | None) -> list[int] | None:
    return None if chord is None else [chord.tones, chord.bass]


def _prior(points: list[Latent], seed: Any) -> Latent:
    return Prior(_whole(seed))


def _played(points: list[Latent], bars: Any, parts: Any, chords: Any = ()) -> Latent:
    notes = [(_word(part), tuple(Note(*map(_whole, row)) for row in rows)) for part, rows in parts]
    under = tuple(None if pair is None else Chord(*map(_whole, pair)) for pair in chords)
    return Encoded(tuple(notes), _whole(bars), under)


def _near(points: list[Latent], centre: Any, amount: Any, seed: Any) -> Latent:
    return Near(_earlier(points, centre), _share(amount), _whole(seed))


def _slerp(points: list[Latent], start: Any, end: Any, fraction: Any) -> Latent:
    return Slerp(_earlier(points, start), _earlier(points, end), _share(fraction))


def _corners(points: list[Latent], *arguments: Any) -> Latent:
    near_left, near_right, far_left, far_right, x, y = arguments
    corners = (near_left, near_right, far_left, far_right)
    a, b, c, d = (_earlier(points, corner) for corner in corners)
    return Corners((a, b, c, d), _share(x), _share(y))


def _moved(points: list[Latent], centre: Any, amounts: Any) -> Latent:
    pairs = [(_word(name), _number(amount)) for name, amount in amounts]
    return Moved(_earlier(points, centre), tuple(pairs))


def _grafted(points: list[Latent], stem: Any, scion: Any, parts: Any, from_bar: Any) -> Latent:
    names = tuple(_word(part) for part in parts)
    return Grafted(_earlier(points, stem), _earlier(points, scion), names, _whole(from_bar))


_READERS: dict[str, Callable[..., Latent]] = {
    "prior": _prior,
    "played": _played,
    "near": _near,
    "slerp": _slerp,
    "corners": _corners,
    "moved": _moved,
    "grafted": _grafted,
}


def _earlier(points: list[Latent], place: Any) -> Latent:
    if not 0 <= _whole(place) < len(points):
        raise ValueError(place)
    point: Latent = points[place]
    return point


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(value)
    return value


def _share(value: Any) -> float:
    """A number from 0 to 1."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError(value)
    return float(value)


def _number(value: Any) -> float:
    """Any finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(value)
    return float(value)


def _word(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value
