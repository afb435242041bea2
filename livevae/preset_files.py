"""Finding presets on this computer and reading them.

Whatever is wrong is a PresetError; no other exception leaves this module.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from livevae.core.performance import PartSpec
from livevae.errors import PresetError
from livevae.places import search_folders
from livevae.preset import Preset, parse_preset
from livevae.wording import shown, suggestion

MAX_FILE_BYTES = 1_000_000  # a preset is a page of text; anything longer is some other file


def load_preset(name_or_path: str | Path) -> Preset:
    """The preset of that name, or in that file.

    A path as given comes first, then ``NAME.toml`` in the user's folder, then in livevae's own.
    Raises PresetError.
    """
    path = _find(str(name_or_path))
    try:
        data = path.read_bytes()[: MAX_FILE_BYTES + 1]
        text = data.decode("utf-8")
    except OSError as error:
        raise PresetError(f"preset {path} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise PresetError(f"preset {path} is not a text file") from error
    if len(data) > MAX_FILE_BYTES:
        raise PresetError(f"preset {path} is longer than {MAX_FILE_BYTES:,} bytes: it is some other file")
    preset = parse_preset(text, path.stem, f"preset {path}")
    return replace(preset, parts=tuple(_beside(part, path.parent) for part in preset.parts))


def preset_files() -> dict[str, Path]:
    """Every preset a name can find, by name; a user's own hides a shipped one."""
    found: dict[str, Path] = {}
    for folder in search_folders():
        for path in sorted(folder.glob("*.toml")):
            found.setdefault(path.stem, path)
    return dict(sorted(found.items()))


def _find(name: str) -> Path:
    given = Path(name)
    try:
        if given.suffix == ".toml" or given.is_file():
            if given.is_file():
                return given
            raise PresetError(f"there is no preset file {name}")
        if given.parent == Path("."):
            files = preset_files()
            if name in files:
                return files[name]
            known = ", ".join(files) or "none"
            raise PresetError(
                f"there is no preset {shown(name)}{suggestion(name, tuple(files))}; there are: {known}"
            )
    except (OSError, ValueError) as error:  # a name no file can have
        raise PresetError(f"{shown(name)} cannot be the name of a preset") from error
    raise PresetError(f"there is no preset file {name}")


def _beside(part: PartSpec, folder: Path) -> PartSpec:
    """A model given as a relative path is meant relative to the preset's own folder."""

    def found(model: str) -> str:
        return str(folder / os.path.expanduser(model)) if model.endswith(".onnx") else model

    return replace(part, model=found(part.model), groove=found(part.groove))
