"""Finding models on this computer by name.

Looking is cheap: manifests are read from the files' metadata, and no model is opened.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from livevae.adapters.onnx_file import read_manifest
from livevae.codec.manifest import Manifest
from livevae.core.performance import ModelInfo
from livevae.errors import ModelError
from livevae.places import search_folders
from livevae.wording import shown, suggestion

SUFFIX = ".onnx"


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """A model file and what it says of itself; ``problem`` is a sentence when it cannot be used."""

    name: str
    path: Path
    manifest: Manifest | None
    problem: str = ""


def find_model(name_or_path: str | Path) -> Path:
    """The model file of that name, or that file.

    A path as given comes first, then ``NAME.onnx`` in the user's folder, then in livevae's own.
    Raises ModelError naming the models there are.
    """
    name = str(name_or_path)
    given = Path(os.path.expanduser(name))  # unlike Path.expanduser, it lets ~nobody stand
    try:
        if given.is_file():
            return given
        if given.suffix != SUFFIX and given.parent == Path("."):
            return _named(name)
    except (OSError, ValueError) as error:  # a name no file can have
        raise ModelError(f"{shown(name)} cannot be the name of a model") from error
    raise ModelError(f"there is no model file {name}")


def _named(name: str) -> Path:
    files = model_files()
    if name in files:
        return files[name]
    known = ", ".join(files) or "none"
    raise ModelError(f"there is no model {shown(name)}{suggestion(name, tuple(files))}; there are: {known}")


def model_files() -> dict[str, Path]:
    """Every model a name can find, by name; a user's own hides a shipped one."""
    found: dict[str, Path] = {}
    for folder in search_folders():
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            found.setdefault(path.stem, path)
    return dict(sorted(found.items()))


def installed_models() -> Iterator[InstalledModel]:
    """Every model a name can find, with its manifest or with what is wrong with it."""
    for name, path in model_files().items():
        try:
            yield InstalledModel(name, path, read_manifest(path))
        except ModelError as error:
            yield InstalledModel(name, path, None, str(error))


def model_info(path: Path) -> ModelInfo:
    """What the core must know of a model file, without opening it; ModelError if it cannot be used."""
    return read_manifest(path).info()
