"""A map is asked for when something on it has changed, once a second at most, and put together again."""

from __future__ import annotations

from livevae.core.effects import BarDecided, SlotChanged
from livevae.core.latents import Latent, Prior
from livevae.core.performance import ModelInfo, PartSpec, Performance
from livevae.inference_messages import DrawMap, MapDrawn
from livevae.latent_map import LatentMap, Message
from tests.commands.snapshots import snapshot

PERFORMANCE = Performance(
    "test",
    (PartSpec("melody", "m", "melody"), PartSpec("bass", "m", "bass"), PartSpec("beat", "d", "drums")),
    (ModelInfo("m", 2, ("melody", "bass")), ModelInfo("d", 2, ("drums",))),
)


class Stage:
    def __init__(self) -> None:
        self.asked: list[DrawMap] = []
        self.shown: list[Message] = []
        self.map = LatentMap(PERFORMANCE, self.asked.append, self.shown.append)

    def pass_time(self, snapshots: int = 10) -> None:
        for _ in range(snapshots):
            self.map.report(snapshot())

    def keep(self, model: str, slot: int, latent: Latent | None) -> None:
        self.map.report(SlotChanged(0, model, slot, "", latent))

    def decide(self, part: str, bar: int, idea: Latent | None) -> None:
        self.map.report(BarDecided(0, part, bar, (), idea))


def test_nothing_changed_nothing_asked() -> None:
    stage = Stage()
    stage.pass_time(100)
    stage.decide("melody", 0, None)  # it only listens
    stage.decide("flute", 0, Prior(1))
    stage.keep("other", 1, Prior(1))
    stage.pass_time(100)
    assert stage.asked == []


def test_kept_ideas_draw_the_map_and_the_ways_lie_on_it() -> None:
    stage = Stage()
    for slot in (7, 2, 5):
        stage.keep("m", slot, Prior(slot))
    for bar in range(3):
        stage.decide("bass", bar, Prior(100 + bar // 2))  # two bars of one idea are one place
    stage.pass_time()
    (asked,) = stage.asked
    assert (asked.model, asked.anchors) == ("m", 3)
    assert asked.points == (Prior(2), Prior(5), Prior(7), Prior(100), Prior(101))
    places = tuple((number / 10, 0.123456) for number in range(5))
    stage.map.report(MapDrawn(asked.serial, places))
    assert stage.shown == [
        {
            "is": "map",
            "model": "m",
            "slots": [[2, 0.0, 0.1235], [5, 0.1, 0.1235], [7, 0.2, 0.1235]],
            "trails": {"melody": [], "bass": [[0.3, 0.1235], [0.4, 0.1235]]},
        }
    ]


def test_each_model_has_its_map_and_an_old_answer_is_not_shown() -> None:
    stage = Stage()
    stage.keep("m", 1, Prior(1))
    stage.keep("d", 1, Prior(2))
    stage.pass_time(20)
    stage.keep("m", 1, Prior(3))
    stage.pass_time()
    assert [asked.model for asked in stage.asked] == ["m", "d", "m"]
    for asked in stage.asked:
        stage.map.report(MapDrawn(asked.serial, ((0.5, 0.5),)))
    assert [shown["model"] for shown in stage.shown] == ["d", "m"]


def test_a_busy_palette_is_drawn_once_a_second() -> None:
    stage = Stage()
    for turn in range(50):
        stage.keep("m", 1, Prior(turn))
        stage.pass_time(1)
    assert len(stage.asked) == 5


def test_an_emptied_slot_leaves_the_map() -> None:
    stage = Stage()
    stage.keep("m", 1, Prior(1))
    stage.keep("m", 1, None)
    stage.pass_time()
    assert stage.asked[0].points == ()
