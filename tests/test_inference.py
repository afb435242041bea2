"""The models at work: requests in, bars out, in this process and over a pipe."""

from __future__ import annotations

import multiprocessing
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livevae.adapters.onnx_model import OnnxModel
from livevae.core.events import ModelAnswer, ModelFailed
from livevae.core.latents import Encoded, Latent, ModelRequest, Near, Prior, Slerp
from livevae.core.notes import Note
from livevae.core.performance import ModelInfo
from livevae.errors import ModelError
from livevae.felt_bars import Model
from livevae.inference import Inference, inference_process_main, percentile, warm_up
from livevae.inference_messages import DrawMap, Forget, Leave, LoadModels, MapDrawn, ModelsLoaded
from livevae.inference_worker import Inbox, Orders, Worker, open_models
from livevae.phrase_model import PhraseModel
from livevae.units import TICKS_PER_BAR, TICKS_PER_BEAT

FAKES = Path(__file__).parent / "fixtures"
MELODY, DRUMS, TRIO = (FAKES / f"fake_{name}.onnx" for name in ("melody", "drums", "trio"))
ANSWER_LIMIT_S = 60  # a machine that takes longer has hung


SOMEWHERE = Prior(5)


def request(request_id: int = 1, latent: Latent = SOMEWHERE, **changes: Any) -> ModelRequest:
    return replace(ModelRequest(request_id, "fake_trio", latent, 0, noise_seed=3, temperature=1.0), **changes)


def answered(inference: Inference, asked: ModelRequest) -> ModelAnswer:
    answer = inference.answer(asked)
    assert isinstance(answer, ModelAnswer), answer
    return answer


@pytest.fixture(scope="module")
def inference() -> Inference:
    return Inference([MELODY, DRUMS, TRIO])


def test_models_are_listed_as_the_core_knows_them(inference: Inference) -> None:
    assert inference.models == (
        ModelInfo("fake_melody", 2, ("melody",), ("brightness",)),
        ModelInfo("fake_drums", 2, ("drums",), ("brightness",)),
        ModelInfo("fake_trio", 4, ("melody", "bass", "drums"), ("brightness",)),
    )


PLAYED = Encoded((("melody", (Note(0, TICKS_PER_BEAT, 60, 90),)),), bars=1)


@pytest.mark.parametrize("model", ["fake_melody", "fake_drums", "fake_trio"])
@pytest.mark.parametrize(
    "latent",
    [Prior(1), PLAYED, Near(PLAYED, 0.3, 9), Slerp(PLAYED, Prior(2), 0.5)],
    ids=lambda x: type(x).__name__,
)
def test_every_kind_of_point_is_answered_with_a_bar_of_every_part(
    inference: Inference, model: str, latent: Latent
) -> None:
    for bar in range(2):
        answer = answered(inference, request(7, latent, model=model, bar_in_plan=bar))
        assert answer.request_id == 7
        info = next(info for info in inference.models if info.name == model)
        assert tuple(part.part for part in answer.parts) == info.parts
        assert all(part.notes for part in answer.parts)


def test_equal_requests_get_equal_bars_from_another_process_start(inference: Inference) -> None:
    again = Inference([TRIO])
    for bar in (3, 0, 2):  # in any order
        asked = request(bar_in_plan=bar, latent=Near(PLAYED, 0.5, 1))
        assert answered(again, asked).parts == answered(inference, asked).parts


def test_other_noise_or_temperature_or_point_gives_other_notes(inference: Inference) -> None:
    bars = {
        answered(inference, asked).parts
        for asked in (request(), request(noise_seed=4), request(temperature=0.0), request(latent=Prior(6)))
    }
    assert len(bars) == 4


def test_at_temperature_0_noise_does_not_matter(inference: Inference) -> None:
    cold = [answered(inference, request(noise_seed=seed, temperature=0.0)).parts for seed in (1, 2)]
    assert cold[0] == cold[1]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (request(model="nobody"), "no model 'nobody' is loaded; loaded: fake_melody, fake_drums, fake_trio"),
        (request(bar_in_plan=4), "bar 4 of a phrase of 4 bars"),
        (request(bar_in_plan=-1), "bar -1"),
        (request(latent=None), "cannot write this bar"),  # type: ignore[arg-type]
        (request(temperature="hot"), "cannot write this bar"),
    ],
)
def test_what_cannot_be_answered_is_a_sentence(inference: Inference, asked: ModelRequest, says: str) -> None:
    answer = inference.answer(asked)
    assert isinstance(answer, ModelFailed)
    assert answer.request_id == asked.request_id
    assert says in answer.reason


