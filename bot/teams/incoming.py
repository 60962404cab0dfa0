"""Teams' activities as `Incoming`. Every shape that is read is declared here; anything else is acknowledged and left.

The Bot Framework's own models drop what is needed (the conversation's tenant) and are slow to fill, so the raw JSON is
read; botbuilder carries the turn (receive.py).
"""

from __future__ import annotations

import html
import re
from typing import Any, Literal, TypeAlias

import msgspec

from bot.arrivals import Arrivals
from bot.storable import storable
from bot.teams import files_out
from bot.teams.files_in import TeamsFile, announced, files_of
from bot.teams.install import TeamsInstall
from bot.teams.manifest import ACCOUNTS_COMMAND, LOG_COMMAND
from bot.teams.profiles import Profiles
from handlers.conversation.request import Address, Incoming, LogThis, Pressed, Profile, Said, Submitted, What

CHOICE = "choice:"
"""Begins the id of a menu's input; the token follows (bot/teams/render.py)."""

Place: TypeAlias = Literal["direct", "group", "channel"]
Answered: TypeAlias = Literal["nothing", "card", "dialog", "sent dialog", "extension", "sent extension"]
"""What the response to the activity is made of."""


class Arrived(msgspec.Struct, frozen=True):
    """Something for the turn."""

    incoming: Incoming
    answered: Answered = "nothing"
    files: tuple[TeamsFile, ...] = ()
    """Attached, and still to be fetched."""


class Searched(msgspec.Struct, frozen=True):
    """Words typed into the message extension's search."""

    install: str
    profile: Profile
    words: str


class Left(msgspec.Struct, frozen=True):
    """The app was removed for one person, or from one conversation of several."""

    install: str
    user: str
    conversation: str
    """Empty where it was their own chat."""
    event: str
    team: str = ""
    """Whose channel the conversation is."""


class Joined(msgspec.Struct, frozen=True):
    """The app, or somebody, was added to a team that the app is in."""

    install: str
    team: str
    service: str
    """Where its members are told."""


class Consented(msgspec.Struct, frozen=True):
    """The person has answered whether they want a file."""

    incoming: Incoming
    file: str
    """The `Document.file` that was asked about."""
    upload: str
    """Where it goes (files_out.kept); empty where they do not want it."""


class Ignored(msgspec.Struct, frozen=True):
    """Nothing that Pacer acts upon."""


class Unknown(msgspec.Struct, frozen=True):
    """An invoke that Pacer does not know: Teams is told so, or its client would wait."""


Read: TypeAlias = Arrived | Searched | Consented | Joined | Left | Ignored | Unknown


class _Account(msgspec.Struct, rename="camel"):
    id: str = ""
    name: str | None = None
    aad_object_id: str | None = None


class _Conversation(msgspec.Struct, rename="camel"):
    id: str
    conversation_type: str | None = None
    tenant_id: str | None = None


class _Team(msgspec.Struct):
    id: str = ""


class _ChannelData(msgspec.Struct):
    team: _Team | None = None


class _Entity(msgspec.Struct):
    type: str = ""
    text: str | None = None
    mentioned: _Account | None = None
    timezone: str | None = None
    """Of `clientInfo`."""


class Activity(msgspec.Struct, rename="camel"):
    """What is read of an activity."""

    type: str
    service_url: str
    from_: _Account = msgspec.field(name="from")
    conversation: _Conversation
    id: str = ""
    name: str | None = None
    recipient: _Account = msgspec.field(default_factory=_Account)
    text: str | None = None
    locale: str | None = None
    local_timezone: str | None = None
    reply_to_id: str | None = None
    entities: list[_Entity] | None = None
    value: Any = None
    action: str | None = None
    attachments: list[Any] | None = None
    channel_data: Any = None
    members_added: list[Any] | None = None


class _Extension(msgspec.Struct, rename="camel"):
    """Of composeExtension/fetchTask, submitAction and query."""

    command_id: str = ""
    data: dict[str, Any] | None = None
    message_payload: dict[str, Any] | None = None
    parameters: list[dict[str, Any]] = []


