"""Python, the packages livevae stands on, and the two ONNX Runtimes."""

from __future__ import annotations

import platform
import struct
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from types import ModuleType

from livevae.adapters.onnx_runtime import import_runtime, installed_packages, runtime_problem
from livevae.doctor.findings import Finding, fault, fine
from livevae.errors import LivevaeError

OLDEST_PYTHON, NEWEST_PYTHON = (3, 11), (3, 13)
_PACKAGES = {"numpy": "numpy", "mido": "mido", "pythonosc": "python-osc"}  # module -> what pip calls it
_PYTHON = "Python"
_RUNTIME = "ONNX Runtime"


def examine_python(
    version: tuple[int, int] = sys.version_info[:2], pointer_bytes: int = struct.calcsize("P")
) -> Iterator[Finding]:
    """Whether wheels exist for this Python: of the right version, and 64 bits wide."""
    name = f"Python {version[0]}.{version[1]} on {platform.system()} {platform.machine()}"
    wanted = f"{_dotted(OLDEST_PYTHON)} to {_dotted(NEWEST_PYTHON)}"
    if not OLDEST_PYTHON <= version <= NEWEST_PYTHON:
        yield fault(
            _PYTHON,
            f"{name}: the packages livevae needs have no wheels for it.",
            f"Install Python {wanted}, and livevae with it: python3.12 -m pip install livevae[cpu]",
        )
    elif pointer_bytes < 8:
        yield fault(
            _PYTHON,
            f"{name} is a 32-bit Python: ONNX Runtime has no wheels for it.",
            f"Install a 64-bit Python {wanted}.",
        )
    else:
        yield fine(_PYTHON, name)


def examine_packages(load: Callable[[str], ModuleType] = import_module) -> Iterator[Finding]:
    """Whether the packages can be imported."""
    for module, package in _PACKAGES.items():
        try:
            load(module)
        except ImportError as error:
            yield fault(
                "packages", f"{package} does not load: {error}.", f"pip install --force-reinstall {package}"
            )
            return
    yield fine("packages", ", ".join(_PACKAGES.values()))


def examine_runtime(installed: Sequence[str] | None = None) -> Iterator[Finding]:
    """Whether exactly one ONNX Runtime is installed, and loads.

    installed: the packages pip knows; asked for afresh when None.
    """
    packages = installed_packages() if installed is None else tuple(installed)
    problem = runtime_problem(packages)
    if problem is not None:
        yield _split(problem)
        return
    try:
        runtime = import_runtime()
    except LivevaeError as error:
        yield _split(str(error))
        return
    yield fine(_RUNTIME, f"{packages[0]} {runtime.__version__}")


def _split(problem: str) -> Finding:
    """The runtime's sentences end in what to type."""
    what, _, mend = problem.partition("; type: ")
    return fault(_RUNTIME, f"{what[0].upper()}{what[1:]}.", mend)


def _dotted(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"
