"""The page of ``livevae run``: where it is served, and a browser to look at it."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import webbrowser
from argparse import Namespace
from importlib import metadata

from livevae.adapters.osc.server import parse_endpoint
from livevae.adapters.page.door import is_token, new_token
from livevae.adapters.page.hub import PageHub
from livevae.adapters.page.server import DEFAULT_PAGE, PageServer
from livevae.commands.screen import Screen
from livevae.core.events import Keep
from livevae.core.performance import Performance
from livevae.engine import Engine
from livevae.errors import PortError
from livevae.idea_file import idea_from_midi
from livevae.places import user_folder

_PORTS_TRIED = 10  # where nobody asked for a certain port and the usual one is busy


def open_page(
    arguments: Namespace, performance: Performance, engine: Engine, screen: Screen
) -> PageServer | None:
    """Serve the page and say where; None where it was turned off or found no place.

    An address that was asked for must work; the usual one may give way to the next free port.
    """
    if arguments.no_page:
        return None
    hub = PageHub(performance, _version(), hears_elsewhere=bool(engine.ports.outputs))

    def read_file(part: str, slot: int, name: str, content: bytes) -> Keep:
        return Keep(part, slot, idea_from_midi(content, name or "this file", performance, part), name)

    server = PageServer(hub, engine.send, screen.warn, engine.watch, kept_token, read_file)
    if arguments.page is not None:
        server.open(parse_endpoint(arguments.page, DEFAULT_PAGE))
    elif not _opened_somewhere(server, screen):
        return None
    screen.say(f"The page, with sound: {server.address}")
    if not arguments.no_browser and _has_display():
        threading.Thread(target=webbrowser.open, args=(server.address,), daemon=True).start()
    return server


def kept_token() -> str:
    """This computer's token: the same each time, so that a tablet's page finds back after a restart.

    Deleting the file that keeps it makes a new one.
    """
    path = user_folder().parent / "page-token"
    with contextlib.suppress(OSError, UnicodeError):
        kept = path.read_text(encoding="ascii").strip()
        if is_token(kept):
            return kept
    token = new_token()
    with contextlib.suppress(OSError):  # then it lasts as long as this session
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(token)
    return token


def _opened_somewhere(server: PageServer, screen: Screen) -> bool:
    host, first_port = DEFAULT_PAGE
    complaints = []
    for port in range(first_port, first_port + _PORTS_TRIED):
        try:
            server.open((host, port))
        except PortError as busy:
            complaints.append(str(busy))
        else:
            return True
    screen.warn(f"No page this time: {complaints[0]}.")
    return False


def _has_display() -> bool:
    """Whether a browser that is opened here would be seen by the one who typed the command."""
    if "SSH_CONNECTION" in os.environ or not sys.stdout.isatty():
        return False
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _version() -> str:
    try:
        return metadata.version("livevae")
    except metadata.PackageNotFoundError:  # run from a source tree that is not installed
        return ""
