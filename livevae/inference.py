"""Answers the core's requests to its models: in this process, or as a process of its own.

Numpy and ONNX Runtime are imported when the first model is opened, so that the main process and the
timekeeper can name what is here without the weight of either.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from livevae.core.events import ModelAnswer, ModelFailed
from livevae.core.latents import ModelRequest
from livevae.core.performance import ModelInfo
from livevae.errors import ModelError
from livevae.inference_messages import DrawMap, MapDrawn

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from livevae.felt_bars import Model
    from livevae.inference_messages import FromInference, ToInference

    Pipe = Connection[FromInference, ToInference]

WARM_UP_CALLS = 8  # enough for the allocator and the caches; more would only delay the first bar


class Inference:
    """Opens models and answers requests, one at a time.

    device: ``cpu`` or ``cuda``. Not thread-safe.
    """

    def __init__(self, paths: Iterable[Path | str] = (), device: str = "cpu") -> None:
        """Opens ``paths``; raises ModelError or SetupError at the first that cannot be."""
        self._device = device
        self._models: dict[str, Model] = {}
        self._names: dict[Path, str] = {}
        for path in paths:
            self.load(path)

    @property
    def models(self) -> tuple[ModelInfo, ...]:
        """The open models, in the order they were opened."""
        return tuple(model.info for model in self._models.values())

    def load(self, path: Path | str) -> ModelInfo:
        """Opens one more model; one already open is kept as it is.

        Raises ModelError, also when another file's model has the same name, or SetupError.
        """
        name = self._names.get(Path(path).resolve())
        return self.adopt(path, self.open(path)) if name is None else self._models[name].info

    def open(self, path: Path | str) -> Model:
        """The model of a file, not yet among those that can be asked. Raises ModelError or SetupError.

        Thread-safe: yes, and other threads run on meanwhile.
        """
        from livevae.adapters.onnx_model import OnnxModel
        from livevae.felt_bars import Groover
        from livevae.phrase_model import PhraseModel

        model = OnnxModel(Path(path).resolve(), self._device)
        return Groover(model) if model.manifest.info().grooves else PhraseModel(model)

    def adopt(self, path: Path | str, model: Model) -> ModelInfo:
        """Makes a model opened from ``path`` one that can be asked; ModelError if its name is taken."""
        file, name = Path(path).resolve(), model.info.name
        if name in self._models:
            other = next(known for known, its_name in self._names.items() if its_name == name)
            raise ModelError(f"{file} and {other} are both models called {name!r}; export one anew")
        self._models[name] = model
        self._names[file] = name
        return model.info

    def answer(self, request: ModelRequest) -> ModelAnswer | ModelFailed:
        """The bar that ``request`` asks for; whatever goes wrong is a ModelFailed with a sentence."""
        missing = next((name for name in _models_of(request) if name not in self._models), None)
        if missing is not None:
            known = ", ".join(self._models) or "none"
            return ModelFailed(request.request_id, f"no model {missing!r} is loaded; loaded: {known}")
        return answer_from(self._models, request)

    def draw(self, order: DrawMap) -> Iterator[MapDrawn | None]:
        """Draws a map a point at a time, so that bars can be answered in between; the last thing is the map.

        Raises whatever goes wrong with a point; nothing comes of a model that is not open.
        """
        model = self._models.get(order.model)
        if model is None or not order.points:
            return
        import numpy as np

        from livevae.latent.projection import flat_map

        vectors = []
        for point in order.points:
            vectors.append(model.latents.evaluate(point))
            yield None
        places = flat_map(np.stack(vectors), order.anchors)
        yield MapDrawn(order.serial, tuple((float(x), float(y)) for x, y in places))

    def can_answer(self, request: ModelRequest) -> bool:
        """Whether the models it names are open."""
        return all(name in self._models for name in _models_of(request))


def _models_of(request: ModelRequest) -> tuple[str, ...]:
    """The models that have a part in the answer."""
    if request.feel is None:
        return (request.model,)
    follows = request.feel.follows
    others = _models_of(follows) if isinstance(follows, ModelRequest) else ()
    return (request.model, request.feel.model, *others)


def answer_from(models: Mapping[str, Model], request: ModelRequest) -> ModelAnswer | ModelFailed:
    """The bar that ``request`` asks for; whatever goes wrong is a ModelFailed with a sentence."""
    from livevae.felt_bars import bar_of

    started_ns = time.perf_counter_ns()
    try:
        parts = bar_of(request, models)
    except Exception as error:  # the show goes on without this bar
        return ModelFailed(request.request_id, f"model {request.model} cannot write this bar: {error}")
    return ModelAnswer(request.request_id, parts, time.perf_counter_ns() - started_ns)


def warm_up(model: Model, calls: int = WARM_UP_CALLS) -> tuple[int, int]:
    """Median and 95th percentile time of a new bar, in nanoseconds.

    Every call encodes and decodes something new, so nothing is remembered from the call before. The very
    first call, which pays for what Python loads late, is not counted. Raises ModelError if the model cannot
    write a bar.
    """
    from livevae.felt_bars import trial

    name = model.info.name
    times_ns = []
    for call in range(calls + 1):
        answer = answer_from({name: model}, trial(model, call))
        if isinstance(answer, ModelFailed):
            raise ModelError(answer.reason)
        times_ns.append(answer.elapsed_ns)
    return percentile(times_ns[1:], 50), percentile(times_ns[1:], 95)


def percentile(values: Sequence[int], percent: float) -> int:
    """The smallest of ``values`` that ``percent`` % of them do not exceed (nearest rank)."""
    ordered = sorted(values)
    rank = -(-len(ordered) * percent // 100)  # rounded up
    return ordered[max(0, int(rank) - 1)]


def inference_process_main(pipe: Pipe, paths: Sequence[str], device: str = "cpu") -> None:
    """The whole life of the inference process; the target of ``multiprocessing.Process``, spawn-safe.

    pipe: this process's end; ``livevae.inference_messages`` has what is said over it. The first thing sent is
    ``ModelsLoaded`` for ``paths``. Ends when asked to, or when the other end closes, for whatever reason.
    """
    from livevae.inference_worker import serve

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the main process, which then closes the pipe
    serve(pipe, paths, device)
