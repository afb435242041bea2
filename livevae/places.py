"""Where presets and models are looked for on this computer.

A name is looked up in the user's own folder first, so that a musician can replace a shipped preset by
saving one of the same name, then in the folder that came with livevae.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def shipped_folder() -> Path:
    """The folder of presets and models that came with livevae.

    It lies inside an installed package; in a source tree it is the top-level ``presets`` beside it.
    """
    installed = _PACKAGE / "presets"
    return installed if installed.is_dir() else _PACKAGE.parent / "presets"


def user_folder() -> Path:
    """The folder where a musician's own presets and models go; it need not exist.

    ``~/.config/livevae/presets`` (or under XDG_CONFIG_HOME) on Linux, ``~/Library/Application
    Support/livevae/presets`` on macOS, ``%APPDATA%\\livevae\\presets`` on Windows.
    """
    if sys.platform == "win32":
        base = Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return base / "livevae" / "presets"


def sets_folder() -> Path:
    """The folder where sets are kept as they are played, beside ``user_folder``; it need not exist."""
    return user_folder().parent / "sets"


def search_folders() -> tuple[Path, ...]:
    """Folders in the order they are searched."""
    return (user_folder(), shipped_folder())
