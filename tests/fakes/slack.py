"""A Slack at the far end: its Web API, its websocket and its front, over real HTTP on this machine's loopback.

    async with FakeSlack(INSTALL) as slack:
        slack.bot_url = "http://127.0.0.1:3000"        # where the bot listens
        logged = await slack.command("/log", "call Acme", user="U1")
        await slack.press(logged, "Undo")

It checks every token and everything that it is given, as Slack does and against the published schemas; what Slack
would have refused is in `violations`, and leaving the `with` fails the test. `slack.over = "socket"` sends the same
through Socket Mode. `slack.inject("chat.postMessage", status=429, retry_after=30)` makes the next call fail.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import time
import uuid
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote, urlencode

import aiohttp
from aiohttp import WSMsgType, web

from bot.slack.install import SlackInstall
from tests.fakes import slack_rules as rules
from tests.fakes.shelf import Shelf

PATIENCE = 30.0
"""Seconds until a test that waits for something gives up."""

SCOPES = {
    "users.info": "users:read",
    "users.lookupByEmail": "users:read.email",
    "dnd.teamInfo": "dnd:read",
    "chat.postMessage": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.update": "chat:write",
    "chat.delete": "chat:write",
    "conversations.open": "im:write",
    "files.getUploadURLExternal": "files:write",
    "files.completeUploadExternal": "files:write",
}
HISTORY = {"D": "im:history", "C": "channels:history", "P": "groups:history", "G": "mpim:history"}
"""Scope by the first letter of the channel ids used in tests: P is private, G a group."""


@dataclass(frozen=True)
class Call:
    """One call of the Web API, as it came."""

    method: str
    token: str
    arguments: dict[str, Any]


@dataclass
class Shown:
    """A message as it stands in a conversation."""

    team: str
    channel: str
    ts: str
    text: str
    blocks: list[dict[str, Any]]
    only_to: str = ""
    thread: str = ""
    metadata: dict[str, Any] | None = None
    deleted: bool = False
    public: bool = False
    payload: dict[str, Any] = field(default_factory=dict)
    """All that the bot gave."""
    files: list[Uploaded] = field(default_factory=list)
    """Shared with it."""

    @property
    def read(self) -> str:
        """What a person reads."""
        return rules.shown(self.blocks) if self.blocks else self.text

    @property
    def labels(self) -> list[str]:
        """Of the buttons and options."""
        return [label for label, _ in _actions(self.blocks)]


@dataclass
class Opened:
    """A modal in front of somebody."""

    team: str
    user: str
    id: str
    view: dict[str, Any]
    closed: bool = False
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, str]:
        """What the fields hold when it opens."""
        return {block["block_id"]: _initial(block["element"]) for block in _inputs(self.view)}


@dataclass
class Uploaded:
    """A file on its way: an address was given out, the bytes came, it was completed."""

    team: str
    id: str
    length: int
    alt: str
    data: bytes = b""
    title: str = ""
    complete: bool = False
    name: str = ""
    shared: list[str] = field(default_factory=list)
    """Conversations in which it was shared."""
    working: int = 0
    """How many more messages may not show it yet, because Slack works on it."""


@dataclass
class Answered:
    """What the bot's endpoint answered."""

    status: int
    body: Any
    """Parsed JSON, else the text; empty for none."""


@dataclass
class _Fault:
    status: int = 200
    error: str = ""
    retry_after: int | None = None
    drop: bool = False
    """Close the connection after the bytes were read, without an answer."""
    slow: float = 0.0
    """Seconds."""
    do: bool = False
    """Do what was asked all the same; where nothing else is wrong, the true answer follows."""
    when: Callable[[dict[str, Any]], bool] | None = None
    times: int = 1


