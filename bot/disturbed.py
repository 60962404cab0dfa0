"""Who wants no notifications now, asked of the platform that each person is reached on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from storage.people import Where


class TellsDisturb(Protocol):
    """A platform that tells an app until when its people want nothing."""

    async def ends(self, install: str, users: Sequence[str], now: datetime) -> Mapping[str, datetime]:
        """User -> until when (UTC), of those who want nothing at `now`; nobody where it cannot be told."""


class DoNotDisturb:
    """Implements scheduled.speaking.Disturbed over the platforms that tell."""

    def __init__(self, platform_of: Callable[[str], str | None]) -> None:
        """`platform_of` an install."""
        self.told_by: dict[str, TellsDisturb] = {}
        self._platform_of = platform_of

    async def __call__(self, where: Mapping[str, Where], now: datetime, /) -> Mapping[str, datetime]:
        """See Disturbed."""
        by_install: dict[str, dict[str, str]] = {}
        for person, at in where.items():
            by_install.setdefault(at.install, {})[at.external_id] = person
        found: dict[str, datetime] = {}
        for install, persons in by_install.items():
            source = self.told_by.get(self._platform_of(install) or "")
            if source is not None:
                ends = await source.ends(install, list(persons), now)
                found |= {persons[user]: end for user, end in ends.items()}
        return found
