"""The page's server: a thread of the main process with an asyncio loop of its own.

It never meets the timekeeper, which is another process and is told only what the engine lets through.
aiohttp is loaded in the thread, so that the music does not wait for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterable

from livevae.adapters.listening import why_not_listening
from livevae.adapters.page.door import Door, is_loopback, new_token
from livevae.adapters.page.hub import PageHub
from livevae.adapters.page.wire import Message
from livevae.core.effects import Effect
from livevae.core.events import Event
from livevae.core.snapshot import NoteSeen
from livevae.errors import MessageError, PortError

DEFAULT_PAGE: tuple[str, int] = ("127.0.0.1", 8765)

_NEWS_WAITING = 8192  # reports from before the thread is up
_LEAVE_S = 3.0
_BACKLOG = 32


class PageServer:
    """Serves the page at one address.

    token: gives what to ask for beyond this computer; called only when that is needed.
    on_event, on_complaint, on_watch, read_file: as ``livevae.adapters.page.site.Site`` says, called from the
        server's thread (``read_file`` from one of its own).
    Thread-safe: every method.
    """

    def __init__(
        self,
        hub: PageHub,
        on_event: Callable[[Event], None],
        on_complaint: Callable[[str], None],
        on_watch: Callable[[bool], None],
        token: Callable[[], str] = new_token,
        read_file: Callable[[str, int, str, bytes], Event] | None = None,
    ) -> None:
        self._hub = hub
        self._make_token = token
        self._callbacks = (on_event, on_complaint, on_watch, read_file or _no_files)
        self._on_complaint = on_complaint
        self._news: deque[Callable[[PageHub], list[Message]]] = deque(maxlen=_NEWS_WAITING)
        self._awake = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ending: asyncio.Event | None = None
        self._drain: Callable[[], None] = lambda: None
        self._thread: threading.Thread | None = None
        self._socket: socket.socket | None = None
        self._token: str | None = None

    @property
    def address(self) -> str:
        """What to type into the browser, with the token where one is needed."""
        if self._socket is None:
            raise PortError("the page is not open")
        host, port = self._socket.getsockname()[:2]
        shown_host = f"[{host}]" if ":" in host else host
        if host in ("0.0.0.0", "::"):
            shown_host = _own_address(host)
        return f"http://{shown_host}:{port}/" + (f"?token={self._token}" if self._token else "")

    def open(self, endpoint: tuple[str, int]) -> None:
        """Begin to serve; port 0 takes any free one. Raises PortError with what to do about it.

        Beyond this computer, a token is asked for; ``address`` has it.
        """
        listening = _bound(endpoint)
        self._socket = listening
        self._token = None if is_loopback(listening.getsockname()[0]) else self._make_token()
        door = Door(endpoint[0], self._token)
        self._thread = threading.Thread(target=self._run, args=(listening, door), name="page", daemon=True)
        self._thread.start()

    def told(self, effect: Effect) -> None:
        """A report of the performer, for every page."""
        self._post(lambda hub: hub.told(effect))

    def now(self, message: Message) -> None:
        """How things are."""
        self._post(lambda hub: hub.now(message))

    def notes(self, notes: Iterable[NoteSeen]) -> None:
        """Notes that came in or went out."""
        self._post(lambda hub: hub.notes(notes))

    def map(self, message: Message) -> None:
        """Where ideas lie on the map of a model."""
        self._post(lambda hub: hub.map(message))

    def close(self) -> None:
        """Send the pages away and stop. May be called twice."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        if self._awake.wait(_LEAVE_S) and self._loop is not None and self._ending is not None:
            with contextlib.suppress(RuntimeError):  # it ended by itself
                self._loop.call_soon_threadsafe(self._ending.set)
        thread.join(_LEAVE_S)

    # --- inside ---------------------------------------------------------------------------------

    def _post(self, report: Callable[[PageHub], list[Message]]) -> None:
        self._news.append(report)
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._drain)

    def _run(self, listening: socket.socket, door: Door) -> None:
        try:
            asyncio.run(self._serve(listening, door))
        except Exception as error:  # a fault of ours costs the page, never the music
            self._on_complaint(f"The page stopped working ({type(error).__name__}: {error}).")
        finally:
            self._awake.set()
            listening.close()

    async def _serve(self, listening: socket.socket, door: Door) -> None:
        from livevae.adapters.page.site import Site  # a fifth of a second to load

        self._ending = asyncio.Event()
        site = Site(self._hub, door, *self._callbacks)

        def drain() -> None:
            messages: list[Message] = []
            while self._news:
                messages += self._news.popleft()(self._hub)
            if messages:
                site.publish(messages)

        await site.open(listening)
        self._drain = drain
        self._loop = asyncio.get_running_loop()
        self._awake.set()
        drain()
        await self._ending.wait()
        await site.close()


def _no_files(part: str, slot: int, name: str, content: bytes) -> Event:
    raise MessageError("files cannot be kept here")


def _own_address(any_address: str) -> str:
    """This computer as others on its network reach it."""
    family = socket.AF_INET6 if ":" in any_address else socket.AF_INET
    probe = ("2001:db8::1", 9) if family == socket.AF_INET6 else ("192.0.2.1", 9)  # addresses for examples
    with socket.socket(family, socket.SOCK_DGRAM) as way_out:
        try:
            way_out.connect(probe)  # sends nothing; it only chooses the network
            host: str = way_out.getsockname()[0]
        except OSError:
            host = "localhost"
    return f"[{host}]" if ":" in host else host


def _bound(endpoint: tuple[str, int]) -> socket.socket:
    host, port = endpoint
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise PortError(f"the page cannot be shown at {host}:{port}: no such host here") from error
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows, where SO_REUSEADDR would share a busy port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise PortError(why_not_listening(error, "the page cannot listen", "--page", host, port)) from error
    listening.setblocking(False)
    return listening