class FakeSlack:
    """See the module."""

    def __init__(self, *installs: SlackInstall, scopes: frozenset[str] | None = None) -> None:
        """`scopes`: what the apps were granted; None for everything."""
        self.installs = installs
        self.scopes = scopes
        self.over: Literal["http", "socket"] = "http"
        self.bot_url = ""
        self.calls: list[Call] = []
        self.scopes_used: set[str] = set()
        self.violations: list[str] = []
        self.messages: list[Shown] = []
        self.opened: list[Opened] = []
        self.files: dict[str, Uploaded] = {}
        self.shelf = Shelf(self._may_not_read)
        """What people have attached; see `attach`."""
        self.slow_files = 0
        """How many messages each new file is not ready for."""
        self.homes: dict[tuple[str, str], dict[str, Any]] = {}
        self.users: dict[tuple[str, str], dict[str, Any]] = {}
        self.disturb: dict[tuple[str, str], dict[str, Any]] = {}
        """What dnd.teamInfo says of those who have a schedule."""
        self.lookups: list[float] = []
        """When somebody was looked for by e-mail."""
        self.members: dict[tuple[str, str], set[str]] = defaultdict(set)
        """(team, channel) -> who is in it; the bot as `bot`."""
        self.directs: dict[tuple[str, str], str] = {}
        self._faults: dict[str, list[_Fault]] = defaultdict(list)
        self._urls: dict[str, _ResponseUrl] = {}
        self._triggers: dict[str, tuple[str, str]] = {}
        self._numbers = itertools.count(1)
        self._sockets: dict[str, list[web.WebSocketResponse]] = defaultdict(list)
        self._acks: dict[str, asyncio.Future[Any]] = {}
        self._changed = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._http: aiohttp.ClientSession | None = None
        for install in installs:
            self.add_user("U1", name="Rae Rep", install=install)

    # ------------------------------------------------------------ life

    async def __aenter__(self) -> FakeSlack:
        application = web.Application()
        application.router.add_post("/api/{method}", self._api)
        application.router.add_post("/respond/{id}", self._respond)
        application.router.add_post("/upload/{id}", self._upload)
        application.router.add_get("/link/{team}", self._socket)
        application.router.add_get("/files/{id}/{name}", self.shelf.serve)
        application.router.add_get("/login", self.shelf.login)
        self._runner = web.AppRunner(application, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port: int = self._runner.addresses[0][1]
        self._http = aiohttp.ClientSession()
        return self

    async def __aexit__(self, kind: object, *_: object) -> None:
        assert self._http
        assert self._runner
        await self.hang_up()
        await self._http.close()
        await self._runner.cleanup()
        if kind is None:
            assert not self.violations, "\n".join(self.violations)

    @property
    def url(self) -> str:
        """What SLACK_API_URL is set to."""
        return f"http://127.0.0.1:{self.port}/api/"

    # ------------------------------------------------------------ the world

    def add_user(self, user: str, *, name: str = "", install: SlackInstall | None = None, **more: Any) -> None:
        """A person of the install's workspace; `more` overrides what users.info says, e.g. `is_restricted=True`."""
        install = install or self.installs[0]
        first = (name or user).split()[0].lower()
        said = {
            "id": user,
            "team_id": install.team_id or "TGRID",
            "real_name": name or user,
            "tz": "America/New_York",
            "locale": "en-US",
            "profile": {"email": more.pop("email", f"{first}@example.com"), "real_name": name or user},
        }
        if install.enterprise_id:
            said["enterprise_user"] = {"enterprise_id": install.enterprise_id}
        self.users[_team(install), user] = said | more

    def join(self, channel: str, *who: str, install: SlackInstall | None = None) -> None:
        """Put people, or the bot as `bot`, into a channel."""
        self.members[_team(install or self.installs[0]), channel].update(who)

    def direct(self, user: str, install: SlackInstall | None = None) -> str:
        """The one-to-one conversation of the bot with somebody."""
        return self.directs.setdefault((_team(install or self.installs[0]), user), f"D{user[1:]}")

    def inject(self, method: str, **fault: Any) -> None:
        """Let the next call of a method (or `respond`) fail; see _Fault for how."""
        self._faults[method].append(_Fault(**fault))

    def called(self, method: str) -> list[dict[str, Any]]:
        """The arguments of all calls of a method so far."""
        return [call.arguments for call in self.calls if call.method == method]

    def said_to(self, user: str, channel: str = "") -> list[Shown]:
        """Messages that somebody sees in a conversation (their one-to-one chat by default)."""
        channel = channel or self.direct(user)
        return [
            shown
            for shown in self.messages
            if shown.channel == channel and not shown.deleted and shown.only_to in ("", user)
        ]

    async def until(self, found: Callable[[], Any], patience: float = PATIENCE) -> Any:
        """Wait until something is true, at most `patience` seconds; returns it."""
        async with asyncio.timeout(patience):
            while not (value := found()):
                self._changed.clear()
                try:
                    await asyncio.wait_for(self._changed.wait(), 0.05)
                except TimeoutError:
                    continue
        return value

    async def next_message(self, after: int | None = None, where: Callable[[Shown], bool] = lambda _: True) -> Shown:
        """Wait for a message beyond the first `after` (those that are there now)."""
        start = len(self.messages) if after is None else after
        return await self.until(lambda: next((shown for shown in self.messages[start:] if where(shown)), None))

    async def next_modal(self) -> Opened:
        """Wait until a modal is open; returns the newest."""
        return await self.until(lambda: next((one for one in reversed(self.opened) if not one.closed), None))

    # ------------------------------------------------------------ people doing things

    async def command(
        self,
        command: str,
        text: str = "",
        *,
        user: str = "U1",
        channel: str = "C1",
        install: SlackInstall | None = None,
        escape: bool = True,
        **more: Any,
    ) -> Shown | None:
        """Type a slash command; returns the message that its acknowledgement carried.

        `escape` False: the text is in Slack's markup already (mentions and links).
        """
        answered = await self.send_command(
            command, text, user=user, channel=channel, install=install, escape=escape, **more
        )
        assert answered.status == 200, answered
        if not answered.body:
            return None
        return self._show(_team(install or self.installs[0]), channel, answered.body, user)

    async def send_command(
        self,
        command: str,
        text: str = "",
        *,
        user: str = "U1",
        channel: str = "C1",
        install: SlackInstall | None = None,
        escape: bool = True,
        **more: Any,
    ) -> Answered:
        """The same, with the bare answer; `more` overrides the form's fields."""
        install = install or self.installs[0]
        form = {
            "token": "legacy",
            "team_id": install.team_id or "TGRID",
            "team_domain": "demo",
            "channel_id": channel,
            "channel_name": "directmessage" if channel.startswith("D") else "sales",
            "user_id": user,
            "user_name": user.lower(),
            "command": command,
            "text": _escaped(text) if escape else text,
            "api_app_id": "A1",
            "is_enterprise_install": "true" if install.org_wide else "false",
            "response_url": self._response_url(_team(install), channel, user),
            "trigger_id": self._trigger(_team(install), user),
        }
        if install.enterprise_id:
            form["enterprise_id"] = install.enterprise_id
        form.update(more)
        return await self._front(install, "slash_commands", form, urlencode(form), form=True)

    async def say(
        self, text: str, *, user: str = "U1", install: SlackInstall | None = None, escape: bool = True, **more: Any
    ) -> Answered:
        """Write to the bot in the one-to-one chat; `more` overrides the event's fields."""
        said = self._said(_escaped(text) if escape else text, user, self.direct(user, install))
        return await self.event({"type": "message", "channel_type": "im", **said, **more}, install=install)

    def attach(self, name: str, content: bytes = b"", *, user: str = "U1", shape: Any = None, **how: Any) -> Any:
        """A file as a message's `files` tells of it, to be said with `share`. `how` as in Shelf.put; `shape` overrides
        what is told."""
        kept = self.shelf.put(name, content, **how)
        return {
            "id": kept.id,
            "created": int(time.time()),
            "name": name,
            "title": name,
            "mimetype": "text/csv",
            "filetype": name.rpartition(".")[2],
            "user": user,
            "user_team": self.installs[0].team_id,
            "editable": False,
            "size": len(content),
            "mode": "hosted",
            "is_external": False,
            "is_public": False,
            "url_private": self.file_url(kept.id, name),
            "url_private_download": self.file_url(kept.id, name),
            "has_rich_preview": False,
            "file_access": "visible",
            **(shape or {}),
        }

    def file_url(self, file: str, name: str) -> str:
        """Where an attached file lies."""
        return f"http://127.0.0.1:{self.port}/files/{file}/{quote(name)}"

    async def share(self, *files: Any, text: str = "", channel: str = "", **more: Any) -> Answered:
        """Send files, made by `attach`, in the one-to-one chat, or with a mention in a channel."""
        said = {"files": list(files), "upload": True, "display_as_bot": False, **more}
        if channel:
            return await self.mention(text, channel=channel, **said)
        return await self.say(text, subtype="file_share", **said)

    def _may_not_read(self, request: web.Request) -> str:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not any(install.bot_token == token for install in self.installs):
            self.violations.append(f"a file was asked for with the token {token!r}")
            return "invalid_auth"
        if self.scopes is not None and "files:read" not in self.scopes:
            return "missing_scope"
        self.scopes_used.add("files:read")
        return ""

    async def mention(
        self,
        text: str,
        *,
        user: str = "U1",
        channel: str = "C1",
        install: SlackInstall | None = None,
        team_id: str = "",
        escape: bool = True,
        **more: Any,
    ) -> Answered:
        """Mention the bot in a channel; `team_id` overrides the envelope's, `more` the event's fields."""
        said = self._said(f"<@UBOT> {_escaped(text) if escape else text}", user, channel)
        envelope = {"team_id": team_id} if team_id else {}
        return await self.event({"type": "app_mention", **said, **more}, install=install, **envelope)

    def _said(self, text: str, user: str, channel: str) -> dict[str, Any]:
        ts = f"{int(time.time())}.{next(self._numbers):06d}"
        return {"channel": channel, "user": user, "text": text, "ts": ts}

    async def open_home(self, user: str = "U1", install: SlackInstall | None = None) -> Answered:
        """Look at the bot's Home tab."""
        event = {"type": "app_home_opened", "user": user, "channel": self.direct(user, install), "tab": "home"}
        return await self.event(event, install=install)

    async def event(
        self,
        event: dict[str, Any],
        *,
        install: SlackInstall | None = None,
        event_id: str = "",
        retry: int = 0,
        **more: Any,
    ) -> Answered:
        """Deliver an event; the same `event_id` again is a redelivery. `more` overrides the envelope's fields."""
        install = install or self.installs[0]
        payload = {
            "token": "legacy",
            "team_id": install.team_id or "TGRID",
            "enterprise_id": install.enterprise_id or None,
            "api_app_id": "A1",
            "event": event,
            "type": "event_callback",
            "event_id": event_id or f"Ev{next(self._numbers):08d}",
            "event_time": int(time.time()),
            "authorizations": [
                {
                    "enterprise_id": install.enterprise_id or None,
                    "team_id": install.team_id or None,
                    "user_id": "UBOT",
                    "is_bot": True,
                    "is_enterprise_install": install.org_wide,
                }
            ],
            **more,
        }
        headers = {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"} if retry else {}
        return await self._front(install, "events_api", payload, json.dumps(payload), headers=headers)

    async def press(
        self,
        on: Shown | dict[str, Any],
        label: str,
        *,
        user: str = "",
        install: SlackInstall | None = None,
        **more: Any,
    ) -> Answered:
        """Press the button, or choose the option, of that label on a message or a Home view."""
        install = install or self.installs[0]
        blocks = on.blocks if isinstance(on, Shown) else on["blocks"]
        found = [action for shown, action in _actions(blocks) if shown == label]
        assert found, f"no {label!r} among {[shown for shown, _ in _actions(blocks)]}"
        user = user or (on.only_to if isinstance(on, Shown) else "") or "U1"
        payload = self._interaction("block_actions", install, user)
        payload["actions"] = [{"block_id": "b", "action_ts": "1.0", **found[0]}]
        if isinstance(on, Shown):
            payload["container"] = {
                "type": "message",
                "message_ts": on.ts,
                "channel_id": on.channel,
                "is_ephemeral": bool(on.only_to),
            }
            if on.thread:
                payload["container"]["thread_ts"] = on.thread
            payload["channel"] = {"id": on.channel, "name": "directmessage" if on.channel[0] == "D" else "sales"}
            payload["response_url"] = self._response_url(_team(install), on.channel, user, on)
        else:
            payload["container"] = {"type": "view", "view_id": "V1"}
            payload["view"] = {"id": "V1", "app_installed_team_id": install.team_id or install.enterprise_id, **on}
        return await self._interact(install, payload | more)

    async def submit(
        self, opened: Opened, values: dict[str, str] | None = None, *, install: SlackInstall | None = None, **more: Any
    ) -> Answered:
        """Send a modal; fields that are not named keep what they held. `opened` then is closed, or holds errors."""
        install = install or self.installs[0]
        held = opened.values | (values or {})
        state = {
            block["block_id"]: {block["element"]["action_id"]: _entered(block["element"], held[block["block_id"]])}
            for block in _inputs(opened.view)
        }
        payload = self._interaction("view_submission", install, opened.user)
        payload["view"] = {
            **opened.view,
            "id": opened.id,
            "app_installed_team_id": install.team_id or install.enterprise_id,
            "state": {"values": state},
        }
        answered = await self._interact(install, payload | more)
        opened.errors = {}
        if answered.status != 200:
            return answered
        action = answered.body.get("response_action") if answered.body else "close"
        if action == "errors":
            opened.errors = answered.body["errors"]
            unknown = set(opened.errors) - {block["block_id"] for block in _inputs(opened.view)}
            if unknown or not opened.errors:
                self.violations.append(f"errors for fields that the form does not have: {unknown}")
        elif action == "update":
            opened.view = answered.body["view"]
            self._check(rules.problems_of_view(opened.view), "a view in response_action")
        else:
            opened.closed = True
        return answered

    async def shortcut(
        self,
        callback_id: str,
        text: str,
        *,
        user: str = "U1",
        channel: str = "C1",
        author: str = "U2",
        install: SlackInstall | None = None,
        **more: Any,
    ) -> Answered:
        """Use a message shortcut on a message with that text (in Slack's markup)."""
        install = install or self.installs[0]
        payload = self._interaction("message_action", install, user)
        payload |= {
            "callback_id": callback_id,
            "channel": {"id": channel, "name": "directmessage" if channel[0] == "D" else "sales"},
            "message_ts": "1700000000.000100",
            "message": {"type": "message", "user": author, "ts": "1700000000.000100", "text": text},
            "response_url": self._response_url(_team(install), channel, user),
        }
        return await self._interact(install, payload | more)

    # ------------------------------------------------------------ the way to the bot

    async def post(self, body: bytes, headers: dict[str, str]) -> Answered:
        """Anything at all to the bot's /slack/events."""
        assert self._http is not None
        async with self._http.post(f"{self.bot_url}/slack/events", data=body, headers=headers) as response:
            text = await response.text()
            parsed = json.loads(text) if response.content_type == "application/json" and text else text
            return Answered(response.status, parsed)

    def signed(self, body: bytes, secret: str, *, at: float | None = None, form: bool = False) -> dict[str, str]:
        """The headers of a request that Slack would send now, or at another time (seconds since 1970)."""
        timestamp = str(int(time.time() if at is None else at))
        digest = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()
        kind = "application/x-www-form-urlencoded" if form else "application/json"
        return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}", "Content-Type": kind}

    async def hang_up(self, team: str = "") -> None:
        """Break the websockets off without a goodbye."""
        for where, sockets in list(self._sockets.items()):
            if team in ("", where):
                for socket in list(sockets):
                    await socket.close(code=1011)

    async def refresh(self, install: SlackInstall | None = None) -> None:
        """Ask the bot's client to connect anew, as Slack does every few hours."""
        for socket in list(self._sockets[_team(install or self.installs[0])]):
            await socket.send_json({"type": "disconnect", "reason": "refresh_requested"})

    async def _interact(self, install: SlackInstall, payload: dict[str, Any]) -> Answered:
        body = urlencode({"payload": json.dumps(payload)})
        return await self._front(install, "interactive", payload, body, form=True)

    def _interaction(self, kind: str, install: SlackInstall, user: str) -> dict[str, Any]:
        team = install.team_id or "TGRID"
        return {
            "type": kind,
            "user": {"id": user, "username": user.lower(), "name": user.lower(), "team_id": team},
            "api_app_id": "A1",
            "token": "legacy",
            "team": {"id": team, "domain": "demo"},
            "enterprise": {"id": install.enterprise_id, "name": "Org"} if install.enterprise_id else None,
            "is_enterprise_install": install.org_wide,
            "trigger_id": self._trigger(_team(install), user),
        }

    async def _front(
        self,
        install: SlackInstall,
        kind: str,
        payload: dict[str, Any],
        body: str,
        *,
        form: bool = False,
        headers: dict[str, str] | None = None,
    ) -> Answered:
        if self.over == "http":
            raw = body.encode()
            return await self.post(raw, self.signed(raw, install.signing_secret, form=form) | (headers or {}))
        sockets = await self.until(lambda: self._sockets[_team(install)])
        envelope = str(uuid.uuid4())
        acknowledged: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._acks[envelope] = acknowledged
        await sockets[-1].send_json(
            {"envelope_id": envelope, "type": kind, "accepts_response_payload": True, "payload": payload}
        )
        try:
            return Answered(200, await asyncio.wait_for(acknowledged, PATIENCE) or "")
        except TimeoutError:
            return Answered(0, "")

    # ------------------------------------------------------------ Slack's own side

    def _trigger(self, team: str, user: str) -> str:
        trigger = f"{next(self._numbers)}.{team}.{uuid.uuid4().hex}"
        self._triggers[trigger] = (team, user)
        return trigger

    def _response_url(self, team: str, channel: str, user: str, of: Shown | None = None) -> str:
        key = uuid.uuid4().hex
        self._urls[key] = _ResponseUrl(team, channel, user, of)
        return f"http://127.0.0.1:{self.port}/respond/{key}"

    def _show(self, team: str, channel: str, payload: dict[str, Any], user: str = "") -> Shown:
        self._check(rules.problems_of_message(payload), f"a message: {str(payload.get('text'))[:60]}")
        public = payload.get("response_type") == "in_channel"
        shown = Shown(
            team=team,
            channel=channel,
            ts=f"{int(time.time())}.{next(self._numbers):06d}",
            text=payload.get("text", ""),
            blocks=payload.get("blocks", []),
            only_to="" if public else user,
            thread=payload.get("thread_ts", ""),
            metadata=payload.get("metadata"),
            public=public,
            payload=payload,
        )
        self.messages.append(shown)
        self._changed.set()
        return shown

    def _check(self, problems: list[str], where: str) -> None:
        self.violations += [f"{where}: {problem}" for problem in problems]

    async def _respond(self, request: web.Request) -> web.Response:
        url = self._urls.get(request.match_info["id"])
        payload = await request.json()
        self.calls.append(Call("respond", "", payload))
        fault = self._fault("respond", payload)
        if fault is not None:
            return await self._fail(request, fault)
        if url is None:
            return web.json_response({"ok": False, "error": "invalid_url"}, status=404)
        url.uses += 1
        if url.uses > 5:
            return web.json_response({"ok": False, "error": "used_url"}, status=404)
        if payload.get("delete_original") and url.of is not None:
            url.of.deleted = True
        elif payload.get("replace_original") and url.of is not None:
            self._check(rules.problems_of_message(payload), "a message through a response_url")
            url.of.text, url.of.blocks, url.of.payload = payload["text"], payload["blocks"], payload
        else:
            self._show(url.team, url.channel, payload, url.user)
        self._changed.set()
        return web.Response(text="ok")

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if request.content_type == "application/json":
            arguments = await request.json()
        else:
            arguments = dict(await request.post())
        self.calls.append(Call(method, token, arguments))
        self._changed.set()
        if method == "apps.connections.open":
            install = next((one for one in self.installs if one.app_token and one.app_token == token), None)
            if install is None:
                return web.json_response({"ok": False, "error": "invalid_auth"})
            return web.json_response({"ok": True, "url": f"ws://127.0.0.1:{self.port}/link/{_team(install)}"})
        install = next((one for one in self.installs if one.bot_token == token), None)
        if install is None:
            return web.json_response({"ok": False, "error": "invalid_auth"})
        fault = self._fault(method, arguments)
        if fault is not None and not fault.do:
            return await self._fail(request, fault)
        answer = self._do(method, _team(install), arguments)
        if fault is not None and (fault.status, fault.error, fault.drop) == (200, "", False):
            await asyncio.sleep(fault.slow)
        elif fault is not None:
            return await self._fail(request, fault)
        return web.json_response(answer)

    def _fault(self, method: str, arguments: dict[str, Any]) -> _Fault | None:
        for fault in self._faults[method]:
            if fault.when is None or fault.when(arguments):
                fault.times -= 1
                if fault.times <= 0:
                    self._faults[method].remove(fault)
                return fault
        return None

    async def _fail(self, request: web.Request, fault: _Fault) -> web.Response:
        if fault.slow:
            await asyncio.sleep(fault.slow)
        if fault.drop:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        headers = {"Retry-After": str(fault.retry_after)} if fault.retry_after is not None else {}
        if fault.status != 200:
            return web.Response(status=fault.status, headers=headers, text="")
        return web.json_response({"ok": False, "error": fault.error}, headers=headers)

    def _do(self, method: str, team: str, arguments: dict[str, Any]) -> dict[str, Any]:
        scope = SCOPES.get(method, "")
        if method in ("conversations.history", "conversations.replies"):
            scope = HISTORY[arguments["channel"][0]]
        if scope:
            self.scopes_used.add(scope)
            if self.scopes is not None and scope not in self.scopes:
                return {"ok": False, "error": "missing_scope", "needed": scope, "provided": ",".join(self.scopes)}
        handler: Callable[[str, dict[str, Any]], dict[str, Any]] | None
        handler = getattr(self, "_" + method.replace(".", "_"), None)
        if handler is None:
            self.violations.append(f"a method that the fake does not know: {method}")
            return {"ok": False, "error": "unknown_method"}
        return handler(team, arguments)

    def _auth_test(self, team: str, arguments: dict[str, Any]) -> dict[str, Any]:
        return {"ok": True, "team_id": team, "user_id": "UBOT", "bot_id": "B1", "team": "Demo", "url": "https://demo/"}

    def _users_info(self, team: str, arguments: dict[str, Any]) -> dict[str, Any]:
        user = self.users.get((team, arguments["user"]))
        if user is None:
            return {"ok": False, "error": "user_not_found"}
        if self.scopes is not None and "users:read.email" not in self.scopes:
            user = user | {"profile": {name: value for name, value in user["profile"].items() if name != "email"}}
        else:
            self.scopes_used.add("users:read.email")
        return {"ok": True, "user": user}

    def _users_lookupByEmail(self, team: str, arguments: dict[str, Any]) -> dict[str, Any]:
        if set(arguments) != {"email"} or arguments["email"].count("@") != 1:
            self.violations.append(f"users.lookupByEmail was asked for {arguments}")
        self.lookups.append(time.monotonic())
        if len([at for at in self.lookups if at > time.monotonic() - 60]) > 50:
            self.violations.append("users.lookupByEmail was asked more than fifty times in a minute")
        for (where, _), user in self.users.items():
            email = user.get("profile", {}).get("email", "")
            if where == team and email.lower() == arguments["email"].lower() and not user.get("deleted"):
                return {"ok": True, "user": user}
        return {"ok": False, "error": "users_not_found"}

    def _dnd_teamInfo(self, team: str, arguments: dict[str, Any]) -> dict[str, Any]:
        asked = arguments["users"].split(",")
        if len(asked) > 50:
            self.violations.append(f"dnd.teamInfo was asked about {len(asked)} users at once")
        nobody = {"dnd_enabled": False, "next_dnd_start_ts": 1, "next_dnd_end_ts": 1}
        known = {user: self.disturb.get((team, user), nobody) for user in asked if (team, user) in self.users}
        return {"ok": True, "cached": True, "users": known}

    def _chat_postMessage(self, team: str, arguments: dict[str, Any]) -> dict[str, Any]:
        channel = arguments["channel"]
        if (refused := self._not_here(team, channel)) is not None:
            return refused
        self._quiet(arguments)
        if not all(self._may_show(team, block) for block in arguments["blocks"] if block["type"] == "image"):
            return {"ok": False, "error": "invalid_blocks", "errors": ["invalid slack file"]}
        shown = self._show(team, channel, arguments)
        return {"ok": True, "channel": channel, "ts": shown.ts, "message": {"text": shown.text}}

    def _chat_postEphemeral(self, team: str, arguments: dict[str, Any]) -> dict[str, Any]:
        channel, user = arguments["channel"], arguments["user"]
        if (refused := self._not_here(team, channel)) is not None:
            return refused
        if not channel.startswith("D") and user not in self.members[team, channel]:
            return {"ok": False, "error": "user_not_in_channel"}
        return {"ok": True, "message_ts": self._show(team, channel, arguments, user).ts}

    def _chat_update(self, team: str, arguments: dict[str, Any]) -> dict[str, Any]:
        shown = self._message(team, arguments)
        if shown is None or shown.only_to or shown.public:
            return {"ok": False, "error": "message_not_found"}
        self._check(rules.problems_of_message(arguments), "an update")
        shown.text, shown.blocks, shown.payload = arguments["text"], arguments["blocks"], arguments
        return {"ok": True, "channel": shown.channel, "ts": shown.ts, "text": shown.text}

    def _chat_delete(self, team: str, arguments: dict[str, Any]) -> dict[str, Any]:
        shown = self._message(team, arguments)
        if shown is None or shown.only_to:
            return {"ok": False, "error": "message_not_found"}
        shown.deleted = True
        return {"ok": True, "channel": shown.channel, "ts": shown.ts}

    def _conversations_open(self, team: str, arguments: dict[str, Any]) -> dict[str, Any]:
        user = arguments["users"]
        if (team, user) not in self.users:
            return {"ok": False, "error": "user_not_found"}
        channel = self.directs.setdefault((team, user), f"D{user[1:]}")
        return {"ok": True, "channel": {"id": channel}}

    def _conversations_history(self, team: str, arguments: dict[str, Any]) -> dict[str, Any]:
        if (refused := self._not_here(team, arguments["channel"])) is not None:
            return refused
        return self._page(team, arguments, lambda shown: not shown.thread, newest_first=True)

    def _conversations_replies(self, team: str, arguments: dict[str, Any]) -> dict[str, Any]:
        return self._page(team, arguments, lambda shown: shown.thread == arguments["ts"], newest_first=False)

    def _page(
        self, team: str, arguments: dict[str, Any], wanted: Callable[[Shown], bool], *, newest_first: bool
    ) -> dict[str, Any]:
        oldest = float(arguments.get("oldest", 0))
        found = [
            shown
            for shown in self.messages
            if (shown.team, shown.channel) == (team, arguments["channel"])
            and not shown.only_to
            and not shown.deleted
            and float(shown.ts) >= oldest
            and wanted(shown)
        ]
        if newest_first:
            found.reverse()
        start, size = int(arguments.get("cursor") or 0), int(arguments.get("limit", 100))
        listed = []
        for shown in found[start : start + size]:
            entry: dict[str, Any] = {"type": "message", "ts": shown.ts, "text": shown.text, "bot_id": "B1"}
            if shown.metadata and arguments.get("include_all_metadata") == "true":
                entry["metadata"] = shown.metadata
            if shown.files:
                entry["files"] = [{"id": one.id, "name": one.name, "size": one.length} for one in shown.files]
            listed.append(entry)
        cursor = str(start + size) if start + size < len(found) else ""
        return {
            "ok": True,
            "messages": listed,
            "has_more": bool(cursor),
            "response_metadata": {"next_cursor": cursor},
        }

    def _files_getUploadURLExternal(self, team: str, arguments: dict[str, Any]) -> dict[str, Any]:
        if not arguments.get("filename") or int(arguments.get("length", 0)) <= 0:
            return {"ok": False, "error": "missing_argument"}
        if len(arguments.get("alt_txt", "")) > 1000:
            return {"ok": False, "error": "alt_txt_too_large"}
        file = f"F{next(self._numbers):08d}"
        alt = arguments.get("alt_txt", "")
        name = arguments["filename"]
        self.files[file] = Uploaded(team, file, int(arguments["length"]), alt, name=name, working=self.slow_files)
        return {"ok": True, "file_id": file, "upload_url": f"http://127.0.0.1:{self.port}/upload/{file}"}

    async def _upload(self, request: web.Request) -> web.Response:
        file = self.files.get(request.match_info["id"])
        data = await request.read()
        fault = self._fault("upload", {})
        if fault is not None:
            return await self._fail(request, fault)
        if "Authorization" in request.headers:
            self.violations.append("a token was sent to an upload's address")
        if file is None or len(data) != file.length:
            return web.Response(status=400, text="bad upload")
        file.data = data
        return web.Response(text=f"OK - {len(data)}")

    def _files_completeUploadExternal(self, team: str, arguments: dict[str, Any]) -> dict[str, Any]:
        for named in arguments["files"]:
            file = self.files.get(named["id"])
            if file is None or file.team != team or not file.data:
                return {"ok": False, "error": "file_not_found"}
            file.title, file.complete = named.get("title", ""), True
        if (channel := arguments.get("channel_id")) is not None:
            if (refused := self._not_here(team, channel)) is not None:
                return refused
            self._share(team, channel, arguments)
        return {
            "ok": True,
            "files": [{"id": named["id"], "title": named.get("title", "")} for named in arguments["files"]],
        }

    def _share(self, team: str, channel: str, arguments: dict[str, Any]) -> None:
        shared = [self.files[named["id"]] for named in arguments["files"]]
        for file in shared:
            if channel in file.shared:
                self.violations.append(f"{file.name} was shared twice in {channel}")
            file.shared.append(channel)
        payload = {"text": arguments.get("initial_comment", ""), "thread_ts": arguments.get("thread_ts", "")}
        self.messages.append(
            Shown(
                team=team,
                channel=channel,
                ts=f"{int(time.time())}.{next(self._numbers):06d}",
                text=payload["text"],
                blocks=[],
                thread=payload["thread_ts"],
                payload=payload,
                files=shared,
            )
        )
        self._changed.set()

    def _may_show(self, team: str, block: dict[str, Any]) -> bool:
        file = self.files.get(block.get("slack_file", {}).get("id", ""))
        if file is None or file.team != team or not file.complete:
            self.violations.append(f"an image of no file of that workspace: {block}")
            return False
        if file.working > 0:
            file.working -= 1
            return False
        return True

    def _views_open(self, team: str, arguments: dict[str, Any]) -> dict[str, Any]:
        whose = self._triggers.pop(arguments["trigger_id"], None)
        if whose is None or whose[0] != team:
            return {"ok": False, "error": "invalid_trigger_id"}
        self._check(rules.problems_of_view(arguments["view"]), "a modal")
        opened = Opened(team, whose[1], f"V{next(self._numbers)}", arguments["view"])
        self.opened.append(opened)
        return {"ok": True, "view": {"id": opened.id}}

    def _views_publish(self, team: str, arguments: dict[str, Any]) -> dict[str, Any]:
        self._check(rules.problems_of_view(arguments["view"]), "a Home tab")
        self.homes[team, arguments["user_id"]] = arguments["view"]
        return {"ok": True, "view": {"id": "V1"}}

    def _not_here(self, team: str, channel: str) -> dict[str, Any] | None:
        if channel.startswith("D"):
            ours = channel in [direct for (where, _), direct in self.directs.items() if where == team]
            return None if ours else {"ok": False, "error": "channel_not_found"}
        if (team, channel) not in self.members:
            return {"ok": False, "error": "channel_not_found"}
        return None if "bot" in self.members[team, channel] else {"ok": False, "error": "not_in_channel"}

    def _quiet(self, arguments: dict[str, Any]) -> None:
        if arguments.get("link_names") or arguments.get("unfurl_links", True) or arguments.get("unfurl_media", True):
            self.violations.append("a message that links names or unfurls")

    def _message(self, team: str, arguments: dict[str, Any]) -> Shown | None:
        for shown in self.messages:
            if (shown.team, shown.channel, shown.ts) == (team, arguments["channel"], arguments["ts"]):
                return None if shown.deleted else shown
        return None

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        team = request.match_info["team"]
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1})
        self._sockets[team].append(socket)
        self._changed.set()
        try:
            async for message in socket:
                if message.type == WSMsgType.TEXT:
                    said = message.json()
                    waiting = self._acks.pop(said.get("envelope_id"), None)
                    if waiting is not None and not waiting.done():
                        waiting.set_result(said.get("payload"))
        finally:
            self._sockets[team].remove(socket)
        return socket