NOTES = st.lists(
    st.builds(
        Note,
        onset_ticks=st.integers(-TICKS_PER_BEAT, 5 * TICKS_PER_BAR),
        duration_ticks=st.integers(1, 5 * TICKS_PER_BAR),
        pitch=st.integers(0, 127),
        velocity=st.integers(1, 127),
    ),
    max_size=12,
).map(tuple)


@given(
    st.sampled_from(["fake_melody", "fake_drums", "fake_trio"]),
    st.lists(st.tuples(st.sampled_from(["melody", "bass", "drums", "tuba"]), NOTES), max_size=4).map(tuple),
    st.integers(1, 20),
    st.floats(0.0, 1.0),
    st.integers(0, 2**64 - 1),
    st.floats(0.0, 2.0),
)
def test_whatever_is_played_is_answered_within_its_bar(
    inference: Inference,
    model: str,
    parts: tuple[tuple[str, tuple[Note, ...]], ...],
    bars: int,
    amount: float,
    seed: int,
    temperature: float,
) -> None:
    latent = Near(Encoded(parts, bars), amount, seed)
    asked = request(1, latent, model=model, noise_seed=seed, bar_in_plan=1, temperature=temperature)
    for part in answered(inference, asked).parts:
        assert 0 <= part.tie_ticks <= TICKS_PER_BAR
        assert all(0 <= n.onset_ticks < n.onset_ticks + n.duration_ticks <= TICKS_PER_BAR for n in part.notes)


def test_bottomless_expressions_do_not_bring_the_show_down(inference: Inference) -> None:
    latent: Latent = Prior(0)
    for seed in range(20_000):
        latent = Near(latent, 0.1, seed)
    assert isinstance(inference.answer(request(latent=latent)), ModelFailed)


def test_a_model_is_opened_once(inference: Inference) -> None:
    before = inference.models
    assert inference.load(TRIO) == before[2]
    assert inference.models == before


def test_two_files_cannot_hold_models_of_one_name(inference: Inference, tmp_path: Path) -> None:
    copy = tmp_path / "copy.onnx"
    copy.write_bytes(TRIO.read_bytes())
    with pytest.raises(ModelError, match="both models called 'fake_trio'"):
        inference.load(copy)


def test_warm_up_says_how_long_a_bar_takes() -> None:
    p50_ns, p95_ns = warm_up(PhraseModel(OnnxModel(TRIO)), calls=5)
    assert 0 < p50_ns <= p95_ns


def test_percentiles_are_values_that_were_measured() -> None:
    assert percentile([30, 10, 20], 50) == 20
    assert percentile(range(1, 101), 95) == 95
    assert percentile([4], 99) == 4


