"""Teams as one of the platforms that are served: its parts, joined."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from bot.answer import TakesTurns
from bot.config import Settings
from bot.teams.auth import TokenCheck
from bot.teams.connector import ConnectorApi
from bot.teams.credentials import Credentials
from bot.teams.files_in import TeamsFiles
from bot.teams.finding import TeamsFinder
from bot.teams.incoming import Reader
from bot.teams.install import Installs, TeamsInstall
from bot.teams.keys import SigningKeys
from bot.teams.profiles import Profiles
from bot.teams.receive import TeamsReceiver
from bot.teams.send import TeamsSender
from bot.teams.service_urls import ServiceUrls


class TeamsPlatform:
    """See bot.app.Platform."""

    name = "teams"
    disturb = None
    """Presence is Microsoft Graph's to tell, which Pacer asks for nothing; Teams holds notifications by itself."""

    def __init__(self, settings: Settings, living: Sequence[TeamsInstall], turns: TakesTurns) -> None:
        listed = Installs(living)
        allowed = ServiceUrls(settings.teams_service_urls)
        self.api = ConnectorApi(allowed, Credentials(settings.teams_login_url))
        self.sender = TeamsSender(installs=listed, api=self.api)
        self.finds = TeamsFinder(listed, self.api)
        check = TokenCheck(
            listed,
            SigningKeys(settings.teams_openid_metadata_url),
            allowed,
            unsigned_local=settings.teams_unsigned_local,
        )
        files = TeamsFiles(self.api, allowed)
        self.receiver = TeamsReceiver(check=check, turns=turns, reader=Reader(Profiles(self.api)), files=files)

    def add_to(self, application: web.Application) -> None:
        """See bot.app.Platform."""
        self.receiver.add_to(application)

    async def start(self) -> None:
        """See bot.app.Platform. Nothing but HTTP has to be begun."""

    async def missing(self) -> str:
        """See bot.app.Platform."""
        return ""

    async def stop(self) -> None:
        """See bot.app.Platform."""

    async def drain(self) -> None:
        """See bot.app.Platform."""

    async def close(self) -> None:
        """See bot.app.Platform."""
        await self.api.close()
