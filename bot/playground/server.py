"""The playground's page, on a loopback listener of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from importlib import resources
from typing import Any, TypeVar
from urllib.parse import quote
from zoneinfo import ZoneInfo

import msgspec
import structlog
from aiohttp import web

from bot.answer import TakesTurns
from bot.attached import LIMIT, TYPES, given
from bot.body import read_body
from bot.charts.pictures import charts_of, picture, small_pictures
from bot.playground.bodies import Leap, OpenHome, Press, Say, Submit, UseShortcut
from bot.playground.clock import leaps
from bot.playground.people import DemoPerson
from bot.playground.room import HOME, UMBRELLA, Back, NotHere, Room
from bot.playground.send import PlaygroundSender
from bot.playground.transcript import CHANNEL, Change, Closed, direct
from bot.process import close
from bot.slack import render as slack
from bot.teams import render as teams
from handlers.conversation.command import EVERYONE, Command
from handlers.conversation.company import Company
from handlers.conversation.reply import Chart, Document, Form, Reply

log = structlog.get_logger(__name__)
Body = TypeVar("Body", bound=msgspec.Struct)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

OWN_HEADER = "X-Pacer-Playground"
"""Only the page's own script can send it: another site would need a permission that is never given."""
TOGETHER = 2 * LIMIT
"""Bytes of the files that one message may carry."""
SAY_LIMIT = TOGETHER * 4 // 3 + 2**20
"""Bytes of such a request: base64 makes four of three."""
HEARTBEAT = 15.0
"""Seconds after which an idle page is told the time, so that a lost one is noticed."""
TOO_MUCH = f"A message carries up to {TOGETHER // 10**6} MB of files here. Send them one by one."
FILES = {
    "/": ("page.html", "text/html"),
    "/page.css": ("page.css", "text/css"),
    "/page.js": ("page.js", "text/javascript"),
    "/mark.svg": ("mark.svg", "image/svg+xml"),
}
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Playground:
    """A third platform beside Slack and Teams, for one's own machine."""

    def __init__(
        self,
        *,
        turns: TakesTurns,
        commands: tuple[Command, ...],
        people: Sequence[DemoPerson],
        clock: Callable[[], datetime],
        company: Company,
        leap: Callable[[datetime], Awaitable[None]] | None = None,
        host: str = "127.0.0.1",
        port: int = 3978,
    ) -> None:
        """`leap` takes the clock forward to an instant; None where it cannot be moved."""
        self._leap = leap
        self._leaping = asyncio.Lock()
        self.room = Room(turns=turns, commands=commands, people=people, clock=clock, company=company)
        self._host, self._port = host, port
        self._runner: web.AppRunner | None = None
        self._files = {
            path: ((resources.files(__package__) / name).read_bytes(), kind) for path, (name, kind) in FILES.items()
        }

    @property
    def sender(self) -> PlaygroundSender:
        """What delivery sends through."""
        return self.room.sender

    def application(self) -> web.Application:
        """The page and what it asks for, each request checked for where it comes from."""
        app = web.Application(middlewares=[_guard, _sentences])
        for path in self._files:
            app.router.add_get(path, self._file)
        app.router.add_get("/api/start", self._start)
        app.router.add_get("/api/events", self._events)
        app.router.add_get("/api/source", self._source)
        app.router.add_get("/api/chart", self._chart)
        app.router.add_get("/api/document", self._document)
        app.router.add_post("/api/say", self._say)
        app.router.add_post("/api/press", self._press)
        app.router.add_post("/api/submit", self._submit)
        app.router.add_post("/api/shortcut", self._shortcut)
        app.router.add_post("/api/home", self._home)
        app.router.add_get("/api/leaps", self._leaps)
        app.router.add_post("/api/leap", self._go)
        return app

    async def start(self) -> str:
        """Listen; the page's address."""
        self._runner = web.AppRunner(self.application(), access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}/"

    async def stop(self) -> None:
        """Let the open pages go, then the listener."""
        self.room.transcript.close()
        if self._runner is not None:
            await close(self._runner)
            self._runner = None

    async def _file(self, request: web.Request) -> web.Response:
        body, kind = self._files[request.path]
        return web.Response(body=body, content_type=kind, charset="utf-8")

    async def _start(self, request: web.Request) -> web.Response:
        """Who and what there is."""
        company, commands = self.room.company, self.room.commands
        prefix = company.command_prefix
        slash = [_for_menu(prefix + each.name, each.usage, each.summary, each.roles) for each in commands if each.slash]
        if not any(each["name"] == UMBRELLA for each in slash):
            slash.append(_for_menu(UMBRELLA, "[command]", "Any command, by its name", EVERYONE))
        return _json(
            {
                "now": self.room.transcript.clock(),
                "company": company.name,
                "locale": "en-US" if company.date_order == "mdy" else "en-GB",
                "people": self.room.people,
                "channel": CHANNEL,
                "files": {"types": TYPES, "limit": LIMIT, "together": TOGETHER},
                "home": HOME,
                "commands": slash,
                "examples": [
                    {"line": line, "roles": sorted(each.roles)}
                    for number, each in enumerate(commands)
                    for line in each.examples[: 1 if number else 2]
                ],
                "shortcuts": [
                    {"command": each.name, "label": each.shortcut.label, "summary": each.shortcut.summary}
                    for each in commands
                    if each.shortcut
                ],
            }
        )

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """All that a person sees, then each change as it happens."""
        person = self.room.person(request.query.get("who", ""))
        response = web.StreamResponse(headers={**SECURITY_HEADERS, "Content-Type": "text/event-stream"})
        transcript = self.room.transcript
        with transcript.watch(person.external_id) as changes:
            await response.prepare(request)
            everything = {
                "event": "everything",
                "messages": transcript.seen_by(person.external_id),
                "home": transcript.homes.get(person.external_id),
                "direct": direct(person.external_id),
            }
            with suppress(ConnectionResetError):  # the page was closed or reloaded
                await response.write(self._event(everything))
                while not isinstance(change := await _next(changes), Closed):
                    await response.write(self._event(change))
        return response

    def _event(self, change: Change | dict[str, Any]) -> bytes:
        data = msgspec.json.encode({"now": self.room.transcript.clock(), "change": change})
        return b"data: " + data + b"\n\n"

    async def _source(self, request: web.Request) -> web.Response:
        """A message as the platforms are sent it."""
        return _json(await _sources(self._reply(request), home=request.query.get("message") == HOME))

    async def _chart(self, request: web.Request) -> web.Response:
        """The picture of one part of a message."""
        parts = self._reply(request).parts
        at = request.query.get("part", "")
        chart = parts[int(at)] if at.isascii() and at.isdigit() and int(at) < len(parts) else None
        drawn = await picture(chart) if isinstance(chart, Chart) else None
        if drawn is None:
            raise NotHere("That chart")
        return web.Response(body=drawn, content_type="image/png")

    async def _document(self, request: web.Request) -> web.Response:
        """One part of a message, as a file to keep."""
        parts = self._reply(request).parts
        at = request.query.get("part", "")
        part = parts[int(at)] if at.isascii() and at.isdigit() and int(at) < len(parts) else None
        content = self.room.transcript.files.get(part.file) if isinstance(part, Document) else None
        if content is None or not isinstance(part, Document):
            raise NotHere("That file")
        kept = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(part.name, safe='')}"}
        return web.Response(body=content, content_type="application/octet-stream", headers=kept)

    def _reply(self, request: web.Request) -> Reply:
        """What Pacer says in the message that is asked for, if the person sees it."""
        person, message = self.room.person(request.query.get("who", "")), request.query.get("message", "")
        if message == HOME:
            reply = self.room.transcript.homes.get(person.external_id)
        else:
            shown = self.room.transcript.get(message)
            reply = shown.reply if shown and shown.seen_by(person.external_id) else None
        if reply is None:
            raise NotHere("That message")
        return reply

    async def _say(self, request: web.Request) -> web.Response:
        try:
            content = await read_body(request, SAY_LIMIT)
        except TimeoutError as error:
            raise web.HTTPRequestTimeout(text="The files did not arrive in time. Try again.") from error
        if content is None:
            raise web.HTTPRequestEntityTooLarge(
                max_size=SAY_LIMIT, actual_size=request.content_length or 0, text=TOO_MUCH
            )
        body = _decoded(content, Say)
        files = tuple(given(file.name, file.content, file.size) for file in body.files)
        who = self.room.person(body.who)
        return _back(await self.room.say(who, body.conversation, body.text, files=files, key=body.key))

    async def _press(self, request: web.Request) -> web.Response:
        body = await _read(request, Press)
        who = self.room.person(body.who)
        return _back(await self.room.press(who, body.message, body.token, body.value, key=body.key))

    async def _submit(self, request: web.Request) -> web.Response:
        body = await _read(request, Submit)
        who = self.room.person(body.who)
        return _back(
            await self.room.submit(
                who, body.token, body.values, message=body.message, conversation=body.conversation, key=body.key
            )
        )

    async def _shortcut(self, request: web.Request) -> web.Response:
        body = await _read(request, UseShortcut)
        return _back(await self.room.shortcut(self.room.person(body.who), body.message, body.command, key=body.key))

    async def _home(self, request: web.Request) -> web.Response:
        body = await _read(request, OpenHome)
        return _back(await self.room.open_home(self.room.person(body.who), key=body.key))

    async def _leaps(self, request: web.Request) -> web.Response:
        """To which moments the clock can be taken, as this person's zone has them."""
        return _json([words for words, _ in self._offered(request.query.get("who", ""))] if self._leap else [])

    async def _go(self, request: web.Request) -> web.Response:
        """Take the clock forward; everything that comes up on the way is said."""
        body = await _read(request, Leap)
        if self._leap is None or self._leaping.locked():
            raise web.HTTPConflict(text="The clock is being moved already.")
        async with self._leaping:
            instant = dict(self._offered(body.who)).get(body.to)
            if instant is None:
                raise NotHere(f"The moment {body.to}")
            await self._leap(instant)
        return _json({"now": self.room.transcript.clock()})

    def _offered(self, who: str) -> list[tuple[str, datetime]]:
        return leaps(self.room.transcript.clock(), ZoneInfo(self.room.person(who).zone))