@dataclass
class _ResponseUrl:
    team: str
    channel: str
    user: str
    of: Shown | None
    uses: int = 0


def _team(install: SlackInstall) -> str:
    return install.team_id or install.enterprise_id


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _actions(blocks: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    """Label -> what Slack reports when it is pressed or chosen."""
    found = []
    for block in blocks:
        for element in block.get("elements", []) if block["type"] == "actions" else []:
            base = {"type": element["type"], "action_id": element["action_id"]}
            if element["type"] == "button":
                pressed = base | ({"value": element["value"]} if "value" in element else {})
                found.append((element["text"]["text"], pressed))
            else:
                found += [(option["text"]["text"], base | {"selected_option": option}) for option in element["options"]]
    return found


def _inputs(view: dict[str, Any]) -> list[dict[str, Any]]:
    return [block for block in view["blocks"] if block["type"] == "input"]


def _initial(element: dict[str, Any]) -> str:
    if "initial_option" in element:
        return str(element["initial_option"]["value"])
    for name in ("initial_value", "initial_date", "initial_time"):
        if name in element:
            return str(element[name])
    return ""


def _entered(element: dict[str, Any], value: str) -> dict[str, Any]:
    kind = element["type"]
    if kind == "static_select":
        chosen = [option for option in element["options"] if option["value"] == value]
        return {"type": kind, "selected_option": chosen[0] if chosen else None}
    name = {"datepicker": "selected_date", "timepicker": "selected_time"}.get(kind, "value")
    return {"type": kind, name: value or None}