class Reader:
    """Reads activities whose token was checked. It asks the roster who somebody is; nothing else leaves."""

    def __init__(self, profiles: Profiles) -> None:
        self._profiles = profiles
        self._arrivals = Arrivals()

    async def read(self, install: TeamsInstall, raw: dict[str, Any]) -> Read:
        """What the activity is. Raises msgspec.ValidationError for shapes that Teams does not send."""
        activity = msgspec.convert(raw, Activity)
        match activity.type:
            case "message":
                return await self._message(install, activity)
            case "invoke":
                return await self._invoke(install, activity)
            case "installationUpdate":
                return await self._installation(install, activity)
            case "conversationUpdate":
                return _joined(install, activity) if activity.members_added else Ignored()
            case _:
                return Ignored()

    async def _message(self, install: TeamsInstall, activity: Activity) -> Read:
        if isinstance(activity.value, dict) and not (activity.text or "").strip():
            # A client that does not know Action.Execute sends what the button holds as a message.
            pressed = _pressed(activity.value)
            return Ignored() if pressed is None else await self._arrived(install, activity, pressed, on_message=True)
        words = _words(activity)
        files = files_of(activity.attachments) if _place(activity) == "direct" else ()
        if not words and not files and _is_card(activity):
            return Ignored()
        arrived = await self._arrived(install, activity, Said(words, files=announced(files)))
        return msgspec.structs.replace(arrived, files=files) if files else arrived

    async def _invoke(self, install: TeamsInstall, activity: Activity) -> Read:
        value = activity.value if isinstance(activity.value, dict) else {}
        match activity.name:
            case "adaptiveCard/action":
                action = value.get("action")
                pressed = _pressed(action.get("data") if isinstance(action, dict) else None)
                if pressed is None:
                    return Unknown()
                return await self._arrived(install, activity, pressed, answered="card", on_message=True)
            case "task/fetch":
                return await self._dialog_asked(install, activity, value.get("data"))
            case "task/submit":
                submitted = _submitted(value.get("data"))
                if submitted is None:
                    return Unknown()
                return await self._arrived(install, activity, submitted, answered="sent dialog")
            case files_out.INVOKE:
                answer = msgspec.convert(value, files_out.ConsentResponse)
                pressed = Pressed(answer.file, answer.action)
                arrived = await self._arrived(install, activity, pressed, on_message=True)
                info = answer.upload_info if answer.action == "accept" else None
                return Consented(arrived.incoming, answer.file, "" if info is None else files_out.kept(info))
            case "composeExtension/fetchTask" | "composeExtension/submitAction" | "composeExtension/query":
                return await self._extension(install, activity, msgspec.convert(value, _Extension))
            case _:
                return Unknown()

    async def _dialog_asked(self, install: TeamsInstall, activity: Activity, data: Any) -> Read:
        if isinstance(data, dict) and isinstance(data.get("log"), str):
            # The card of an account that was found by the message extension: whoever presses logs for themselves.
            wanted = LogThis(LOG_COMMAND, storable(data["log"]))
            return await self._arrived(install, activity, wanted, answered="dialog", apart=True)
        pressed = _pressed(data)
        if pressed is None:
            return Unknown()
        return await self._arrived(install, activity, pressed, answered="dialog", on_message=True)

    async def _extension(self, install: TeamsInstall, activity: Activity, asked: _Extension) -> Read:
        match activity.name, asked.command_id:
            case "composeExtension/query", command if command == ACCOUNTS_COMMAND:
                words = next((str(one.get("value", "")) for one in asked.parameters), "")
                # Teams asks with this for the first results, before anything is typed.
                first = any(one.get("name") == "initialRun" for one in asked.parameters)
                return Searched(install.name, await self._profile(install, activity), "" if first else words)
            case "composeExtension/fetchTask", command if command == LOG_COMMAND:
                what: What = Said("", LOG_COMMAND)
                if asked.message_payload is not None:
                    what = _marked(LOG_COMMAND, asked.message_payload)
                return await self._arrived(install, activity, what, answered="extension", apart=True)
            case "composeExtension/fetchTask", command if command and asked.message_payload is not None:
                # What else stands in a message's menu: the command whose shortcut it is.
                what = _marked(command, asked.message_payload)
                return await self._arrived(install, activity, what, answered="extension", apart=True)
            case "composeExtension/submitAction", _:
                submitted = _submitted(asked.data)
                if submitted is None:
                    return Unknown()
                return await self._arrived(install, activity, submitted, answered="sent extension", apart=True)
            case _:
                return Unknown()

    async def _installation(self, install: TeamsInstall, activity: Activity) -> Read:
        action = (activity.action or "").removesuffix("-upgrade")
        if action == "add":
            own = _place(activity) == "direct"
            return await self._arrived(install, activity, Said("hello")) if own else _joined(install, activity)
        if action == "remove":
            own = _place(activity) == "direct"
            where = "" if own else activity.conversation.id.partition(";")[0]
            return Left(install.name, _user(activity), where, activity.id, "" if own else _team(activity))
        return Ignored()

    async def _arrived(
        self,
        install: TeamsInstall,
        activity: Activity,
        what: What,
        *,
        answered: Answered = "nothing",
        on_message: bool = False,
        apart: bool = False,
    ) -> Arrived:
        """`on_message`: a button of the message `reply_to_id`. `apart`: from the compose box, of a conversation that
        Pacer may have no part in, so the answer goes one-to-one.
        """
        service = activity.service_url
        reply_to = Address(conversation="" if apart else activity.conversation.id, service=service)
        pressed_on = None
        if on_message and activity.reply_to_id:
            pressed_on = msgspec.structs.replace(reply_to, message=activity.reply_to_id)
        incoming = Incoming(
            install=install.name,
            key=f"{activity.conversation.id}:{activity.id}",
            profile=await self._profile(install, activity),
            what=what,
            place="direct" if apart else _place(activity),
            reply_to=reply_to,
            pressed_on=pressed_on,
            inline=answered in ("card", "dialog", "extension", "sent extension"),
            fleeting=answered in ("card", "dialog", "sent extension"),
            can_open_form=answered not in ("nothing", "card"),
        )
        return Arrived(incoming, answered)

    async def _profile(self, install: TeamsInstall, activity: Activity) -> Profile:
        """Who acts, in the order in which they act."""
        user = _user(activity)
        asking = self._profiles.of(
            install,
            user,
            teams_id=activity.from_.id,
            service_url=activity.service_url,
            conversation=activity.conversation.id,
            name=activity.from_.name or "",
            zone=_zone(activity),
            locale=activity.locale or "",
        )
        return await self._arrivals.in_order((install.name, user), asking)


