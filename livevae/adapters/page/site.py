"""The page over HTTP and WebSocket, by aiohttp. Everything here runs in one asyncio loop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import Awaitable, Callable, Iterable

from aiohttp import WSMsgType, web

from livevae.adapters.osc.limiter import Limiter
from livevae.adapters.page.door import COOKIE, Door
from livevae.adapters.page.files import StaticFile, static_files
from livevae.adapters.page.hub import PageHub
from livevae.adapters.page.requests import MAX_REQUEST_BYTES, read_request, read_slot
from livevae.adapters.page.wire import Message, complaint_message, frame_of
from livevae.core.events import Event, NoteOff, NoteOn
from livevae.errors import LivevaeError, MessageError

MAX_VISITORS = 16
MAX_FILE_BYTES = 1 << 20  # a MIDI file of a whole symphony is smaller
_FRAMES_WAITING = 512  # some ten seconds of music; a page that lags so far behind had better come back fresh
_REQUESTS_A_SECOND = 1000.0  # two fingers on a pad that steers three parts send some 700
_BURST = 200.0
_HEARTBEAT_S = 10.0
_GOODBYE_S = 0.5  # a page that has gone without a word must not hold up the end
_REMEMBERED_S = 30 * 24 * 3600  # a tablet knows the token for a month
_TRY_AGAIN_LATER = 1013  # WebSocket close code of the IANA registry
_ASK_FOR_TOKEN = """<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>livevae</title><form method="get" action="/"><label>The token that livevae printed
<input name="token" autofocus autocomplete="off" autocapitalize="none"></label> <button>Enter</button></form>
"""


ReadFile = Callable[[str, int, str, bytes], Event]


class Site:
    """Pages that are open, and what they ask.

    on_event: gets each event a page asks for.
    on_complaint: gets a sentence about requests that made no sense, at most one a second.
    on_watch: told when the first page opens (True) and when the last one goes (False).
    read_file: makes an event of a MIDI file (part, slot, name, content) that is to be kept, or raises
        LivevaeError with a sentence.
    """

    def __init__(
        self,
        hub: PageHub,
        door: Door,
        on_event: Callable[[Event], None],
        on_complaint: Callable[[str], None],
        on_watch: Callable[[bool], None],
        read_file: ReadFile,
    ) -> None:
        self._hub = hub
        self._door = door
        self._on_event = on_event
        self._on_complaint = on_complaint
        self._on_watch = on_watch
        self._read_file = read_file
        self._files = static_files()
        self._visitors: set[_Visitor] = set()
        self._limiter = Limiter()
        self._runner: web.AppRunner | None = None

    async def open(self, listening: socket.socket) -> None:
        """Begin to serve at a socket that already listens."""
        log = logging.getLogger("aiohttp")  # whatever strangers send is no news for a musician's screen
        log.addHandler(logging.NullHandler())
        log.propagate = False
        app = web.Application(middlewares=[self._guard], client_max_size=MAX_FILE_BYTES)
        app.router.add_get("/live", self._live)
        app.router.add_post("/slot", self._keep_file)
        app.router.add_get("/{path:.*}", self._file)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=_GOODBYE_S)
        await self._runner.setup()
        await web.SockSite(self._runner, listening).start()

    async def close(self) -> None:
        """Send every page away; they will try to come back."""
        farewells = [asyncio.create_task(visitor.send_away()) for visitor in self._visitors]
        if farewells:
            await asyncio.wait(farewells, timeout=_GOODBYE_S)
        if self._runner is not None:
            await self._runner.cleanup()

    def publish(self, messages: Iterable[Message]) -> None:
        """Tell every page; one that does not keep up is sent away, and comes back to a fresh picture."""
        if not self._visitors:
            return
        frame = frame_of(messages)
        for visitor in self._visitors:
            visitor.tell(frame)

    # --- requests -------------------------------------------------------------------------------

    @web.middleware
    async def _guard(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if not self._door.knows_host(request.host):
            raise web.HTTPForbidden(text="livevae answers only by this computer's own address")
        if not self._door.is_same_site(request.headers.get("Origin"), request.host):
            raise web.HTTPForbidden(text="livevae does not talk to other sites' pages")
        response = await handler(request)
        if not response.prepared:
            response.headers.update(_security_headers(request.host))
        return response

    async def _file(self, request: web.Request) -> web.Response:
        offered = request.query.get("token")
        if not self._door.has_token(offered, request.cookies.get(COOKIE)):
            return web.Response(text=_ASK_FOR_TOKEN, content_type="text/html", status=403)
        if self._door.needs_token and offered is not None:
            response = web.Response(status=303, headers={"Location": "/"})  # out of sight and of Referer
            # Lax: a link in a message opens the page too; who may talk is settled by the Origin
            response.set_cookie(
                COOKIE, offered, httponly=True, samesite="Lax", path="/", max_age=_REMEMBERED_S
            )
            return response
        file = self._files.get(request.path)
        if file is None:
            raise web.HTTPNotFound(text="there is no such page")
        return _file_response(request, file)

    async def _keep_file(self, request: web.Request) -> web.Response:
        """Keep a MIDI file that was dropped on the page. Answers with a sentence where it cannot be."""
        if not self._door.has_token(request.cookies.get(COOKIE)):
            raise web.HTTPForbidden(text="open the page with the token that livevae printed")
        content = await request.read()
        slot = request.query.get("slot", "")
        fields = {**request.query, "slot": int(slot) if slot.isdecimal() and len(slot) < 4 else slot}
        try:
            part, number, name = read_slot(fields, self._hub.parts)
            # reading it takes a moment, and the meters of the other pages should not stand still
            event = await asyncio.to_thread(self._read_file, part, number, name, content)
        except LivevaeError as refusal:
            return web.Response(status=400, text=f"{refusal}.")
        self._on_event(event)
        return web.Response(status=204)

    async def _live(self, request: web.Request) -> web.StreamResponse:
        if not self._door.has_token(request.cookies.get(COOKIE), request.query.get("token")):
            raise web.HTTPForbidden(text="open the page with the token that livevae printed")
        if len(self._visitors) >= MAX_VISITORS:
            raise web.HTTPServiceUnavailable(text=f"{MAX_VISITORS} pages are open already")
        line = web.WebSocketResponse(max_msg_size=MAX_REQUEST_BYTES, heartbeat=_HEARTBEAT_S, compress=False)
        await line.prepare(request)
        visitor = _Visitor(line)
        visitor.tell(frame_of(self._hub.hello()))
        self._visitors.add(visitor)
        if len(self._visitors) == 1:
            self._on_watch(True)
        try:
            await self._listen(visitor)
        finally:
            self._visitors.discard(visitor)
            for channel, pitch in visitor.held:
                self._on_event(NoteOff(channel, pitch))
            if not self._visitors:
                self._on_watch(False)
            await visitor.close()
        return line

    async def _listen(self, visitor: _Visitor) -> None:
        pace = _Pace()
        async for message in visitor.line:
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                return
            await pace.wait()
            try:
                event = read_request(message.data, self._hub.parts)
            except MessageError as refusal:
                self._complain(visitor, str(refusal))
                continue
            visitor.hold(event)
            self._on_event(event)

    def _complain(self, visitor: _Visitor, text: str) -> None:
        sentence = self._limiter.admit(f"The page sent {text}.", time.monotonic_ns())
        if sentence is not None:
            visitor.tell(frame_of([complaint_message(sentence)]))
            self._on_complaint(sentence)


class _Visitor:
    """One open page. held: channel and pitch of the keys it holds down."""

    def __init__(self, line: web.WebSocketResponse) -> None:
        self.line = line
        self.held: set[tuple[int, int]] = set()
        self._frames: asyncio.Queue[str] = asyncio.Queue(_FRAMES_WAITING)
        self._writing = asyncio.create_task(self._write())
        self._leaving: asyncio.Task[bool] | None = None

    def tell(self, frame: str) -> None:
        try:
            self._frames.put_nowait(frame)
        except asyncio.QueueFull:
            if self._leaving is None:
                self._writing.cancel()
                self._leaving = asyncio.create_task(self.line.close(code=_TRY_AGAIN_LATER))

    def hold(self, event: Event) -> None:
        """Remember the keys it holds, to let them go when it vanishes."""
        match event:
            case NoteOn(channel, pitch, _):
                self.held.add((channel, pitch))
            case NoteOff(channel, pitch):
                self.held.discard((channel, pitch))

    async def send_away(self) -> None:
        await self.line.close(code=1001, message=b"livevae ended")

    async def close(self) -> None:
        self._writing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._writing

    async def _write(self) -> None:
        with contextlib.suppress(ConnectionError, RuntimeError):  # it has gone; the listening side notices
            while True:
                await self.line.send_str(await self._frames.get())


class _Pace:
    """Lets a page ask so much and no more: a flood waits in its own connection and nowhere else."""

    def __init__(self) -> None:
        self._allowance = _BURST
        self._seen_s = time.monotonic()

    async def wait(self) -> None:
        now_s = time.monotonic()
        self._allowance = min(_BURST, self._allowance + (now_s - self._seen_s) * _REQUESTS_A_SECOND)
        self._seen_s = now_s
        self._allowance -= 1.0
        if self._allowance < 0.0:
            await asyncio.sleep(-self._allowance / _REQUESTS_A_SECOND)


def _file_response(request: web.Request, file: StaticFile) -> web.Response:
    headers = {"ETag": file.tag, "Cache-Control": "no-cache", "Content-Type": file.content_type}
    if request.headers.get("If-None-Match") == file.tag:
        return web.Response(status=304, headers=headers)
    return web.Response(body=file.content, headers=headers)


def _security_headers(host: str) -> dict[str, str]:
    """Nothing from elsewhere is loaded, and no other site may frame the page."""
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        f"connect-src 'self' ws://{host}; worker-src 'self' blob:; manifest-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
