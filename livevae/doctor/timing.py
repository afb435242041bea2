"""Whether the system lets livevae keep time before other programs."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator

from livevae.doctor.findings import Finding, fine, warning

_SUBJECT = "timing"


def realtime_priority() -> int:
    """The highest real-time priority this user may ask for; 0 is none. Root may always."""
    if sys.platform != "linux":
        return 0
    import resource

    if os.geteuid() == 0:
        return 99
    soft, _ = resource.getrlimit(resource.RLIMIT_RTPRIO)
    return soft


def examine_timing(
    platform: str = sys.platform, allowed: Callable[[], int] = realtime_priority
) -> Iterator[Finding]:
    """Only Linux lets users ask for real-time scheduling, and only some of them."""
    if platform != "linux":
        return
    if allowed() > 0:
        yield fine(_SUBJECT, "livevae may ask for real-time scheduling")
        return
    yield warning(
        _SUBJECT,
        "This user may not ask for real-time scheduling: notes can be late while other programs work hard.",
        "Let the group audio have it and join it: sudo dpkg-reconfigure jackd2 (answer yes), "
        "sudo usermod -aG audio $USER, then log in again.",
    )
