"""What a musician sees during ``livevae run``: sentences that stay, and a status line that lives below them.

On a terminal the last line is overwritten; anywhere else (a file, a pipe) a status line is written only
when something has changed.
"""

from __future__ import annotations

import shutil
import sys
import threading
from typing import TextIO

from livevae.commands.status import status_key, status_line, summary
from livevae.core.effects import Notice, Severity
from livevae.snapshot import Snapshot

_ERASE_LINE = "\r\x1b[K"
_PREFIX = {Severity.INFO: "", Severity.WARNING: "Warning: ", Severity.ERROR: "Error: "}


class Screen:
    """Writes to ``stream``. Thread-safe: complaints about OSC come from another thread."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stdout if stream is None else stream
        self._live = self._stream.isatty()
        self._last: Snapshot | None = None
        self._shown_key: tuple[object, ...] = ()
        self._line = ""
        self._writing = threading.Lock()

    def say(self, text: str) -> None:
        """A sentence that stays."""
        with self._writing:
            self._write(f"{_ERASE_LINE}{text}\n{self._line}" if self._live else f"{text}\n")

    def notice(self, notice: Notice) -> None:
        """A sentence from the performer."""
        self.say(f"{_PREFIX[notice.severity]}{notice.text}")

    def warn(self, text: str) -> None:
        """A sentence about something that will not stop the music."""
        self.say(f"{_PREFIX[Severity.WARNING]}{text}")

    def snapshot(self, snapshot: Snapshot) -> None:
        """Renew the status line."""
        self._last = snapshot
        with self._writing:
            if self._live:
                self._line = status_line(snapshot)[: shutil.get_terminal_size().columns - 1]
                self._write(f"{_ERASE_LINE}{self._line}")
            elif status_key(snapshot) != self._shown_key:
                self._shown_key = status_key(snapshot)
                self._write(f"{status_line(snapshot)}\n")

    def end(self) -> None:
        """Take the status line away and say how it went."""
        with self._writing:
            self._write(_ERASE_LINE if self._live else "")
            self._line = ""
        if self._last is not None:
            self.say(summary(self._last))

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            pass  # the terminal was closed; the music goes on
