"""Every question to the models gets exactly one answer, whatever becomes of their process."""

from __future__ import annotations

import queue
from multiprocessing import Pipe

from livevae.core.events import ModelAnswer, ModelFailed
from livevae.core.latents import ModelRequest, Prior
from livevae.inference_messages import LoadModels, MapDrawn, ModelsLoaded
from livevae.timekeeper.model_line import MAX_OPEN_QUESTIONS, ModelLine

PATIENCE_S = 20.0


def question(number: int) -> ModelRequest:
    return ModelRequest(number, "model", Prior(number), 0, 0, 1.0)


class Line:
    """A line and the other end of its pipe."""

    def __init__(self) -> None:
        ours, self.models = Pipe()
        self.answers: queue.Queue[ModelAnswer | ModelFailed] = queue.Queue()
        self.loaded: queue.Queue[ModelsLoaded | MapDrawn] = queue.Queue()
        self.line = ModelLine(ours, self.answers.put, self.loaded.put)
        self.line.start()

    def next_answer(self) -> ModelAnswer | ModelFailed:
        return self.answers.get(timeout=PATIENCE_S)


def test_an_answer_comes_back() -> None:
    rig = Line()
    rig.line.ask(question(1))
    assert rig.models.recv() == question(1)
    rig.models.send(ModelAnswer(1, ()))
    assert rig.next_answer() == ModelAnswer(1, ())
    rig.models.close()


def test_a_process_that_dies_fails_what_was_asked() -> None:
    rig = Line()
    rig.line.ask(question(1))
    rig.line.ask(question(2))
    rig.models.recv()
    rig.models.close()
    failed = {rig.next_answer().request_id, rig.next_answer().request_id}
    assert failed == {1, 2}
    rig.line.ask(question(3))
    assert isinstance(rig.next_answer(), ModelFailed)
    assert rig.answers.empty()


def test_questions_do_not_pile_up() -> None:
    rig = Line()
    for number in range(MAX_OPEN_QUESTIONS + 1):
        rig.line.ask(question(number))
    refused = rig.next_answer()
    assert isinstance(refused, ModelFailed)
    assert refused.request_id == MAX_OPEN_QUESTIONS
    rig.models.close()


def test_a_new_process_takes_over() -> None:
    rig = Line()
    rig.line.ask(question(1))
    ours, new_models = Pipe()
    rig.line.reconnect(ours)
    assert isinstance(rig.next_answer(), ModelFailed)
    rig.line.ask(question(2))
    assert new_models.recv() == question(2)
    new_models.send(ModelAnswer(2, ()))
    assert rig.next_answer() == ModelAnswer(2, ())
    for pipe in (rig.models, new_models):
        pipe.close()


def test_an_answer_nobody_waits_for_is_let_go() -> None:
    rig = Line()
    rig.models.send(ModelAnswer(99, ()))
    rig.line.ask(question(1))
    rig.models.recv()
    rig.models.send(ModelAnswer(1, ()))
    assert rig.next_answer() == ModelAnswer(1, ())
    rig.models.close()


def test_loaded_models_are_reported() -> None:
    rig = Line()
    rig.line.load(LoadModels(("a.onnx",)))
    assert rig.models.recv() == LoadModels(("a.onnx",))
    rig.models.send(ModelsLoaded(()))
    assert rig.loaded.get(timeout=PATIENCE_S) == ModelsLoaded(())
    rig.models.close()