def _joined(install: TeamsInstall, activity: Activity) -> Joined | Ignored:
    """Of a team alone: who is in a group chat with Pacer meets it when they mention it."""
    team = _team(activity)
    return Joined(install.name, team, activity.service_url) if team else Ignored()


def _team(activity: Activity) -> str:
    """The team that it happened in; empty for none."""
    try:
        team = msgspec.convert(activity.channel_data or {}, _ChannelData).team
    except msgspec.ValidationError:
        return ""
    return team.id if team is not None else ""


def _user(activity: Activity) -> str:
    """Their Entra id, which is the same in every conversation; Teams' own id where there is none."""
    who = activity.from_.aad_object_id or activity.from_.id
    if not who:
        raise msgspec.ValidationError("an activity from nobody")
    return who


def _place(activity: Activity) -> Place:
    match activity.conversation.conversation_type:
        case "channel":
            return "channel"
        case "groupChat":
            return "group"
        case _:
            return "direct"


def _zone(activity: Activity) -> str:
    entities = activity.entities or ()
    return activity.local_timezone or next((one.timezone for one in entities if one.timezone), "")


_AT = re.compile(r"</?at(?:\s[^<>]*)?>")
_CARD = "inline-compose-card"
"""Class of a span, with another in it, that stands in the text for a card sent from the message extension."""
_SPAN = re.compile(r"</?span\b[^<>]*>")


def _words(activity: Activity) -> str:
    """The text without the mention of Pacer itself; other people's mentions become their names."""
    text = activity.text or ""
    for entity in activity.entities or ():
        own = entity.mentioned is not None and entity.mentioned.id == activity.recipient.id
        if entity.type == "mention" and entity.text and own:
            text = text.replace(entity.text, " ", 1)
    text = _SPAN.sub("", text) if _CARD in text else text
    return storable(html.unescape(_AT.sub("", text)).replace("\xa0", " ")).strip()


def _is_card(activity: Activity) -> bool:
    return _CARD in (activity.text or "")


_BREAKS = re.compile(r"(?i)<(?:br|/p|/div|/li)\b[^<>]*>")
_TAGS = re.compile(r"<[^<>]*>")


def _marked(command: str, payload: dict[str, Any]) -> LogThis:
    """The message that the extension was used on: its words, and who wrote it."""
    sender = payload.get("from")
    user = sender.get("user") if isinstance(sender, dict) else None
    name = user.get("displayName") if isinstance(user, dict) else None
    return LogThis(command, _message_text(payload), storable(name) if isinstance(name, str) else "")


def _message_text(payload: dict[str, Any]) -> str:
    body = payload.get("body")
    content = str(body.get("content") or "") if isinstance(body, dict) else ""
    if isinstance(body, dict) and body.get("contentType") == "html":
        content = html.unescape(_TAGS.sub("", _BREAKS.sub("\n", content)))
    return storable(content.replace("\xa0", " ")).strip()


def _pressed(data: Any) -> Pressed | None:
    """A button's data; a menu's choice stands beside it under the input's id."""
    if not isinstance(data, dict) or not isinstance(data.get("token"), str):
        return None
    token = data["token"]
    value = data.get("value", data.get(CHOICE + token, ""))
    return Pressed(token, str(value))


def _typed(value: Any) -> str:
    text = storable(str(value or ""))
    return text if text.strip() else ""


def _submitted(data: Any) -> Submitted | None:
    if not isinstance(data, dict) or not isinstance(data.get("token"), str):
        return None
    values = {name: _typed(value) for name, value in data.items() if name not in ("token", "msteams")}
    return Submitted(data["token"], values)
