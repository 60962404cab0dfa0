"""A Teams at the far end: people, the Bot Connector, the login and the signing keys, over real HTTP on loopback.

    async with FakeTeams(INSTALL) as teams:
        teams.bot_url = "http://127.0.0.1:3978"            # where the bot listens
        logged = await teams.asks("log call Acme", user="U1")
        await teams.press(logged, "Undo")
        dialog = await teams.open(logged, "Edit")
        await teams.submit(dialog, {"note": "short"})

The bot is given `teams.metadata_url`, `teams.login_url`, and `teams.service_url` as one more that is allowed. It checks
every token and everything that the bot says, as Teams does and against the published schema; what Teams would have
refused is in `violations`, and leaving the `with` fails the test. `teams.inject("post", status=429, retry_after=30)`
makes the next call fail.
"""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp

from bot.teams.install import TeamsInstall
from tests.fakes import teams_rules as rules
from tests.fakes.teams_connector import Connector, Person, Room, Shown, actions
from tests.fakes.teams_identity import TeamsIdentity

PATIENCE = 30.0
"""Seconds until a test that waits for something gives up."""
ANSWER_WITHIN = 15.0
EXTENSION_WITHIN = 5.0
BOT_NAME = "Pacer"


@dataclass
class Answered:
    """What the bot's endpoint answered."""

    status: int
    body: Any
    """Parsed JSON, else the text; empty for none."""
    seconds: float = 0.0

    @property
    def card(self) -> dict[str, Any] | None:
        """The card in an answer to a card action."""
        held = self.body.get("value") if isinstance(self.body, dict) else None
        return held if isinstance(held, dict) and held.get("type") == "AdaptiveCard" else None

    @property
    def read(self) -> str:
        """What the person reads: the card, or the sentence in its place."""
        if self.card is not None:
            return rules.shown(self.card)
        if not isinstance(self.body, dict):
            return ""
        extension = self.body.get("composeExtension") or {}
        task = self.body.get("task") or {}
        said = self.body.get("value") or extension.get("text") or task.get("value") or ""
        return said if isinstance(said, str) else ""

    @property
    def results(self) -> list[str]:
        """The titles of what a search found."""
        if not isinstance(self.body, dict):
            return []
        attachments = (self.body.get("composeExtension") or {}).get("attachments") or []
        value = self.body.get("value")
        found = value.get("results", []) if isinstance(value, dict) else []
        return [one["preview"]["content"]["title"] for one in attachments] + [one["title"] for one in found]


@dataclass
class Dialog:
    """A dialog in front of somebody."""

    user: str
    install: TeamsInstall
    where: dict[str, Any]
    """The activity that opened it."""
    card: dict[str, Any] = field(default_factory=dict)
    title: str = ""
    extension: str = ""
    """The message extension's command, where it was opened by one."""
    closed: bool = False
    said: str = ""
    """A sentence that the bot showed instead of a form."""
    composed: list[dict[str, Any]] = field(default_factory=list)
    """Cards that the extension put into the compose box."""

    @property
    def read(self) -> str:
        """What the person reads in it."""
        return self.said or rules.shown(self.card)

    @property
    def inputs(self) -> list[dict[str, Any]]:
        """Its fields."""
        return [one for one in rules.elements(self.card) if str(one.get("type")).startswith("Input.")]

    @property
    def values(self) -> dict[str, str]:
        """What the fields hold now."""
        return {one["id"]: str(one.get("value", "")) for one in self.inputs}


