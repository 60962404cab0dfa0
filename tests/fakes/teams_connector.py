"""The Bot Connector's REST API and the login for bots, as far as Pacer uses them: the half of the fake that listens."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
import uuid
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import unquote

from aiohttp import web

from bot.teams.install import TeamsInstall
from tests.fakes import teams_rules as rules
from tests.fakes.shelf import Shelf
from tests.fakes.teams_drive import CONSENT_CARD, INFO_CARD, Drive

Kind = Literal["personal", "groupChat", "channel"]
SCOPE = "https://api.botframework.com/.default"
TOKEN_LIVES = 3599


@dataclass(frozen=True)
class Call:
    """One call of the REST API or the login, as it came."""

    what: str
    """create, post, update, delete, member, members or token."""
    token: str
    path: str
    body: Any


@dataclass
class Person:
    """Somebody of a tenant, as the roster tells."""

    key: str
    tenant: str
    name: str
    email: str = ""
    upn: str = ""
    role: str = "user"
    home: str = ""
    """The tenant that they belong to, where that is another one."""
    zone: str = "America/New_York"
    locale: str = "en-US"
    object_id: str = ""
    """Entra's id, the same in every activity; empty for somebody who has none."""
    installed: bool = True
    """The app is there in their one-to-one chat."""
    refuses: str = ""
    """The code with which their one-to-one chat refuses messages, e.g. ConversationBlockedByUser."""

    @property
    def id(self) -> str:
        """`29:…`, as this bot knows them."""
        return f"29:1{uuid.uuid5(uuid.NAMESPACE_DNS, self.key).hex}-{self.key}"

    @property
    def roster(self) -> dict[str, Any]:
        """What the roster says of them."""
        said = {
            "id": self.id,
            "name": self.name,
            "aadObjectId": self.object_id,
            "objectId": self.object_id,
            "givenName": self.name.split()[0],
            "surname": self.name.split()[-1],
            "email": self.email,
            "userPrincipalName": self.upn,
            "tenantId": self.home or self.tenant,
            "userRole": self.role,
        }
        return {name: value for name, value in said.items() if value}


@dataclass
class Room:
    """One conversation: a personal chat, a group chat or a channel."""

    install: str
    id: str
    kind: Kind
    people: set[str] = field(default_factory=set)
    bot: bool = True
    """The bot is in it."""
    team: str = ""
    """Of a channel."""
    refuses: str = ""
    """The code with which it refuses messages."""


