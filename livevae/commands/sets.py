"""``livevae sets``: what was saved while playing."""

from __future__ import annotations

from argparse import Namespace
from contextlib import closing
from datetime import datetime

from livevae.adapters.set_store import SetStore
from livevae.errors import SetError
from livevae.places import sets_folder
from livevae.set_keeper import set_files


def main(arguments: Namespace) -> int:
    """Print each set: its preset, what is in it, and when it was last changed; or what is wrong with it."""
    files = set_files()
    for name, path in files.items():
        try:
            with closing(SetStore(path)) as store:
                saved = store.load()
        except SetError as error:
            print(f"{name}\n    cannot be used: {error}")
            continue
        when = datetime.fromtimestamp(path.stat().st_mtime).strftime("%Y-%m-%d %H:%M")
        counts = (
            _counted(len(saved.content.slots), "idea"),
            _counted(len(saved.content.settings), "setting"),
            _counted(len(saved.content.bindings), "control"),
        )
        print(f"{name}\n    preset {saved.preset}; {', '.join(counts)}; last changed {when}")
        for problem in saved.problems:
            print(f"    {problem}")
    if not files:
        print("No sets yet. `livevae run --preset trio --set NAME` makes one and saves it as you play.")
    else:
        print(f"\nPlay one with `livevae run --set NAME`. They are files in {sets_folder()}.")
    return 0


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
