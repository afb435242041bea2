"""The inside of the inference process: one inbox, worked through in order.

Two threads feed the inbox: one takes messages off the pipe, one opens model files. Opening takes a tenth of
a second, most of it outside Python, and bars that are asked for meanwhile are answered all the same: a change
of preset costs no bar of the preset still playing.
"""

from __future__ import annotations

import contextlib
import gc
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from livevae.core.latents import ModelRequest
from livevae.errors import LivevaeError
from livevae.inference import Inference, warm_up
from livevae.inference_messages import (
    DrawMap,
    Forget,
    FromInference,
    Leave,
    LoadedModel,
    LoadModels,
    MapDrawn,
    ModelsLoaded,
    RefusedModel,
    ToInference,
)

if TYPE_CHECKING:
    from livevae.felt_bars import Model
    from livevae.inference import Pipe

LEAVING_LIMIT_S = (
    5.0  # a model being opened is let finish: a runtime cut off half-way may crash on its way out
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A model that is open and warm, but cannot be asked yet; ``model`` is None if it could be before."""

    model: Model | None
    loaded: LoadedModel


@dataclass(frozen=True, slots=True)
class OrderDone:
    """What came of one ``LoadModels``."""

    models: tuple[Opened | RefusedModel, ...]


Inbox = SimpleQueue[ToInference | OrderDone]
Orders = SimpleQueue[LoadModels | None]


def serve(pipe: Pipe, paths: Sequence[str], device: str = "cpu") -> None:
    """What ``inference_process_main`` does, in the calling thread; returns when it is over."""
    inbox: Inbox = SimpleQueue()
    inbox.put(LoadModels(tuple(paths)))
    threading.Thread(target=_listen, args=(pipe, inbox), name="listen", daemon=True).start()
    orders: Orders = SimpleQueue()
    inference = Inference(device=device)
    opener = threading.Thread(
        target=open_models, args=(inference, orders, inbox.put), name="open models", daemon=True
    )
    opener.start()
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # nobody is left to answer to
        Worker(inbox, orders, pipe.send, inference).work()
    orders.put(None)
    opener.join(LEAVING_LIMIT_S)


def _listen(pipe: Pipe, inbox: Inbox) -> None:
    with contextlib.suppress(EOFError, OSError):
        while True:
            inbox.put(pipe.recv())
    inbox.put(Leave())


def open_models(inference: Inference, orders: Orders, done: Callable[[OrderDone], None]) -> None:
    """Opens what is ordered, order by order, until an order is None."""
    opened: dict[Path, LoadedModel] = {}
    while (order := orders.get()) is not None:
        results: list[Opened | RefusedModel] = []
        for path in order.paths:
            file = Path(path).resolve()
            model = None
            try:
                if file not in opened:
                    model = inference.open(file)
                    opened[file] = LoadedModel(path, model.info, *warm_up(model))
                known = opened[file]
                results.append(
                    Opened(model, LoadedModel(path, known.info, known.bar_p50_ns, known.bar_p95_ns))
                )
            except LivevaeError as error:
                results.append(RefusedModel(path, str(error)))
        done(OrderDone(tuple(results)))


class Worker:
    """Answers what is in the inbox until it finds a ``Leave``.

    orders: takes what the opening thread is to open. send: is given the answers; may block.
    """

    def __init__(
        self, inbox: Inbox, orders: Orders, send: Callable[[FromInference], None], inference: Inference
    ) -> None:
        self._inbox = inbox
        self._orders = orders
        self._send = send
        self._inference = inference
        self._asked: deque[ModelRequest] = deque()
        self._orders_open = 0
        self._maps: dict[str, Iterator[MapDrawn | None]] = {}  # being drawn, by model

    def work(self) -> None:
        """Reads everything that has come before each answer, so that what was taken back is not begun."""
        while True:
            request = self._next_request()
            if request is not None and self._inbox.empty():
                self._asked.remove(request)
                self._send(self._inference.answer(request))
                continue
            if self._maps and request is None and self._inbox.empty():
                self._draw_on(next(iter(self._maps)))
                continue
            message = self._inbox.get()
            if isinstance(message, Leave):
                return
            self._take(message)

    def _next_request(self) -> ModelRequest | None:
        """The oldest request, but one that names a model still being opened has to wait."""
        for request in self._asked:
            if not self._orders_open or self._inference.can_answer(request):
                return request
        return None

    def _draw_on(self, model: str) -> None:
        """Do a little more of a map; one that cannot be drawn is given up."""
        try:
            drawn = next(self._maps[model])
        except Exception:  # StopIteration, or whatever a model says to a point it cannot take
            del self._maps[model]
            return
        if drawn is not None:
            self._send(drawn)

    def _take(self, message: ModelRequest | Forget | LoadModels | DrawMap | OrderDone) -> None:
        match message:
            case ModelRequest():
                self._asked.append(message)
            case Forget(request_ids):
                self._asked = deque(r for r in self._asked if r.request_id not in request_ids)
            case DrawMap():
                self._maps[message.model] = self._inference.draw(message)
            case LoadModels():
                self._orders_open += 1
                self._orders.put(message)
            case OrderDone(models):
                self._orders_open -= 1
                self._send(self._taken_in(models))

    def _taken_in(self, models: Sequence[Opened | RefusedModel]) -> ModelsLoaded:
        loaded: list[LoadedModel] = []
        refused: list[RefusedModel] = []
        for result in models:
            if isinstance(result, RefusedModel):
                refused.append(result)
                continue
            path = result.loaded.path
            try:
                if result.model is not None:
                    self._inference.adopt(path, result.model)
                loaded.append(result.loaded)
            except LivevaeError as error:
                refused.append(RefusedModel(path, str(error)))
        gc.collect()
        gc.freeze()  # models stay for good: later collections need not look at them
        return ModelsLoaded(tuple(loaded), tuple(refused))
