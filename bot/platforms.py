"""The chat platforms that a deployment has: what they are to the rest, which of them there are, which installs live."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, TypeAlias

import structlog
from aiohttp import web

from bot.answer import TakesTurns
from bot.config import Settings
from bot.disturbed import TellsDisturb
from bot.finding import TellsWho
from bot.slack.install import SlackInstall
from bot.teams.install import TeamsInstall
from scheduled.sending import Sender
from storage import installs as install_rows
from storage import outbox
from storage.database import Database, Transaction

log = structlog.get_logger(__name__)


Install: TypeAlias = SlackInstall | TeamsInstall


def tell_operator(sentence: str, /, **details: str) -> None:
    """What an operator must know goes to the log, at a level that is looked at. `details` are ids and reasons."""
    log.error(sentence, **details)


class Platform(Protocol):
    """A chat platform: what it hears goes to the turns, what goes out leaves by its sender."""

    name: str

    @property
    def sender(self) -> Sender:
        """Its way out."""

    @property
    def disturb(self) -> TellsDisturb | None:
        """What it tells of people who want no notifications now; None: it tells no app."""

    @property
    def finds(self) -> TellsWho:
        """Who its people are, for those of the plan who never wrote."""

    def add_to(self, application: web.Application) -> None:
        """Serve its path on the one HTTP application."""

    async def start(self) -> None:
        """Begin to listen by other ways than HTTP."""

    async def missing(self) -> str:
        """Why nothing reaches it, as a sentence; empty where HTTP does, or another way that stands."""

    async def stop(self) -> None:
        """Take nothing new by them."""

    async def drain(self) -> None:
        """Wait for what was begun beside the turns."""

    async def close(self) -> None:
        """Let go of every connection, when nothing is sent any more."""


def platforms_of(settings: Settings, living: Sequence[Install], turns: TakesTurns) -> tuple[Platform, ...]:
    """Those that an install is listed for. Each SDK takes half a second to import, so only those."""
    platforms: list[Platform] = []
    if settings.slack:
        from bot.slack.platform import SlackPlatform

        workspaces = [install for install in living if isinstance(install, SlackInstall)]
        platforms.append(SlackPlatform(settings, workspaces, turns))
    if settings.teams:
        from bot.teams.platform import TeamsPlatform

        tenants = [install for install in living if isinstance(install, TeamsInstall)]
        platforms.append(TeamsPlatform(settings, tenants, turns))
    return tuple(platforms)


def declare(database: Database, listed: Sequence[Install], now: datetime) -> tuple[Install, ...]:
    """Those of the listed installs that live: one that was uninstalled stays out until it has another secret."""

    def work(tx: Transaction) -> tuple[Install, ...]:
        living = []
        for install in listed:
            known = install_rows.declare(
                tx, install.name, install.platform, install.external_id, _fingerprint(install), now
            )
            if known.revived:
                # A send that was on its way when the app was removed may have been put back to wait.
                outbox.withdraw(tx, now=now, install=install.name, begun=True)
            if not known.removed:
                living.append(install)
        return tuple(living)

    living = database.submit(work).result()
    for install in listed:
        if install not in living:
            tell_operator(
                "This install was uninstalled. Install the app again and put its new secret into the environment.",
                install=install.name,
            )
    return living


def _fingerprint(install: Install) -> str:
    return hashlib.sha256(install.credential.encode()).hexdigest()[:16]
