"""The timekeeper's line to the inference process: questions out, answers in, and no silence in between.

Every question gets exactly one answer: if the process dies with questions open, or lets them pile up, the
performer hears that they failed and its rule for late bars applies.
"""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing.connection import Connection

from livevae.core.events import ModelAnswer, ModelFailed
from livevae.core.latents import ModelRequest
from livevae.inference_messages import DrawMap, FromInference, LoadModels, MapDrawn, ModelsLoaded, ToInference
from livevae.timekeeper.couriers import Sender, listen

MAX_OPEN_QUESTIONS = 64  # more than a set of sixteen parts asks in four bars: the process is stuck


class ModelLine:
    """Asks the inference process and hands on what it says.

    answered: gets answers and failures, from another thread.
    loaded: gets the models that were loaded and the maps that were drawn, from another thread.

    Thread-safe: yes. Real-time-safe: ``ask`` never waits.
    """

    def __init__(
        self,
        pipe: Connection,
        answered: Callable[[ModelAnswer | ModelFailed], None],
        loaded: Callable[[ModelsLoaded | MapDrawn], None],
    ) -> None:
        self._answered = answered
        self._loaded = loaded
        self._connect(pipe)

    def _connect(self, pipe: Connection) -> None:
        self._open: dict[int, bool] = {}  # a dict, because its pop is one step for every thread
        self._pipe = pipe
        self._sender: Sender[ToInference] = Sender(pipe, 2 * MAX_OPEN_QUESTIONS, batched=False)
        self._is_up = True

    def start(self) -> None:
        """Begin to talk."""
        pipe = self._pipe
        self._sender.start()
        listen(pipe, self._heard, lambda: self._hung_up(pipe))

    def ask(self, request: ModelRequest) -> None:
        """Put a question, or say at once that it cannot be put."""
        if not self._is_up:
            self._fail(request.request_id, "The model's process has stopped.")
        elif len(self._open) >= MAX_OPEN_QUESTIONS:
            self._fail(request.request_id, "The model's process does not keep up.")
        else:
            self._open[request.request_id] = True
            self._sender.post(request)

    def load(self, order: LoadModels) -> None:
        """Have more models opened."""
        self._sender.post(order)

    def draw(self, order: DrawMap) -> None:
        """Have a map drawn when there is time; nothing comes of it where there is no process."""
        self._sender.post(order)

    def reconnect(self, pipe: Connection) -> None:
        """Go on with a new process."""
        self._hung_up(self._pipe)
        self._connect(pipe)
        self.start()

    def _heard(self, message: FromInference) -> None:
        if isinstance(message, ModelsLoaded | MapDrawn):
            self._loaded(message)
            return
        if self._open.pop(message.request_id, False):
            self._answered(message)

    def _hung_up(self, pipe: Connection) -> None:
        if pipe is not self._pipe or not self._is_up:
            return
        self._is_up = False
        self._sender.close(0.0)
        for request_id in tuple(self._open):
            if self._open.pop(request_id, False):
                self._fail(request_id, "The model's process stopped before it answered.")

    def _fail(self, request_id: int, reason: str) -> None:
        self._answered(ModelFailed(request_id, reason))
