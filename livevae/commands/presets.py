"""``livevae presets``: what there is to play."""

from __future__ import annotations

from argparse import Namespace

from livevae.errors import PresetError
from livevae.places import user_folder
from livevae.preset_files import load_preset, preset_files


def main(arguments: Namespace) -> int:
    """Print one line a preset: its name and what it does, or what is wrong with it."""
    files = preset_files()
    width = max(map(len, files), default=0)
    for name, path in files.items():
        try:
            preset = load_preset(path)
        except PresetError as error:
            print(f"{name:<{width}}  cannot be used: {error}")
            continue
        parts = ", ".join(part.name for part in preset.parts)
        print(f"{name:<{width}}  {preset.description or parts}")
    print(f"\nYour own go into {user_folder()}; docs/PRESETS.md says how to write one.")
    return 0
