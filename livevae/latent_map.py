"""The map of each model's latent space: where its kept ideas lie, and which way each part came."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from livevae.core.effects import BarDecided, SlotChanged
from livevae.core.latents import Latent
from livevae.core.performance import Performance
from livevae.engine import News
from livevae.inference_messages import DrawMap, MapDrawn
from livevae.snapshot import Snapshot

_TRAIL = 12  # bars of each part's way that are shown
_AT_MOST_EVERY = 10  # snapshots: once a second
_PLACES = 4  # decimals: finer than any screen

Message = dict[str, Any]


class LatentMap:
    """Has a map drawn whenever something on it has changed; a watcher of ``livevae.control.Control``.

    draw: asks for a map, of which ``MapDrawn`` is reported later. show: gets it for the page:
    {"is": "map", "model", "slots": [[slot, x, y]], "trails": {part: [[x, y]], oldest first}}.
    """

    def __init__(
        self, performance: Performance, draw: Callable[[DrawMap], None], show: Callable[[Message], None]
    ) -> None:
        self._draw, self._show = draw, show
        self._models = {part.name: part.model for part in performance.parts}
        self._slots: dict[str, dict[int, Latent]] = {model: {} for model in self._models.values()}
        self._trails: dict[str, deque[Latent]] = {part: deque(maxlen=_TRAIL) for part in self._models}
        self._changed: dict[str, None] = {}
        # model -> serial of the map it waits for, the slots on it, and how long each part's way is
        self._asked: dict[str, tuple[int, list[int], list[tuple[str, int]]]] = {}
        self._serial = 0
        self._wait = 0

    def report(self, news: News) -> None:
        """Note down what lies where; ask for a map, or hand one on."""
        match news:
            case SlotChanged(_, model, slot, _, latent) if model in self._slots:
                self._slots[model].pop(slot, None)
                if latent is not None:
                    self._slots[model][slot] = latent
                self._changed[model] = None
            case BarDecided(_, part, _, _, idea) if idea is not None and part in self._trails:
                trail = self._trails[part]
                if not trail or trail[-1] != idea:
                    trail.append(idea)
                    self._changed[self._models[part]] = None
            case MapDrawn(serial, places):
                self._drawn(serial, places)
            case Snapshot():
                self._wait -= 1
                if self._changed and self._wait <= 0:
                    self._wait = _AT_MOST_EVERY
                    self._ask(next(iter(self._changed)))

    def _ask(self, model: str) -> None:
        del self._changed[model]
        slots = sorted(self._slots[model])
        points = [self._slots[model][slot] for slot in slots]
        trails: list[tuple[str, int]] = []
        for part, trail in self._trails.items():
            if self._models[part] == model:
                trails.append((part, len(trail)))
                points += trail
        self._serial += 1
        self._asked[model] = (self._serial, slots, trails)
        # with too few slots to span a map, the way the parts came draws it
        anchors = len(slots) if len(slots) > 2 else len(points)
        self._draw(DrawMap(self._serial, model, tuple(points), anchors))

    def _drawn(self, serial: int, places: tuple[tuple[float, float], ...]) -> None:
        model = next((model for model, (wanted, *_) in self._asked.items() if wanted == serial), None)
        if model is None:
            return  # an older one, out of date
        _, slots, trails = self._asked.pop(model)
        rounded = [[round(x, _PLACES), round(y, _PLACES)] for x, y in places]
        shown: Message = {
            "is": "map",
            "model": model,
            "slots": [[slot, *place] for slot, place in zip(slots, rounded, strict=False)],
            "trails": {},
        }
        first = len(slots)
        for part, length in trails:
            shown["trails"][part] = rounded[first : first + length]
            first += length
        self._show(shown)
