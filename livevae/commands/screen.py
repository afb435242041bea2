"""What a musician sees during ``livevae run``: sentences that stay, and a status line that lives below them.

On a terminal the last line is overwritten; anywhere else (a file, a pipe) a status line is written only
when something has changed.
"""

from __future__ import annotations

import shutil
import sys
import threading
from typing import TextIO

from livevae.commands.status import Status
from livevae.core.events import Notice, Severity
from livevae.timekeeper.messages import Picture

_ERASE_LINE = "\r\x1b[K"
_PREFIX = {Severity.INFO: "", Severity.WARNING: "Warning: ", Severity.ERROR: "Error: "}


class Screen:
    """Writes to ``stream``. Thread-safe: complaints about OSC come from another thread."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stdout if stream is None else stream
        self._live = self._stream.isatty()
        self._status = Status()
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

    def picture(self, picture: Picture) -> None:
        """Renew the status line."""
        self._status.update(picture)
        with self._writing:
            if self._live:
                self._line = self._status.line()[: shutil.get_terminal_size().columns - 1]
                self._write(f"{_ERASE_LINE}{self._line}")
            elif self._status.key() != self._shown_key:
                self._shown_key = self._status.key()
                self._write(f"{self._status.line()}\n")

    def end(self) -> None:
        """Leave the line and say how it went."""
        with self._writing:
            self._line = ""
            self._write(_ERASE_LINE if self._live else "")
        self.say(self._status.summary())

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            pass  # the terminal was closed; the music goes on