def test_naming_the_messages_costs_neither_numpy_nor_a_runtime() -> None:
    program = (
        "import sys, livevae.inference, livevae.inference_messages; "
        "print([m for m in ('numpy', 'onnxruntime') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# --- the process ------------------------------------------------------------------------------


Pipe = Any  # multiprocessing's Connection is generic for type checkers only
Process = tuple[multiprocessing.process.BaseProcess, Pipe]


def receive(pipe: Pipe) -> Any:
    assert pipe.poll(ANSWER_LIMIT_S), "the inference process says nothing"
    return pipe.recv()


@pytest.fixture
def process() -> Iterator[Process]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(
        target=inference_process_main, args=(theirs, (str(TRIO), "missing.onnx")), daemon=True
    )
    child.start()
    theirs.close()
    yield child, ours
    ours.close()
    child.join(ANSWER_LIMIT_S)
    if child.is_alive():
        child.kill()
        child.join()
        pytest.fail("the inference process did not end with its pipe")


def test_the_process_is_ready_answers_in_order_loads_more_and_leaves(
    process: Process, inference: Inference
) -> None:
    child, pipe = process
    ready = receive(pipe)
    assert isinstance(ready, ModelsLoaded)
    assert [(model.path, model.info.name) for model in ready.models] == [(str(TRIO), "fake_trio")]
    assert 0 < ready.models[0].bar_p50_ns <= ready.models[0].bar_p95_ns
    assert [(model.path, model.reason) for model in ready.refused] == [
        ("missing.onnx", f"there is no model file {Path('missing.onnx').resolve()}")
    ]

    asked = [request(number, bar_in_plan=number % 4) for number in range(20)]
    for one in asked:
        pipe.send(one)
    assert [receive(pipe).parts for _ in asked] == [answered(inference, one).parts for one in asked]

    pipe.send(request(50, model="fake_melody"))
    assert isinstance(receive(pipe), ModelFailed)
    pipe.send(LoadModels((str(MELODY), str(TRIO))))
    pipe.send(request(51, model="fake_melody"))
    assert [model.info.name for model in receive(pipe).models] == ["fake_melody", "fake_trio"]
    assert receive(pipe).request_id == 51

    pipe.send(Leave())
    child.join(ANSWER_LIMIT_S)
    assert child.exitcode == 0


def test_the_process_ends_when_its_pipe_closes(process: Process) -> None:
    child, pipe = process
    receive(pipe)
    pipe.close()
    child.join(ANSWER_LIMIT_S)
    assert child.exitcode == 0


class SlowToOpen(Inference):
    """Opens nothing until it may."""

    def __init__(self, paths: Iterable[Path]) -> None:
        super().__init__()
        self.may_open = threading.Event()
        self.may_open.set()
        for path in paths:
            self.load(path)
        self.may_open.clear()

    def open(self, path: Path | str) -> Model:
        assert self.may_open.wait(ANSWER_LIMIT_S)
        return super().open(path)


def worked_through(
    *messages: Any, inference: Inference, answers: int, after: Callable[[int], None] = lambda _: None
) -> list[Any]:
    """What a worker says to messages that are all there before it begins; it leaves after ``answers``.

    after: is told how many messages have been said.
    """
    inbox: Inbox = SimpleQueue()
    orders: Orders = SimpleQueue()
    said: list[Any] = []

    def send(message: Any) -> None:
        said.append(message)
        after(len(said))
        if len(said) == answers:
            inbox.put(Leave())

    for message in messages:
        inbox.put(message)
    if not answers:
        inbox.put(Leave())
    opener = threading.Thread(target=open_models, args=(inference, orders, inbox.put))
    opener.start()
    Worker(inbox, orders, send, inference).work()
    orders.put(None)
    opener.join()
    return said


def test_forgotten_requests_are_never_answered(inference: Inference) -> None:
    asked = (request(1), request(2), request(3), Forget(frozenset({1, 3, 99})))
    said = worked_through(*asked, inference=inference, answers=1)
    assert [answer.request_id for answer in said] == [2]


def test_leaving_answers_nothing_more(inference: Inference) -> None:
    assert worked_through(request(1), request(2), inference=inference, answers=0) == []


def test_a_request_for_a_model_being_opened_waits_and_holds_up_nobody() -> None:
    asked = (LoadModels((str(MELODY),)), request(1, model="fake_melody"), request(2), request(3))
    slow = SlowToOpen([TRIO])

    def open_after_two(count: int) -> None:
        if count == 2:
            slow.may_open.set()

    said = worked_through(*asked, inference=slow, answers=4, after=open_after_two)
    assert [answer.request_id for answer in (said[0], said[1], said[3])] == [2, 3, 1]
    assert [model.info.name for model in said[2].models] == ["fake_melody"]


def test_a_model_of_a_taken_name_is_refused_and_the_others_stay(tmp_path: Path) -> None:
    copy = tmp_path / "copy.onnx"
    copy.write_bytes(TRIO.read_bytes())
    order = LoadModels((str(copy), str(DRUMS)))
    (said,) = worked_through(order, inference=Inference([TRIO]), answers=1)
    assert [model.info.name for model in said.models] == ["fake_drums"]
    assert [model.path for model in said.refused] == [str(copy)]


def test_a_map_is_drawn_when_no_bar_is_asked_for(inference: Inference) -> None:
    ideas = tuple(Prior(seed) for seed in range(5))
    asked = (
        DrawMap(1, "fake_trio", ideas, 5),  # out of date before it is begun
        DrawMap(2, "fake_trio", (*ideas, PLAYED), 5),
        DrawMap(3, "fake_melody", ideas, 5),
        request(1),
        request(2),
    )
    first, second, *maps = worked_through(*asked, inference=inference, answers=4)
    assert [first.request_id, second.request_id] == [1, 2]
    assert [(drawn.serial, len(drawn.places)) for drawn in maps] == [(2, 6), (3, 5)]
    assert all(0 <= place <= 1 for drawn in maps for places in drawn.places for place in places)


def test_a_map_that_cannot_be_drawn_holds_up_nothing(inference: Inference) -> None:
    endless: Latent = Prior(1)
    for seed in range(3000):
        endless = Near(endless, 0.5, seed)
    asked = (
        DrawMap(1, "no such model", (Prior(1),), 1),
        DrawMap(2, "fake_trio", (endless,), 1),
        DrawMap(3, "fake_drums", (), 0),
        DrawMap(4, "fake_melody", (Prior(1),), 1),
    )
    (drawn,) = worked_through(*asked, inference=inference, answers=1)
    assert drawn == MapDrawn(4, ((0.5, 0.5),))


def test_messages_survive_the_pipe() -> None:
    for message in (request(), Forget(frozenset({1})), LoadModels(("a",)), Leave(), ModelsLoaded(())):
        assert pickle.loads(pickle.dumps(message)) == message
