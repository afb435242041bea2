"""Models and presets: each opened as it would be on stage."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from livevae.adapters.model_store import InstalledModel, installed_models
from livevae.doctor.findings import Finding, fault, fine, warning
from livevae.errors import LivevaeError, SetupError
from livevae.preset_files import load_preset, preset_files
from livevae.repertoire import prepare

_COPY_AGAIN = "Copy the file again, or install livevae again: pip install --force-reinstall --no-deps livevae"


def open_model(path: Path) -> None:
    """Open a model, which checks its seal, its interface and its golden vector."""
    from livevae.adapters.onnx_model import OnnxModel

    OnnxModel(path)


def examine_models(
    models: Iterable[InstalledModel] | None = None, open_it: Callable[[Path], None] = open_model
) -> Iterator[Finding]:
    """Whether every model opens here and still answers as it did when it was exported."""
    checked = []
    for model in installed_models() if models is None else models:
        try:
            if model.problem:
                raise SetupError(model.problem)
            open_it(model.path)
        except LivevaeError as error:
            yield fault("model", f"{model.name}: {error}.", _COPY_AGAIN)
        else:
            checked.append(model.name)
    if checked:
        yield fine("models", f"{', '.join(checked)}: each answers as it did when it was trained")
    else:
        yield fault("models", "There is no model that can be played.", _COPY_AGAIN)


def examine_presets() -> Iterator[Finding]:
    """Whether every preset can be read and finds its models."""
    good = []
    for name, path in preset_files().items():
        try:
            prepare(load_preset(path))
        except LivevaeError as error:
            yield warning("preset", f"{name}: {error}.", f"Mend or remove {path}.")
        else:
            good.append(name)
    if good:
        yield fine("presets", ", ".join(good))
