"""Every weight of a model in its file, under its own name, so that the model can be trained further.

What torch exports is made for playing: it folds weights together, turns them round, slices and repeats them,
and where two are equal keeps one. So each weight is looked for among the initialisers. One that is there
exactly gets its name; one that is not is added, though no node uses it. livevae leaves it in the file: a
function is cut out with what it computes with and no more (livevae/adapters/onnx_functions.py).
"""

from __future__ import annotations

from collections.abc import Mapping

import onnx
from onnx import numpy_helper
from torch import Tensor

from export.join import contents, rename
from train.beginning import WEIGHTS


def name_weights(model: onnx.ModelProto, state: Mapping[str, Tensor]) -> None:
    """Have each weight of ``state`` in the graph once, as the initialiser ``weights/NAME``.

    state: of the model, as ``nn.Module.state_dict`` has it. What the graph computes stays the same.
    """
    graph = model.graph
    outside = {value.name for value in (*graph.input, *graph.output)}
    there = {contents(weight): weight.name for weight in graph.initializer if weight.name not in outside}
    names: dict[str, str] = {}
    for name, value in state.items():
        weight = numpy_helper.from_array(value.detach().cpu().numpy(), WEIGHTS + name)
        same = there.pop(contents(weight), None)
        if same is None:
            graph.initializer.append(weight)
        else:
            names[same] = weight.name
    rename(graph, names)
