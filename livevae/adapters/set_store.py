"""A set on disk: palette, settings and controls, in one SQLite file that survives whatever happens.

Every change is in the file with the transaction it came in; a process killed at any moment leaves the file as
it was after some transaction (SQLite's write-ahead log). One thread uses a store.

Source: sqlite.org, "Write-Ahead Logging"; "PRAGMA application_id" and "user_version" mark files as ours.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from livevae.core.events import Bind, FillSlot, Recall, SetParameter
from livevae.core.midi_control import Control
from livevae.core.parameters import ParameterValue
from livevae.errors import ParameterError, SetError
from livevae.latent_text import latent_from_text, latent_to_text

_APPLICATION = 0x4C564145  # "LVAE"
_VERSION = 1
_PATIENCE_S = 0.5  # somebody else may be reading
_FAULTS = (
    sqlite3.Error,
    ValueError,
)  # what sqlite3 itself cannot read, even its own complaint, is a ValueError
_GLOBAL = ""  # stands for no part: NULL would not be equal to itself in a primary key
_TABLES = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE setting (part TEXT, name TEXT, value TEXT NOT NULL, PRIMARY KEY (part, name));
CREATE TABLE slot (
    model TEXT, slot INTEGER, name TEXT NOT NULL, latent TEXT NOT NULL, PRIMARY KEY (model, slot)
);
CREATE TABLE control (part TEXT, name TEXT, control TEXT NOT NULL, PRIMARY KEY (part, name));
"""

Target = tuple[str | None, str]


@dataclass(slots=True)
class Changes:
    """What is to be written: the newest of each, None for what is there no longer."""

    settings: dict[Target, ParameterValue] = field(default_factory=dict)
    slots: dict[tuple[str, int], FillSlot | None] = field(default_factory=dict)
    controls: dict[Target, str | None] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.settings or self.slots or self.controls)


@dataclass(frozen=True, slots=True)
class SavedSet:
    """What a set holds. preset: as it was named when the set was made. problems: a sentence for each loss."""

    preset: str
    content: Recall
    problems: tuple[str, ...] = ()


class SetStore:
    """An open set file; a new one is made where there is none.

    preset: written into a new file. Raises SetError in a sentence where the file is not a set, is of a later
    version, or cannot be opened or made.
    """

    def __init__(self, path: Path, preset: str | None = None) -> None:
        self._path = path
        try:
            if preset is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            mode = "rwc" if preset is not None else "rw"
            uri = f"{path.resolve().as_uri()}?mode={mode}"
            self._file = sqlite3.connect(uri, uri=True, timeout=_PATIENCE_S, isolation_level=None)
        except (OSError, *_FAULTS) as error:
            raise SetError(f"the set {path} cannot be opened: {_reason(error)}") from error
        try:
            self._begin(preset)
        except BaseException as error:
            self._file.close()
            if isinstance(error, _FAULTS):
                raise SetError(f"the set {path} cannot be used: {_reason(error)}") from error
            raise

    def _begin(self, preset: str | None) -> None:
        with self._transaction():
            application, version = self._pragma("application_id"), self._pragma("user_version")
            is_empty = self._value("SELECT count(*) FROM sqlite_master") == 0
            if application == 0 and is_empty and preset is not None:
                for statement in _TABLES.split(";"):
                    self._file.execute(statement)
                self._file.execute("INSERT INTO about VALUES ('preset', ?)", (preset,))
                self._file.execute(f"PRAGMA application_id = {_APPLICATION}")
                self._file.execute(f"PRAGMA user_version = {_VERSION}")
            elif application != _APPLICATION:
                raise SetError(f"{self._path} is not a set of livevae's")
            elif version != _VERSION:
                made = "a later" if version > _VERSION else "an unknown earlier"
                raise SetError(
                    f"the set {self._path} was made by {made} livevae (format {version}, not {_VERSION})"
                )
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.execute("PRAGMA synchronous = NORMAL")

    def load(self) -> SavedSet:
        """Everything in the set; what makes no sense is left out and told. Raises SetError."""
        problems: list[str] = []
        settings: list[SetParameter] = []
        slots: list[FillSlot] = []
        bindings: list[Bind] = []
        try:
            preset = str(self._value("SELECT value FROM about WHERE name = 'preset'") or "")
            for part, name, value in self._file.execute(
                "SELECT part, name, value FROM setting ORDER BY rowid"
            ):
                try:
                    settings.append(SetParameter(str(part) or None, str(name), json.loads(value)))
                except (ValueError, TypeError, RecursionError):
                    problems.append(f"the setting {name} is damaged")
            for model, slot, name, latent in self._file.execute("SELECT model, slot, name, latent FROM slot"):
                try:
                    slots.append(FillSlot(str(model), int(slot), str(name), latent_from_text(str(latent))))
                except (SetError, ValueError, TypeError) as error:
                    problems.append(f"slot {slot} is damaged: {error}")
            for part, name, control in self._file.execute("SELECT part, name, control FROM control"):
                try:
                    bindings.append(Bind(str(part) or None, str(name), Control.parse(str(control))))
                except ParameterError as error:
                    problems.append(f"the control of {name} is damaged: {error}")
        except _FAULTS as error:
            raise SetError(f"the set {self._path} cannot be read: {_reason(error)}") from error
        return SavedSet(preset, Recall(tuple(settings), tuple(slots), tuple(bindings)), tuple(problems))

    def write(self, changes: Changes) -> tuple[str, ...]:
        """Put all of ``changes`` into the file, or none. Returns a sentence for each that cannot be kept.

        Raises SetError where the file cannot be written.
        """
        problems: list[str] = []
        try:
            with self._transaction():
                self._write_settings(changes.settings)
                problems += self._write_slots(changes.slots)
                self._write_controls(changes.controls)
        except _FAULTS as error:
            raise SetError(f"the set {self._path} cannot be written: {_reason(error)}") from error
        return tuple(problems)

    def _write_settings(self, settings: dict[Target, ParameterValue]) -> None:
        self._file.executemany(
            "REPLACE INTO setting VALUES (?, ?, ?)",
            [(part or _GLOBAL, name, json.dumps(value)) for (part, name), value in settings.items()],
        )

    def _write_slots(self, slots: dict[tuple[str, int], FillSlot | None]) -> list[str]:
        problems = []
        for place, content in slots.items():
            self._file.execute("DELETE FROM slot WHERE model = ? AND slot = ?", place)
            if content is None:
                continue
            try:
                row = (*place, content.name, latent_to_text(content.latent))
            except SetError as error:
                problems.append(f"slot {content.slot}: {error}")
                continue
            self._file.execute("INSERT INTO slot VALUES (?, ?, ?, ?)", row)
        return problems

    def _write_controls(self, controls: dict[Target, str | None]) -> None:
        for (part, name), control in controls.items():
            self._file.execute("DELETE FROM control WHERE part = ? AND name = ?", (part or _GLOBAL, name))
            if control is not None:
                self._file.execute("INSERT INTO control VALUES (?, ?, ?)", (part or _GLOBAL, name, control))

    def close(self) -> None:
        """Tidy up. May be called twice."""
        with contextlib.suppress(*_FAULTS):
            self._file.close()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._file.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            with contextlib.suppress(*_FAULTS):
                self._file.execute("ROLLBACK")
            raise
        self._file.execute("COMMIT")

    def _pragma(self, name: str) -> int:
        return int(self._file.execute(f"PRAGMA {name}").fetchone()[0])

    def _value(self, query: str) -> object:
        row = self._file.execute(query).fetchone()
        return None if row is None else row[0]


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return str(error)
