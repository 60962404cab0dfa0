"""Who somebody is, by Teams' own word: asked of the roster, kept for an hour."""

from __future__ import annotations

import asyncio
import re
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import msgspec
import structlog

from bot.teams.connector import ConnectorApi, Ended, Failed, Ok
from bot.teams.install import TeamsInstall
from handlers.conversation.request import Profile

log = structlog.get_logger(__name__)

KEPT_FOR = 3600.0
"""Seconds that an answer is good for."""
UNKNOWN_FOR = 60.0
"""Seconds until the roster is asked again about somebody whom it did not tell."""
KEPT_AT_MOST = 20_000
PATIENCE = 1.5
"""Seconds that a turn waits for the roster: a message extension has 5 for everything."""

OUTSIDERS = {"guest", "anonymous"}
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class _Member(msgspec.Struct, rename="camel"):
    """What is read of a member of a roster. Both names of the Entra id are in use."""

    name: str | None = None
    email: str | None = None
    user_principal_name: str | None = None
    aad_object_id: str | None = None
    object_id: str | None = None
    tenant_id: str | None = None
    user_role: str | None = None


class _Asked(msgspec.Struct, frozen=True):
    """Whom to ask about, and where."""

    install: TeamsInstall
    user: str
    teams_id: str
    service_url: str
    conversation: str


class Profiles:
    """The roster's answers, by install and person, so that the same id in two installs is two people."""

    def __init__(
        self, api: ConnectorApi, clock: Callable[[], float] = time.monotonic, patience: float = PATIENCE
    ) -> None:
        """`clock` and `patience` are in seconds."""
        self._api = api
        self._clock = clock
        self._patience = patience
        self._known: OrderedDict[tuple[str, str], tuple[float, Profile]] = OrderedDict()
        self._asking: dict[tuple[str, str], asyncio.Task[Profile]] = {}

    async def of(
        self,
        install: TeamsInstall,
        user: str,
        *,
        teams_id: str,
        service_url: str,
        conversation: str,
        name: str = "",
        zone: str = "",
        locale: str = "",
    ) -> Profile:
        """The profile, or one with `known` False when Teams does not say within the patience.

        `user` is their Entra id, `teams_id` the `29:…` of the activity. Name, zone (IANA) and locale are the
        activity's: the roster has no zone, and its name takes the place of the activity's.
        """
        key = (install.name, user)
        kept = self._known.get(key)
        if kept is not None and kept[0] > self._clock():
            profile = kept[1]
        else:
            fresh = await self._ask(_Asked(install, user, teams_id, service_url, conversation.partition(";")[0]))
            profile = fresh or (kept[1] if kept is not None else Profile(external_id=user, known=False))
        return msgspec.structs.replace(profile, name=profile.name or name, zone=zone, locale=locale)

    def forget(self, install: str) -> None:
        """Drop everything that was learned through an install."""
        for key in [key for key in self._known if key[0] == install]:
            del self._known[key]

    async def _ask(self, asked: _Asked) -> Profile | None:
        key = (asked.install.name, asked.user)
        asking = self._asking.get(key)
        if asking is None:
            asking = asyncio.get_running_loop().create_task(self._fetch(key, asked))
            self._asking[key] = asking
            asking.add_done_callback(lambda _: self._asking.pop(key, None))
        # An answer that comes too late for this turn is there for the next one.
        done, _ = await asyncio.wait({asking}, timeout=self._patience)
        return asking.result() if done else None

    async def _fetch(self, key: tuple[str, str], asked: _Asked) -> Profile:
        ended = await self._api.member(
            asked.install, asked.service_url, asked.conversation, asked.teams_id or asked.user
        )
        if isinstance(ended, Failed) and ended.status in (403, 404):
            # A message extension is used in chats that Pacer is no member of; their own chat with it tells as much.
            ended = await self._ask_directly(asked)
        profile = _profile(asked, ended.data) if isinstance(ended, Ok) else None
        if profile is None:
            reason = "the roster's answer does not fit" if isinstance(ended, Ok) else str(ended)
            log.warning("teams_profile_unknown", install=asked.install.name, reason=reason)
            kept = self._known.get(key)
            # What was known an hour ago is still better than nothing.
            profile = kept[1] if kept is not None else Profile(external_id=asked.user, known=False)
            self._keep(key, profile, UNKNOWN_FOR)
        else:
            self._keep(key, profile, KEPT_FOR)
        return profile

    async def _ask_directly(self, asked: _Asked) -> Ended:
        user = asked.teams_id or asked.user
        created = await self._api.create(asked.install, asked.service_url, user)
        if not isinstance(created, Ok):
            return created
        return await self._api.member(asked.install, asked.service_url, str(created.data.get("id", "")), user)

    def _keep(self, key: tuple[str, str], profile: Profile, seconds: float) -> None:
        self._known[key] = (self._clock() + seconds, profile)
        self._known.move_to_end(key)
        if len(self._known) > KEPT_AT_MOST:
            self._known.popitem(last=False)


def _profile(asked: _Asked, said: dict[str, Any]) -> Profile | None:
    """None for what cannot be read, and for an answer about somebody else."""
    try:
        member = msgspec.convert(said, _Member)
    except msgspec.ValidationError:
        return None
    object_id = member.aad_object_id or member.object_id
    if object_id and not asked.user.startswith("29:") and object_id.lower() != asked.user.lower():
        return None
    return _told(asked.install, asked.user, member)


def profile_of_member(install: TeamsInstall, said: Any) -> Profile | None:
    """One member of a page of a roster; None for what cannot be read, and for who has no Entra id."""
    try:
        member = msgspec.convert(said, _Member)
    except msgspec.ValidationError:
        return None
    object_id = member.aad_object_id or member.object_id
    return _told(install, object_id, member) if object_id else None


def _told(install: TeamsInstall, user: str, member: _Member) -> Profile:
    return Profile(external_id=user, name=member.name or "", email=_email(member), member=_is_member(install, member))


def _email(member: _Member) -> str:
    """Their address; the sign-in name only where it is one, which a tenant need not care for."""
    if member.email:
        return member.email
    sign_in = member.user_principal_name or ""
    return sign_in if _ADDRESS.fullmatch(sign_in) and "#ext#" not in sign_in.lower() else ""


def _is_member(install: TeamsInstall, member: _Member) -> bool:
    """Whether this is one of the company's own people: no guest, and nobody of another tenant."""
    if (member.user_role or "").lower() in OUTSIDERS or "#ext#" in (member.user_principal_name or "").lower():
        return False
    return not member.tenant_id or member.tenant_id.lower() == install.tenant_id.lower()