class FakeTeams(Connector):
    """See the module."""

    def __init__(self, *installs: TeamsInstall, clock: Callable[[], float] = time.time) -> None:
        """`clock` gives seconds since 1970, for the times in tokens and activities."""
        super().__init__(*installs)
        self.identity = TeamsIdentity(clock)
        self.bot_url = ""
        self.sent: list[dict[str, Any]] = []
        """The activities that the bot was given."""
        self.dialogs: list[Dialog] = []
        self.patience = ANSWER_WITHIN
        """Seconds until Teams gives up on an answer, which is a violation."""
        self._clock = clock
        self._http: aiohttp.ClientSession | None = None
        for install in installs:
            self.add_person("U1", name="Rae Rep", install=install)

    # ------------------------------------------------------------ life

    async def __aenter__(self) -> FakeTeams:
        await self._listen()
        await self.identity.__aenter__()
        self._http = aiohttp.ClientSession()
        return self

    async def __aexit__(self, kind: Any, error: Any, trace: Any) -> None:
        assert self._http
        await self._http.close()
        await self.identity.__aexit__(kind, error, trace)
        await self._hang_up()
        if kind is None:
            assert not self.violations, "\n".join(self.violations)

    @property
    def metadata_url(self) -> str:
        """Where the keys are described."""
        return self.identity.metadata_url

    # ------------------------------------------------------------ the world

    def add_person(self, user: str, *, name: str = "", install: TeamsInstall | None = None, **more: Any) -> Person:
        """A person of the install's tenant; `more` overrides what the roster says, e.g. `role="guest"`, `email=""`."""
        install = install or self.listed[0]
        first = (name or user).split()[0].lower()
        said = {
            "name": name or user,
            "email": f"{first}@example.com",
            "upn": f"{first}@example.com",
            "object_id": str(uuid.uuid5(uuid.NAMESPACE_DNS, user)),
        }
        person = Person(key=user, tenant=install.tenant_id, **{**said, **more})
        self.people[install.tenant_id, user] = person
        for room in self.rooms.values():
            if room.install == install.name and room.kind != "personal":
                room.people.add(user)
        return person

    def person(self, user: str = "U1", install: TeamsInstall | None = None) -> Person:
        """Who that is; change what the roster says of them, or whether they have the app."""
        return self.people[(install or self.listed[0]).tenant_id, user]

    def group(self, name: str = "group", install: TeamsInstall | None = None) -> Room:
        """A group chat with everybody of the tenant, and the bot, in it."""
        return self._room(f"19:{name}@thread.v2", "groupChat", install)

    def channel(self, name: str = "sales", install: TeamsInstall | None = None) -> Room:
        """A channel of the team with everybody, and the bot, in it."""
        room = self._room(f"19:{name}@thread.tacv2", "channel", install)
        room.team = "19:team@thread.tacv2"
        return room

    def _room(self, conversation: str, kind: Any, install: TeamsInstall | None) -> Room:
        install = install or self.listed[0]
        key = (install.name, conversation)
        if key not in self.rooms:
            everybody = {who for tenant, who in self.people if tenant == install.tenant_id}
            self.rooms[key] = Room(install.name, conversation, kind, everybody)
        return self.rooms[key]

    def sees(self, user: str = "U1", where: str = "", install: TeamsInstall | None = None) -> list[Shown]:
        """The bot's messages that somebody sees, oldest first; in one conversation where that is named."""
        install = install or self.listed[0]
        found = []
        for shown in self.messages:
            base = shown.conversation.partition(";")[0]
            room = self.rooms[shown.install, base]
            if shown.install == install.name and user in room.people and not shown.deleted and where in ("", base):
                found.append(shown)
        return found

    def privately(self, user: str = "U1", install: TeamsInstall | None = None) -> list[Shown]:
        """The bot's messages in somebody's one-to-one chat."""
        return self.sees(user, self.personal(user, install), install)

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
        found: Shown = await self.until(lambda: next((shown for shown in self.messages[start:] if where(shown)), None))
        return found

    # ------------------------------------------------------------ people doing things

    async def says(
        self, text: str, *, user: str = "U1", chat: str = "personal", install: TeamsInstall | None = None, **more: Any
    ) -> Answered:
        """Write to the bot one-to-one, or mention it in a group chat of that name; `more` overrides fields."""
        if chat != "personal":
            return await self.send(self._mention(text, user, self.group(chat, install), "", install) | more, install)
        return await self.send(self.message(text, user=user, install=install) | more, install)

    async def mentions(
        self,
        text: str,
        *,
        user: str = "U1",
        channel: str = "sales",
        thread: str = "",
        install: TeamsInstall | None = None,
        **more: Any,
    ) -> Answered:
        """Mention the bot in a channel: a new thread, or within one (the id of its first message)."""
        room = self.channel(channel, install)
        return await self.send(self._mention(text, user, room, thread, install) | more, install)

    async def asks(self, text: str, *, channel: str = "", user: str = "U1", **more: Any) -> Shown:
        """Say something (in a channel where one is named), and wait for the next message that this person sees."""
        after, install = len(self.messages), more.get("install")
        if channel:
            answered = await self.mentions(text, channel=channel, user=user, **more)
        else:
            answered = await self.says(text, user=user, **more)
        assert answered.status in (200, 201, 202), answered
        return await self.next_message(after, lambda shown: shown in self.sees(user, install=install))

    def message(self, text: str, *, user: str = "U1", install: TeamsInstall | None = None) -> dict[str, Any]:
        """The activity of a message in the one-to-one chat; send it twice with `send` for a redelivery."""
        room = self.rooms[(install or self.listed[0]).name, self.personal(user, install)]
        return self._activity("message", user, room, install) | {
            "text": text,
            "textFormat": "plain",
            "attachments": [{"contentType": "text/html", "content": f"<p>{_html(text)}</p>"}],
        }

    def _mention(self, text: str, user: str, room: Room, thread: str, install: TeamsInstall | None) -> dict[str, Any]:
        activity = self._activity("message", user, room, install, thread=thread)
        at = f"<at>{BOT_NAME}</at>"
        activity["text"] = f"{at} {text}"
        activity["textFormat"] = "plain"
        activity["entities"].append({"type": "mention", "text": at, "mentioned": activity["recipient"]})
        return activity

    async def press(
        self,
        on: Shown,
        label: str,
        *,
        user: str = "U1",
        inputs: dict[str, str] | None = None,
        install: TeamsInstall | None = None,
        **more: Any,
    ) -> Answered:
        """Press the button, or choose the option, of that label. What the card's inputs hold goes along.

        A card in the answer takes the place of the one that was pressed, for this person.
        """
        action, filled = _pick(on.card_for(user), label)
        data = _inputs(on.card_for(user)) | filled | (inputs or {}) | action.get("data", {})
        activity = self._on(on, user, install)
        if action["type"] == "Action.Submit":
            assert "msteams" not in data, f"{label!r} opens a dialog: use open()"
            return await self.send(activity | {"type": "message", "value": data} | more, install)
        pressed = {key: action[key] for key in ("type", "id", "title", "verb") if key in action}
        activity |= {"name": "adaptiveCard/action", "value": {"action": {**pressed, "data": data}, "trigger": "manual"}}
        answered = await self.send(activity | more, install)
        if answered.card is not None:
            on.refreshed[user] = answered.card
        return answered

    async def open(
        self,
        on: Shown | dict[str, Any],
        label: str,
        *,
        user: str = "U1",
        install: TeamsInstall | None = None,
        **more: Any,
    ) -> Dialog:
        """Press a button that opens a dialog (task/fetch), on a message or on a card that a search has found."""
        card = on.card_for(user) if isinstance(on, Shown) else on
        action, _ = _pick(card, label)
        data = _inputs(card) | action.get("data", {})
        assert data.get("msteams") == {"type": "task/fetch"}, f"{label!r} opens no dialog: use press()"
        activity = self._on(on, user, install) if isinstance(on, Shown) else self._elsewhere(user, install)
        activity |= {"name": "task/fetch", "value": {"data": data, "context": {"theme": "default"}}}
        return await self._dialog(activity | more, user, install)

    async def answers_file(
        self, on: Shown, *, allow: bool = True, user: str = "U1", info: dict[str, Any] | None = None, **more: Any
    ) -> Answered:
        """Press Allow or Decline on a file consent card. `info` overrides what the client says of the place."""
        asked = on.asks_for
        assert asked is not None, "no file consent card"
        content = asked["content"]
        value: dict[str, Any] = {"type": "fileUpload", "action": "accept" if allow else "decline"}
        value["context"] = content["acceptContext" if allow else "declineContext"]
        if allow:
            value["uploadInfo"] = self.drive.offer(asked["name"], user, content["sizeInBytes"]) | (info or {})
        activity = self._on(on, user, None) | {"name": "fileConsent/invoke", "value": value}
        return await self.send(activity | more)

    async def submit(
        self, dialog: Dialog, values: dict[str, str] | None = None, *, unchecked: bool = False, **more: Any
    ) -> Answered:
        """Send a dialog; fields that are not named keep what they held. It then is closed, or shows the next card.

        The client sends nothing while a required field is empty or a text too long; `unchecked` does all the same.
        """
        assert not dialog.closed, "the dialog is closed"
        held = dialog.values | (values or {})
        unknown = set(held) - set(dialog.values)
        assert not unknown, f"no such fields: {unknown}"
        if not unchecked:
            _client_allows(dialog, held)
        sends = [one for one in rules.elements(dialog.card) if one.get("type") == "Action.Submit"]
        assert sends, "a dialog without a button that sends it"
        value: dict[str, Any] = {"data": {**held, **sends[0].get("data", {})}, "context": {"theme": "default"}}
        activity = dialog.where | {"id": f"f:{uuid.uuid4()}", "name": "task/submit", "timestamp": self._timestamp()}
        if dialog.extension:
            asked = {key: dialog.where["value"][key] for key in ("commandId", "commandContext", "context")}
            value = {**asked, "requestId": uuid.uuid4().hex, "data": value["data"]}
            activity["name"] = "composeExtension/submitAction"
        answered = await self.send(activity | {"value": value} | more, dialog.install)
        if answered.status == 200:
            _follow(dialog, answered.body)
        return answered

    # ------------------------------------------------------------ the message extension

    async def extension_fetch(
        self,
        command: str = "log",
        *,
        user: str = "U1",
        text: str | None = None,
        chat: str = "elsewhere",
        author: str = "Sam",
        install: TeamsInstall | None = None,
        **more: Any,
    ) -> Dialog:
        """Open the message extension in a chat's compose box, or with `text` on a message of `author` that says that
        (HTML)."""
        value: dict[str, Any] = {
            "commandId": command,
            "commandContext": "compose" if text is None else "message",
            "requestId": uuid.uuid4().hex,
            "context": {"theme": "default"},
        }
        if text is not None:
            value["messagePayload"] = {
                "id": self.new_id(),
                "createdDateTime": self._timestamp(),
                "messageType": "message",
                "body": {"contentType": "html", "content": text},
                "from": {"user": {"id": str(uuid.uuid4()), "displayName": author, "userIdentityType": "aadUser"}},
            }
        activity = self._elsewhere(user, install, chat) | {"name": "composeExtension/fetchTask", "value": value}
        return await self._dialog(activity | more, user, install, command)

    async def extension_submit(self, dialog: Dialog, values: dict[str, str] | None = None, **more: Any) -> Answered:
        """The same as `submit`: a dialog knows that the extension opened it."""
        assert dialog.extension, "the message extension did not open this dialog"
        return await self.submit(dialog, values, **more)

    async def search(
        self,
        words: str,
        *,
        command: str = "accounts",
        user: str = "U1",
        install: TeamsInstall | None = None,
        **more: Any,
    ) -> Answered:
        """Type into the message extension's search; no words for the list before anything is typed."""
        parameter = {"name": "query", "value": words} if words else {"name": "initialRun", "value": "true"}
        value = {
            "commandId": command,
            "parameters": [parameter],
            "queryOptions": {"skip": 0, "count": 25},
            "context": {"theme": "default"},
        }
        activity = self._elsewhere(user, install) | {"name": "composeExtension/query", "value": value}
        return await self.send(activity | more, install)

    async def typeahead(
        self,
        words: str,
        *,
        dataset: str = "accounts",
        user: str = "U1",
        install: TeamsInstall | None = None,
        **more: Any,
    ) -> Answered:
        """Type into a menu that asks the bot for its options."""
        room = self.rooms[(install or self.listed[0]).name, self.personal(user, install)]
        value = {"queryText": words, "queryOptions": {"skip": 0, "top": 15}, "dataset": dataset}
        activity = self._activity("invoke", user, room, install) | {"name": "application/search", "value": value}
        return await self.send(activity | more, install)

    # ------------------------------------------------------------ installing

    async def installs(
        self, user: str = "U1", *, where: str = "", install: TeamsInstall | None = None, **more: Any
    ) -> list[Answered]:
        """Add the app for oneself, or to the group chat or channel of that name; both events that Teams sends."""
        room = self._for_app(user, where, install, there=True)
        added = self._activity("conversationUpdate", user, room, install)
        added["membersAdded"] = [{"id": added["recipient"]["id"]}]
        if room.kind == "channel":
            added["channelData"]["eventType"] = "teamMemberAdded"
        update = self._activity("installationUpdate", user, room, install) | {"action": "add"}
        return [await self.send(added | more, install), await self.send(update | more, install)]

    async def removes(
        self, user: str = "U1", *, where: str = "", install: TeamsInstall | None = None, **more: Any
    ) -> list[Answered]:
        """Remove it again. From a one-to-one chat Teams sends one event only."""
        room = self._for_app(user, where, install, there=False)
        removed = self._activity("conversationUpdate", user, room, install)
        removed["membersRemoved"] = [{"id": removed["recipient"]["id"]}]
        if room.kind == "channel":
            removed["channelData"]["eventType"] = "teamMemberRemoved"
        update = self._activity("installationUpdate", user, room, install) | {"action": "remove"}
        events = [update] if room.kind == "personal" else [removed, update]
        return [await self.send(event | more, install) for event in events]

    def _for_app(self, user: str, where: str, install: TeamsInstall | None, *, there: bool) -> Room:
        if not where:
            self.person(user, install).installed = there
            return self.rooms[(install or self.listed[0]).name, self.personal(user, install)]
        name = (install or self.listed[0]).name
        known = self.rooms.get((name, f"19:{where}@thread.v2"))
        room = known or self.channel(where, install)
        room.bot = there
        return room

    def attach(self, name: str, content: bytes = b"", *, url: str = "", **how: Any) -> dict[str, Any]:
        """A file as a message's `attachments` tells of it, to be said with `share`. `how` as in Shelf.put; `url` is
        told in the place of where it lies."""
        kept = self.shelf.put(name, content, **how)
        told = {"downloadUrl": url or self.file_url(kept.id), "uniqueId": kept.id, "fileType": name.rpartition(".")[2]}
        where = f"https://demo.sharepoint.com/personal/rae/Documents/Microsoft%20Teams%20Chat%20Files/{name}"
        kind = "application/vnd.microsoft.teams.file.download.info"
        return {"contentType": kind, "contentUrl": where, "name": name, "content": told}

    async def share(self, *files: dict[str, Any], text: str = "", **more: Any) -> Answered:
        """Send files, made by `attach`, in the one-to-one chat."""
        html = {"contentType": "text/html", "content": f"<p>{_html(text)}</p>"}
        return await self.says(text, attachments=[*files, html], **more)

    # ------------------------------------------------------------ the way to the bot

    async def send(
        self,
        activity: dict[str, Any],
        install: TeamsInstall | None = None,
        *,
        authorization: str | None = None,
        **claims: Any,
    ) -> Answered:
        """Deliver an activity, signed as Teams signs it; `claims` as in TeamsIdentity.token, None leaves one out."""
        install = install or self.listed[0]
        self.sent.append(activity)
        if authorization is None:
            said = {"app_id": install.app_id, "service_url": activity.get("serviceUrl", ""), **claims}
            authorization = self.identity.bearer(**said)
        where = activity.get("conversation")
        headers = {
            "Authorization": authorization,
            "Content-Type": "application/json; charset=utf-8",
            "x-ms-conversation-id": str(where.get("id", "")) if isinstance(where, dict) else "",
            "x-ms-tenant-id": install.tenant_id,
        }
        answered = await self.post(json.dumps(activity).encode(), headers)
        name = str(activity.get("name", ""))
        if activity.get("type") == "invoke" and answered.status == 200:
            self._check(rules.problems_of_invoke(name, answered.body), f"the answer to {name}")
        fast = name.startswith("composeExtension/") or name == "application/search"
        if answered.seconds > min(EXTENSION_WITHIN if fast else ANSWER_WITHIN, self.patience):
            self.violations.append(f"{name or activity.get('type')} was answered after {answered.seconds:.1f} s")
        return answered

    async def post(self, body: bytes, headers: dict[str, str]) -> Answered:
        """Anything at all to the bot's /api/messages. Status 0: no answer in time."""
        assert self._http is not None
        began = time.perf_counter()
        timeout = aiohttp.ClientTimeout(total=self.patience + 1)
        try:
            async with self._http.post(
                f"{self.bot_url}/api/messages", data=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                text = await response.text()
                status, kind = response.status, response.content_type
        except TimeoutError:
            return Answered(0, "", time.perf_counter() - began)
        parsed = json.loads(text) if kind == "application/json" and text else text
        return Answered(status, parsed, time.perf_counter() - began)

    def _activity(
        self, kind: str, user: str, room: Room, install: TeamsInstall | None, thread: str = ""
    ) -> dict[str, Any]:
        install = install or self.listed[0]
        person = self.person(user, install)
        now = datetime.fromtimestamp(self._clock(), UTC)
        number = self.new_id()
        conversation: dict[str, Any] = {
            "conversationType": room.kind,
            "tenantId": install.tenant_id,
            "id": f"{room.id};messageid={thread or number}" if room.kind == "channel" else room.id,
        }
        channel_data: dict[str, Any] = {"tenant": {"id": install.tenant_id}}
        if room.kind != "personal":
            conversation["isGroup"] = True
        if room.kind == "channel":
            channel_data |= {
                "teamsChannelId": room.id,
                "teamsTeamId": room.team,
                "channel": {"id": room.id},
                "team": {"id": room.team},
            }
        sender = {"id": person.id, "name": person.name}
        if person.object_id:
            sender["aadObjectId"] = person.object_id
        client = {"type": "clientInfo", "locale": person.locale, "country": "US", "platform": "Web"}
        return {
            "type": kind,
            "id": f"f:{uuid.uuid4()}" if kind != "message" else number,
            "timestamp": self._timestamp(),
            "localTimestamp": now.astimezone(ZoneInfo(person.zone)).isoformat(timespec="milliseconds"),
            "localTimezone": person.zone,
            "serviceUrl": self.service_url,
            "channelId": "msteams",
            "from": sender,
            "conversation": conversation,
            "recipient": {"id": f"28:{install.app_id}", "name": BOT_NAME},
            "entities": [{**client, "timezone": person.zone}],
            "channelData": channel_data,
            "locale": person.locale,
        }

    def _on(self, shown: Shown, user: str, install: TeamsInstall | None) -> dict[str, Any]:
        """An invoke on a message."""
        install = install or next(one for one in self.listed if one.name == shown.install)
        base, _, thread = shown.conversation.partition(";messageid=")
        activity = self._activity("invoke", user, self.rooms[install.name, base], install, thread or shown.id)
        activity["channelData"]["source"] = {"name": "message"}
        return activity | {"replyToId": shown.id}

    def _elsewhere(self, user: str, install: TeamsInstall | None, chat: str = "elsewhere") -> dict[str, Any]:
        """An invoke from the compose box of a chat that the bot has no part in."""
        install = install or self.listed[0]
        room = self.rooms.get((install.name, f"19:{chat}@thread.v2"))
        if room is None:
            room = self.group(chat, install)
            room.bot = False
        activity = self._activity("invoke", user, room, install)
        activity["channelData"]["source"] = {"name": "compose"}
        return activity

    async def _dialog(
        self, activity: dict[str, Any], user: str, install: TeamsInstall | None, extension: str = ""
    ) -> Dialog:
        answered = await self.send(activity, install)
        assert answered.status == 200, answered
        dialog = Dialog(user, install or self.listed[0], activity, extension=extension)
        _follow(dialog, answered.body)
        self.dialogs.append(dialog)
        return dialog

    def _timestamp(self) -> str:
        return datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _follow(dialog: Dialog, body: Any) -> None:
    """What the answer to task/fetch, task/submit and their likes of the extension does to the dialog."""
    task = body.get("task") if isinstance(body, dict) else None
    match task:
        case {"type": "continue", "value": {"card": {"content": card}, **rest}}:
            dialog.card, dialog.title = card, str(rest.get("title", ""))
        case {"type": "message", "value": text}:
            dialog.said, dialog.closed = str(text), True
        case _:
            dialog.closed = True
    if isinstance(body, dict) and (extension := body.get("composeExtension")):
        dialog.composed = [one["content"] for one in extension.get("attachments", [])]
        dialog.said = str(extension.get("text", ""))


def _pick(card: dict[str, Any] | None, label: str) -> tuple[dict[str, Any], dict[str, str]]:
    found = [(action, filled) for shown, action, filled in actions(card) if shown == label]
    assert found, f"no {label!r} among {[shown for shown, _, _ in actions(card)]}"
    return found[0]


def _inputs(card: dict[str, Any] | None) -> dict[str, str]:
    """What the inputs of a card hold; the client sends only those with a value."""
    held = [one for one in rules.elements(card) if str(one.get("type")).startswith("Input.") and one.get("value")]
    return {one["id"]: str(one["value"]) for one in held}


def _client_allows(dialog: Dialog, held: dict[str, str]) -> None:
    for one in dialog.inputs:
        value = held[one["id"]]
        assert value or not one.get("isRequired"), f"the client wants {one['id']!r} filled in"
        assert len(value) <= one.get("maxLength", len(value)), f"the client takes no more in {one['id']!r}"
        values = [choice["value"] for choice in one.get("choices", [])]
        assert not values or value in ("", *values), f"{value!r} is none of {values}"


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