def _for_menu(name: str, usage: str, summary: str, roles: frozenset[str]) -> dict[str, Any]:
    return {"name": name, "usage": usage, "summary": summary, "roles": sorted(roles)}


async def _next(changes: asyncio.Queue[Change]) -> Change | dict[str, Any]:
    try:
        return await asyncio.wait_for(changes.get(), HEARTBEAT)
    except TimeoutError:
        return {"event": "clock"}


async def _sources(reply: Reply, *, home: bool) -> list[dict[str, Any]]:
    """The same answer as each platform is sent it, in the order in which the page offers them."""
    if home:  # Slack's alone: Teams has no such page
        sent = [("Slack Block Kit", slack.home(reply))]
    else:
        pictures = await small_pictures(reply, teams.PICTURES)
        sent = [("Slack Block Kit", slack.message(reply)), ("Teams Adaptive Card", teams.message(reply, pictures))]
        if charts := charts_of(reply):
            files = {chart: f"F{number:08d}" for number, chart in enumerate(charts, 1)}
            sent.insert(1, ("Slack picture", slack.picture_message(reply, files)))
    return [{"name": name, "json": json} for name, json in (*sent, ("Reply", msgspec.to_builtins(reply)))]


def _form_sources(form: Form) -> list[dict[str, Any]]:
    """The same for a form that opens."""
    sent = (("Slack modal", slack.modal(form)), ("Teams dialog", teams.dialog(form)))
    return [{"name": name, "json": json} for name, json in (*sent, ("Form", msgspec.to_builtins(form)))]