@dataclass
class Shown:
    """A message of the bot as it stands in a conversation."""

    install: str
    conversation: str
    """As the bot named it, `;messageid=…` included."""
    id: str
    activity: dict[str, Any]
    reply_to: str = ""
    deleted: bool = False
    edits: int = 0
    refreshed: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Person -> the card that an answer to their click put in place. It is gone when they open the chat again."""

    @property
    def asks_for(self) -> dict[str, Any] | None:
        """The attachment that asks whether a file may be saved."""
        return next((one for one in self._attachments if one.get("contentType") == CONSENT_CARD), None)

    @property
    def file(self) -> dict[str, Any] | None:
        """The attachment that shows a file."""
        return next((one for one in self._attachments if one.get("contentType") == INFO_CARD), None)

    @property
    def _attachments(self) -> list[dict[str, Any]]:
        return self.activity.get("attachments") or []

    @property
    def card(self) -> dict[str, Any] | None:
        """The Adaptive Card in it."""
        for attachment in self.activity.get("attachments") or []:
            if attachment.get("contentType") == rules.ADAPTIVE:
                return dict(attachment["content"])
        return None

    def card_for(self, user: str) -> dict[str, Any] | None:
        """The card as that person has it in front of them."""
        return self.refreshed.get(user) or self.card

    @property
    def read(self) -> str:
        """What everybody reads: the text above the card, and the card."""
        return self.read_by("")

    def read_by(self, user: str) -> str:
        """What that person reads."""
        card = self.card_for(user)
        lines = [str(self.activity.get("text") or ""), rules.shown(card) if card else ""]
        return "\n".join(line for line in lines if line)

    @property
    def notification(self) -> str:
        """What the banner says."""
        return str(self.activity.get("summary") or self.activity.get("text") or "")

    @property
    def labels(self) -> list[str]:
        """Of the buttons and of the options of menus."""
        return [label for label, _, _ in actions(self.card)]


@dataclass
class _Fault:
    status: int = 0
    code: str = ""
    retry_after: int | None = None
    drop: bool = False
    """Close the connection after the bytes were read, without an answer."""
    early: bool = False
    """Close it before the body was read."""
    slow: float = 0.0
    """Seconds; by itself the right answer, late."""
    do: bool = False
    """Do what was asked all the same."""
    when: Callable[[Any], bool] | None = None
    times: int = 1
    location: str = ""
    """Send the bot elsewhere, with a status of 3xx."""
    text: str = ""
    """The body, where it is no JSON of Teams."""

    @property
    def only_slow(self) -> bool:
        return bool(self.slow) and not (self.status or self.code or self.drop)


@dataclass
class _Token:
    install: TeamsInstall
    until: float


class Connector:
    """What Microsoft's servers take from a bot."""

    def __init__(self, *installs: TeamsInstall) -> None:
        self.listed = installs
        """The bots that the login knows: one in each tenant."""
        self.calls: list[Call] = []
        self.violations: list[str] = []
        self.messages: list[Shown] = []
        self.people: dict[tuple[str, str], Person] = {}
        """(tenant, key) -> who it is."""
        self.rooms: dict[tuple[str, str], Room] = {}
        """(install, id without `;messageid=…`) -> the conversation."""
        self.shelf = Shelf(self._no_token_wanted)
        """What people have attached."""
        self.token_lives = TOKEN_LIVES
        self.drive = Drive(self.violations)
        """Where files go that somebody has allowed."""
        self.page_of = 500
        """Members in a page of a roster, at most."""
        self._pages: dict[str, int] = {}
        """Continuation token -> where that page begins."""
        self._tokens: dict[str, _Token] = {}
        self._faults: dict[str, list[_Fault]] = defaultdict(list)
        self._numbers = itertools.count(1)
        self._changed = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def _listen(self) -> None:
        application = web.Application()
        base = "/teams/v3/conversations"
        application.router.add_post(base, self._taking("create", self._create))
        application.router.add_post(base + "/{conversation}/activities", self._taking("post", self._post))
        application.router.add_post(base + "/{conversation}/activities/{activity}", self._taking("post", self._post))
        application.router.add_put(base + "/{conversation}/activities/{activity}", self._taking("update", self._update))
        application.router.add_delete(
            base + "/{conversation}/activities/{activity}", self._taking("delete", self._delete)
        )
        application.router.add_get(base + "/{conversation}/members/{user}", self._taking("member", self._member))
        application.router.add_get(base + "/{conversation}/pagedmembers", self._taking("members", self._members))
        application.router.add_post("/login/{tenant}/oauth2/v2.0/token", self._login)
        application.router.add_get("/files/{id}", self.shelf.serve)
        application.router.add_get("/login", self.shelf.login)
        self.drive.add_to(application)
        application.router.add_route("*", "/{rest:.*}", self._unknown)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self.drive.port = self._runner.addresses[0][1]

    def file_url(self, file: str) -> str:
        """Where an attached file lies: the address itself is the permission."""
        return f"http://127.0.0.1:{self.port}/files/{file}?UniqueId={file}&Translate=false&tempauth=v1.abc%2Bdef"

    def _no_token_wanted(self, request: web.Request) -> str:
        if "Authorization" in request.headers:
            self.violations.append("a token was sent with the request for a file")
        if request.query.get("tempauth") != "v1.abc+def":
            self.violations.append(f"the address of a file was changed: {request.raw_path}")
        return ""

    async def _hang_up(self) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    @property
    def service_url(self) -> str:
        """Of the Bot Connector, as activities carry it."""
        return f"http://127.0.0.1:{self.port}/teams/"

    @property
    def login_url(self) -> str:
        """In the place of https://login.microsoftonline.com."""
        return f"http://127.0.0.1:{self.port}/login"

    def inject(self, what: str, **fault: Any) -> None:
        """Let the next create, post, update, delete, member, members or token call fail; see _Fault for how."""
        self._faults[what].append(_Fault(**fault))

    def called(self, what: str) -> list[Any]:
        """The bodies of all calls of a kind so far."""
        return [call.body for call in self.calls if call.what == what]

    def revoke_tokens(self) -> None:
        """No token that was given out so far is good any more."""
        for token in self._tokens.values():
            token.until = 0.0

    def find_person(self, tenant: str, user_id: str) -> Person | None:
        """Who has that `29:…` or Entra id there."""
        for person in self.people.values():
            if person.tenant == tenant and user_id and user_id in (person.id, person.object_id):
                return person
        return None

    def _check(self, problems: Any, where: str) -> None:
        self.violations += [f"{where}: {problem}" for problem in problems]

    # ------------------------------------------------------------ the door

    def _taking(
        self, what: str, handler: Callable[[TeamsInstall, web.Request, Any], web.Response]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def take(request: web.Request) -> web.StreamResponse:
            fault = self._early(what)
            if fault is not None:
                return _abort(request)
            raw = await request.read()
            token = request.headers.get("Authorization", "").removeprefix("Bearer ")
            body = json.loads(raw) if raw else None
            self.calls.append(Call(what, token, unquote(request.raw_path), body))
            self._changed.set()
            install, refused = self._owner(token, what)
            if install is None:
                return refused
            if body is not None and request.content_type != "application/json":
                self.violations.append(f"{what}: a body of type {request.content_type}")
            fault = await self._fault(what, body)
            if fault is not None and not fault.do:
                return await _fail(request, fault)
            answer: web.StreamResponse
            if len(raw) > rules.SIZE:
                self.violations.append(f"{what}: {len(raw)} bytes")
                answer = error(413, "MessageSizeTooBig", "Message size too large.")
            else:
                answer = handler(install, request, body)
            self._changed.set()
            return await _fail(request, fault) if fault is not None else answer

        return take

    def _owner(self, token: str, what: str) -> tuple[TeamsInstall | None, web.Response]:
        known = self._tokens.get(token)
        refused = error(401, "Unauthorized", "Authorization has been denied for this request.")
        if known is None:
            self.violations.append(f"{what} with a token that was never given out: {token[:12]!r}")
            return None, refused
        return (known.install if known.until > time.time() else None), refused

    def _early(self, what: str) -> _Fault | None:
        return next((fault for fault in list(self._faults[what]) if fault.early and self._used(what, fault)), None)

    async def _fault(self, what: str, body: Any) -> _Fault | None:
        for fault in list(self._faults[what]):
            if not fault.early and (fault.when is None or fault.when(body)) and self._used(what, fault):
                if not fault.only_slow:
                    return fault
                await asyncio.sleep(fault.slow)
        return None

    def _used(self, what: str, fault: _Fault) -> bool:
        fault.times -= 1
        if fault.times <= 0:
            self._faults[what].remove(fault)
        return True

    async def _unknown(self, request: web.Request) -> web.Response:
        self.violations.append(f"a call that the fake does not know: {request.method} {request.path}")
        return web.Response(status=404)

    async def _login(self, request: web.Request) -> web.StreamResponse:
        form = dict(await request.post())
        tenant = request.match_info["tenant"]
        self.calls.append(Call("token", "", request.path, form))
        self._changed.set()
        fault = await self._fault("token", form)
        if fault is not None:
            return await _fail(request, fault)
        if (form.get("grant_type"), form.get("scope")) != ("client_credentials", SCOPE):
            self.violations.append(f"a login for {form.get('grant_type')} and {form.get('scope')}")
        install = next(
            (one for one in self.listed if (one.tenant_id, one.app_id) == (tenant, form.get("client_id"))), None
        )
        if install is None:
            return _no_token(400, "unauthorized_client", "AADSTS700016: Application was not found in the directory.")
        if form.get("client_secret") != install.app_password:
            return _no_token(401, "invalid_client", "AADSTS7000215: Invalid client secret provided.")
        token = f"tok-{install.name}-{next(self._numbers)}"
        self._tokens[token] = _Token(install, time.time() + self.token_lives)
        return web.json_response(
            {
                "token_type": "Bearer",
                "expires_in": self.token_lives,
                "ext_expires_in": self.token_lives,
                "access_token": token,
            }
        )

    # ------------------------------------------------------------ what it does

    def _create(self, install: TeamsInstall, request: web.Request, body: Any) -> web.Response:
        members = body.get("members") or []
        wanted = {"bot": {"id": f"28:{install.app_id}"}, "tenantId": install.tenant_id, "isGroup": False}
        given = {"bot": {"id": (body.get("bot") or {}).get("id")}, "tenantId": body.get("tenantId")}
        given["isGroup"] = bool(body.get("isGroup"))
        if given != wanted or len(members) != 1:
            self.violations.append(f"create: {body}")
            return error(400, "BadArgument", "Incorrect conversation creation parameters")
        person = self.find_person(install.tenant_id, str(members[0].get("id")))
        if person is None:
            return error(400, "BadArgument", "Failed to decrypt pairwise id")
        if not person.installed:
            return error(403, "ForbiddenOperationException", "Bot is not installed in user's personal scope")
        return web.json_response({"id": self.personal(person.key, install=install)}, status=201)

    def _post(self, install: TeamsInstall, request: web.Request, body: Any) -> web.Response:
        conversation = request.match_info["conversation"]
        room = self.rooms.get((install.name, _base(conversation)))
        if (refused := self._not_here(room)) is not None:
            return refused
        self._check(rules.problems_of_message(body), f"a message: {_about(body)}")
        asked = [one.get("contentType") for one in body.get("attachments") or []]
        if CONSENT_CARD in asked and room is not None and room.kind != "personal":
            self.violations.append(f"a file consent card in a {room.kind}: Teams takes it one-to-one only")
        told = (body.get("conversation") or {}).get("id", conversation)
        if told != conversation:
            self.violations.append(f"a message for {told} posted to {conversation}")
        shown = Shown(install.name, conversation, self.new_id(), body, request.match_info.get("activity", ""))
        self.messages.append(shown)
        return web.json_response({"id": shown.id}, status=201)

    def _update(self, install: TeamsInstall, request: web.Request, body: Any) -> web.Response:
        found = self._found(install, request)
        if isinstance(found, web.Response):
            return found
        self._check(rules.problems_of_message(body), f"an update: {_about(body)}")
        found.activity, found.refreshed = body, {}
        found.edits += 1
        return web.json_response({"id": found.id})

    def _delete(self, install: TeamsInstall, request: web.Request, body: Any) -> web.Response:
        found = self._found(install, request)
        if isinstance(found, web.Response):
            return found
        found.deleted = True
        return web.Response(status=200)

    def _member(self, install: TeamsInstall, request: web.Request, body: Any) -> web.Response:
        conversation, user_id = request.match_info["conversation"], request.match_info["user"]
        room = self.rooms.get((install.name, conversation))
        if room is None:
            room = next(
                (one for one in self.rooms.values() if (one.install, one.team) == (install.name, conversation)), None
            )
        if room is None:
            return error(404, "ConversationNotFound", "Conversation not found.")
        if not room.bot:
            return error(403, "BotNotInConversationRoster", "The bot is not part of the conversation roster.")
        person = self.find_person(install.tenant_id, user_id)
        if person is None or person.key not in room.people:
            return error(404, "MemberNotFoundInConversation", "Member not found in conversation.")
        return web.json_response(person.roster)

    def _members(self, install: TeamsInstall, request: web.Request, body: Any) -> web.Response:
        """A page of a team's roster. Teams gives 50 at least and 500 at most, here `page_of`."""
        team, asked = request.match_info["conversation"], dict(request.query)
        size, token = asked.pop("pageSize", "200"), asked.pop("continuationToken", "")
        if asked or not (size.isdigit() and 50 <= int(size) <= 500):
            self.violations.append(f"a page of a roster was asked for with {request.query_string}")
        if token and token not in self._pages:
            self.violations.append(f"a page of a roster that was not offered: {token}")
        room = next((one for one in self.rooms.values() if (one.install, one.team) == (install.name, team)), None)
        if room is None:
            return error(404, "ConversationNotFound", "Conversation not found.")
        if not room.bot:
            return error(403, "BotNotInConversationRoster", "The bot is not part of the conversation roster.")
        everybody = [one for one in self.people.values() if one.tenant == install.tenant_id and one.key in room.people]
        first = self._pages.get(token, 0)
        end = first + min(int(size), self.page_of)
        answer: dict[str, Any] = {"members": [one.roster for one in everybody[first:end]]}
        if end < len(everybody):
            following = f"next page/{end}?of=the+roster&x=1"
            self._pages[following] = end
            answer["continuationToken"] = following
        return web.json_response(answer)

    def _not_here(self, room: Room | None) -> web.Response | None:
        if room is None:
            return error(404, "ConversationNotFound", "Conversation not found.")
        if room.kind == "personal":
            (key,) = room.people
            person = next(one for one in self.people.values() if one.key == key and self._tenant(room) == one.tenant)
            if person.refuses:
                return error(403, person.refuses, "User blocked the conversation with the bot.")
            if not person.installed:
                return error(403, "BotNotInConversationRoster", "The bot is not part of the conversation roster.")
        if room.refuses:
            return error(403, room.refuses, "Refused.")
        if not room.bot:
            return error(403, "BotNotInConversationRoster", "The bot is not part of the conversation roster.")
        return None

    def _found(self, install: TeamsInstall, request: web.Request) -> Shown | web.Response:
        conversation, activity = request.match_info["conversation"], request.match_info["activity"]
        room = self.rooms.get((install.name, _base(conversation)))
        if (refused := self._not_here(room)) is not None:
            return refused
        for shown in self.messages:
            here = (shown.install, _base(shown.conversation), shown.id)
            if here == (install.name, _base(conversation), activity) and not shown.deleted:
                return shown
        return error(404, "ActivityNotFoundInConversation", "Conversation not found.")

    def _tenant(self, room: Room) -> str:
        return next(install.tenant_id for install in self.listed if install.name == room.install)

    # ------------------------------------------------------------ the world

    def personal(self, user: str = "U1", install: TeamsInstall | None = None) -> str:
        """The id of somebody's one-to-one chat with the bot."""
        install = install or self.listed[0]
        conversation = f"a:1{uuid.uuid5(uuid.NAMESPACE_URL, user).hex}"
        self.rooms.setdefault((install.name, conversation), Room(install.name, conversation, "personal", {user}))
        return conversation

    def new_id(self) -> str:
        """Of an activity: milliseconds since 1970, never the same twice."""
        return str(1_780_000_000_000 + next(self._numbers))


def error(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> web.Response:
    """As the Bot Connector says it."""
    return web.json_response({"error": {"code": code, "message": message}}, status=status, headers=headers)


def actions(card: dict[str, Any] | None) -> list[tuple[str, dict[str, Any], dict[str, str]]]:
    """Label -> the action of a card, and the inputs that choosing that label fills in: buttons and options of menus."""
    found: list[tuple[str, dict[str, Any], dict[str, str]]] = []
    buttons = [one for one in rules.elements(card) if str(one.get("type")).startswith("Action.")]
    found += [(str(one.get("title", "")), one, {}) for one in buttons]
    for menu in rules.elements(card):
        if menu.get("type") == "Input.ChoiceSet":
            token = str(menu.get("id", "")).removeprefix("choice:")
            sends = [one for one in buttons if (one.get("data") or {}).get("token") == token] or buttons[:1]
            for choice in menu.get("choices", []) if sends else []:
                found.append((str(choice["title"]), sends[0], {menu["id"]: str(choice["value"])}))
    return found


def _base(conversation: str) -> str:
    return conversation.partition(";messageid=")[0]


def _about(body: dict[str, Any]) -> str:
    return str(body.get("summary") or body.get("text"))[:60]


def _no_token(status: int, code: str, description: str) -> web.Response:
    return web.json_response({"error": code, "error_description": description}, status=status)


def _abort(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def _fail(request: web.Request, fault: _Fault) -> web.StreamResponse:
    if fault.slow:
        await asyncio.sleep(fault.slow)
    if fault.drop:
        return _abort(request)
    headers = {"Retry-After": str(fault.retry_after)} if fault.retry_after is not None else {}
    if fault.location:
        headers["Location"] = fault.location
    if fault.code:
        return error(fault.status, fault.code, "Injected.", headers)
    return web.Response(status=fault.status or 500, headers=headers, text=fault.text)
