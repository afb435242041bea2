"""Why a network address cannot be listened at, in words that say what to do."""

from __future__ import annotations

import errno


def why_not_listening(error: OSError, what: str, option: str, host: str, port: int) -> str:
    """A sentence about ``error`` at host:port.

    what: what cannot be done, e.g. "OSC cannot listen". option: what names the address on the command line.
    """
    where = f"{what} at {host}:{port}"
    if error.errno == errno.EADDRINUSE:
        return f"{where}: another program does; quit it, or choose another port: {option} {host}:{port + 1}"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{where}: this computer has no such address; 127.0.0.1 is this computer, 0.0.0.0 all networks"
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"{where}: the system forbids it; ports from 1024 up are free to use"
    return f"{where}: {error.strerror or error}"