async def _read(request: web.Request, kind: type[Body]) -> Body:
    return _decoded(await request.read(), kind)


def _decoded(content: bytes, kind: type[Body]) -> Body:
    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.MsgspecError as error:
        raise web.HTTPBadRequest(text=f"That was not understood: {error}") from error


def _json(data: Any, status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(data), content_type="application/json", status=status)


def _back(back: Back) -> web.Response:
    # What Pacer says arrives as events, in one order with everybody else's; only what opens or stays open is answered.
    sources = _form_sources(back.form) if back.form else []
    return _json({"form": back.form, "sources": sources, "problems": back.problems})


@web.middleware
async def _guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what another site's page could make a browser send: a foreign name for this machine (DNS rebinding),
    a foreign origin, a request without the page's own header."""
    port = request.transport.get_extra_info("sockname")[1] if request.transport else 0
    own = {f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")}
    origin = request.headers.get("Origin")
    foreign = (
        request.headers.get("Host", "").lower() not in own
        or (origin is not None and origin.lower() not in {f"http://{name}" for name in own})
        or (request.path.startswith("/api/") and request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin")
        or (request.method not in ("GET", "HEAD") and request.headers.get(OWN_HEADER) != "1")
    )
    if foreign:
        log.warning("playground_refused", host=request.headers.get("Host"), origin=origin, path=request.path)
        response: web.StreamResponse = web.Response(status=403, text="The playground answers only its own page.")
    else:
        response = await handler(request)
    if not response.prepared:
        response.headers.update(SECURITY_HEADERS)
    return response


@web.middleware
async def _sentences(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whatever goes wrong comes back as a sentence that the page can show."""
    try:
        return await handler(request)
    except NotHere as error:
        return _json({"error": str(error)}, status=404)
    except web.HTTPException as error:
        return _json({"error": error.text or error.reason}, status=error.status)
    except (ConnectionResetError, asyncio.CancelledError):
        raise
    except Exception:
        log.exception("playground_failed", path=request.path)
        return _json({"error": "Something broke on Pacer's side. Its log in the terminal says what."}, status=500)
