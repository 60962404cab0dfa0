"""Until when somebody wants no notifications: what Slack says of their notification schedule."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog

from bot.slack.api import Failed, Ok, SlackApi
from bot.slack.install import Installs, SlackInstall

log = structlog.get_logger(__name__)

AT_ONCE = 50
"""People that dnd.teamInfo takes in one call; it may be called twenty times a minute."""
KEPT_FOR = 600.0
"""Seconds that an answer is good for."""
REFUSED_FOR = 3600.0
"""Seconds in which an install that may not ask is not asked about again."""


class DoNotDisturb:
    """dnd.teamInfo, remembered for minutes. What Slack does not say is no reason to wait.

    A pause that somebody sets by hand Slack tells to nobody but them; it holds the notification back by itself.
    """

    def __init__(self, installs: Installs, api: SlackApi, clock: Callable[[], float] = time.monotonic) -> None:
        self._installs = installs
        self._api = api
        self._clock = clock
        self._known: dict[tuple[str, str], tuple[float, datetime | None]] = {}
        self._refused: dict[str, float] = {}

    async def ends(self, install: str, users: Sequence[str], now: datetime) -> Mapping[str, datetime]:
        """User -> until when (UTC), of those who want nothing at `now`."""
        listed = self._installs.named(install)
        if listed is None:
            return {}
        at = self._clock()
        self._known = {key: kept for key, kept in self._known.items() if kept[0] > at}
        unknown = [user for user in users if (install, user) not in self._known]
        if self._refused.get(install, 0.0) <= at:
            for some in _batched(unknown, AT_ONCE):
                if not await self._ask(listed, some, now):
                    break
        found = {user: self._known.get((install, user), (at, None))[1] for user in users}
        return {user: end for user, end in found.items() if end is not None and end > now}

    async def _ask(self, install: SlackInstall, users: Sequence[str], now: datetime) -> bool:
        asked = {"users": ",".join(users)} | ({"team_id": install.team_id} if install.team_id else {})
        ended = await self._api.ask("dnd.teamInfo", install.bot_token, asked)
        if not isinstance(ended, Ok):
            if isinstance(ended, Failed):
                self._refused[install.name] = self._clock() + REFUSED_FOR
            log.warning("slack_do_not_disturb_unknown", install=install.name, reason=str(ended))
            return False
        said = ended.data.get("users")
        until = self._clock() + KEPT_FOR
        for user in users:
            self._known[install.name, user] = (until, _end(said.get(user) if isinstance(said, dict) else None, now))
        return True


def _end(said: Any, now: datetime) -> datetime | None:
    """When the window ends in which `now` lies. Without a schedule Slack says 1 for both its ends."""
    if not isinstance(said, dict) or said.get("dnd_enabled") is not True:
        return None
    start, end = said.get("next_dnd_start_ts"), said.get("next_dnd_end_ts")
    if not isinstance(start, int) or not isinstance(end, int) or not start <= now.timestamp() < end:
        return None
    return datetime.fromtimestamp(end, UTC)


def _batched(users: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (users[at : at + size] for at in range(0, len(users), size))
