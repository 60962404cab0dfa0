"""Slack's payloads as `Incoming`. Every shape that is read is declared here; anything else is acknowledged and left."""

from __future__ import annotations

import asyncio
from typing import Any, Literal, TypeAlias

import msgspec

from bot.arrivals import Arrivals
from bot.slack import render, text
from bot.slack.files import SlackFile, announced, files_of
from bot.slack.install import Installs, SlackInstall
from bot.slack.profiles import Profiles
from bot.storable import storable
from handlers.conversation.request import (
    Address,
    HomeOpened,
    Incoming,
    LogThis,
    Pressed,
    Profile,
    Said,
    Submitted,
    What,
)

MENTIONS = 5
"""People named in one message whose names are looked up; further ones stay nameless."""

Place: TypeAlias = Literal["direct", "group", "channel", "home"]


class Arrived(msgspec.Struct, frozen=True):
    """Something for the turn."""

    install: SlackInstall
    incoming: Incoming
    trigger: str = ""
    """Opens one form, within 3 s."""
    view_blocks: tuple[str, ...] = ()
    """The ids of the fields of the form that was sent."""
    files: tuple[SlackFile, ...] = ()
    """Attached, and still to be fetched."""


class Ignored(msgspec.Struct, frozen=True):
    """Nothing that Pacer acts upon; Slack gets its 200."""


class NotListed(msgspec.Struct, frozen=True):
    """From a workspace or organisation that app.yaml does not list, or signed with another one's secret."""


class Removed(msgspec.Struct, frozen=True):
    """The app was uninstalled, or its bot token revoked."""

    install: SlackInstall
    event: str


Read: TypeAlias = Arrived | Ignored | NotListed | Removed


class _Slash(msgspec.Struct):
    command: str
    trigger_id: str
    user_id: str
    channel_id: str
    text: str = ""
    channel_name: str = ""
    response_url: str = ""
    team_id: str = ""
    enterprise_id: str = ""
    is_enterprise_install: str = "false"


class _Authorization(msgspec.Struct):
    team_id: str | None = None
    enterprise_id: str | None = None
    user_id: str | None = None
    is_enterprise_install: bool = False


class _Envelope(msgspec.Struct):
    event_id: str
    event: dict[str, Any]
    team_id: str | None = None
    enterprise_id: str | None = None
    authorizations: list[_Authorization] = []


class _Message(msgspec.Struct):
    """message.im and app_mention."""

    channel: str
    ts: str
    user: str = ""
    text: str | None = ""
    thread_ts: str | None = None
    subtype: str | None = None
    channel_type: str | None = None
    bot_id: str | None = None
    user_team: str | None = None
    edited: Any = None
    files: list[dict[str, Any]] | None = None


class _HomeOpened(msgspec.Struct):
    user: str
    tab: str = ""
    channel: str = ""


class _Revoked(msgspec.Struct):
    tokens: dict[str, Any] = {}


class _Who(msgspec.Struct):
    id: str
    team_id: str | None = None


class _Team(msgspec.Struct):
    id: str = ""
    enterprise_id: str | None = None


class _Channel(msgspec.Struct):
    id: str
    name: str = ""


class _Selected(msgspec.Struct):
    value: str = ""


class _Action(msgspec.Struct):
    action_id: str
    type: str = ""
    value: str = ""
    selected_option: _Selected | None = None


class _Container(msgspec.Struct):
    type: str = ""
    channel_id: str = ""
    message_ts: str = ""
    thread_ts: str | None = None
    is_ephemeral: bool = False


class _Block(msgspec.Struct):
    block_id: str = ""
    type: str = ""


class _State(msgspec.Struct):
    values: dict[str, dict[str, dict[str, Any]]] = {}


class _View(msgspec.Struct):
    private_metadata: str = ""
    app_installed_team_id: str | None = None
    blocks: list[_Block] = []
    state: _State = msgspec.field(default_factory=_State)


class _Marked(msgspec.Struct):
    """The message that a shortcut was used on."""

    ts: str = ""
    text: str | None = ""
    thread_ts: str | None = None
    user: str | None = None
    """Who wrote it."""


class _Interaction(msgspec.Struct):
    type: str
    user: _Who
    trigger_id: str = ""
    team: _Team | None = None
    enterprise: _Team | None = None
    is_enterprise_install: bool = False
    channel: _Channel | None = None
    container: _Container = msgspec.field(default_factory=_Container)
    actions: list[_Action] = []
    response_url: str = ""
    view: _View | None = None
    callback_id: str = ""
    message: _Marked | None = None


