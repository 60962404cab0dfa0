"""Who somebody is, as Slack says: asked before the turn, remembered for a day."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import structlog

from bot.slack.api import Failed, Ok, SlackApi
from bot.slack.install import SlackInstall
from handlers.conversation.request import Profile

log = structlog.get_logger(__name__)

KEPT_FOR = 24 * 3600.0
"""Seconds that an answer is good for."""
KEPT_AT_MOST = 20_000
PATIENCE = 0.7
"""Seconds that a turn waits for Slack: with the turn's own 2 s this stays within the 3 s of an acknowledgement."""


class Profiles:
    """users.info, cached by install and user, so that the same id in two installs is two people."""

    def __init__(self, api: SlackApi, clock: Callable[[], float] = time.monotonic, patience: float = PATIENCE) -> None:
        self._api = api
        self._clock = clock
        self._patience = patience
        self._known: OrderedDict[tuple[str, str], tuple[float, Profile]] = OrderedDict()
        self._asking: dict[tuple[str, str], asyncio.Task[Profile | None]] = {}

    async def of(self, install: SlackInstall, user: str, foreign: bool = False) -> Profile:
        """The profile, or one with `known` False when Slack does not say within the patience.

        `foreign` tells that the event itself already says that the person is from elsewhere.
        """
        key = (install.name, user)
        kept = self._known.get(key)
        if kept is not None and kept[0] > self._clock():
            profile = kept[1]
        else:
            fresh = await self._ask(install, user)
            # A profile that is older than a day is still better than none.
            profile = fresh or (kept[1] if kept is not None else Profile(external_id=user, known=False))
        return msgspec.structs.replace(profile, member=False) if foreign and profile.member else profile

    async def names(self, install: SlackInstall, users: Iterable[str]) -> dict[str, str]:
        """Names of people who are mentioned, by id; without those whom Slack does not tell in time."""
        wanted = list(users)
        profiles = await asyncio.gather(*(self.of(install, user) for user in wanted))
        return {user: profile.name for user, profile in zip(wanted, profiles, strict=True) if profile.name}

    def forget(self, install: str) -> None:
        """Drop everything that was learned through an install."""
        for key in [key for key in self._known if key[0] == install]:
            del self._known[key]

    async def _ask(self, install: SlackInstall, user: str) -> Profile | None:
        key = (install.name, user)
        asking = self._asking.get(key)
        if asking is None:
            asking = asyncio.create_task(self._fetch(install, user))
            self._asking[key] = asking
            asking.add_done_callback(lambda _: self._asking.pop(key, None))
        # An answer that comes too late for this turn is there for the next one.
        done, _ = await asyncio.wait({asking}, timeout=self._patience)
        return asking.result() if done else None

    async def _fetch(self, install: SlackInstall, user: str) -> Profile | None:
        ended = await self._api.ask("users.info", install.bot_token, {"user": user, "include_locale": "true"})
        profile: Profile | None = None
        if isinstance(ended, Ok):
            try:
                profile = profile_of(install, user, ended.data["user"])
            except (KeyError, TypeError, AttributeError):
                log.warning("slack_profile_unreadable", install=install.name)
        elif isinstance(ended, Failed) and ended.error == "user_not_visible":
            profile = Profile(external_id=user, member=False)
        else:
            log.warning("slack_profile_unknown", install=install.name, reason=str(ended))
        if profile is not None:
            self._known[user_key := (install.name, user)] = (self._clock() + KEPT_FOR, profile)
            self._known.move_to_end(user_key)
            if len(self._known) > KEPT_AT_MOST:
                self._known.popitem(last=False)
        return profile


def profile_of(install: SlackInstall, user: str, said: dict[str, Any]) -> Profile:
    """What Slack's user object says. Raises KeyError, TypeError or AttributeError where it is none."""
    details = said.get("profile") or {}
    return Profile(
        external_id=user,
        name=str(said.get("real_name") or details.get("real_name") or said.get("name") or ""),
        email=str(details.get("email") or "") if said.get("is_email_confirmed", True) else "",
        zone=str(said.get("tz") or ""),
        locale=str(said.get("locale") or ""),
        member=_is_member(install, said),
    )


def _is_member(install: SlackInstall, said: dict[str, Any]) -> bool:
    """Whether this is one of the company's own people: no guest, no bot, nobody of another workspace."""
    marks = ("is_stranger", "is_restricted", "is_ultra_restricted", "is_bot", "is_workflow_bot", "deleted")
    if any(said.get(mark) for mark in marks):
        return False
    if install.team_id and said.get("team_id") == install.team_id:
        return True
    # On Enterprise Grid people move between workspaces: the organisation is what counts.
    organisation = (said.get("enterprise_user") or {}).get("enterprise_id")
    return bool(install.enterprise_id) and organisation == install.enterprise_id
