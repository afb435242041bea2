"""A model file, opened and proven: functions of arrays.

All functions of a model live in one graph; each is opened as a session of its own, cut down to what it needs
(onnx_functions.py says why).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from livevae.adapters.onnx_file import metadata_of, read_model_file
from livevae.adapters.onnx_functions import ModelParts
from livevae.adapters.onnx_runtime import CPU, DEVICES, FATAL_ONLY, import_runtime, open_session
from livevae.codec.functions import BEATS_SO_FAR, PREDICT
from livevae.codec.golden import check_golden
from livevae.codec.manifest import Function, Manifest, TensorSpec
from livevae.errors import ModelError, SetupError

Arrays = Mapping[str, npt.NDArray[Any]]

_DTYPE_OF_ORT = {
    "tensor(float)": "float32",
    "tensor(double)": "float64",
    "tensor(float16)": "float16",
    "tensor(int64)": "int64",
    "tensor(int32)": "int32",
    "tensor(bool)": "bool",
}


class OnnxModel:
    """One model in memory, ready to run.

    path: of the ONNX file. device: ``cpu`` or ``cuda``. for_study: open what only judges ask, too.

    Opening checks everything there is to check: the seal, the manifest, that the graph has the inputs and
    outputs the manifest names, and that the model answers its golden vector here as it did where it was
    exported. Raises ModelError naming the file and what is wrong with it, SetupError when ONNX Runtime (or
    CUDA) is missing.

    Thread-safe: ``run`` may be called from several threads. Real-time-safe: no; it computes for milliseconds.
    """

    def __init__(self, path: Path | str, device: str = CPU, for_study: bool = False) -> None:
        self.path = Path(path)
        if device not in DEVICES:
            raise SetupError(f"unknown device {device!r}; models run on {' or '.join(DEVICES)}")
        data = read_model_file(self.path)
        runtime = import_runtime()
        try:
            self.manifest = Manifest.from_metadata(metadata_of(data))
            parts = ModelParts(data)
            self._sessions = {
                function.name: self._open(runtime, parts, function, device)
                for function in self.manifest.functions
                if function.name != PREDICT or for_study
            }
            self._run_options = runtime.RunOptions()
            self._run_options.log_severity_level = FATAL_ONLY
            self._check_interface()
            check_golden(self.manifest, self.run)
        except ModelError as error:
            raise ModelError(f"{self.path}: {error}") from error
        except (ValueError, OverflowError) as error:  # what numpy says of a golden vector of another size
            raise ModelError(f"{self.path}: the golden vector does not fit the model: {error}") from error

    def _open(self, runtime: Any, parts: ModelParts, function: Function, device: str) -> Any:
        part = parts.function({spec.name for spec in function.outputs})
        try:
            return open_session(runtime, part, device)
        except SetupError:
            raise
        except Exception as error:  # ORT's exception classes share no base but Exception
            raise ModelError(
                f"ONNX Runtime {runtime.__version__} cannot open it: {_first_line(error)}"
            ) from error

    def _check_interface(self) -> None:
        """Every input and output of every function is in the graph, with the stated type and rank."""
        for function in self.manifest.functions:
            if function.name not in self._sessions:
                continue
            session = self._sessions[function.name]
            inputs = {node.name: node for node in session.get_inputs()}
            outputs = {node.name: node for node in session.get_outputs()}
            for kind, specs, found in (
                ("input", function.inputs, inputs),
                ("output", function.outputs, outputs),
            ):
                for spec in specs:
                    _check_tensor(
                        f"{kind} {spec.name!r} of function {function.name!r}", spec, found.get(spec.name)
                    )

    def run(self, function: str, feeds: Arrays) -> dict[str, npt.NDArray[Any]]:
        """Outputs of ``function``, by name.

        feeds: one array for every input of the function, shapes and types as the manifest says (a free size,
            such as the batch, may be anything from 1; a memory may be empty). Raises ModelError naming what
            does not fit.
        """
        spec = self.manifest.function(function)
        self._check_feeds(spec, feeds)
        if function not in self._sessions:
            raise ModelError(f"{function!r} of model {self.manifest.name!r} was not opened: it is for judges")
        names = [output.name for output in spec.outputs]
        try:
            values = self._sessions[function].run(names, dict(feeds), self._run_options)
        except Exception as error:  # as above
            raise ModelError(
                f"model {self.manifest.name!r} failed in {function!r}: {_first_line(error)}"
            ) from error
        return dict(zip(names, values, strict=True))

    def _check_feeds(self, function: Function, feeds: Arrays) -> None:
        names = {spec.name for spec in function.inputs}
        if set(feeds) != names:
            raise ModelError(
                f"{function.name!r} of model {self.manifest.name!r} takes {', '.join(sorted(names))}, "
                f"not {', '.join(sorted(feeds)) or 'nothing'}"
            )
        for spec in function.inputs:
            array = feeds[spec.name]
            if array.dtype != np.dtype(spec.dtype) or not _shape_fits(array.shape, spec.shape):
                raise ModelError(
                    f"{spec.name!r} of model {self.manifest.name!r} is {array.dtype}{list(array.shape)}, "
                    f"expected {spec.dtype}[{', '.join(map(str, spec.shape))}]"
                )


def _check_tensor(what: str, spec: TensorSpec, node: Any) -> None:
    if node is None:
        raise ModelError(f"the graph has no {what}, which the manifest names")
    dtype = _DTYPE_OF_ORT.get(node.type, node.type)
    if dtype != spec.dtype or len(node.shape) != len(spec.shape):
        raise ModelError(
            f"{what} is {dtype} of rank {len(node.shape)} in the graph, "
            f"{spec.dtype} of rank {len(spec.shape)} in the manifest"
        )


def _shape_fits(shape: tuple[int, ...], wanted: tuple[int | str, ...]) -> bool:
    return len(shape) == len(wanted) and all(
        size == want if isinstance(want, int) else size >= (want != BEATS_SO_FAR)
        for size, want in zip(shape, wanted, strict=True)
    )


def _first_line(error: Exception) -> str:
    lines = str(error).splitlines()
    return lines[0] if lines else type(error).__name__
