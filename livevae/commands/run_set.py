"""The set of ``livevae run``: recalled when it begins, saved while it is played."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from livevae.adapters.set_store import SavedSet, SetStore
from livevae.core.events import Recall
from livevae.core.performance import Performance
from livevae.errors import PresetError, SetError
from livevae.preset_files import load_preset
from livevae.set_keeper import SetKeeper, set_files, set_path, without


@dataclass(frozen=True, slots=True)
class OpenSet:
    """A set that could be opened, and what is in it."""

    store: SetStore
    saved: SavedSet

    def recall(self, arguments: Namespace) -> Recall:
        """What to go on with; what was asked for on the command line comes first."""
        asked = {"tempo": arguments.bpm, "seed": arguments.seed}
        return without(
            self.saved.content, {(None, name) for name, value in asked.items() if value is not None}
        )

    def keeper(self, performance: Performance, warn: Callable[[str], None]) -> SetKeeper:
        """Whoever saves it from now on."""
        return SetKeeper(self.store, performance, self.saved.content, warn)


def open_set(arguments: Namespace, warn: Callable[[str], None]) -> OpenSet | None:
    """The set that was asked for, a new one if need be; None where none was, or it cannot be used.

    Raises SetError for a name no set can have, or where only the set could say what to play, and PresetError
    where there is no such preset.
    """
    if arguments.set is None:
        return None
    path = set_path(arguments.set)
    if arguments.preset is not None:
        load_preset(arguments.preset)  # before a set is begun with it
    if arguments.preset is None and not path.exists():
        there = ", ".join(set_files()) or "none yet"
        raise SetError(
            f"there is no set {arguments.set!r} (there are: {there}); to make one, say --preset too"
        )
    try:
        store, saved = _opened(path, arguments.preset)
    except SetError as error:
        if arguments.preset is None:
            raise
        warn(f"{error}. Playing without it.")
        return None
    for problem in saved.problems:
        warn(f"Of the set {arguments.set}, {problem}; the rest is there.")
    return OpenSet(store, saved)


def _opened(path: Path, preset: str | None) -> tuple[SetStore, SavedSet]:
    store = SetStore(path, None if preset is None else _to_keep(preset))
    try:
        return store, store.load()
    except SetError:
        store.close()
        raise


def preset_of(arguments: Namespace, opened: OpenSet | None) -> str:
    """What to play: what was asked for, else what the set was made with. Raises PresetError for neither."""
    if arguments.preset is not None:
        return str(arguments.preset)
    if opened is None or not opened.saved.preset:
        raise PresetError("say what to play: --preset trio; `livevae presets` lists all")
    return opened.saved.preset


def _to_keep(preset: str) -> str:
    """A preset as a set remembers it: a file is found from any folder."""
    return str(Path(preset).resolve()) if Path(preset).suffix == ".toml" else preset