class Reader:
    """Turns payloads into `Incoming`, for the installs that are listed."""

    def __init__(self, installs: Installs, profiles: Profiles) -> None:
        self._installs = installs
        self._profiles = profiles
        self._arrivals = Arrivals()

    async def command(self, form: dict[str, str], trusted: frozenset[str]) -> Read:
        """A slash command. `trusted` names the installs whose secret or connection vouches for it.

        Raises msgspec.ValidationError for a shape that Slack does not send; so do the others.
        """
        slash = msgspec.convert(form, _Slash)
        org_wide = slash.is_enterprise_install == "true"
        install = self._find(slash.team_id, slash.enterprise_id, org_wide, trusted)
        if install is None:
            return NotListed()
        profile, words = await self._read_text(install, slash.user_id, slash.text)
        return Arrived(
            install,
            Incoming(
                install=install.name,
                key=slash.trigger_id,
                profile=profile,
                what=Said(words, command=slash.command.removeprefix("/")),
                place=_place(slash.channel_id, slash.channel_name),
                reply_to=Address(conversation=slash.channel_id, only_to=slash.user_id, response_url=slash.response_url),
                inline=True,
                can_open_form=True,
            ),
            slash.trigger_id,
        )

    async def event(self, payload: dict[str, Any], trusted: frozenset[str]) -> Read:
        """An event of the Events API."""
        kind = payload["event"].get("type") if isinstance(payload.get("event"), dict) else None
        if kind not in ("message", "app_mention", "app_home_opened", "app_uninstalled", "tokens_revoked"):
            return Ignored()
        envelope = msgspec.convert(payload, _Envelope)
        # The first authorization says for which installation the event was sent; in a channel shared with another
        # company the ids beside it may be that company's.
        given = envelope.authorizations[0] if envelope.authorizations else _Authorization()
        install = self._find(
            given.team_id or envelope.team_id or "",
            given.enterprise_id or envelope.enterprise_id or "",
            given.is_enterprise_install,
            trusted,
        )
        if install is None:
            return NotListed()
        match kind:
            case "app_uninstalled":
                return Removed(install, envelope.event_id)
            case "tokens_revoked":
                revoked = msgspec.convert(envelope.event, _Revoked)
                return Removed(install, envelope.event_id) if revoked.tokens.get("bot") else Ignored()
            case "app_home_opened":
                opened = msgspec.convert(envelope.event, _HomeOpened)
                if opened.tab != "home":
                    return Ignored()
                profile = await self._profile(install, opened.user)
                reply_to = Address(conversation=opened.channel)
                return _arrived(install, envelope.event_id, profile, HomeOpened(), place="home", reply_to=reply_to)
            case _:
                said = msgspec.convert(envelope.event, _Message)
                return await self._message(install, envelope.event_id, kind, said, given.user_id or "")

    async def _message(self, install: SlackInstall, key: str, kind: str, said: _Message, bot_user: str) -> Read:
        # Edits, deletions, joins and everything that a bot said (this one included) are no words to Pacer.
        if said.subtype not in (None, "file_share") or said.edited or said.bot_id or said.user in ("", bot_user):
            return Ignored()
        direct = said.channel_type == "im" or said.channel.startswith("D")
        if kind == "message" and not direct:
            return Ignored()
        foreign = _foreign(install, said.user_team)
        profile, words = await self._read_text(install, said.user, said.text or "", bot_user, foreign)
        place: Place = "direct" if direct else "group" if said.channel_type == "mpim" else "channel"
        reply_to = Address(conversation=said.channel, thread=said.thread_ts or "", only_to="" if direct else said.user)
        files = files_of(said.files)
        what = Said(text.unstyled(words), files=announced(install, files))
        return _arrived(install, key, profile, what, place=place, reply_to=reply_to, files=files)

    async def interaction(self, payload: dict[str, Any], trusted: frozenset[str]) -> Read:
        """A button, a menu, a form or a message shortcut."""
        if payload.get("type") not in ("block_actions", "view_submission", "message_action"):
            return Ignored()
        acted = msgspec.convert(payload, _Interaction)
        if not acted.trigger_id:
            raise msgspec.ValidationError("an interaction without its trigger_id")
        team = acted.team or _Team()
        installed_on = acted.view.app_installed_team_id if acted.view else None
        enterprise = (acted.enterprise.id if acted.enterprise else "") or team.enterprise_id or ""
        install = self._find(installed_on or team.id, enterprise, acted.is_enterprise_install, trusted)
        if install is None:
            return NotListed()
        foreign = _foreign(install, acted.user.team_id)
        match acted.type:
            case "block_actions":
                return await self._pressed(install, acted, foreign)
            case "view_submission":
                return await self._submitted(install, acted, foreign)
            case _:
                return await self._shortcut(install, acted, foreign)

    async def _pressed(self, install: SlackInstall, acted: _Interaction, foreign: bool) -> Read:
        if not acted.actions or acted.actions[0].type not in ("button", "static_select"):
            return Ignored()
        action, where, trigger = acted.actions[0], acted.container, acted.trigger_id
        value = action.selected_option.value if action.selected_option else action.value
        what = Pressed(render.pressed(action.action_id), value)
        profile = await self._profile(install, acted.user.id, foreign)
        if where.type != "message":
            return _arrived(install, trigger, profile, what, place="home", reply_to=Address(), trigger=trigger)
        channel = acted.channel or _Channel(where.channel_id)
        place = _place(channel.id, channel.name)
        answer = Address(
            conversation=channel.id,
            thread=where.thread_ts or "",
            only_to=acted.user.id if where.is_ephemeral or place != "direct" else "",
            response_url=acted.response_url,
        )
        pressed_on = msgspec.structs.replace(
            answer, message=where.message_ts, only_to=acted.user.id if where.is_ephemeral else ""
        )
        return _arrived(
            install,
            trigger,
            profile,
            what,
            place=place,
            reply_to=answer,
            pressed_on=pressed_on,
            trigger=trigger,
        )

    async def _submitted(self, install: SlackInstall, acted: _Interaction, foreign: bool) -> Read:
        view = acted.view or _View()
        values = {name: _value(next(iter(holder.values()), {})) for name, holder in view.state.values.items()}
        fields = tuple(block.block_id for block in view.blocks if block.type == "input")
        profile = await self._profile(install, acted.user.id, foreign)
        # A form carries nothing but its token: where it was opened from is kept on our side under that.
        what = Submitted(view.private_metadata, values)
        return _arrived(
            install, acted.trigger_id, profile, what, place="direct", reply_to=Address(), fields=fields or ("",)
        )

    async def _shortcut(self, install: SlackInstall, acted: _Interaction, foreign: bool) -> Read:
        if acted.channel is None or acted.message is None:
            return Ignored()
        profile, words = await self._read_text(install, acted.user.id, acted.message.text or "", foreign=foreign)
        author = acted.message.user or ""
        named = await self._profiles.names(install, [author]) if author not in ("", acted.user.id) else {}
        # In a conversation that Pacer is not part of, the response_url alone reaches the person.
        reply_to = Address(
            conversation=acted.channel.id,
            thread=acted.message.thread_ts or "",
            only_to=acted.user.id,
            response_url=acted.response_url,
        )
        return _arrived(
            install,
            acted.trigger_id,
            profile,
            LogThis(acted.callback_id, text.unstyled(words), named.get(author, "")),
            place=_place(acted.channel.id, acted.channel.name),
            reply_to=reply_to,
            trigger=acted.trigger_id,
        )

    def _find(self, team: str, enterprise: str, org_wide: bool, trusted: frozenset[str]) -> SlackInstall | None:
        """The install that is meant, if whoever signed may speak for it."""
        install = self._installs.find(team, enterprise, org_wide)
        return install if install is not None and install.name in trusted else None

    async def _profile(self, install: SlackInstall, user: str, foreign: bool = False) -> Profile:
        """Who acts, in the order in which they act."""
        return await self._arrivals.in_order((install.name, user), self._profiles.of(install, user, foreign))

    async def _read_text(
        self, install: SlackInstall, user: str, words: str, bot_user: str = "", foreign: bool = False
    ) -> tuple[Profile, str]:
        """Who says it, and the words with the names of the people whom they mention; in the order of saying."""
        if "<@" not in words:
            return await self._profile(install, user, foreign), text.plain(words)
        mentioned = [other for other in text.mentioned(words) if other != bot_user][:MENTIONS]

        async def looked_up() -> tuple[Profile, dict[str, str]]:
            return await asyncio.gather(
                self._profiles.of(install, user, foreign), self._profiles.names(install, mentioned)
            )

        profile, names = await self._arrivals.in_order((install.name, user), looked_up())
        return profile, text.plain(words, names, bot_user)


