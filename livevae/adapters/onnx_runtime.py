"""ONNX Runtime itself: is it here, is it whole, and which processors can it really use?

``onnxruntime`` and ``onnxruntime-gpu`` install into the same folder; with both, or after uninstalling one of
two, what is left may import and then misbehave. So what *pip* says is installed is read as well.
"""

from __future__ import annotations

import importlib
from importlib import metadata
from types import ModuleType
from typing import Any

from livevae.errors import SetupError

CPU_PACKAGE, GPU_PACKAGE = "onnxruntime", "onnxruntime-gpu"
CPU, CUDA = "cpu", "cuda"
DEVICES = (CPU, CUDA)

_PROVIDERS = {
    CPU: ("CPUExecutionProvider",),
    CUDA: ("CUDAExecutionProvider", "CPUExecutionProvider"),
}
FATAL_ONLY = 4  # ORT's severity scale, 0 verbose … 4 fatal: errors are raised, and need not be printed too


def installed_packages() -> tuple[str, ...]:
    """Which of the two ONNX Runtime packages are installed, as pip sees it."""
    found = []
    for package in (CPU_PACKAGE, GPU_PACKAGE):
        try:
            metadata.distribution(package)
        except metadata.PackageNotFoundError:
            continue
        found.append(package)
    return tuple(found)


def runtime_problem(installed: tuple[str, ...] | None = None) -> str | None:
    """What is wrong with the installed ONNX Runtime and what to type to mend it; None if nothing is.

    installed: what ``installed_packages`` found; asked for afresh when None.
    """
    packages = installed_packages() if installed is None else installed
    if not packages:
        return (
            'ONNX Runtime, which runs the models, is not installed; type: pip install "livevae[cpu]"  '
            '(with an NVIDIA card: pip install "livevae[gpu]")'
        )
    if len(packages) > 1:
        return (
            f"both {CPU_PACKAGE} and {GPU_PACKAGE} are installed and overwrite each other; type: "
            f"pip uninstall -y {CPU_PACKAGE} {GPU_PACKAGE}  and then  "
            'pip install "livevae[cpu]"  (with an NVIDIA card: pip install "livevae[gpu]")'
        )
    return None


def import_runtime() -> ModuleType:
    """The ``onnxruntime`` module, quiet; SetupError says what to type when it is missing or clashes."""
    problem = runtime_problem()
    if problem is not None:
        raise SetupError(problem)
    try:
        runtime = importlib.import_module("onnxruntime")
        runtime.set_default_logger_severity(FATAL_ONLY)
    except (ImportError, OSError, AttributeError) as error:
        package = installed_packages()[0]
        raise SetupError(
            f"{package} is installed but does not load ({error}); type: "
            f"pip install --force-reinstall --no-deps {package}"
        ) from error
    return runtime


def open_session(runtime: ModuleType, model: bytes, device: str) -> Any:
    """An ``InferenceSession`` that leaves the other processes their cores: one thread, no spinning.

    device: ``cpu`` or ``cuda``. ORT falls back to the CPU with no more than a warning, so the providers it
    ended up with are checked: SetupError if CUDA was asked for and is not there. What ORT raises for a model
    it cannot read passes through.
    """
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = runtime.ExecutionMode.ORT_SEQUENTIAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = FATAL_ONLY
    wanted = _PROVIDERS[device]
    if device != CPU and wanted[0] not in runtime.get_available_providers():
        raise SetupError(
            f"{CUDA} was asked for, but the installed {CPU_PACKAGE} is built without it; type: "
            f'pip uninstall -y {CPU_PACKAGE}  and then  pip install "livevae[gpu]"'
        )
    session = runtime.InferenceSession(model, options, providers=list(wanted), enable_fallback=0)
    if wanted[0] not in session.get_providers():
        raise SetupError(
            "CUDA was asked for, but its libraries or driver do not load here; update the NVIDIA driver and "
            'type: pip install "onnxruntime-gpu[cuda,cudnn]"  or play on the processor instead'
        )
    return session
