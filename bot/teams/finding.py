"""Who somebody of the plan is in Teams: the rosters of the teams that Pacer was added to, by their e-mail."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import structlog

from bot.finding import LOOK, Here, Said
from bot.teams.connector import ConnectorApi, Failed, Limited, Ok
from bot.teams.install import Installs, TeamsInstall
from bot.teams.profiles import profile_of_member
from storage.finding import Missing, Roster

log = structlog.get_logger(__name__)

PAGE = 500
"""Members in one answer: the most that Teams gives."""
PAGES = 100
"""Of one team; Teams holds 25,000 people in one."""
BETWEEN = 0.2
"""Seconds between two pages: messages share the tenant's pace."""
AGAIN = timedelta(hours=6)
LATER = 60.0
"""Seconds until Teams is asked again when it did not answer."""
REFUSED = 3600.0
"""The same where it refused."""


class TeamsFinder:
    """The members of each team, compared with the plan; of everybody else nothing is kept."""

    at_once = 100_000

    def __init__(self, installs: Installs, api: ConnectorApi) -> None:
        self._installs = installs
        self._api = api

    def installs(self) -> Sequence[str]:
        """See TellsWho."""
        return [install.name for install in self._installs]

    def needs_teams(self) -> bool:
        """See TellsWho."""
        return True

    async def ask(self, install: str, wanted: Sequence[Missing], teams: Sequence[Roster]) -> Said:
        """See TellsWho."""
        listed = self._installs.named(install)
        if listed is None:
            return Said(wait=LATER)
        by_email = {who.email: who.person for who in wanted}
        of: dict[str, Here | None] = {}
        read, gone, wait = [], [], LOOK
        for team in teams:
            ended = await self._read(listed, team, by_email, of)
            match ended:
                case Ok():
                    read.append(team)
                case Failed(status=403 | 404):
                    gone.append(team)
                case Limited(after=after):
                    wait = max(wait, after or LATER)
                    break
                case Failed(code=code):
                    log.error(
                        "Teams does not tell the members of a team, so those of them who never wrote hear nothing.",
                        install=install,
                        reason=code,
                    )
                    wait = max(wait, REFUSED)
                case _:
                    log.warning("teams_roster_unknown", install=install, reason=str(ended))
                    wait = max(wait, LATER)
        if len(read) + len(gone) == len(teams):
            # Only who is in none of them is not there.
            of = {**{who.person: None for who in wanted}, **of}
        return Said(of, AGAIN, wait, tuple(read), tuple(gone))

    async def _read(
        self, install: TeamsInstall, team: Roster, by_email: dict[str, str], of: dict[str, Here | None]
    ) -> object:
        """All pages of one team; the last answer."""
        token = ""
        for page in range(PAGES):
            if page:
                await asyncio.sleep(BETWEEN)
            ended = await self._api.members(install, team.service, team.team, PAGE, token)
            if not isinstance(ended, Ok):
                return ended
            members = ended.data.get("members")
            for said in members if isinstance(members, list) else ():
                profile = profile_of_member(install, said)
                person = by_email.get(profile.email.lower()) if profile is not None else None
                # A guest's account may bear the address of somebody's own.
                if profile is not None and person is not None and (profile.member or person not in of):
                    of[person] = Here(profile, team.service)
            token = str(ended.data.get("continuationToken") or "")
            if not token:
                return ended
        return Failed("too_many_pages")