def _arrived(
    install: SlackInstall,
    key: str,
    profile: Profile,
    what: What,
    *,
    place: Place,
    reply_to: Address,
    pressed_on: Address | None = None,
    trigger: str = "",
    fields: tuple[str, ...] = (),
    files: tuple[SlackFile, ...] = (),
) -> Arrived:
    """`trigger` opens a form; a form that was sent, known by its `fields`, can become the next one."""
    incoming = Incoming(
        install=install.name,
        key=key,
        profile=profile,
        what=what,
        place=place,
        reply_to=reply_to,
        pressed_on=pressed_on,
        can_open_form=bool(trigger or fields),
    )
    return Arrived(install, incoming, trigger, fields, files)


def _place(channel: str, name: str) -> Place:
    if channel.startswith("D"):
        return "direct"
    return "group" if name.startswith("mpdm-") else "channel"


def _foreign(install: SlackInstall, team: str | None) -> bool:
    """Whether a user's own team is not the install's. Within an organisation only users.info can tell."""
    return bool(team) and not install.enterprise_id and team != install.team_id


def _value(element: dict[str, Any]) -> str:
    """What was entered in one field of a form, empty for nothing."""
    chosen = element.get("selected_option")
    if isinstance(chosen, dict):
        return storable(str(chosen.get("value") or ""))
    for name in ("value", "selected_date", "selected_time"):
        if element.get(name):
            return storable(str(element[name]))
    return ""
